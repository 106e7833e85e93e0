/*
 * ours_thread.c - Fermata: calls on its thread pool, COUNT under way at a time
 *
 * ours_thread BACKEND [COUNT]
 */
#include "measure.h"
#include <fermata.h>

enum {
    THREAD_CALLS = 2000
};

struct calls {
    size_t mine;
};

static size_t count;
static fm_task **tasks;

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int calls(struct calls *args)
{
    int rc = 0;

    for (size_t i = 0; i < args->mine && rc == 0; i++)
        rc = fm_thread_run(nothing, NULL);
    return rc;
}

static void thread_round_trips(void)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(calls, (THREAD_CALLS + i) / count);
    if (fm_gather_array(tasks, count, NULL) != 0)
        exit(1);
}

static int thread_main(void *arg)
{
    char name[32];

    (void)arg;
    snprintf(name, sizeof name, "%zu", count);
    measure("thread", name, THREAD_CALLS, thread_round_trips);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    count = measure_argument(argc, argv, 2, 1);
    tasks = calloc(count, sizeof(fm_task *));
    int rc = fm_run(thread_main, NULL, &options);
    free(tasks);
    return rc < 0;
}
