/*
 * watchdog.h - a thread that looks after a loop's thread, in debug mode
 *
 * It reports a turn that goes on for too long, with a backtrace of where it
 * was, and system calls that the loop's thread waits in outside of the loop's
 * own wait. Nothing of it is in the loop when it is off: when on, it stands
 * between the loop and the backend's poll.
 */
#ifndef FM_LOOP_WATCHDOG_H
#define FM_LOOP_WATCHDOG_H

#include "loop/loop_core.h"

#include <fermata/report.h>

/* Who holds the loop; empty where nobody knows. */
struct fm__holder {
    char name[64];
    char site[160];
    char waited[32]; /* for what, before it held the loop; where it is known */
    const int *peep; /* private */
};

struct fm__watchdog_options {
    double slow;                                           /* seconds; 0: 0.1 */
    void (*on_report)(const fm_report *report, void *arg); /* NULL: stderr */
    void *on_report_arg;
    /* NULL, or fills in the holder with the functions below: in a signal
     * handler of the loop's thread, or on the watchdog's while that thread
     * waits in a system call, and perhaps goes on. */
    void (*hold)(const struct fm__loop *loop, struct fm__holder *holder);
};

/* By the options, or FERMATA_DEBUG, or by a span for a turn: where they say
 * none, FERMATA_SLOW_TURN does. */
bool fm__watchdog_wished(bool debug, double *slow);

/* 0; -EINVAL when `slow` is no number; -ENOMEM or what the kernel says. */
int fm__watchdog_open(struct fm__loop *loop,
                      const struct fm__watchdog_options *options);

/* What it has found so far; 0 without one. */
void fm__watchdog_count(const struct fm__loop *loop, uint64_t *slow_turns,
                        uint64_t *blocking_calls);

/* Before the loop is closed; harmless without one. */
void fm__watchdog_close(struct fm__loop *loop);

/* The loop rests: somebody else runs on its thread. */
void fm__watchdog_rest(struct fm__watchdog *watchdog);

/* Reads a pointer, or a string of at most size - 1 bytes, that may be gone:
 * then it is NULL, or empty. */
void *fm__holder_pointer(const struct fm__holder *holder, const void *from);
void fm__holder_string(const struct fm__holder *holder, const char *from,
                       char *to, size_t size);

#endif
