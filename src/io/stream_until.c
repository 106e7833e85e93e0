/*
 * stream_until.c - up to the first of several texts
 *
 * Invariant: no text ends among the bytes that were searched. They are
 * searched in steps of which each is twice as long as all before, for each
 * text, so that what lies behind the first is never looked at for another.
 */
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

#define UNTIL_STEP 256

struct until {
    fm_texts *texts;
    size_t sizes[FM_TEXTS_MOST];
    size_t longest;
    size_t limit; /* bytes in which one has to be found */
};

static int stream_until_init(struct until *until, fm_texts *texts, size_t limit)
{
    until->texts = texts;
    until->longest = 0;
    until->limit = limit;
    if (texts->count == 0 || texts->count > FM_TEXTS_MOST)
        return -EINVAL;
    for (size_t i = 0; i < texts->count; i++) {
        until->sizes[i] = strlen(texts->texts[i]);
        if (until->sizes[i] == 0)
            return -EINVAL;
        if (until->sizes[i] > until->longest)
            until->longest = until->sizes[i];
    }
    return 0;
}

/* Where the first text ends among the bytes; 0: none does. */
static size_t stream_until_search(struct until *until, const char *bytes,
                                  size_t size)
{
    size_t end = 0, best = 0;
    for (size_t i = 0; i < until->texts->count; i++) {
        size_t length = until->sizes[i];
        const char *found = memmem(bytes, size, until->texts->texts[i], length);
        if (found == NULL)
            continue;
        size_t here = (size_t)(found - bytes) + length;
        if (end > 0 && here == end && length <= best)
            continue;
        size = end = here;
        best = length;
        until->texts->found = i;
    }
    return end;
}

/* The same among those of the stream, from those that were searched on. */
static size_t stream_until_step(struct until *until, const char *bytes,
                                size_t window, size_t searched)
{
    while (searched < window) {
        size_t next = 2 * searched + UNTIL_STEP;
        size_t again = until->longest - 1;
        size_t from = searched > again ? searched - again : 0;
        next = next < window ? next : window;
        size_t end = stream_until_search(until, bytes + from, next - from);
        if (end > 0)
            return from + end;
        searched = next;
    }
    return 0;
}

/* Where a text ends, 0 when the stream ends without one, or -errno. */
static ssize_t stream_until_find(fm_stream *stream, struct until *until)
{
    size_t searched = 0;
    for (;;) {
        size_t held = fm__stream_held(stream);
        size_t window = held < until->limit ? held : until->limit;
        size_t end = held > 0
                         ? stream_until_step(until, fm__stream_bytes(stream),
                                             window, searched)
                         : 0;
        if (end > 0)
            return (ssize_t)end;
        if (held >= until->limit)
            return -EMSGSIZE;
        searched = held;
        ssize_t rc = fm__stream_more(stream);
        if (rc <= 0)
            return rc;
        rc = fm__checkpoint(fm__current, "fm_read_until_any");
        if (rc < 0)
            return rc;
    }
}

ssize_t fm_read_until_any(fm_stream *stream, fm_texts *texts, void *buf,
                          size_t size)
{
    struct until until;
    ssize_t end = fm__stream_read_begin(stream, "fm_read_until_any");
    if (FM__UNLIKELY(end < 0))
        return end;
    end = stream_until_init(&until, texts, size);
    if (end == 0) {
        end = stream_until_find(stream, &until);
        end = end == 0 ? -FM_EEOF : end;
    }
    if (end > 0)
        fm__stream_take(stream, buf, (size_t)end);
    fm__stream_read_end(stream);
    return end;
}
