/*
 * feed.h - lines without end out of a pipe, for the programs of `lines` in C
 *
 * Another process writes them. What counts is the processor time of the
 * reader alone, its system calls included.
 */
#ifndef BENCH_FEED_H
#define BENCH_FEED_H

#include "measure.h"

#include <unistd.h>

enum {
    FEED_LINE = 100,    /* bytes, with its newline */
    FEED_BATCH = 10000, /* lines between two looks at the clock */
    FEED_WARM = 10      /* batches that do not count */
};

struct feed {
    int64_t batches; /* begun */
    int64_t begin;
    int64_t spent; /* since then */
};

/* The end to read of a pipe that yes(1) writes to. */
static inline int feed_open(void)
{
    char line[FEED_LINE];
    int fds[2];
    memset(line, 'x', sizeof line);
    line[FEED_LINE - 1] = '\0';
    if (pipe(fds) < 0)
        abort();
    if (fork() == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        execlp("yes", "yes", line, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    return fds[0];
}

static inline int64_t feed_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Before each batch: whether to take one more. */
static inline int feed_goes_on(struct feed *feed)
{
    if (feed->batches == FEED_WARM)
        feed->begin = feed_clock();
    if (feed->batches > FEED_WARM)
        feed->spent = feed_clock() - feed->begin;
    if (feed->spent >= MEASURE_WINDOW)
        return 0;
    feed->batches++;
    return 1;
}

static inline void feed_took(size_t length)
{
    if (length != FEED_LINE - 1)
        abort();
}

static inline void feed_print(const struct feed *feed)
{
    double lines = (double)(feed->batches - FEED_WARM) * FEED_BATCH;
    measure_print("lines", "100", (double)feed->spent / lines);
}

#endif
