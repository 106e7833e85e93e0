/*
 * stream_text.c - what is read as a whole: looked at first, then taken
 *
 * More than came at once is gathered in the stream's own store, which grows
 * up to what was asked for and is freed as soon as it is empty. Where much
 * comes at once it is as long as a buffer, so that a text that lies across two
 * of them does not make the reads small.
 */
#include "base/die.h"
#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

#define STREAM_STORE_MIN 4096

int fm__stream_reserve(fm_stream *stream, size_t size, size_t before)
{
    size_t held = fm__stream_held(stream);
    size_t least = stream->bulk ? FM__BUFFER_SIZE : STREAM_STORE_MIN;
    size_t room = 2 * held > least ? 2 * held : least;
    room = room > size ? room : size;
    char *store = fm__memory_resize(NULL, room);
    if (store == NULL)
        return -ENOMEM;
    if (held > 0)
        memcpy(store + before, fm__stream_bytes(stream), held);
    fm__stream_skip(stream, held);
    stream->store = store;
    stream->store_start = before;
    stream->store_end = before + held;
    stream->store_size = room;
    return 0;
}

/* Whether there is room behind what is there. */
static bool stream_has_room(const fm_stream *stream)
{
    return stream->in == NULL && stream->store_end < stream->store_size;
}

ssize_t fm__stream_more(fm_stream *stream)
{
    size_t held = fm__stream_held(stream);
    if (held == 0)
        return fm__stream_receive(stream);
    if (stream->ended || stream->read_error < 0)
        return stream->read_error;
    int rc = 0;
    if (FM__UNLIKELY(stream->hears) && stream->filter == NULL) {
        ssize_t heard = fm__stream_overhear(stream);
        if (heard != -EAGAIN)
            return fm__stream_outcome(stream, heard);
    }
    if (!stream_has_room(stream))
        rc = fm__stream_reserve(stream, held + 1, 0);
    if (rc < 0)
        return rc;
    ssize_t count =
        fm__stream_receive_into(stream, stream->store + stream->store_end,
                                stream->store_size - stream->store_end);
    if (count > 0)
        stream->store_end += (size_t)count;
    return count;
}

/* 0, also at the end; or -errno. */
static ssize_t stream_gather(fm_stream *stream, size_t least)
{
    if (least > stream->read_limit)
        return -EMSGSIZE;
    while (fm__stream_held(stream) < least) {
        ssize_t rc = fm__stream_more(stream);
        if (rc <= 0)
            return rc;
        if (fm__stream_held(stream) >= least)
            return 0;
        rc = fm__checkpoint(fm__current, "fm_peek");
        if (rc < 0)
            return rc;
    }
    return 0;
}

ssize_t fm_peek(fm_stream *stream, size_t least, const void **bytes)
{
    ssize_t rc = fm__stream_read_begin(stream, "fm_peek");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    rc = stream_gather(stream, least);
    fm__stream_read_end(stream); /* may move them */
    if (rc < 0)
        return rc;
    *bytes = fm__stream_bytes(stream);
    return (ssize_t)fm__stream_held(stream);
}

void fm_consume(fm_stream *stream, size_t size)
{
    fm__task_self("fm_consume");
    fm__stream_check_unread(stream, "fm_consume");
    size_t held = fm__stream_held(stream);
    if (size > held)
        fm__die("fm_consume: %zu bytes of a stream that holds %zu", size, held);
    fm__stream_skip(stream, size);
}

struct stream_search {
    const char *text;
    size_t size;
    size_t limit;       /* bytes in which it has to be found */
    const char *caller; /* of the public function */
};

/* Where the text ends, 0 when the stream ends without it, or -errno. */
static ssize_t stream_find(fm_stream *stream, const struct stream_search *find)
{
    size_t searched = 0;
    for (;;) {
        size_t held = fm__stream_held(stream);
        const char *bytes = held > 0 ? fm__stream_bytes(stream) : "";
        size_t window = held < find->limit ? held : find->limit;
        const char *found = window > searched
                                ? memmem(bytes + searched, window - searched,
                                         find->text, find->size)
                                : NULL;
        if (found != NULL)
            return found - bytes + (ssize_t)find->size;
        if (held >= find->limit)
            return -EMSGSIZE;
        searched = held >= find->size ? held - find->size + 1 : 0;
        ssize_t rc = fm__stream_more(stream);
        if (rc <= 0)
            return rc;
        rc = fm__checkpoint(fm__current, find->caller);
        if (rc < 0)
            return rc;
    }
}

ssize_t fm_read_until(fm_stream *stream, const char *text, void *buf,
                      size_t size)
{
    const struct stream_search find = {text, strlen(text), size,
                                       "fm_read_until"};
    ssize_t end = fm__stream_read_begin(stream, find.caller);
    if (FM__UNLIKELY(end < 0))
        return end;
    end = find.size > 0 ? stream_find(stream, &find) : -EINVAL;
    if (end > 0) {
        memcpy(buf, fm__stream_bytes(stream), (size_t)end);
        fm__stream_skip(stream, (size_t)end);
    }
    fm__stream_read_end(stream);
    return end != 0 ? end : -FM_EEOF;
}

/* Without the end of line that is among the `size` bytes of `line`. */
static size_t stream_line_length(const char *line, size_t size)
{
    if (line[size - 1] != '\n')
        return size;
    size--;
    return size > 0 && line[size - 1] == '\r' ? size - 1 : size;
}

/* The first `raw` bytes that are there are a line. */
static ssize_t stream_take_line(fm_stream *stream, size_t raw, char *buf,
                                size_t size)
{
    if (raw == 0)
        return -FM_EEOF;
    const char *bytes = fm__stream_bytes(stream);
    size_t length = stream_line_length(bytes, raw);
    if (length >= size)
        return -EMSGSIZE;
    memcpy(buf, bytes, length);
    buf[length] = '\0';
    fm__stream_skip(stream, raw);
    return (ssize_t)length;
}

/* Most lines lie there as a whole. -EAGAIN: this one does not. */
static ssize_t stream_line_there(fm_stream *stream, char *buf, size_t size)
{
    size_t held = fm__stream_held(stream);
    if (held == 0)
        return -EAGAIN;
    const char *bytes = fm__stream_bytes(stream);
    size_t window = held < size ? held : size;
    const char *end = memchr(bytes, '\n', window);
    if (end == NULL)
        return -EAGAIN;
    size_t length = (size_t)(end - bytes);
    size_t raw = length + 1;
    if (length > 0 && end[-1] == '\r')
        length--;
    memcpy(buf, bytes, length);
    buf[length] = '\0';
    fm__stream_skip(stream, raw);
    return (ssize_t)length;
}

static FM__NOINLINE ssize_t stream_line_comes(fm_stream *stream, char *buf,
                                              size_t size)
{
    /* A line of size - 1 bytes may have two more at its end. */
    const struct stream_search find = {"\n", 1, size + 1, "fm_read_line"};
    ssize_t end = stream_find(stream, &find);
    if (end < 0)
        return end;
    size_t raw = end > 0 ? (size_t)end : fm__stream_held(stream);
    return stream_take_line(stream, raw, buf, size);
}

ssize_t fm_read_line(fm_stream *stream, char *buf, size_t size)
{
    ssize_t length = fm__checkpoint(fm__current, "fm_read_line");
    if (FM__UNLIKELY(length < 0))
        return length;
    fm__stream_check_unread(stream, "fm_read_line");
    length = stream_line_there(stream, buf, size);
    if (FM__LIKELY(length != -EAGAIN))
        return length;
    stream->reading = true;
    length = stream_line_comes(stream, buf, size);
    fm__stream_read_end(stream);
    return length;
}
