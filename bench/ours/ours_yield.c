/*
 * ours_yield.c - Fermata: every task yields, over and over, and counts its
 * turns
 */
#include "measure.h"
#include <fermata.h>

static size_t turns;

static int yield_forever(void)
{
    int rc = 0;

    while (rc == 0) {
        turns++;
        rc = fm_yield();
    }
    return rc;
}

static void yield_measure(size_t count)
{
    size_t rounds = (100000 + count - 1) / count;
    size_t before = turns;
    int64_t begin = measure_now(), spent = 0;

    while (spent < MEASURE_WINDOW) {
        for (size_t i = 0; i < rounds; i++) {
            turns++;
            fm_yield();
        }
        spent = measure_now() - begin;
    }
    printf("yield %zu %.4f\n", count, (double)spent / (double)(turns - before));
}

/* This task is one of the count. */
static int yield_main(void *arg)
{
    size_t count = *(size_t *)arg;
    fm_task **others = calloc(count, sizeof(fm_task *));

    for (size_t i = 1; i < count; i++)
        others[i] = fm_go(yield_forever);
    while (turns < 4 * count) {
        turns++;
        fm_yield();
    }
    yield_measure(count);
    for (size_t i = 1; i < count; i++)
        fm_cancel(others[i]);
    fm_settle(others + 1, count - 1, NULL);
    free(others);
    return 0;
}

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 10);

    return fm_run(yield_main, &count) < 0;
}
