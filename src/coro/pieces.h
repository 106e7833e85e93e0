/*
 * pieces.h - small stacks side by side, in huge pages
 *
 * A piece is one huge page. At its low end lie what it knows of itself and a
 * gap, so that what runs over the lowest stack meets neither. A stack is an
 * odd number of lines of the cache, so that the hottest lines of neighbours
 * fall into different sets: these need no colours. There is no guard between
 * them, but a word at the low end of each that nobody may change.
 */
#ifndef FM_CORO_PIECES_H
#define FM_CORO_PIECES_H

#include "base/list.h"

enum {
    FM__DENSE_PIECE = 2 * 1024 * 1024,
    FM__DENSE_GAP = 4096,
    FM__DENSE_STACK = 19 * 64, /* with its head and the task's record */
    FM__DENSE_STACKS = (FM__DENSE_PIECE - FM__DENSE_GAP) / FM__DENSE_STACK
};

#define FM__DENSE_CANARY UINT64_C(0x5ea1ab1efe12ada7)

struct fm__stack;

struct fm__pieces {
    struct fm__list open;  /* pieces with stacks in use, and some to be had */
    struct fm__list empty; /* none of theirs is in use; the newest first */
    size_t empty_count;
    size_t empty_least; /* since the last trim: what nobody needed */
    size_t mapped;      /* pieces that there are */
    unsigned puts;      /* since the last look */
    /* A stack that comes back was run over: does not return. */
    void (*torn)(struct fm__stack *stack);
};

void fm__pieces_init(struct fm__pieces *pieces);

/* When no stack is in use. */
void fm__pieces_close(struct fm__pieces *pieces);

/* NULL without memory. */
struct fm__stack *fm__pieces_get(struct fm__pieces *pieces);

/* The caller may still run on the stack until the next get. */
void fm__pieces_put(struct fm__pieces *pieces, struct fm__stack *stack);

/* Gives pieces back that were not needed lately; bounded work. */
void fm__pieces_trim(struct fm__pieces *pieces);

#endif
