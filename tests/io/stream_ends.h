/*
 * stream_ends.h - two streams that are joined, for the running task
 */
#ifndef TESTS_IO_STREAM_ENDS_H
#define TESTS_IO_STREAM_ENDS_H

#include "io/stream_record.h"

#include <fermata.h>

/* A pair of Unix sockets, or of the simulator's ends; 0, or -errno and
 * nothing is left. */
static inline int stream_ends_pair(fm_stream *ends[2],
                                   const fm_stream_options *options)
{
    struct fm__loop *loop = &fm__current->home->loop;
    int fds[2];
    int rc = loop->backend->pair(loop, FM__PAIR_SOCKET, fds);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 2; i++) {
        ends[i] = NULL;
        if (rc == 0)
            rc = fm__stream_configure(loop, fds[i], options);
        if (rc == 0)
            rc = fm__stream_new(loop, fds[i], options, &ends[i]);
        if (rc < 0)
            loop->backend->close_fd(loop, fds[i]);
    }
    if (rc < 0)
        fm_abort(ends[0]);
    return rc;
}

/* One connected, the other accepted; 0, or -errno and nothing is left. */
struct stream_ends_accept {
    fm_listener *listener;
    fm_stream **stream;
};

static inline int stream_ends_accept(struct stream_ends_accept *self)
{
    return fm_accept(self->listener, self->stream);
}

static inline int stream_ends_meet(const char *at, fm_stream *ends[2],
                                   const fm_stream_options *options)
{
    fm_listen_options listen = {0};
    fm_connect_options connect = {0};
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    if (options != NULL)
        listen.stream = connect.stream = *options;
    int rc = fm_listen(at, &listener, &listen);
    if (rc < 0)
        return rc;
    ends[1] = NULL;
    fm_task *task = fm_go(stream_ends_accept, listener, &ends[1]);
    fm_address_format(fm_listener_address(listener), address);
    rc = fm_connect(address, &ends[0], &connect);
    int accepted = rc < 0 ? fm_stop(task) : fm_await(task);
    fm_listener_close(listener);
    if (rc == 0 && accepted < 0)
        fm_abort(ends[0]);
    if (rc < 0 && accepted == 0)
        fm_abort(ends[1]);
    return rc < 0 ? rc : accepted;
}

static inline int stream_ends_tcp(fm_stream *ends[2],
                                  const fm_stream_options *options)
{
    return stream_ends_meet("127.0.0.1:0", ends, options);
}

/* Under an abstract name that the system chooses. */
static inline int stream_ends_local(fm_stream *ends[2],
                                    const fm_stream_options *options)
{
    return stream_ends_meet("unix:", ends, options);
}

#endif
