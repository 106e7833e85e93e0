/*
 * ws_extension.c - lists of extensions, and permessage-deflate's parameters
 */
#include "proto/ws_extension.h"

#include "proto/field.h"

#include <fermata/error.h>

static const char ws_deflate[] = "permessage-deflate";

/* ---- words --------------------------------------------------------------- */

static void ws_extension_skip_blanks(struct fm__slice *text)
{
    while (fm__slice_at(*text, 0) == ' ' || fm__slice_at(*text, 0) == '\t')
        *text = fm__slice_after(*text, 1);
}

static bool ws_extension_take(struct fm__slice *text, char byte)
{
    ws_extension_skip_blanks(text);
    if (fm__slice_at(*text, 0) != byte)
        return false;
    *text = fm__slice_after(*text, 1);
    ws_extension_skip_blanks(text);
    return true;
}

static bool ws_extension_token(struct fm__slice *text, struct fm__slice *token)
{
    size_t size = 0;
    while (size < text->size && fm__char_is(text->at[size], FM__CHAR_TOKEN))
        size++;
    *token = fm__slice_until(*text, size);
    *text = fm__slice_after(*text, size);
    return size > 0;
}

/* What is in quotes has to be a token all the same (RFC 6455, 9.1); so nothing
 * in it is quoted. */
static bool ws_extension_value(struct fm__slice *text, struct fm__slice *value)
{
    if (fm__slice_at(*text, 0) != '"')
        return ws_extension_token(text, value);
    *text = fm__slice_after(*text, 1);
    if (!ws_extension_token(text, value) || fm__slice_at(*text, 0) != '"')
        return false;
    *text = fm__slice_after(*text, 1);
    return true;
}

/* ---- parameters ---------------------------------------------------------- */

/* 8 to 15 without a nought before; 0: it is none. */
static uint8_t ws_extension_bits(struct fm__slice value)
{
    unsigned number = 0;
    if (value.size == 0 || value.size > 2 || value.at[0] == '0')
        return 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(value.at[i] - '0');
    }
    return number >= FM__WS_LEAST_BITS && number <= FM__WS_MOST_BITS
               ? (uint8_t)number
               : 0;
}

static bool ws_extension_flag(bool *flag, bool valued)
{
    if (*flag || valued)
        return false;
    *flag = true;
    return true;
}

/* `optional`: where a number need not be. */
static bool ws_extension_window(uint8_t *bits, const struct fm__slice *value,
                                bool *optional)
{
    if (*bits != 0 || (optional != NULL && *optional))
        return false;
    if (value == NULL)
        return optional != NULL && (*optional = true);
    *bits = ws_extension_bits(*value);
    return *bits != 0;
}

/* `value` is NULL where there is none. False: it is none, or comes again. */
static bool ws_extension_set(struct fm__ws_terms *terms, bool answer,
                             struct fm__slice name,
                             const struct fm__slice *value)
{
    bool valued = value != NULL;
    if (fm__slice_like(name, FM__SLICE("server_no_context_takeover")))
        return ws_extension_flag(&terms->server_forgets, valued);
    if (fm__slice_like(name, FM__SLICE("client_no_context_takeover")))
        return ws_extension_flag(&terms->client_forgets, valued);
    if (fm__slice_like(name, FM__SLICE("server_max_window_bits")))
        return ws_extension_window(&terms->server_bits, value, NULL);
    if (fm__slice_like(name, FM__SLICE("client_max_window_bits")))
        return ws_extension_window(&terms->client_bits, value,
                                   answer ? NULL : &terms->client_may_say);
    return false;
}

int fm__ws_extension_next(struct fm__slice *list, bool answer,
                          struct fm__ws_terms *terms)
{
    struct fm__slice text = *list, name, value;
    *list = FM__SLICE("");
    *terms = (struct fm__ws_terms){0};
    while (ws_extension_take(&text, ',')) /* empty elements */
        continue;
    if (text.size == 0)
        return FM__WS_NO_MORE;
    if (!ws_extension_token(&text, &name))
        return -FM_EWS;
    bool good = fm__slice_like(name, fm__slice_of(ws_deflate));
    while (ws_extension_take(&text, ';')) {
        if (!ws_extension_token(&text, &name))
            return -FM_EWS;
        bool valued = ws_extension_take(&text, '=');
        if (valued && !ws_extension_value(&text, &value))
            return -FM_EWS;
        good = good &&
               ws_extension_set(terms, answer, name, valued ? &value : NULL);
    }
    if (text.size > 0 && text.at[0] != ',')
        return -FM_EWS;
    *list = text;
    return good ? FM__WS_DEFLATE : FM__WS_TERMS_OF_OTHERS;
}

/* ---- terms --------------------------------------------------------------- */

static void ws_extension_write_bits(struct fm__pen *pen, struct fm__slice name,
                                    uint8_t bits)
{
    fm__pen_write(pen, name);
    if (bits == 0)
        return;
    fm__pen_put(pen, '=');
    fm__pen_number(pen, bits);
}

void fm__ws_extension_write(struct fm__pen *pen,
                            const struct fm__ws_terms *terms)
{
    fm__pen_write(pen, fm__slice_of(ws_deflate));
    if (terms->server_forgets)
        fm__pen_write(pen, FM__SLICE("; server_no_context_takeover"));
    if (terms->client_forgets)
        fm__pen_write(pen, FM__SLICE("; client_no_context_takeover"));
    if (terms->server_bits != 0)
        ws_extension_write_bits(pen, FM__SLICE("; server_max_window_bits"),
                                terms->server_bits);
    if (terms->client_bits != 0 || terms->client_may_say)
        ws_extension_write_bits(pen, FM__SLICE("; client_max_window_bits"),
                                terms->client_bits);
}

/* 0 is none of both. */
static uint8_t ws_extension_smaller(uint8_t bits, uint8_t other)
{
    if (bits == 0 || other == 0)
        return bits != 0 ? bits : other;
    return bits < other ? bits : other;
}

void fm__ws_extension_agree(const struct fm__ws_terms *offer,
                            const struct fm__ws_terms *wish,
                            struct fm__ws_terms *answer)
{
    *answer = (struct fm__ws_terms){
        .server_forgets = offer->server_forgets || wish->server_forgets,
        .client_forgets = offer->client_forgets || wish->client_forgets,
        .server_bits =
            ws_extension_smaller(offer->server_bits, wish->server_bits),
    };
    if (offer->client_may_say || offer->client_bits != 0)
        answer->client_bits =
            ws_extension_smaller(offer->client_bits, wish->client_bits);
}

bool fm__ws_extension_suits(const struct fm__ws_terms *answer,
                            const struct fm__ws_terms *offer)
{
    bool may_say = offer->client_may_say || offer->client_bits != 0;
    if (answer->client_bits != 0 &&
        (!may_say ||
         (offer->client_bits != 0 && answer->client_bits > offer->client_bits)))
        return false;
    return offer->server_bits == 0 ||
           (answer->server_bits != 0 &&
            answer->server_bits <= offer->server_bits);
}
