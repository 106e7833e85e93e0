/*
 * foreign.h - descriptors that a loop knows nothing of
 *
 * They are made, read and written behind its back: by the system, or in the
 * simulator by its world, which then forgets them.
 */
#ifndef TESTS_IO_FOREIGN_H
#define TESTS_IO_FOREIGN_H

#include "task/story.h"

#include "task/operation.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two sockets that are connected, or the two ends of a pipe. */
static inline void foreign_pair(enum fm__pair_kind kind, int fds[2])
{
    struct fm__loop *loop = &fm__home->loop;
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    if (test_simulated()) {
        CHECK_INT(loop->backend->pair(loop, kind, fds), 0);
        loop->backend->forget(loop, fds[0]);
        loop->backend->forget(loop, fds[1]);
    } else if (kind == FM__PAIR_SOCKET) {
        CHECK_INT(socketpair(AF_UNIX, type, 0, fds), 0);
    } else {
        CHECK_INT(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    }
}

static inline void foreign_close(int fd)
{
    struct fm__loop *loop = &fm__home->loop;
    if (!test_simulated()) {
        CHECK_INT(close(fd), 0);
        return;
    }
    CHECK_INT(loop->backend->adopt(loop, fd), 0);
    CHECK_INT(loop->backend->close_fd(loop, fd), 0);
}

static inline ssize_t foreign_operate(enum fm__op_kind kind, int fd, void *buf,
                                      size_t size)
{
    struct fm__operation operation = {
        .op = {.kind = kind, .fd = fd, .buf = buf, .size = size},
    };
    return fm__operate(&operation);
}

static inline ssize_t foreign_read(int fd, void *buf, size_t size)
{
    return test_simulated() ? foreign_operate(FM__OP_READ, fd, buf, size)
                            : read(fd, buf, size);
}

static inline ssize_t foreign_write(int fd, const char *buf, size_t size)
{
    return test_simulated()
               ? foreign_operate(FM__OP_WRITE, fd, (char *)(uintptr_t)buf, size)
               : write(fd, buf, size);
}

/* Until no more goes in: in the simulator that is exactly 64 KiB. */
static inline void foreign_fill(int fd)
{
    static const char big[65536];
    size_t left = test_simulated() ? sizeof big : SIZE_MAX;
    while (left > 0) {
        size_t size = left < sizeof big ? left : sizeof big;
        ssize_t n = foreign_write(fd, big, size);
        if (n < 0)
            return;
        left -= (size_t)n;
    }
}

#endif
