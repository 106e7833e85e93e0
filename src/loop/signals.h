/*
 * signals.h - signals, held by one loop at a time for those who listen
 *
 * What is held is noted by a handler, which rings the loop; the loop gives it
 * to the one that has listened longest. Signals of one number that come
 * before the first was taken are one. What nobody took is raised again, with
 * the disposition of before, when the last hold is released.
 */
#ifndef FM_LOOP_SIGNALS_H
#define FM_LOOP_SIGNALS_H

#include "loop/loop_core.h"

/* A set of signals is a word; number 1 is its lowest bit. */
#define FM__SIGNAL(number) (UINT64_C(1) << ((number) - 1))

/* Somebody who waits for one signal out of a set; takes one only. */
struct fm__listener {
    struct fm__list link; /* in the loop's list, the longest there first */
    uint64_t set;
    /* Out of the list again; in a turn's end, or inside fm__signals_listen.
     * May make things ready, and listen again. */
    void (*heard)(struct fm__listener *listener, int number);
};

/* The set of an array; 0 where one is no signal, or one that only a fault or
 * the kernel raises, such as SIGSEGV and SIGKILL. */
uint64_t fm__signals_set(const int *numbers, size_t count);

/* All or none: 0, -EBUSY where another loop holds one of them, or what the
 * kernel says. Each hold is released once, before the loop closes. */
int fm__signals_hold(struct fm__loop *loop, uint64_t set);
void fm__signals_release(struct fm__loop *loop, uint64_t set);

/* For what the loop holds; unlisten does no harm to one that has heard. */
void fm__signals_listen(struct fm__loop *loop, struct fm__listener *listener);
void fm__signals_unlisten(struct fm__listener *listener);

/*
 * A hold of the lowest rank: while nobody else of this loop holds the signal,
 * the first one calls fn in a turn's end and each later one has its default
 * effect. Ends with fm__signals_unguard.
 */
int fm__signals_guard(struct fm__loop *loop, int number,
                      void (*fn)(struct fm__loop *loop));
void fm__signals_unguard(struct fm__loop *loop, int number);

/* The loop's `interrupted`. */
void fm__signals_dispatch(struct fm__loop *loop);

#endif
