/*
 * neighbours.h - two ends of a connection, for stories about them
 */
#ifndef TESTS_NET_NEIGHBOURS_H
#define TESTS_NET_NEIGHBOURS_H

#include "task/story.h"

#include "base/fault.h"
#include "loop/sim.h"

#include <stdlib.h>

/* The next passages of a door fail, from the k-th on or just that one; until
 * faults_end. Waits of the backend do not count. */
static inline void faults_begin(struct fm__fault_plan *plan)
{
    plan->spare_waits = true;
    fm__fault_plan = plan;
}

static inline void faults_end(void)
{
    fm__fault_plan = NULL;
}

/* A listener of this machine, on a port that the system chose. */
static inline fm_listener *listen_here(void)
{
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    if (listener == NULL)
        abort();
    return listener;
}

/* Where it listens, in one of a few static texts. */
static inline const char *where(const fm_listener *listener)
{
    static char texts[4][FM_ADDRESS_TEXT];
    static unsigned next;
    return fm_address_format(fm_listener_address(listener), texts[next++ % 4]);
}

/* One end connected, the other accepted. */
static inline void meet(fm_listener *listener, fm_stream **client,
                        fm_stream **server)
{
    CHECK_INT(fm_connect(where(listener), client), 0);
    CHECK_INT(fm_accept(listener, server), 0);
}

/* What one writes the other reads. */
static inline void check_says(fm_stream *from, fm_stream *to, const char *text)
{
    char heard[64] = "";
    CHECK_INT(fm_write(from, text, strlen(text)), strlen(text));
    CHECK_INT(fm_read_exactly(to, heard, strlen(text)), strlen(text));
    CHECK(strcmp(heard, text) == 0);
}

static inline void part(fm_stream *one, fm_stream *other)
{
    CHECK_INT(fm_close(one), 0);
    CHECK_INT(fm_close(other), 0);
}

/* A task that accepts one connection and says so. */
struct taker {
    fm_listener *listener;
    fm_stream **stream;
};

static inline int taker(struct taker *self)
{
    return fm_accept(self->listener, self->stream);
}

/* Until all that was started waits. */
static inline void let_them_wait(void)
{
    CHECK_INT(fm_sleep(story_span(20)), 0);
}

#endif
