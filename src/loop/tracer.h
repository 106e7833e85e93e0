/*
 * tracer.h - where another thread of this process is: its backtrace
 *
 * It is asked by a signal, SIGURG, which does nothing to a program that is not
 * waiting for it; handlers that the program has for that are called when it
 * was not for us.
 */
#ifndef FM_LOOP_TRACER_H
#define FM_LOOP_TRACER_H

#include "base/atomic.h"

enum {
    FM__TRACER_FRAMES = 32,
    FM__TRACER_TEXT = 4096
};

struct fm__tracer {
    int thread;
    void (*traced)(void *arg); /* in the handler, with the backtrace */
    void *arg;
    struct fm__atomic_word asked;
    struct fm__atomic_word answered;
    int count;
    void *frames[FM__TRACER_FRAMES];
};

/* Of the calling thread, one at a time: 0, or what the kernel says. */
int fm__tracer_open(struct fm__tracer *tracer, void (*traced)(void *arg),
                    void *arg);
void fm__tracer_close(struct fm__tracer *tracer);

/* From another thread: waits for the answer, but not for long. */
void fm__tracer_ask(struct fm__tracer *tracer);
void fm__tracer_forget(struct fm__tracer *tracer);

/* ":" and a line for each frame, or nothing when there are none: the number
 * of bytes, below `size`. */
size_t fm__tracer_text(const struct fm__tracer *tracer, char *text,
                       size_t size);

#endif
