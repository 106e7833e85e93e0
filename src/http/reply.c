/*
 * reply.c - what is answered to a request (RFC 9112, 4 to 7)
 *
 * A head, and what there is of the body, leave as one write. Where a write
 * fails, or was cut, the reply is broken: the client has a part of it.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "http/exchange_record.h"
#include "http/piece.h"
#include "http/status.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/timeout.h>
#include <stdio.h>

enum {
    REPLY_FIRST_ROOM = 256, /* for fields, which grows */
    REPLY_TAIL = 96,        /* of the fields that are the server's */
    REPLY_FILE = 1 << 30    /* bytes of a file, by one call */
};

static int reply_room(fm_exchange *exchange, size_t size)
{
    size_t room = exchange->fields_room;
    if (exchange->fields_size + size <= room)
        return 0;
    room = room > 0 ? 2 * room : REPLY_FIRST_ROOM;
    while (room < exchange->fields_size + size)
        room *= 2;
    char *fields = fm__memory_resize(exchange->fields, room);
    if (fields == NULL)
        return -ENOMEM;
    exchange->fields = fields;
    exchange->fields_room = room;
    return 0;
}

int fm__reply_grow(fm_exchange *exchange, size_t size, struct fm__pen *pen)
{
    if (size > FM_REPLY_FIELDS ||
        exchange->fields_size + size > FM_REPLY_FIELDS)
        return -EMSGSIZE;
    int rc = reply_room(exchange, size);
    if (rc < 0)
        return rc;
    pen->at = exchange->fields + exchange->fields_size;
    pen->end = exchange->fields + exchange->fields_room;
    exchange->fields_size += size;
    return 0;
}

int fm__reply_add(fm_exchange *exchange, struct fm__slice name,
                  struct fm__slice value)
{
    size_t size = name.size + value.size + strlen(": \r\n");
    struct fm__pen pen = {NULL, NULL, false};
    int rc = fm__reply_grow(exchange, size, &pen);
    if (rc < 0)
        return rc;
    fm__pen_write(&pen, name);
    fm__pen_write(&pen, FM__SLICE(": "));
    fm__pen_write(&pen, value);
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    return 0;
}

static int reply_add_plain(fm_exchange *exchange)
{
    static const char field[] = "Content-Type: text/plain; charset=utf-8\r\n";
    struct fm__pen pen = {NULL, NULL, false};
    int rc = fm__reply_grow(exchange, sizeof field - 1, &pen);
    if (rc == 0)
        memcpy(pen.at, field, sizeof field - 1);
    return rc;
}

int fm_reply_set(fm_exchange *exchange, const char *name, const char *value)
{
    struct fm__slice word = fm__slice_of(name), text = fm__slice_of(value);
    enum fm__field_name known = fm__field_find(word);
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    if (!fm__token_is(word) || !fm__field_value_is(text) ||
        known == FM__FIELD_DATE || fm__field_is_framing(known))
        return -EINVAL;
    if (known == FM__FIELD_CONNECTION) {
        if (!fm__slice_like(text, FM__SLICE("close")))
            return -EINVAL;
        exchange->last = true;
        return 0;
    }
    int rc = fm__reply_add(exchange, word, text);
    if (rc == 0 && known == FM__FIELD_CONTENT_TYPE)
        exchange->typed = true;
    return rc;
}

/* ---- the head ----------------------------------------------------------- */

static void reply_write_line(struct fm__http *http, int status, int64_t now)
{
    char date[FM__DATE_SIZE];
    struct fm__pen pen = {http->line, http->line + sizeof http->line, false};
    fm__date_write(date, now);
    fm__pen_write(&pen, FM__SLICE("HTTP/1.1 "));
    fm__pen_number(&pen, (unsigned)status);
    fm__pen_put(&pen, ' ');
    fm__pen_write(&pen, fm__slice_of(fm__http_reason(status)));
    fm__pen_write(&pen, FM__SLICE("\r\nDate: "));
    fm__pen_write(&pen, (struct fm__slice){date, sizeof date});
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    http->line_size = (size_t)(pen.at - http->line);
    http->line_status = status;
    http->line_second = now;
}

/* The status line and the date: as those of the last reply, where that had the
 * same status in the same second. */
static size_t reply_line(fm_exchange *exchange, char line[FM__HTTP_LINE])
{
    struct fm__http *http = exchange->http;
    int64_t now = fm__sys_date();
    if (now != http->line_second || exchange->status != http->line_status)
        reply_write_line(http, exchange->status, now);
    memcpy(line, http->line, FM__HTTP_LINE);
    return http->line_size;
}

/* What tells where the body ends, and whether the connection does. Not inlined:
 * with the end of `tail` in sight a fortified build makes each word a call. */
static FM__NOINLINE size_t reply_tail(fm_exchange *exchange, int64_t size,
                                      char tail[REPLY_TAIL])
{
    const struct fm__head *head = &exchange->incoming.head;
    struct fm__pen pen = {tail, tail + REPLY_TAIL, false};
    bool unsaid = exchange->status == 204 || exchange->status == 304;
    exchange->in_chunks = size < 0 && head->minor > 0 && !exchange->bodiless;
    if (size < 0 && !exchange->in_chunks && !exchange->bodiless)
        exchange->last = true;
    if (exchange->in_chunks) {
        fm__pen_write(&pen, FM__SLICE("Transfer-Encoding: chunked\r\n"));
    } else if (size >= 0 && !unsaid) {
        fm__pen_write(&pen, FM__SLICE("Content-Length: "));
        fm__pen_number(&pen, (uint64_t)size);
        fm__pen_write(&pen, FM__SLICE("\r\n"));
    }
    if (exchange->last)
        fm__pen_write(&pen, FM__SLICE("Connection: close\r\n"));
    else if (head->minor == 0)
        fm__pen_write(&pen, FM__SLICE("Connection: keep-alive\r\n"));
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    return (size_t)(pen.at - tail);
}

/* ---- writing ------------------------------------------------------------ */

static ssize_t reply_broken(fm_exchange *exchange, ssize_t rc)
{
    exchange->state = FM__REPLY_BROKEN;
    return rc;
}

static void reply_done(fm_exchange *exchange)
{
    exchange->state = FM__REPLY_DONE;
    if (exchange->multiplexed)
        fm__h2_put_end(&exchange->h2);
}

static int reply_put(fm_exchange *exchange, const struct iovec *parts,
                     size_t count)
{
    double seconds = exchange->http->options.write_timeout;
    int rc = exchange->multiplexed
                 ? fm__h2_put(&exchange->h2, parts, count, seconds)
                 : fm__piece_put(exchange->stream, parts, count, seconds);
    if (rc == -ETIMEDOUT && seconds >= 0)
        exchange->reply_error = rc;
    return rc < 0 ? (int)reply_broken(exchange, rc) : 0;
}

int fm__reply_send(fm_exchange *exchange, const struct iovec *parts,
                   size_t count)
{
    int rc = fm__checkpoint(fm__current, "fm_reply");
    return rc < 0 ? (int)reply_broken(exchange, rc)
                  : reply_put(exchange, parts, count);
}

static int reply_send_piece(fm_exchange *exchange, const char *bytes,
                            size_t size)
{
    const struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct fm__piece_chunk chunk;
    if (!exchange->in_chunks)
        return fm__reply_send(exchange, &part, 1);
    fm__piece_chunk(&chunk, bytes, size);
    return fm__reply_send(exchange, chunk.parts, FM__COUNT(chunk.parts));
}

int fm__reply_send_rest(fm_exchange *exchange, const void *body, size_t size)
{
    const char *bytes = body;
    int rc = 0;
    while (rc == 0 && size > 0) {
        size_t piece = size < FM__PIECE ? size : FM__PIECE;
        rc = reply_send_piece(exchange, bytes, piece);
        if (rc == 0)
            exchange->reply_size += piece;
        bytes += piece;
        size -= piece;
    }
    return rc;
}

/* The head of a reply over HTTP/2, as a text: 0 or an error of ours. */
static int reply_send_h2_head(fm_exchange *exchange, int64_t said, bool whole)
{
    FM__UNINITIALIZED char line[FM__HTTP_LINE], tail[REPLY_TAIL];
    size_t line_size = reply_line(exchange, line);
    size_t tail_size = reply_tail(exchange, said, tail);
    size_t size = line_size + exchange->fields_size + tail_size;
    char *text = fm__memory_new(size);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + size, false};
    fm__pen_write(&pen, (struct fm__slice){line, line_size});
    if (exchange->fields_size > 0)
        fm__pen_write(
            &pen, (struct fm__slice){exchange->fields, exchange->fields_size});
    fm__pen_write(&pen, (struct fm__slice){tail, tail_size});
    int rc = fm__h2_head_send(&exchange->h2, text, size, whole);
    fm__memory_free(text);
    exchange->in_chunks = false;
    return rc < 0 ? (int)reply_broken(exchange, rc) : 0;
}

static int reply_send_h2(fm_exchange *exchange, int64_t said, const void *body,
                         size_t size)
{
    const struct iovec part = {(void *)(uintptr_t)body, size};
    int rc =
        reply_send_h2_head(exchange, said, exchange->bodiless || said == 0);
    exchange->h2.left = exchange->bodiless ? -1 : said;
    if (rc == 0 && size > 0)
        rc = reply_put(exchange, &part, 1);
    if (rc == 0)
        exchange->reply_size += size;
    return rc;
}

int fm__reply_send_head(fm_exchange *exchange, int64_t said, const void *body,
                        size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_reply");
    if (rc < 0) {
        exchange->state = FM__REPLY_NONE;
        exchange->status = 0;
        fm__reply_uncode(exchange);
        return rc;
    }
    FM__UNINITIALIZED char line[FM__HTTP_LINE], tail[REPLY_TAIL];
    if (exchange->multiplexed)
        return reply_send_h2(exchange, said, body, size);
    const struct iovec parts[] = {
        {line, reply_line(exchange, line)},
        {exchange->fields, exchange->fields_size},
        {tail, reply_tail(exchange, said, tail)},
        {(void *)(uintptr_t)body, size},
    };
    rc = reply_put(exchange, parts, FM__COUNT(parts));
    if (rc == 0)
        exchange->reply_size += size;
    return rc;
}

static int reply_open(fm_exchange *exchange, int status)
{
    const struct fm__head *head = &exchange->incoming.head;
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    if (status < 200 || status > 599)
        return -EINVAL;
    exchange->status = status;
    exchange->state = FM__REPLY_BODY;
    exchange->bodiless =
        status == 204 || status == 304 ||
        (head->complete &&
         fm__slice_is(fm__passage_in(exchange->incoming.text, head->method),
                      FM__SLICE("HEAD")));
    if (exchange->http->stopping)
        exchange->last = true;
    /* A body that nobody will read to its end ends the connection. */
    if (!exchange->body.done && (!exchange->asked || exchange->body.error < 0))
        exchange->last = true;
    return 0;
}

int fm_reply(fm_exchange *exchange, int status, const void *body, size_t size)
{
    int rc = reply_open(exchange, status);
    if (rc < 0)
        return rc;
    int64_t said = (int64_t)size;
    if (fm__reply_code(exchange, said))
        return fm__reply_coded(exchange, body, size);
    if (exchange->bodiless)
        size = 0;
    size_t first = size < FM__PIECE ? size : FM__PIECE;
    rc = fm__reply_send_head(exchange, said, body, first);
    if (rc == 0 && size > first)
        rc = fm__reply_send_rest(exchange, (const char *)body + first,
                                 size - first);
    if (rc == 0)
        reply_done(exchange);
    return rc;
}

int fm_reply_text(fm_exchange *exchange, int status, const char *text)
{
    int rc = 0;
    if (exchange->state == FM__REPLY_NONE && !exchange->typed)
        rc = reply_add_plain(exchange);
    exchange->typed = exchange->typed || rc == 0;
    return rc < 0 ? rc : fm_reply(exchange, status, text, strlen(text));
}

int fm_reply_begin(fm_exchange *exchange, int status, int64_t size)
{
    int rc = reply_open(exchange, status);
    if (rc < 0)
        return rc;
    exchange->reply_left = size < 0 || exchange->bodiless ? -1 : size;
    if (fm__reply_code(exchange, size))
        size = -1;
    return fm__reply_send_head(exchange, size, NULL, 0);
}

ssize_t fm_reply_write(fm_exchange *exchange, const void *buf, size_t size)
{
    if (exchange->state == FM__REPLY_BROKEN)
        return -EPIPE;
    if (exchange->state != FM__REPLY_BODY)
        return -EINVAL;
    if (exchange->bodiless)
        return (ssize_t)size;
    if (exchange->reply_left >= 0 && size > (uint64_t)exchange->reply_left)
        return -EMSGSIZE;
    int rc = exchange->coder != NULL
                 ? fm__reply_write_coded(exchange, buf, size, false)
                 : fm__reply_send_rest(exchange, buf, size);
    if (rc < 0)
        return rc;
    if (exchange->reply_left >= 0)
        exchange->reply_left -= (int64_t)size;
    return (ssize_t)size;
}

static ssize_t reply_send_copy(fm_exchange *exchange, fm_file *file,
                               int64_t *at, size_t size)
{
    size_t most = size < FM__H2_FRAME ? size : FM__H2_FRAME;
    char *bytes = fm__memory_new(most);
    if (bytes == NULL)
        return reply_broken(exchange, -ENOMEM);
    ssize_t rc = fm_file_read_at(file, bytes, most, *at);
    const struct iovec part = {bytes, rc > 0 ? (size_t)rc : 0};
    int put = rc > 0 ? fm__reply_send(exchange, &part, 1) : 0;
    fm__memory_free(bytes);
    if (put < 0)
        return put;
    if (rc <= 0)
        return reply_broken(exchange, rc < 0 ? rc : -FM_EHTTPSHORT);
    *at += rc;
    return rc;
}

/* What the client takes of a file in its time, which is a piece at least or all
 * there is: how many bytes, or a failure. */
static ssize_t reply_send_some(fm_exchange *exchange, fm_file *file,
                               int64_t *at, size_t size)
{
    double seconds = exchange->http->options.write_timeout;
    fm_timeout timeout;
    if (exchange->multiplexed)
        return reply_send_copy(exchange, file, at, size);
    if (seconds >= 0)
        fm_timeout_open(&timeout, seconds);
    ssize_t rc = fm_sendfile(exchange->stream, fm_file_fd(file), at, size);
    int cut = rc < 0 ? (int)rc : 0;
    if (seconds >= 0) {
        bool few = (size_t)rc < size && rc < FM__PIECE;
        if (rc >= 0 && few && fm_timeout_expired(&timeout))
            cut = -ECANCELED;
        cut = fm_timeout_close(&timeout, cut);
    }
    if (cut == -ETIMEDOUT && seconds >= 0)
        exchange->reply_error = cut;
    if (cut == 0 && rc == 0)
        cut = -FM_EHTTPSHORT;
    return cut < 0 ? reply_broken(exchange, cut) : rc;
}

int fm__reply_send_file(fm_exchange *exchange, fm_file *file, int64_t at,
                        int64_t size)
{
    if (exchange->state == FM__REPLY_BROKEN)
        return -EPIPE;
    while (size > 0 && !exchange->bodiless) {
        size_t most = size < REPLY_FILE ? (size_t)size : REPLY_FILE;
        ssize_t sent = reply_send_some(exchange, file, &at, most);
        if (sent < 0)
            return (int)sent;
        size -= sent;
        exchange->reply_left -= sent;
        exchange->reply_size += (uint64_t)sent;
    }
    return 0;
}

int fm_reply_status(const fm_exchange *exchange)
{
    return exchange->status;
}

uint64_t fm_reply_size(const fm_exchange *exchange)
{
    return exchange->reply_size;
}

int fm__reply_end(struct fm_exchange *exchange)
{
    static const struct iovec end = {(void *)(uintptr_t)"0\r\n\r\n", 5};
    if (exchange->state == FM__REPLY_DONE)
        return 0;
    if (exchange->state == FM__REPLY_BROKEN || exchange->reply_left > 0)
        return -EPIPE;
    int rc = exchange->coder != NULL
                 ? fm__reply_write_coded(exchange, "", 0, true)
                 : 0;
    if (rc < 0)
        return rc;
    reply_done(exchange);
    return exchange->in_chunks ? fm__reply_send(exchange, &end, 1) : 0;
}

void fm__reply_break(struct fm_exchange *exchange)
{
    fm_stream *stream = exchange->stream;
    bool begun = exchange->state == FM__REPLY_BODY ||
                 exchange->state == FM__REPLY_BROKEN;
    bool sized = exchange->reply_left >= 0;
    bool told = sized || exchange->in_chunks || exchange->bodiless;
    if (exchange->multiplexed) {
        if (exchange->state != FM__REPLY_DONE)
            fm__h2_reset(&exchange->h2, FM__H2_INTERNAL_ERROR);
        return;
    }
    if ((!begun || told) && exchange->reply_error == 0)
        return;
    stream->told = true;
    if (stream->write_error == 0)
        stream->write_error = -EPIPE;
}

void fm__reply_forget(struct fm_exchange *exchange)
{
    exchange->fields_size = 0;
    exchange->typed = false;
}
