/*
 * epoll_world.h - what the files of the epoll backend share
 */
#ifndef FM_LOOP_EPOLL_WORLD_H
#define FM_LOOP_EPOLL_WORLD_H

#include "loop/epoll_slot.h"
#include "loop/loop_core.h"

#include <sys/epoll.h>

#define FM__EPOLL_BATCH 64

enum {
    FM__EPOLL_NOBODY = -1,     /* ends the chain; the descriptor of an orphan */
    FM__EPOLL_HUNGRY = -100000 /* no result: there is no buffer to be lent */
};

struct fm__epoll_world {
    int epoll;
    struct fm__epoll_slots slots;
    struct fm__list ended; /* complete in the next poll: cancelled, orphans */
    int hungry_first; /* descriptors whose first reader waits for a buffer */
    int hungry_last;
    struct fm__epoll_slot stranger; /* for one call, who has none */
    struct epoll_event events[FM__EPOLL_BATCH];
};

FM__INLINE enum fm__epoll_side fm__epoll_side(const struct fm__op *op)
{
    static const unsigned char sides[] = {
        [FM__OP_READ] = FM__EPOLL_READING,
        [FM__OP_RECEIVE] = FM__EPOLL_READING,
        [FM__OP_WRITE] = FM__EPOLL_WRITING,
        [FM__OP_WRITEV] = FM__EPOLL_WRITING,
        [FM__OP_ACCEPT] = FM__EPOLL_READING,
        [FM__OP_CONNECT] = FM__EPOLL_WRITING,
        [FM__OP_SEND_MANY] = FM__EPOLL_WRITING,
        [FM__OP_RECEIVE_MANY] = FM__EPOLL_READING,
        [FM__OP_POLL] = FM__EPOLL_POLLING,
    };
    return (enum fm__epoll_side)sides[op->kind];
}

/*
 * One attempt: the result; -EINPROGRESS or FM__EPOLL_HUNGRY when it has to
 * wait. `queued`: it has waited already. Notes in the slot whether the side
 * is dry now. An accept may move the table: the slot is gone then.
 */
ssize_t fm__epoll_try(struct fm__loop *loop, struct fm__epoll_slot *slot,
                      struct fm__op *op, bool queued);

/* A new descriptor, or an error, passes through. Without memory for a slot
 * the descriptor is as good as one that somebody else has made. */
int fm__epoll_born(struct fm__epoll_world *world, int fd,
                   enum fm__epoll_kind kind);

/* Verbs of the backend. */
int fm__epoll_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2]);
int fm__epoll_socket(struct fm__loop *loop, int family, int type);
int fm__epoll_close_fd(struct fm__loop *loop, int fd);
int fm__epoll_adopt(struct fm__loop *loop, int fd);
void fm__epoll_forget(struct fm__loop *loop, int fd);

#endif
