/*
 * peer.c - the addresses of a stream's two ends
 */
#include "net/peer.h"

#include "io/stream_record.h"

#include <string.h>

/* What the system leaves alone is zero. */
int fm__end_address(struct fm__loop *loop, int fd, fm__end_fn ask,
                    fm_address *address)
{
    fm_address found;
    memset(&found, 0, sizeof found);
    found.size = sizeof found.storage;
    int rc = ask(loop, fd, (struct sockaddr *)&found.storage, &found.size);
    if (rc == 0)
        *address = found;
    return rc;
}

static struct fm__loop *peer_loop(const fm_stream *stream, const char *caller)
{
    fm__task_self(caller);
    fm__stream_check(stream, caller);
    return stream->loop;
}

int fm_stream_peer(const fm_stream *stream, fm_address *address)
{
    struct fm__loop *loop = peer_loop(stream, "fm_stream_peer");
    return fm__end_address(loop, stream->fd, loop->backend->peer, address);
}

int fm_stream_local(const fm_stream *stream, fm_address *address)
{
    struct fm__loop *loop = peer_loop(stream, "fm_stream_local");
    return fm__end_address(loop, stream->fd, loop->backend->address, address);
}
