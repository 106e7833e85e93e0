/*
 * op.h - one operation: what is asked of the kernel, and what it answered
 *
 * Operations go in, completions come out. From submit until `done` is called
 * the operation and its buffer belong to the backend, also after a cancel:
 * cancelling is a request, and the operation's own completion always follows,
 * with -ECANCELED or with what had already succeeded.
 */
#ifndef FM_LOOP_OP_H
#define FM_LOOP_OP_H

#include "base/list.h"
#include "loop/buffer.h"

#include <sys/socket.h>

enum fm__op_kind {
    FM__OP_READ,    /* buf, size: at least one byte, 0 is the end */
    FM__OP_RECEIVE, /* the same into a buffer of the loop's, see `buffer` */
    FM__OP_WRITE,   /* buf, size: at least one byte */
    FM__OP_WRITEV,  /* buf: struct iovec, size of them: at least one byte */
    FM__OP_ACCEPT,  /* result: the new descriptor */
    FM__OP_CONNECT, /* addr, size */
    /* Datagrams. buf: struct mmsghdr, size of them, each with one part;
     * result: how many, at least one. A receive gives the true sizes, and
     * takes what is there. With `events` not 0 it also tells of the errors of
     * a socket that asked for them: -errno, and the first message's name is
     * where what caused it was sent to; and a send does not wait for room:
     * -EAGAIN. */
    FM__OP_SEND_MANY,
    FM__OP_RECEIVE_MANY,
    /* buf, size: from a file of anybody's, from `offset` on; 0 is the end.
     * Only of a backend that `reads_files`, and -EOPNOTSUPP where a thread had
     * better do it. */
    FM__OP_READ_AT,
    FM__OP_POLL /* events: EPOLLIN, EPOLLOUT; result: those that are, and
                     * unasked EPOLLERR and EPOLLHUP */
};

#define FM__OP_KINDS (FM__OP_POLL + 1)

enum fm__op_state {
    FM__OP_IDLE,
    FM__OP_PENDING,
    FM__OP_CANCELLING, /* asked to stop; its completion is still to come */
    FM__OP_DONE
};

struct fm__op {
    struct fm__list link; /* the backend's, while pending */
    enum fm__op_kind kind;
    enum fm__op_state state;
    int fd;
    uint32_t events;
    void *buf; /* READ, WRITE: the bytes; CONNECT: the address; borrowed */
    size_t size;
    /* RECEIVE: where the result is above 0, the bytes, from `start` to `end`;
     * whoever submitted it gives it back. */
    struct fm__buffer *buffer;
    ssize_t result; /* 0 or more, or -errno; valid when done */
    union {
        int64_t due;    /* the simulator's: when it may complete */
        int64_t offset; /* READ_AT */
    };
    /* Called inside the loop's turn, never inside submit or cancel; may make
     * things ready and nothing else. */
    void (*done)(struct fm__op *op);
};

#endif
