/*
 * posting.h - the other thread of `post`, for the programs in C
 *
 * It posts functions to a loop as fast as it can, and then, to a loop that
 * has gone to sleep, one at a time.
 */
#ifndef BENCH_POSTING_H
#define BENCH_POSTING_H

#include "measure.h"
#include <pthread.h>

enum {
    POSTING_BATCH = 100000,
    POSTING_WAKES = 2000,
    POSTING_PAUSE = 100000 /* nanoseconds before each wake-up */
};

/* Has the loop call fn(arg); from any thread. */
typedef void posting_fn(void (*fn)(void *arg), void *arg);

static posting_fn *posting_post;
static void (*posting_stop)(void *arg); /* on the loop, at the end */
static size_t posting_arrived;
static int64_t posting_asked, posting_spent[POSTING_WAKES];

static void posting_count(void *arg)
{
    (void)arg;
    __atomic_store_n(&posting_arrived, posting_arrived + 1, __ATOMIC_RELEASE);
}

static void posting_woken(void *arg)
{
    *(int64_t *)arg = measure_now() - posting_asked;
    posting_count(NULL);
}

static size_t posting_seen(void)
{
    return __atomic_load_n(&posting_arrived, __ATOMIC_ACQUIRE);
}

static void posting_batch(void)
{
    size_t all = posting_seen() + POSTING_BATCH;

    for (size_t i = 0; i < POSTING_BATCH; i++)
        posting_post(posting_count, NULL);
    while (posting_seen() < all)
        ;
}

static void posting_pause(void)
{
    struct timespec pause = {0, POSTING_PAUSE};

    nanosleep(&pause, NULL);
}

static int posting_compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static void posting_wake(void)
{
    for (size_t i = 0; i < POSTING_WAKES; i++) {
        size_t all = posting_seen() + 1;
        posting_pause();
        posting_asked = measure_now();
        posting_post(posting_woken, &posting_spent[i]);
        while (posting_seen() < all)
            posting_pause();
    }
    qsort(posting_spent, POSTING_WAKES, sizeof(int64_t), posting_compare);
    measure_print("post", "wake", (double)posting_spent[POSTING_WAKES / 2]);
    measure_print("post", "wake99",
                  (double)posting_spent[POSTING_WAKES * 99 / 100]);
}

static void *posting_thread(void *arg)
{
    measure("post", "rate", POSTING_BATCH, posting_batch);
    posting_wake();
    posting_post(posting_stop, NULL);
    return arg;
}

/* From the loop's thread; stop is then called there when all is done. */
static inline void posting_start(posting_fn *post, void (*stop)(void *arg))
{
    pthread_t thread;

    posting_post = post;
    posting_stop = stop;
    if (pthread_create(&thread, NULL, posting_thread, NULL) != 0)
        exit(1);
    pthread_detach(thread);
}

#endif
