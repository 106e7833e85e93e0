/*
 * uring_world.h - what the files of the io_uring backend share
 *
 * A request is told from others by what it is for, the descriptor and the
 * generation of its slot; a poll and the read of a file by the address of the
 * operation. There is at most one request of each other purpose for a
 * descriptor.
 */
#ifndef FM_LOOP_URING_WORLD_H
#define FM_LOOP_URING_WORLD_H

#include "loop/loop_core.h"
#include "loop/uring_ring.h"
#include "loop/uring_slot.h"

enum {
    FM__URING_CREDIT = 2,    /* buffers of one connection that nobody reads */
    FM__URING_BACKLOG = 64,  /* accepted connections that nobody takes */
    FM__URING_BUFFERS = 256, /* that the kernel has at once, at most */
    FM__URING_BUFFERS_FIRST = 32
};

/* What a request is for, in the lowest bits of its user data. */
enum fm__uring_tag {
    FM__URING_POLL, /* the other bits are the address of the operation */
    FM__URING_INPUT,
    FM__URING_ACCEPT,
    FM__URING_READ,
    FM__URING_WRITE,
    FM__URING_BELL,
    FM__URING_CANCEL,
    FM__URING_FILE /* likewise */
};

enum {
    FM__URING_TAG_BITS = 3,
    FM__URING_TAG_MASK = 7,
    FM__URING_GENERATION_BITS = 29
};

/* The buffers that the kernel may fill: a ring of its own, see
 * uring_buffers.c. */
struct fm__uring_pool {
    struct io_uring_buf_ring *ring;
    uint16_t tail;
    uint16_t there; /* the kernel has not filled them, as far as we know */
    uint16_t level; /* as many as should be there; 0: nobody receives */
    uint16_t free_count;
    uint16_t free[FM__URING_BUFFERS];            /* names without a buffer */
    struct fm__buffer *named[FM__URING_BUFFERS]; /* buffers by name */
};

struct fm__uring_world {
    struct fm__ring ring;
    struct fm__uring_slots slots;
    struct fm__uring_pool pool;
    struct fm__list ended;  /* complete in the next poll: were cancelled */
    struct fm__list polls;  /* in flight */
    struct fm__list unsent; /* polls that the kernel has not got */
    int wants_first;        /* descriptors; see slot->wants */
    int wants_last;
    unsigned armed;       /* multishot requests, the bell's too */
    unsigned receive_cap; /* bytes a receive takes in one go; 0: no such */
    unsigned closing;     /* descriptors whose close waits */
    bool bell_lost;       /* nobody listens to it now */
    bool behind;          /* something could not be asked of the kernel */
    unsigned writes;      /* queued, and likely to end at once */
    unsigned batch;       /* the mean of arrivals when waiting, by 16 */
    int watch;            /* an eventfd that foreign loops wait for, or -1 */
    struct msghdr messages[FM__RING_REQUESTS]; /* of the requests queued */
};

FM__INLINE uint64_t fm__uring_data(const struct fm__uring_slot *slot, int fd,
                                   enum fm__uring_tag tag)
{
    uint32_t low = slot->generation << FM__URING_TAG_BITS | (uint32_t)tag;
    return (uint64_t)(uint32_t)fd << 32 | low;
}

/* Whether a completion with that user data is of the slot's life. */
FM__INLINE bool fm__uring_is_of(const struct fm__uring_slot *slot,
                                uint64_t data)
{
    return (slot->generation << FM__URING_TAG_BITS) ==
           ((uint32_t)data & ~(uint32_t)FM__URING_TAG_MASK);
}

FM__INLINE struct fm__op *fm__uring_first(const struct fm__list *queue)
{
    return FM__CONTAINER(queue->next, struct fm__op, link);
}

FM__INLINE void fm__uring_complete(struct fm__loop *loop,
                                   struct fm__uring_slot *slot,
                                   struct fm__op *op, ssize_t result)
{
    slot->operations--;
    fm__op_complete(loop, op, result);
}

FM__INLINE int fm__uring_fd(const struct io_uring_cqe *cqe)
{
    return (int)(cqe->user_data >> 32);
}

/* As a request wants it: on big-endian machines its halves are swapped. */
FM__INLINE uint32_t fm__uring_poll_events(uint32_t events)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? events << 16 | events >> 16
                                                  : events;
}

/* Whether the operation's own request has to be made once more, by its answer
 * *res; else *res is the operation's result. `polled`: it only waited. */
bool fm__uring_asks_again(struct fm__uring_slot *slot, const struct fm__op *op,
                          int *res, bool polled);

/* In the next poll again: one of FM__URING_WANTS_... */
void fm__uring_want(struct fm__uring_world *world, int fd, unsigned what);

/* All that is wanted, also polls that the kernel has not got. */
void fm__uring_ask_again(struct fm__loop *loop);

/* Asks a request to end; false: it cannot be asked now. */
bool fm__uring_ask_end(struct fm__uring_world *world, uint64_t data);

/* The request of the first reader, or writer, whose operation was cancelled. */
void fm__uring_end_first(struct fm__uring_world *world, int fd, bool reader);

/* uring_input.c: readers and acceptors. */
bool fm__uring_read(struct fm__loop *loop, struct fm__uring_slot *slot,
                    struct fm__op *op);
/* The first reader: gets what is there, or a request of its own. */
void fm__uring_serve_input(struct fm__loop *loop, int fd);
/* What is armed shall end: its last completion will come. */
void fm__uring_disarm(struct fm__uring_world *world, int fd);
/* A request of what is armed has ended, or told what was not bytes for a
 * waiting RECEIVE. */
void fm__uring_input_told(struct fm__loop *loop,
                          const struct io_uring_cqe *cqe);
void fm__uring_accept_told(struct fm__loop *loop,
                           const struct io_uring_cqe *cqe);
void fm__uring_read_told(struct fm__loop *loop, const struct io_uring_cqe *cqe);

/* uring_output.c: writers. */
bool fm__uring_write(struct fm__loop *loop, struct fm__uring_slot *slot,
                     struct fm__op *op);
void fm__uring_serve_output(struct fm__loop *loop, int fd);
void fm__uring_write_told(struct fm__loop *loop,
                          const struct io_uring_cqe *cqe);

/* uring_poll.c: OP_POLL. */
bool fm__uring_poll(struct fm__loop *loop, struct fm__uring_slot *slot,
                    struct fm__op *op);
void fm__uring_poll_cancel(struct fm__uring_world *world, struct fm__op *op);
void fm__uring_poll_complete(struct fm__loop *loop, struct fm__op *op,
                             ssize_t result);
void fm__uring_poll_told(struct fm__loop *loop, const struct io_uring_cqe *cqe);
/* Those that the kernel has not got. */
void fm__uring_polls_send(struct fm__uring_world *world);
/* The number of a foreign descriptor is now another's. */
void fm__uring_orphan(struct fm__uring_world *world, int fd);

/* uring_file.c: OP_READ_AT. */
bool fm__uring_read_file(struct fm__uring_world *world, struct fm__op *op);
void fm__uring_read_file_cancel(struct fm__uring_world *world,
                                const struct fm__op *op);
void fm__uring_read_file_told(struct fm__loop *loop,
                              const struct io_uring_cqe *cqe);

/* uring_buffers.c */
int fm__uring_buffers_open(struct fm__uring_world *world);
void fm__uring_buffers_close(struct fm__loop *loop);
/* Gives the kernel as many as it should have. */
void fm__uring_buffers_fill(struct fm__loop *loop);
/* It has none left when it needed one. */
void fm__uring_buffers_ran_out(struct fm__uring_world *world);
/* The one that a completion names. */
FM__INLINE struct fm__buffer *fm__uring_buffer(struct fm__uring_world *world,
                                               const struct io_uring_cqe *cqe)
{
    struct fm__uring_pool *pool = &world->pool;
    uint16_t name = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
    pool->free[pool->free_count++] = name;
    pool->there--;
    return pool->named[name];
}

/* uring_fd.c: verbs of the backend. */
int fm__uring_born(struct fm__uring_world *world, int fd, bool plain);
/* What is armed has ended: the close that waited for it. */
void fm__uring_bury(struct fm__loop *loop, int fd);
int fm__uring_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2]);
int fm__uring_socket(struct fm__loop *loop, int family, int type);
int fm__uring_close_fd(struct fm__loop *loop, int fd);
int fm__uring_adopt(struct fm__loop *loop, int fd);
void fm__uring_forget(struct fm__loop *loop, int fd);
/* With the loop: what nobody has claimed, and closes that still wait. */
void fm__uring_fds_close(struct fm__loop *loop);

#endif
