/*
 * fetching.h - what an answer costs its client, for the clients of HTTP in C
 *
 * They get a text of 13 bytes, again and again, until a moment. What counts is
 * the client's processor time, its system calls included.
 */
#ifndef BENCH_FETCHING_H
#define BENCH_FETCHING_H

#include "measure.h"

enum {
    FETCHING_SIZE = 13 /* bytes of a body */
};

static inline int64_t fetching_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* fetches asks until that moment of measure_now(), and returns how many answers
 * there were. The first window is to warm up. */
static inline void fetching_measure(size_t (*fetches)(int64_t end))
{
    fetches(measure_now() + MEASURE_WINDOW);
    int64_t begin = measure_now(), used = fetching_clock();
    double answers = (double)fetches(begin + 3 * MEASURE_WINDOW);
    used = fetching_clock() - used;
    int64_t spent = measure_now() - begin;

    measure_print("httpclient", "client", (double)used / answers / 1e3);
    measure_print("httpclient", "rate", answers / (double)spent * 1e6);
}

#endif
