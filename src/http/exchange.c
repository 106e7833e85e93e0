/*
 * exchange.c - a request: its head as texts, and its body as it comes
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/json_value.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>

struct fm_exchange *fm__exchange_get(struct fm__http *http, fm_stream *stream)
{
    struct fm_exchange *exchange;
    if (http->kept_count > 0) {
        exchange = FM__CONTAINER(fm__list_shift(&http->kept),
                                 struct fm_exchange, link);
        http->kept_count--;
    } else {
        exchange = fm__memory_new(sizeof *exchange);
        if (exchange == NULL)
            return NULL;
    }
    exchange->http = http;
    exchange->stream = stream;
    exchange->multiplexed = false;
    exchange->began = stream->loop->now; /* when this turn's bytes came */
    fm__incoming_init(&exchange->incoming, FM__HEAD_REQUEST);
    return exchange;
}

static void exchange_free(struct fm_exchange *exchange)
{
    fm__incoming_fini(&exchange->incoming);
    fm__h2_stream_fini(&exchange->h2);
    fm__memory_free(exchange->fields);
    fm__memory_free(exchange->path);
    fm__memory_free(exchange);
}

/* Whatever it had but its memory is forgotten. */
static void exchange_clear(struct fm_exchange *exchange)
{
    if (FM__UNLIKELY(exchange->events != NULL))
        fm__die("fm_events_open: a handler has returned without "
                "fm_events_close");
    const size_t from = offsetof(struct fm_exchange, fields_size);
    const size_t to = offsetof(struct fm_exchange, match.segments);
    fm__body_fini(&exchange->body);
    if (exchange->multiplexed)
        fm__h2_stream_clear(&exchange->h2);
    fm__reply_coder_put(exchange);
    fm__memory_free(exchange->why);
    fm__memory_free(exchange->cookies);
    fm__json_free(exchange->json);
    memset((char *)exchange + from, 0, to - from);
}

void fm__exchange_put(struct fm_exchange *exchange)
{
    struct fm__http *http = exchange->http;
    exchange_clear(exchange);
    if (http->kept_count < FM__HTTP_KEPT) {
        http->kept_count++;
        fm__list_push(http->kept.next, &exchange->link);
    } else {
        exchange_free(exchange);
    }
}

void fm__exchanges_free(struct fm__http *http)
{
    while (!fm__list_empty(&http->kept))
        exchange_free(FM__CONTAINER(fm__list_shift(&http->kept),
                                    struct fm_exchange, link));
    http->kept_count = 0;
    fm__reply_coders_free(http);
}

/* ---- the head ----------------------------------------------------------- */

void fm__exchange_begin(struct fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->incoming.head;
    const struct fm__body_terms *terms = &exchange->http->terms;
    if (exchange->multiplexed)
        fm__body_init_h2(&exchange->body, &exchange->h2, terms, head);
    else
        fm__body_init(&exchange->body, exchange->stream, terms, head);
    exchange->asked = !head->expects || head->minor == 0;
}

int fm__exchange_decode(struct fm_exchange *exchange)
{
    if (!exchange->http->options.decode)
        return 0;
    int rc = fm__body_decode(&exchange->body, &exchange->incoming);
    if (rc == -FM_ECODEDKIND)
        exchange->blamed = rc;
    return rc;
}

const char *fm_exchange_method(const fm_exchange *exchange)
{
    const struct fm__incoming *incoming = &exchange->incoming;
    return fm__incoming_word(incoming, incoming->head.method);
}

const char *fm_exchange_target(const fm_exchange *exchange)
{
    const struct fm__incoming *incoming = &exchange->incoming;
    return fm__incoming_word(incoming, incoming->head.target);
}

const char *fm_exchange_host(const fm_exchange *exchange)
{
    const struct fm__incoming *incoming = &exchange->incoming;
    return fm__incoming_word(incoming, incoming->head.host);
}

const char *fm_exchange_field(const fm_exchange *exchange, const char *name)
{
    return fm__incoming_field(&exchange->incoming, name);
}

bool fm_exchange_field_at(const fm_exchange *exchange, size_t index,
                          fm_http_field *field)
{
    return fm__incoming_field_at(&exchange->incoming, index, field);
}

struct fm__codings fm__exchange_codings(const struct fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->incoming.head;
    struct fm__codings codings = {0};
    for (unsigned i = 0; i < head->count; i++)
        if (head->fields[i].known == FM__FIELD_ACCEPT_ENCODING)
            fm__codings_take(&codings, fm__passage_in(exchange->incoming.text,
                                                      head->fields[i].value));
    return codings;
}

int64_t fm_exchange_length(const fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->incoming.head;
    if (exchange->body.decoding != NULL)
        return -1;
    if (head->content_length > 0)
        return head->content_length;
    bool open = exchange->multiplexed &&
                (exchange->body.taken > 0 || !fm__h2_has_read(&exchange->h2));
    return head->chunked || open ? -1 : 0;
}

const char *fm_exchange_protocol(const fm_exchange *exchange)
{
    return exchange->multiplexed                ? "HTTP/2"
           : exchange->incoming.head.minor == 0 ? "HTTP/1.0"
                                                : "HTTP/1.1";
}

int fm_exchange_peer(const fm_exchange *exchange, fm_address *address)
{
    if (exchange->peer == NULL)
        return -ENOTSOCK;
    *address = *exchange->peer;
    return 0;
}

int64_t fm_exchange_began(const fm_exchange *exchange)
{
    return exchange->began;
}

int fm_exchange_gone(const fm_exchange *exchange)
{
    return exchange->gone;
}

/* ---- the body ----------------------------------------------------------- */

/* Of two, others may take the other one (RFC 9110, 8.3). */
int fm__exchange_type(struct fm_exchange *exchange, const char **type)
{
    const struct fm__head *head = &exchange->incoming.head;
    unsigned said = 0;
    for (size_t i = 0; i < head->count; i++)
        said += head->fields[i].known == FM__FIELD_CONTENT_TYPE;
    *type = fm_exchange_field(exchange, "Content-Type");
    return said < 2
               ? 0
               : fm__exchange_blame(exchange, -FM_EHTTPTYPE,
                                    "the body is said to be of %u types", said);
}

int fm__exchange_check_type(struct fm_exchange *exchange, const char *wanted,
                            bool (*suits)(struct fm__slice type))
{
    const char *said;
    int rc = fm__exchange_type(exchange, &said);
    if (rc < 0)
        return rc;
    struct fm__slice type = fm__slice_of(said != NULL ? said : "");
    type = fm__slice_until(type, fm__slice_find(type, ';'));
    if (suits(fm__slice_trim(type)))
        return 0;
    return fm__exchange_blame(exchange, -FM_EHTTPTYPE,
                              said != NULL ? "the body is to be %s, not %s"
                                           : "the body is to be %s%s",
                              wanted, said != NULL ? said : "");
}

static int exchange_ask(struct fm_exchange *exchange)
{
    static const struct iovec words = {
        (void *)(uintptr_t)"HTTP/1.1 100 Continue\r\n\r\n", 25};
    if (exchange->asked || exchange->body.done || exchange->body.error < 0)
        return 0;
    int rc = fm_cancelled();
    if (rc < 0)
        return rc;
    if (exchange->state != FM__REPLY_NONE)
        return exchange->body.error = -EALREADY;
    exchange->asked = true;
    rc = exchange->multiplexed ? fm__h2_ask(&exchange->h2)
                               : fm__reply_send(exchange, &words, 1);
    if (rc < 0 && rc != -ECANCELED)
        exchange->body.error = rc;
    return rc;
}

ssize_t fm_exchange_read(fm_exchange *exchange, void *buf, size_t size)
{
    int rc = exchange_ask(exchange);
    return rc < 0 ? rc : fm__body_read(&exchange->body, buf, size);
}

ssize_t fm_exchange_load(fm_exchange *exchange, const char **bytes)
{
    int rc = exchange_ask(exchange);
    return rc < 0 ? rc : fm__body_load(&exchange->body, bytes);
}

bool fm__exchange_drain(struct fm_exchange *exchange)
{
    if (exchange->body.done)
        return true;
    /* Who was not asked may send a body, or go on with another request. */
    return exchange->asked && fm__body_drain(&exchange->body, FM__HTTP_DRAINED);
}
