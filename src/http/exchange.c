/*
 * exchange.c - a request: its head as texts, and its body as it comes
 */
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/json_value.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>
#include <math.h>

#define EXCHANGE_SECOND 1e9 /* ns */

enum {
    EXCHANGE_ROOM = 4096 /* a body of unknown size begins with, and grows */
};

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
    exchange->began = fm_now();
    fm__head_init(&exchange->head, FM__HEAD_REQUEST);
    return exchange;
}

static void exchange_free(struct fm_exchange *exchange)
{
    fm__memory_free(exchange->text);
    fm__memory_free(exchange->fields);
    fm__memory_free(exchange->path);
    fm__memory_free(exchange);
}

/* Whatever it had but its memory is forgotten. */
static void exchange_clear(struct fm_exchange *exchange)
{
    struct fm_exchange blank = {
        .text = exchange->text,
        .text_size = exchange->text_size,
        .fields = exchange->fields,
        .fields_room = exchange->fields_room,
        .path = exchange->path,
        .path_room = exchange->path_room,
    };
    fm__memory_free(exchange->body);
    fm__memory_free(exchange->why);
    fm__json_free(exchange->json);
    memcpy(exchange, &blank, offsetof(struct fm_exchange, head));
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
}

/* ---- the head ----------------------------------------------------------- */

/* Behind each word stands a byte that means nothing any more. */
static void exchange_end_word(struct fm_exchange *exchange,
                              struct fm__place word)
{
    exchange->text[word.at + word.size] = '\0';
}

static void exchange_end_words(struct fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->head;
    exchange_end_word(exchange, head->method);
    exchange_end_word(exchange, head->target);
    for (unsigned i = 0; i < head->count; i++) {
        exchange_end_word(exchange, head->fields[i].name);
        exchange_end_word(exchange, head->fields[i].value);
    }
}

int fm__exchange_head(struct fm_exchange *exchange, const void *bytes,
                      size_t size)
{
    size_t room = fm__query_room(fm__place_in(bytes, exchange->head.target));
    if (size + room > exchange->text_size) {
        char *text = fm__memory_resize(exchange->text, size + room);
        if (text == NULL)
            return -ENOMEM;
        exchange->text = text;
        exchange->text_size = size + room;
    }
    memcpy(exchange->text, bytes, size);
    if (room > 0)
        exchange->query = exchange->text + size;
    exchange_end_words(exchange);
    return 0;
}

void fm__exchange_begin(struct fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->head;
    fm__chunks_init(&exchange->chunks);
    exchange->body_left =
        head->content_length > 0 ? (uint64_t)head->content_length : 0;
    exchange->body_done = !head->chunked && exchange->body_left == 0;
    exchange->asked = !head->expects || head->minor == 0;
    if (exchange->body_left > exchange->http->options.body_limit)
        exchange->body_error = -FM_EHTTPBODY;
}

static const char *exchange_word(const struct fm_exchange *exchange,
                                 struct fm__place word)
{
    return word.size > 0 ? exchange->text + word.at : "";
}

const char *fm_exchange_method(const fm_exchange *exchange)
{
    return exchange_word(exchange, exchange->head.method);
}

const char *fm_exchange_target(const fm_exchange *exchange)
{
    return exchange_word(exchange, exchange->head.target);
}

const char *fm_exchange_host(const fm_exchange *exchange)
{
    return exchange_word(exchange, exchange->head.host);
}

const char *fm_exchange_field(const fm_exchange *exchange, const char *name)
{
    const struct fm__field *field =
        fm__head_find(&exchange->head, exchange->text, name);
    return field != NULL ? exchange_word(exchange, field->value) : NULL;
}

bool fm_exchange_field_at(const fm_exchange *exchange, size_t index,
                          fm_http_field *field)
{
    if (index >= exchange->head.count)
        return false;
    const struct fm__field *found = &exchange->head.fields[index];
    *field = (fm_http_field){exchange_word(exchange, found->name),
                             exchange_word(exchange, found->value)};
    return true;
}

int64_t fm_exchange_length(const fm_exchange *exchange)
{
    const struct fm__head *head = &exchange->head;
    return head->chunked              ? -1
           : head->content_length > 0 ? head->content_length
                                      : 0;
}

const char *fm_exchange_protocol(const fm_exchange *exchange)
{
    return exchange->head.minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
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

/* ---- the body ----------------------------------------------------------- */

int fm__exchange_check_type(struct fm_exchange *exchange, const char *wanted,
                            bool (*suits)(struct fm__slice type))
{
    const char *said = fm_exchange_field(exchange, "Content-Type");
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
    static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (exchange->asked)
        return 0;
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    exchange->asked = true;
    ssize_t rc = fm_write(exchange->stream, words, sizeof words - 1);
    return rc < 0 ? (int)rc : 0;
}

/* Takes what lies between the data, until there is some, or the end. */
static int exchange_next_chunk(struct fm_exchange *exchange)
{
    struct fm__chunks *chunks = &exchange->chunks;
    while (!fm__chunks_at_data(chunks) && !chunks->done) {
        const void *bytes;
        ssize_t size = fm_peek(exchange->stream, 1, &bytes);
        if (size <= 0)
            return size < 0 ? (int)size : -FM_EEOF;
        size = fm__chunks_read(chunks, bytes, (size_t)size);
        if (size < 0)
            return (int)size;
        fm_consume(exchange->stream, (size_t)size);
    }
    exchange->body_done = chunks->done;
    exchange->body_left = chunks->left;
    return 0;
}

static void exchange_took(struct fm_exchange *exchange, size_t size)
{
    exchange->body_taken += size;
    exchange->body_left -= size;
    if (exchange->head.chunked)
        fm__chunks_took(&exchange->chunks, size);
    else
        exchange->body_done = exchange->body_left == 0;
}

static ssize_t exchange_take(struct fm_exchange *exchange, void *buf,
                             size_t size)
{
    int rc = exchange_ask(exchange);
    if (rc == 0 && exchange->head.chunked)
        rc = exchange_next_chunk(exchange);
    if (rc < 0 || exchange->body_done)
        return rc;
    if (size > exchange->body_left)
        size = (size_t)exchange->body_left;
    ssize_t taken = fm_read(exchange->stream, buf, size);
    if (taken <= 0)
        return taken < 0 ? taken : -FM_EEOF;
    exchange_took(exchange, (size_t)taken);
    return exchange->body_taken > exchange->http->options.body_limit
               ? -FM_EHTTPBODY
               : taken;
}

/* A body of more bytes has more time, of which only waiting takes: a handler
 * may be as slow as it likes. */
static double exchange_patience(const struct fm_exchange *exchange)
{
    const fm_http_serve_options *options = &exchange->http->options;
    if (options->body_timeout < 0)
        return INFINITY;
    return options->body_timeout +
           (double)exchange->body_taken / (double)options->body_rate -
           (double)exchange->body_waited / EXCHANGE_SECOND;
}

ssize_t fm_exchange_read(fm_exchange *exchange, void *buf, size_t size)
{
    fm_timeout timeout;
    int refused = fm_cancelled();
    if (refused < 0)
        return refused;
    if (exchange->body_error < 0)
        return exchange->body_error;
    if (exchange->body_done || size == 0)
        return 0;
    int64_t began = fm_now();
    fm_timeout_open(&timeout, exchange_patience(exchange));
    ssize_t rc = exchange_take(exchange, buf, size);
    exchange->body_waited += fm_now() - began;
    int cut = fm_timeout_close(&timeout, rc < 0 ? (int)rc : 0);
    if (rc >= 0)
        return rc;
    if (cut != -ECANCELED)
        exchange->body_error = cut;
    return cut;
}

static int exchange_grow(struct fm_exchange *exchange, size_t *room)
{
    size_t more = *room > 0 ? 2 * *room : EXCHANGE_ROOM;
    if (!exchange->head.chunked) /* and one to find that it is all */
        more = exchange->body_size + (size_t)exchange->body_left + 2;
    char *body = fm__memory_resize(exchange->body, more);
    if (body == NULL)
        return -ENOMEM;
    exchange->body = body;
    *room = more;
    return 0;
}

ssize_t fm_exchange_load(fm_exchange *exchange, const char **bytes)
{
    size_t room = exchange->body != NULL ? exchange->body_size + 1 : 0;
    ssize_t rc = 1;
    while (rc > 0) {
        if (room - exchange->body_size < 2 || room == 0) {
            rc = exchange_grow(exchange, &room);
            if (rc < 0)
                return rc;
        }
        rc = fm_exchange_read(exchange, exchange->body + exchange->body_size,
                              room - exchange->body_size - 1);
        if (rc > 0)
            exchange->body_size += (size_t)rc;
    }
    if (rc < 0)
        return rc;
    exchange->body[exchange->body_size] = '\0';
    *bytes = exchange->body;
    return (ssize_t)exchange->body_size;
}

bool fm__exchange_drain(struct fm_exchange *exchange)
{
    char scrap[4096];
    uint64_t end = exchange->body_taken + FM__HTTP_DRAINED;
    ssize_t rc = 1;
    if (exchange->body_done)
        return true;
    /* Who was not asked may send a body, or go on with another request. */
    if (!exchange->asked || exchange->body_error < 0 ||
        exchange->body_left > FM__HTTP_DRAINED)
        return false;
    while (rc > 0 && exchange->body_taken < end)
        rc = fm_exchange_read(exchange, scrap, sizeof scrap);
    return rc == 0;
}
