/*
 * overflow.h - a stack that ran into its guard ends in a sentence
 */
#ifndef FM_CORO_OVERFLOW_H
#define FM_CORO_OVERFLOW_H

#include "coro/arena.h"

/* What this thread's stacks are, and who knows whose stack it is. */
struct fm__overflow {
    const struct fm__arena *arena;
    /* Writes "task NAME (started at SITE)" of the running task. */
    void (*describe)(char *line, size_t size);
    void *altstack; /* the handler's own */
    char saved[64]; /* the thread's alternate stack before */
};

/* 0, or -errno; the record lives until fm__overflow_close. */
int fm__overflow_open(struct fm__overflow *overflow);
void fm__overflow_close(struct fm__overflow *overflow);

#endif
