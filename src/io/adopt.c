/*
 * adopt.c - streams of descriptors that others made
 */
#include <fermata/fd.h>

#include "io/stream_record.h"

int fm__stream_adopt(int fd, fm_stream **stream,
                     const fm_stream_options *options)
{
    struct fm__loop *loop = &fm__task_self("fm_stream_adopt")->home->loop;
    int rc = loop->backend->adopt(loop, fd);
    if (rc < 0)
        return rc;
    rc = fm__stream_configure(loop, fd, options);
    if (rc == 0)
        rc = fm__stream_new(loop, fd, options, stream);
    if (rc < 0)
        loop->backend->forget(loop, fd);
    return rc;
}

int fm_stream_fd(const fm_stream *stream)
{
    return stream->fd;
}
