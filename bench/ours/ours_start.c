/*
 * ours_start.c - Fermata: start an empty task and await it; gather many
 *
 * With a COUNT: start that many, gather them, add up their results.
 */
#include "measure.h"
#include <fermata.h>

enum {
    STARTS = 100000
};

struct empty {
    int n;
};

static size_t count;
static fm_task **tasks;
static int *results;

static int empty(struct empty *args)
{
    return args->n;
}

static void start_and_await(void)
{
    for (int i = 0; i < STARTS; i++)
        if (fm_await(fm_go(empty, i)) != i)
            exit(1);
}

static void start_and_gather(void)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(empty, (int)i);
    if (fm_gather_array(tasks, count, results) != 0)
        exit(1);

    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (size_t)results[i];
    if (sum != count * (count - 1) / 2)
        exit(1);
}

static int start_main(void *arg)
{
    char name[32];

    (void)arg;
    snprintf(name, sizeof name, "%zu", count);
    if (count == 1)
        measure("start", "await", STARTS, start_and_await);
    else
        measure("gather", name, count, start_and_gather);
    return 0;
}

int main(int argc, char **argv)
{
    count = measure_argument(argc, argv, 1, 1);
    tasks = calloc(count, sizeof(fm_task *));
    results = calloc(count, sizeof(int));

    int rc = fm_run(start_main, NULL);
    free(results);
    free(tasks);
    return rc < 0;
}
