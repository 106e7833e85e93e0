/*
 * measure.h - time per operation and memory, for the C programs of bench/
 *
 * A program prints one `BENCH CASE VALUE` a line: nanoseconds per operation,
 * the mean over at least MEASURE_WINDOW. The programs in other languages do
 * the same with the same window, sizes and numbers.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Nanoseconds; long enough to average the noise of one machine away. */
#define MEASURE_WINDOW INT64_C(300000000)

struct measure_memory {
    long resident; /* bytes in memory */
    long tables;   /* bytes of page tables the kernel keeps for them */
};

static inline int64_t measure_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline void measure_print(const char *bench, const char *name,
                                 double value)
{
    printf("%s %s %.4f\n", bench, name, value);
}

/*
 * Calls batch, which does count operations, first once to warm up and then
 * until the window is full; prints nanoseconds per operation.
 */
static inline void measure(const char *bench, const char *name, size_t count,
                           void (*batch)(void))
{
    batch();
    double operations = 0;
    int64_t begin = measure_now(), end;
    do {
        batch();
        operations += (double)count;
        end = measure_now();
    } while (end - begin < MEASURE_WINDOW);
    measure_print(bench, name, (double)(end - begin) / operations);
}

static inline struct measure_memory measure_memory(void)
{
    struct measure_memory memory = {0, 0};
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");

    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0)
            memory.resident = strtol(line + 6, NULL, 10) * 1024;
        if (strncmp(line, "VmPTE:", 6) == 0)
            memory.tables = strtol(line + 6, NULL, 10) * 1024;
    }
    if (status != NULL)
        fclose(status);
    return memory;
}

/* What `sleepers` found out; times are nanoseconds. */
struct measure_sleepers {
    struct measure_memory before;
    struct measure_memory asleep;
    int64_t started; /* from the first start until all were asleep */
    int64_t ended;   /* from the moment to wake at until the last had ended */
};

/*
 * Prints bytes each, and the seconds for a million; and how long it took
 * until all were asleep, by which the runner chooses how long they sleep.
 */
static inline void measure_sleepers(size_t count,
                                    const struct measure_sleepers *found)
{
    long resident = found->asleep.resident - found->before.resident;
    long tables = found->asleep.tables - found->before.tables;
    int64_t spent = found->started + found->ended;

    measure_print("sleepers", "memory", (double)resident / (double)count);
    measure_print("sleepers", "with-tables",
                  (double)(resident + tables) / (double)count);
    measure_print("sleepers", "seconds", (double)spent / 1e3 / (double)count);
    measure_print("sleepers", "started", (double)found->started / 1e9);
}

/* A fixed sequence of numbers, the same in every program. */
static inline uint64_t measure_number(void)
{
    static uint64_t x = UINT64_C(88172645463325252);

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

/* A timeout from 1 to 61 seconds, in milliseconds. */
static inline uint64_t measure_timeout(void)
{
    return 1000 + measure_number() % 60000;
}

/* The i-th argument as a number; otherwise, where there is none. */
static inline size_t measure_argument(int argc, char **argv, int i,
                                      size_t otherwise)
{
    return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

#endif
