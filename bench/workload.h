/*
 * workload.h - what one worker of `workers` does, for the programs in C
 *
 * A loop has PAIRS clients and servers, which echo over socket pairs; the
 * server does a little work for each. All echo until the same moment.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "measure.h"

enum {
    WORKLOAD_PAIRS = 16,   /* of each loop */
    WORKLOAD_MESSAGE = 64, /* bytes */
    WORKLOAD_STEPS = 300   /* in a sequence of numbers */
};

static int64_t workload_end;

/* x is never 0. */
static inline uint64_t workload_work(uint64_t x)
{
    for (int i = 0; i < WORKLOAD_STEPS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

static inline int workload_over(void)
{
    return measure_now() >= workload_end;
}

/*
 * Runs run(loops), which returns how many echoes all loops made until
 * workload_end: with one to warm up, with one, with two.
 */
static inline void workload_measure(size_t (*run)(size_t loops))
{
    double spent[3];

    for (int i = 0; i < 3; i++) {
        int64_t begin = measure_now();
        workload_end = begin + MEASURE_WINDOW / (i == 0 ? 6 : 1);
        size_t echoes = run(i == 2 ? 2 : 1);
        spent[i] = (double)(measure_now() - begin) / (double)echoes;
    }
    measure_print("workers", "one", spent[1]);
    measure_print("workers", "two", spent[2]);
    measure_print("workers", "scale", spent[2] / spent[1]);
}

#endif
