/*
 * ws_terms.c - permessage-deflate is offered and answered (RFC 7692, 5 and 7.1)
 */
#include "http/ws_terms.h"

#include "proto/field.h"

static bool ws_terms_wanted(const fm_ws_options *options)
{
    return options != NULL && options->compress && fm__ws_deflate_is_there();
}

static struct fm__ws_terms ws_terms_wish(const fm_ws_options *options)
{
    uint8_t bits = (uint8_t)options->window_bits;
    return (struct fm__ws_terms){
        .server_forgets = !options->context,
        .client_forgets = !options->context,
        .server_bits = bits,
        .client_bits = bits,
        .client_may_say = bits == 0,
    };
}

/* The next list of extensions of a head, from a field on. */
static bool ws_terms_list(const struct fm__incoming *head, size_t *from,
                          struct fm__slice *list)
{
    static const char name[] = "Sec-WebSocket-Extensions";
    fm_http_field field;
    while (fm__incoming_field_at(head, (*from)++, &field)) {
        *list = fm__slice_of(field.value);
        if (fm__slice_like(fm__slice_of(field.name), fm__slice_of(name)))
            return true;
    }
    return false;
}

/* The first of its extensions that is one of ours: 1, 0 or -FM_EWS; and how
 * many there are in all. */
static int ws_terms_read(const struct fm__incoming *head, bool answer,
                         struct fm__ws_terms *terms, size_t *count)
{
    struct fm__slice list;
    struct fm__ws_terms next;
    size_t from = 0;
    int found = 0;
    *count = 0;
    while (ws_terms_list(head, &from, &list)) {
        int rc;
        while ((rc = fm__ws_extension_next(&list, answer, &next)) > 0) {
            ++*count;
            if (rc != FM__WS_DEFLATE || found > 0)
                continue;
            found = 1;
            *terms = next;
        }
        if (rc < 0)
            return rc;
    }
    return found;
}

int fm__ws_terms_offered(const struct fm__incoming *request,
                         const fm_ws_options *options,
                         struct fm__ws_terms *answer)
{
    struct fm__ws_terms offer;
    size_t count;
    if (!ws_terms_wanted(options))
        return 0;
    int rc = ws_terms_read(request, false, &offer, &count);
    if (rc <= 0)
        return rc;
    const struct fm__ws_terms wish = ws_terms_wish(options);
    fm__ws_extension_agree(&offer, &wish, answer);
    return 1;
}

void fm__ws_terms_begin(fm_ws *ws, const struct fm__ws_terms *answer,
                        const fm_ws_options *options)
{
    const struct fm__ws_terms wish = ws_terms_wish(options);
    bool client = ws->client;
    uint8_t said = client ? answer->client_bits : answer->server_bits;
    uint8_t bits = wish.server_bits > 0 ? wish.server_bits : FM__WS_MOST_BITS;
    const struct fm__ws_habit habit = {
        .forgets_in = client ? answer->server_forgets : answer->client_forgets,
        .forgets_out = wish.server_forgets || (client ? answer->client_forgets
                                                      : answer->server_forgets),
        .bits = said > 0 && said < bits ? said : bits,
    };
    fm__ws_deflate_open(&ws->deflate, &habit);
}

void fm__ws_terms_write(struct fm__pen *pen, const struct fm__ws_terms *terms)
{
    fm__pen_write(pen, FM__SLICE("Sec-WebSocket-Extensions: "));
    fm__ws_extension_write(pen, terms);
    fm__pen_write(pen, FM__SLICE("\r\n"));
}

void fm__ws_terms_offer(struct fm__pen *pen, const fm_ws_options *options)
{
    if (!ws_terms_wanted(options))
        return;
    const struct fm__ws_terms wish = ws_terms_wish(options);
    fm__ws_terms_write(pen, &wish);
}

bool fm__ws_terms_answered(const struct fm__incoming *answer,
                           const fm_ws_options *options, fm_ws *ws)
{
    struct fm__ws_terms terms;
    size_t count;
    int rc = ws_terms_read(answer, true, &terms, &count);
    if (rc < 0 || !ws_terms_wanted(options))
        return rc == 0 && count == 0;
    if (count == 0)
        return true;
    const struct fm__ws_terms wish = ws_terms_wish(options);
    if (rc == 0 || count > 1 || !fm__ws_extension_suits(&terms, &wish))
        return false;
    fm__ws_terms_begin(ws, &terms, options);
    return true;
}
