/*
 * epoll_slot.h - what epoll.c knows of each descriptor, in a table by number
 *
 * A slot ends with its descriptor and begins again with the next one of that
 * number; its generation tells their events apart. It fills one line of the
 * cache.
 */
#ifndef FM_LOOP_EPOLL_SLOT_H
#define FM_LOOP_EPOLL_SLOT_H

#include "base/list.h"

enum fm__epoll_side {
    FM__EPOLL_READING,
    FM__EPOLL_WRITING,
    FM__EPOLL_POLLING, /* no order: each waits for events of its own */
    FM__EPOLL_SIDES
};

/* What a short read or write says. */
enum fm__epoll_kind {
    FM__EPOLL_ANY,    /* nothing */
    FM__EPOLL_STREAM, /* that the side is dry */
    FM__EPOLL_LOCAL   /* the same, of a read that descriptors did not end */
};

struct fm__epoll_slot {
    struct fm__list queues[FM__EPOLL_SIDES]; /* of operations */
    uint32_t generation;
    uint32_t operations; /* that wait, and cancelled ones */
    int hungry_next;     /* the next of those that wait for a buffer */
    bool dry[2];         /* reading, writing: refused until the next edge */
    enum fm__epoll_kind kind : 2;
    bool own : 1;    /* made or adopted here */
    bool added : 1;  /* in the epoll set */
    bool early : 1;  /* LOCAL: descriptors sent along ended the last read */
    bool plain : 1;  /* no socket: read and write, not recv and send */
    bool behind : 1; /* something is behind the last byte: the end? */
    bool hungry : 1; /* the first to read waits for a buffer */
};

/* All zero is an empty table. */
struct fm__epoll_slots {
    int count;
    struct fm__epoll_slot *array; /* moves when it grows */
    void *block;                  /* what it lies in */
};

/* NULL: nothing is known of the descriptor. */
FM__INLINE struct fm__epoll_slot *
fm__epoll_slot_find(struct fm__epoll_slots *slots, int fd)
{
    return fd >= 0 && fd < slots->count ? &slots->array[fd] : NULL;
}

/* Grows the table if it must; NULL: there is no memory. */
struct fm__epoll_slot *fm__epoll_slot_get(struct fm__epoll_slots *slots,
                                          int fd);

/* Dies with a sentence if operations are in flight. */
void fm__epoll_slot_end(struct fm__epoll_slot *slot, int fd);

void fm__epoll_slots_free(struct fm__epoll_slots *slots);

#endif
