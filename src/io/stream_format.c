/*
 * stream_format.c - what printf(3) would print
 *
 * It is formatted before anybody is waited for, so its arguments may change
 * as soon as another task runs. Where nobody writes and there is room, it is
 * formatted where it will be sent from.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "io/stream_record.h"

#include <errno.h>

/* Behind what the last buffer has: the size, or -EAGAIN: it does not fit. */
FM__FORMAT(3, 0)
static ssize_t stream_format_behind(fm_stream *stream, struct fm__buffer *last,
                                    const char *format, va_list args)
{
    const struct iovec room = {last->bytes + last->end,
                               FM__BUFFER_SIZE - last->end};
    ssize_t size = fm__sys_format(room, format, args);
    if (size < 0)
        return size;
    if ((size_t)size >= room.iov_len ||
        stream->queued + (size_t)size > stream->high)
        return -EAGAIN;
    return size;
}

FM__FORMAT(2, 0)
static ssize_t stream_format_last(fm_stream *stream, const char *format,
                                  va_list args)
{
    if (stream->first == NULL)
        return -EAGAIN;
    ssize_t size = stream_format_behind(stream, stream->last, format, args);
    if (size > 0)
        fm__stream_grow(stream, (size_t)size);
    return size;
}

FM__FORMAT(2, 0)
static ssize_t stream_format_fresh(fm_stream *stream, const char *format,
                                   va_list args)
{
    struct fm__buffer *fresh = fm__stream_fresh(stream);
    if (fresh == NULL)
        return -EAGAIN;
    ssize_t size = stream_format_behind(stream, fresh, format, args);
    if (size <= 0) {
        fm__buffer_give(&stream->loop->buffers, fresh);
        return size;
    }
    fm__stream_append(stream, fresh);
    fm__stream_grow(stream, (size_t)size);
    return size;
}

/* Into memory of its own. */
FM__FORMAT(2, 0)
static ssize_t stream_format_apart(fm_stream *stream, const char *format,
                                   va_list args)
{
    ssize_t size = fm__sys_format((struct iovec){NULL, 0}, format, args);
    if (size <= 0 || size > FM_PRINTF_MOST)
        return size <= 0 ? size : -EMSGSIZE;
    char *bytes = fm__memory_new((size_t)size + 1);
    if (bytes == NULL)
        return -ENOMEM;
    size =
        fm__sys_format((struct iovec){bytes, (size_t)size + 1}, format, args);
    if (size > 0)
        size = fm__stream_write_in_turn(stream, bytes, (size_t)size);
    fm__memory_free(bytes);
    return size;
}

ssize_t fm_vprintf(fm_stream *stream, const char *format, va_list args)
{
    ssize_t size = fm__checkpoint(fm__current, "fm_printf");
    if (FM__UNLIKELY(size < 0))
        return size;
    fm__stream_check(stream, "fm_printf");
    size = -EAGAIN;
    if (!stream->held && !stream->shut && stream->write_error == 0) {
        size = stream_format_last(stream, format, args);
        if (size == -EAGAIN)
            size = stream_format_fresh(stream, format, args);
    }
    return size != -EAGAIN ? size : stream_format_apart(stream, format, args);
}

ssize_t fm_printf(fm_stream *stream, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ssize_t size = fm_vprintf(stream, format, args);
    va_end(args);
    return size;
}
