/*
 * uring_slot.h - what the io_uring backend knows of each descriptor
 *
 * A slot ends with its descriptor and begins again with the next one of that
 * number; its generation tells their completions apart. Slots never move.
 */
#ifndef FM_LOOP_URING_SLOT_H
#define FM_LOOP_URING_SLOT_H

#include "base/list.h"

enum {
    FM__URING_SLOTS = 256, /* of one chunk of the table */
    FM__URING_NOBODY = -1  /* ends a chain of descriptors */
};

/* The request that serves many: a multishot receive, or accept. */
enum fm__uring_arm {
    FM__URING_UNARMED,
    FM__URING_ARMED,
    FM__URING_DISARMING /* asked to end; its last completion is to come */
};

/* What could not be asked of the kernel at once, in a set of bits. */
enum {
    FM__URING_WANTS_INPUT = 1,   /* the first reader is to be served */
    FM__URING_WANTS_BUFFER = 32, /* the same, when there is one to receive in */
    FM__URING_WANTS_OUTPUT = 2,  /* the first writer */
    FM__URING_WANTS_DISARM = 4,  /* what is armed is to end */
    FM__URING_WANTS_UNREAD = 8,  /* the first reader's request is to end */
    FM__URING_WANTS_UNWRITE = 16 /* the first writer's */
};

struct fm__buffer;
struct fm__uring_stash;

struct fm__uring_slot {
    struct fm__list readers; /* READ, RECEIVE, ACCEPT, ...; in order */
    struct fm__list writers; /* WRITE, WRITEV, CONNECT, SEND_MANY */
    uint32_t generation;
    uint32_t operations;           /* that wait, polls and cancelled ones too */
    struct fm__uring_stash *stash; /* arrived before the first; or NULL */
    struct fm__buffer *first;      /* arrived, and nobody's so far */
    struct fm__buffer *last;       /* valid while there is a first */
    int accepted;       /* the same: the first descriptor, or NOBODY */
    int accepted_last;  /* valid while there is a first */
    int accepted_next;  /* of an accepted one: the next */
    int next;           /* in the chain of those that want */
    int error;          /* that nobody has heard of: -errno, or 0 */
    uint32_t unclaimed; /* buffers, or accepted descriptors */
    uint8_t arm;        /* fm__uring_arm */
    uint8_t wants;
    bool listens : 1;    /* what is armed accepts */
    bool reading : 1;    /* the first reader has a request of its own */
    bool writing : 1;    /* the first writer has */
    bool read_polls : 1; /* that request only waits for readability */
    bool write_polls : 1;
    bool chained : 1; /* among those that want */
    bool own : 1;     /* made or adopted here */
    bool adopted : 1; /* others may have it too */
    bool plain : 1;   /* no socket: read and write, not recv and send */
    bool closing : 1; /* close(2) follows the last completion */
    bool unread : 1;  /* closed with bytes that nobody has read */
};

struct fm__uring_slots {
    int chunks;
    struct fm__uring_slot **table;
};

/* NULL: nothing is known of the descriptor. */
FM__INLINE struct fm__uring_slot *
fm__uring_slot_find(const struct fm__uring_slots *slots, int fd)
{
    unsigned chunk = (unsigned)fd / FM__URING_SLOTS;
    if (FM__UNLIKELY(chunk >= (unsigned)slots->chunks))
        return NULL;
    return &slots->table[chunk][(unsigned)fd % FM__URING_SLOTS];
}

/* Of any descriptor of 0 or more; NULL: there is no memory. */
struct fm__uring_slot *fm__uring_slot_get(struct fm__uring_slots *slots,
                                          int fd);

/* Dies with a sentence if operations are in flight. */
void fm__uring_slot_end(struct fm__uring_slot *slot, int fd);

void fm__uring_slots_free(struct fm__uring_slots *slots);

#endif
