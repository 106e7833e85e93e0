/*
 * h2_head.c - heads of HTTP/2 (RFC 9113, 8), as texts of HTTP/1.1
 *
 * What comes has passed nghttp2, which refuses pseudo-fields that are unknown,
 * twice there or too late, fields of a connection, and bytes that no field may
 * have. All else is for the reader of HTTP/1.1.
 */
#include "base/memory.h"
#include "http/h2.h"

#include <errno.h>
#include <fermata/error.h>
#include <nghttp2/nghttp2.h>

enum {
    HEAD_FIELD = 4,  /* bytes around a name and a value */
    HEAD_ROOM = 512, /* one begins with */
    HEAD_NEAR = 24   /* fields that need no memory of their own */
};

enum {
    HEAD_METHOD,
    HEAD_PATH,
    HEAD_AUTHORITY,
    HEAD_STATUS
};

int fm__h2_bytes_grow(struct fm__h2_bytes *bytes, size_t size)
{
    size_t held = bytes->end - bytes->start, room = bytes->room;
    if (held == 0)
        bytes->start = bytes->end = 0;
    if (room - bytes->end >= size)
        return 0;
    if (bytes->start > 0)
        memmove(bytes->bytes, bytes->bytes + bytes->start, held);
    bytes->start = 0;
    bytes->end = held;
    if (room - held >= size)
        return 0;
    room = room > 0 ? 2 * room : HEAD_ROOM;
    while (room - held < size)
        room *= 2;
    char *grown = fm__memory_resize(bytes->bytes, room);
    if (grown == NULL)
        return -ENOMEM;
    bytes->bytes = grown;
    bytes->room = room;
    return 0;
}

/* ---- what comes --------------------------------------------------------- */

static struct fm__slice h2_head_slice(nghttp2_rcbuf *buffer)
{
    nghttp2_vec bytes = nghttp2_rcbuf_get_buf(buffer);
    return (struct fm__slice){(const char *)bytes.base, bytes.len};
}

static struct fm__slice h2_head_pseudo(const struct fm__h2 *h2, unsigned which)
{
    nghttp2_rcbuf *buffer = h2->pseudo[which];
    return buffer != NULL ? h2_head_slice(buffer) : FM__SLICE("");
}

static void h2_head_forget_pseudo(struct fm__h2 *h2)
{
    for (unsigned i = 0; i < FM__COUNT(h2->pseudo); i++) {
        if (h2->pseudo[i] != NULL)
            nghttp2_rcbuf_decref(h2->pseudo[i]);
        h2->pseudo[i] = NULL;
    }
}

void fm__h2_head_begin(struct fm__h2 *h2)
{
    h2_head_forget_pseudo(h2);
    h2->head.start = h2->head.end = 0;
    h2->cookies.start = h2->cookies.end = 0;
    h2->fields = 0;
    h2->lined = false;
    h2->head_error = 0;
}

/* Behind what is there; the first failure stays. */
static void h2_head_put(struct fm__h2 *h2, struct fm__h2_bytes *bytes,
                        struct fm__slice text)
{
    if (h2->head_error < 0)
        return;
    int rc = fm__h2_bytes_grow(bytes, text.size);
    if (rc < 0) {
        h2->head_error = rc;
        return;
    }
    if (text.size > 0)
        memcpy(bytes->bytes + bytes->end, text.at, text.size);
    bytes->end += text.size;
}

static void h2_head_write(struct fm__h2 *h2, struct fm__slice text)
{
    h2_head_put(h2, &h2->head, text);
}

static char *h2_head_copy(char *to, struct fm__slice text)
{
    if (text.size > 0)
        memcpy(to, text.at, text.size);
    return to + text.size;
}

static void h2_head_write_field(struct fm__h2 *h2, struct fm__slice name,
                                struct fm__slice value)
{
    size_t own = name.size + value.size + HEAD_FIELD;
    size_t size = h2->head.end + h2->cookies.end + name.size + value.size;
    if (++h2->fields > FM__HEAD_FIELDS ||
        size > FM__HEAD_LINE + FM__HEAD_SIZE) {
        if (h2->head_error == 0)
            h2->head_error = -FM_EHTTPFIELDS;
        return;
    }
    if (h2->head_error == 0)
        h2->head_error = fm__h2_bytes_grow(&h2->head, own);
    if (h2->head_error < 0)
        return;
    char *at = h2_head_copy(h2->head.bytes + h2->head.end, name);
    at = h2_head_copy(at, FM__SLICE(": "));
    at = h2_head_copy(at, value);
    h2_head_copy(at, FM__SLICE("\r\n"));
    h2->head.end += own;
}

static void h2_head_write_request(struct fm__h2 *h2)
{
    struct fm__slice authority = h2_head_pseudo(h2, HEAD_AUTHORITY);
    bool tunnel =
        fm__slice_is(h2_head_pseudo(h2, HEAD_METHOD), FM__SLICE("CONNECT"));
    h2_head_write(h2, h2_head_pseudo(h2, HEAD_METHOD));
    h2_head_write(h2, FM__SLICE(" "));
    h2_head_write(h2, tunnel ? authority : h2_head_pseudo(h2, HEAD_PATH));
    h2_head_write(h2, FM__SLICE(" HTTP/1.1\r\n"));
    if (authority.size > 0)
        h2_head_write_field(h2, FM__SLICE("host"), authority);
}

/* All that is no field has come. */
static void h2_head_write_line(struct fm__h2 *h2)
{
    struct fm__slice status = h2_head_pseudo(h2, HEAD_STATUS);
    h2->lined = true;
    if (status.size > 0) {
        h2_head_write(h2, FM__SLICE("HTTP/1.1 "));
        h2_head_write(h2, status);
        h2_head_write(h2, FM__SLICE(" \r\n"));
    } else if (h2_head_pseudo(h2, HEAD_PATH).size > FM__HEAD_LINE) {
        h2->head_error = -FM_EHTTPLONG;
    } else {
        h2_head_write_request(h2);
    }
}

static void h2_head_keep_pseudo(struct fm__h2 *h2, struct fm__slice name,
                                nghttp2_rcbuf *value)
{
    static const struct fm__slice names[] = {
        [HEAD_METHOD] = {":method", 7},
        [HEAD_PATH] = {":path", 5},
        [HEAD_AUTHORITY] = {":authority", 10},
        [HEAD_STATUS] = {":status", 7}};
    for (unsigned i = 0; i < FM__COUNT(names); i++) {
        if (!fm__slice_is(name, names[i]) || h2->pseudo[i] != NULL)
            continue;
        nghttp2_rcbuf_incref(value);
        h2->pseudo[i] = value;
    }
}

/* One field, however many pieces it came in (RFC 9113, 8.2.3). */
static void h2_head_add_cookie(struct fm__h2 *h2, struct fm__slice value)
{
    if (h2->cookies.end + value.size > FM__HEAD_SIZE) {
        h2->head_error = -FM_EHTTPFIELDS;
        return;
    }
    if (h2->cookies.end > 0)
        h2_head_put(h2, &h2->cookies, FM__SLICE("; "));
    h2_head_put(h2, &h2->cookies, value);
}

/* RFC 9113, 8.3.1: where both are there they are one. */
static void h2_head_add_host(struct fm__h2 *h2, struct fm__slice name,
                             struct fm__slice value)
{
    struct fm__slice authority = h2_head_pseudo(h2, HEAD_AUTHORITY);
    if (authority.size == 0)
        h2_head_write_field(h2, name, value);
    else if (!fm__slice_like(authority, value))
        h2->head_error = -FM_EHTTPHOST;
}

void fm__h2_head_field(struct fm__h2 *h2, nghttp2_rcbuf *name,
                       nghttp2_rcbuf *value)
{
    struct fm__slice word = h2_head_slice(name), text = h2_head_slice(value);
    if (h2->head_error < 0)
        return;
    if (fm__slice_at(word, 0) == ':') {
        h2_head_keep_pseudo(h2, word, value);
        return;
    }
    if (!h2->lined)
        h2_head_write_line(h2);
    switch (fm__field_find(word)) {
    case FM__FIELD_COOKIE:
        h2_head_add_cookie(h2, text);
        break;
    case FM__FIELD_HOST:
        h2_head_add_host(h2, word, text);
        break;
    default:
        h2_head_write_field(h2, word, text);
    }
}

int fm__h2_head_end(struct fm__h2 *h2, struct fm__slice *text)
{
    if (h2->head_error == 0 && !h2->lined)
        h2_head_write_line(h2);
    if (h2->cookies.end > 0)
        h2_head_write_field(
            h2, FM__SLICE("cookie"),
            (struct fm__slice){h2->cookies.bytes, h2->cookies.end});
    h2_head_write(h2, FM__SLICE("\r\n"));
    h2_head_forget_pseudo(h2);
    if (h2->head_error < 0)
        return h2->head_error;
    *text = (struct fm__slice){h2->head.bytes, h2->head.end};
    return 0;
}

void fm__h2_head_fini(struct fm__h2 *h2)
{
    h2_head_forget_pseudo(h2);
    fm__memory_free(h2->head.bytes);
    fm__memory_free(h2->cookies.bytes);
}

/* ---- what goes ---------------------------------------------------------- */

struct head_list {
    nghttp2_nv *fields;
    size_t count;
};

static void h2_head_list_add(struct head_list *list, struct fm__slice name,
                             struct fm__slice value)
{
    list->fields[list->count++] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name.at,
        .namelen = name.size,
        .value = (uint8_t *)(uintptr_t)value.at,
        .valuelen = value.size,
        .flags = NGHTTP2_NV_FLAG_NONE,
    };
}

/* The line before the CR LF; the text goes on behind it. */
static struct fm__slice h2_head_next_line(struct fm__slice *text)
{
    size_t end = fm__slice_find(*text, '\r');
    struct fm__slice line = fm__slice_until(*text, end);
    *text = fm__slice_after(*text, end + 2);
    return line;
}

static void h2_head_make_small(struct fm__slice name)
{
    char *at = (char *)(uintptr_t)name.at;
    for (size_t i = 0; i < name.size; i++)
        if (at[i] >= 'A' && at[i] <= 'Z')
            at[i] = (char)(at[i] + ('a' - 'A'));
}

/* "HTTP/1.1 200 OK", or "GET /path HTTP/1.1". */
static void h2_head_list_line(struct head_list *list, struct fm__slice line,
                              bool secure)
{
    struct fm__slice rest =
        fm__slice_after(line, fm__slice_find(line, ' ') + 1);
    if (fm__slice_is(fm__slice_until(line, 5), FM__SLICE("HTTP/"))) {
        h2_head_list_add(list, FM__SLICE(":status"), fm__slice_until(rest, 3));
        return;
    }
    h2_head_list_add(list, FM__SLICE(":method"),
                     fm__slice_until(line, fm__slice_find(line, ' ')));
    h2_head_list_add(list, FM__SLICE(":scheme"),
                     secure ? FM__SLICE("https") : FM__SLICE("http"));
    h2_head_list_add(list, FM__SLICE(":path"),
                     fm__slice_until(rest, fm__slice_find(rest, ' ')));
}

/* What is of a connection has no place here (RFC 9113, 8.2.2). */
static void h2_head_list_field(struct head_list *list, struct fm__slice line,
                               bool request)
{
    size_t colon = fm__slice_find(line, ':');
    struct fm__slice name = fm__slice_until(line, colon);
    struct fm__slice value = fm__slice_after(line, colon + 2);
    switch (fm__field_find(name)) {
    case FM__FIELD_HOST:
        if (request)
            name = FM__SLICE(":authority");
        else
            h2_head_make_small(name);
        break;
    case FM__FIELD_CONNECTION:
    case FM__FIELD_TRANSFER_ENCODING:
    case FM__FIELD_UPGRADE:
    case FM__FIELD_PROXY_CONNECTION:
        return;
    default:
        h2_head_make_small(name);
    }
    h2_head_list_add(list, name, value);
}

static size_t h2_head_count_lines(struct fm__slice text)
{
    const char *at = text.at, *end = text.at + text.size;
    size_t count = 0;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* How much of what was put a frame takes.
 * wide: nghttp2 calls it so */
static ssize_t h2_head_feed(nghttp2_session *session, int32_t id, uint8_t *buf,
                            size_t size, uint32_t *flags,
                            nghttp2_data_source *source, void *arg)
{
    struct fm__h2_stream *stream = source->ptr;
    struct fm__h2_bytes *out = &stream->out;
    size_t held = out->end - out->start;
    (void)session;
    (void)id;
    (void)arg;
    size = held < size ? held : size;
    if (size == 0 && !stream->out_ended) {
        stream->idle = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    if (size > 0) /* or there may be no memory yet */
        memcpy(buf, out->bytes + out->start, size);
    out->start += size;
    if (out->start == out->end && stream->out_ended) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        stream->sent = true;
    }
    fm_event_set(&stream->went);
    return (ssize_t)size;
}

static int h2_head_submit(struct fm__h2_stream *stream,
                          const struct head_list *list, bool end)
{
    nghttp2_data_provider body = {{.ptr = stream}, h2_head_feed};
    nghttp2_data_provider *some = end ? NULL : &body;
    nghttp2_session *session = stream->h2->session;
    if (stream->id != 0)
        return nghttp2_submit_response(session, stream->id, list->fields,
                                       list->count, some);
    int32_t id = nghttp2_submit_request(session, NULL, list->fields,
                                        list->count, some, stream);
    if (id > 0)
        fm__h2_stream_open(stream, stream->h2, id);
    return id < 0 ? id : 0;
}

static int h2_head_send(struct fm__h2_stream *stream, struct head_list *list,
                        struct fm__slice text, bool end)
{
    struct fm__slice line = h2_head_next_line(&text);
    h2_head_list_line(list, line, stream->h2->secure);
    while (text.size > 0) {
        line = h2_head_next_line(&text);
        if (line.size > 0)
            h2_head_list_field(list, line, stream->id == 0);
    }
    stream->headed = true;
    stream->out_ended = stream->sent = end;
    int rc = h2_head_submit(stream, list, end);
    fm__h2_send(stream->h2);
    return rc == 0 ? 0 : rc == NGHTTP2_ERR_NOMEM ? -ENOMEM : -FM_EHTTP2;
}

int fm__h2_head_send(struct fm__h2_stream *stream, char *text, size_t size,
                     bool end)
{
    const struct fm__slice all = {text, size};
    nghttp2_nv near[HEAD_NEAR];
    struct head_list list = {near, 0};
    size_t count = h2_head_count_lines(all) + 3; /* what a first line makes */
    if (stream->error < 0)
        return stream->error;
    if (count > HEAD_NEAR)
        list.fields = fm__memory_new(count * sizeof *list.fields);
    if (list.fields == NULL)
        return -ENOMEM;
    int rc = h2_head_send(stream, &list, all, end);
    if (list.fields != near)
        fm__memory_free(list.fields);
    return rc;
}
