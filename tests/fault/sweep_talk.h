/*
 * sweep_talk.h - two tasks of a scenario that talk over one connection
 */
#ifndef TESTS_FAULT_SWEEP_TALK_H
#define TESTS_FAULT_SWEEP_TALK_H

#include "fault/sweep.h"

/* What a client does with its stream: 0 or a failure. */
typedef int (*sweep_ask)(fm_stream *stream);

/* A server in memory, and a client's part. */
struct sweep_talk {
    sweep_ask ask;
    fm_http_handler handler;
    void *arg;
    const fm_http_serve_options *options; /* or NULL */
};

/* A peer that gave up shows in several ways: -ECONNRESET for each of them. */
int sweep_told(int rc);

/* Both to their end, over a pair of streams that is made for it. */
int sweep_talk(const struct sweep_talk *talk);

/* [a task] Connects, asks, and closes. */
struct sweep_asker {
    const char *address;
    sweep_ask ask;
};
int sweep_asker(struct sweep_asker *asker);

/* Sends the words and hears what there is to hear, with a NUL: its size, or a
 * failure. */
ssize_t sweep_say_and_hear(fm_stream *stream, const char *words, char *heard,
                           size_t room);

#endif
