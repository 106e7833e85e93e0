/*
 * st_tasks.c - State Threads: yield, start and await, gather, sleepers
 *
 * st_tasks BENCH [COUNT [MILLISECONDS]]. State Threads has no yield of its own:
 * st_usleep(0) is the call its documentation gives for it, and goes through
 * the queue of sleepers. A thread keeps its stack until it is joined, and the
 * library keeps the stack for the next one.
 */
#include "measure.h"
#include <st.h>

enum {
    STACK = 64 * 1024,
    STARTS = 10000
};

static size_t turns;
static size_t asleep, awake;
static st_utime_t moment; /* when sleepers wake, on the library's clock */
static st_thread_t *threads;
static size_t count;

static st_thread_t st_start(void *(*fn)(void *), void *arg)
{
    st_thread_t thread = st_thread_create(fn, arg, 1, STACK);

    if (thread == NULL) {
        perror("st_thread_create");
        exit(1);
    }
    return thread;
}

static void *st_forever(void *arg)
{
    for (;;) {
        turns++;
        st_usleep(0);
    }
    return arg;
}

static void st_yield(void)
{
    for (size_t i = 1; i < count; i++)
        st_start(st_forever, NULL);
    while (turns < 4 * count) {
        turns++;
        st_usleep(0);
    }

    size_t rounds = (100000 + count - 1) / count;
    size_t before = turns;
    int64_t begin = measure_now(), spent = 0;
    while (spent < MEASURE_WINDOW) {
        for (size_t i = 0; i < rounds; i++) {
            turns++;
            st_usleep(0);
        }
        spent = measure_now() - begin;
    }
    printf("yield %zu %.4f\n", count, (double)spent / (double)(turns - before));
}

static void *st_empty(void *arg)
{
    return arg;
}

static void st_start_and_await(void)
{
    for (size_t i = 0; i < STARTS; i++) {
        void *result = NULL;
        st_thread_join(st_start(st_empty, &turns), &result);
        if (result != &turns)
            exit(1);
    }
}

static void st_gather(void)
{
    for (size_t i = 0; i < count; i++)
        threads[i] = st_start(st_empty, &turns);
    for (size_t i = 0; i < count; i++)
        st_thread_join(threads[i], NULL);
    st_usleep(0); /* a joined thread gives back its stack when it runs next */
}

static void *st_sleeper(void *arg)
{
    asleep++;
    st_usleep(moment - st_utime_last_clock());
    awake++;
    return arg;
}

static int st_sleepers(size_t milliseconds)
{
    struct measure_sleepers found = {.before = measure_memory()};
    int64_t begin = measure_now();

    moment = st_utime() + milliseconds * 1000;
    for (size_t i = 0; i < count; i++)
        threads[i] = st_start(st_sleeper, NULL);
    while (asleep < count)
        st_usleep(0);
    found.started = measure_now() - begin;
    found.asleep = measure_memory();
    if (awake > 0 || st_utime() >= moment) {
        fprintf(stderr, "too short: %zu ms for %zu\n", milliseconds, count);
        return 3;
    }

    for (size_t i = 0; i < count; i++)
        st_thread_join(threads[i], NULL);
    found.ended = (int64_t)(st_utime() - moment) * 1000;
    measure_sleepers(count, &found);
    return 0;
}

int main(int argc, char **argv)
{
    const char *bench = argc > 1 ? argv[1] : "";
    char name[32];

    count = measure_argument(argc, argv, 2, 1);
    snprintf(name, sizeof name, "%zu", count);
    threads = calloc(count, sizeof *threads);
    if (threads == NULL || st_set_eventsys(ST_EVENTSYS_ALT) < 0 ||
        st_init() < 0)
        return 1;

    if (strcmp(bench, "yield") == 0)
        st_yield();
    else if (strcmp(bench, "start") == 0)
        measure("start", "await", STARTS, st_start_and_await);
    else if (strcmp(bench, "gather") == 0)
        measure("gather", name, count, st_gather);
    else if (strcmp(bench, "sleepers") == 0)
        return st_sleepers(measure_argument(argc, argv, 3, 2000));
    return 0;
}
