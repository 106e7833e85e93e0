/*
 * peer.c - the addresses of a stream's two ends
 */
#include "net/peer.h"

#include "io/stream_record.h"

#include <errno.h>
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

static int peer_ask(const fm_stream *stream, fm__end_fn ask,
                    fm_address *address)
{
    if (stream->fd < 0)
        return -ENOTSOCK;
    return fm__end_address(stream->loop, stream->fd, ask, address);
}

int fm_stream_peer(const fm_stream *stream, fm_address *address)
{
    fm__task_self("fm_stream_peer");
    fm__stream_check(stream, "fm_stream_peer");
    return peer_ask(stream, stream->loop->backend->peer, address);
}

int fm_stream_local(const fm_stream *stream, fm_address *address)
{
    fm__task_self("fm_stream_local");
    fm__stream_check(stream, "fm_stream_local");
    return peer_ask(stream, stream->loop->backend->address, address);
}
