/*
 * stream_unread.c - bytes that go back to the front
 *
 * What a call has taken out of a longer piece has left its place before the
 * rest of it; elsewhere the store is made anew, with room in front.
 */
#include "io/stream_record.h"

#include <errno.h>
#include <string.h>

/* Where that many bytes have their place before what is there; or NULL. */
static char *stream_unread_place(fm_stream *stream, size_t size)
{
    if (stream->in != NULL) {
        if (stream->in->start < size)
            return NULL;
        stream->in->start -= (uint32_t)size;
        return stream->in->bytes + stream->in->start;
    }
    if (stream->store == NULL || stream->store_start < size)
        return NULL;
    stream->store_start -= size;
    return stream->store + stream->store_start;
}

/* The same, in a new store. */
static int stream_unread_room(fm_stream *stream, size_t size, char **place)
{
    size_t held = fm__stream_held(stream);
    size_t most = stream->read_limit + FM__BUFFER_SIZE;
    if (held > most || size > most - held)
        return -EMSGSIZE;
    int rc = fm__stream_reserve(stream, held + size, size);
    if (rc < 0)
        return rc;
    stream->store_start = 0;
    *place = stream->store;
    return 0;
}

int fm_unread(fm_stream *stream, const void *bytes, size_t size)
{
    fm__task_self("fm_unread");
    fm__stream_check_unread(stream, "fm_unread");
    if (size == 0)
        return 0;
    char *place = stream_unread_place(stream, size);
    int rc = place == NULL ? stream_unread_room(stream, size, &place) : 0;
    if (rc == 0)
        memcpy(place, bytes, size);
    return rc;
}
