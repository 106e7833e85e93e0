/*
 * ours_sleepers.c - Fermata: many tasks asleep at once, until the same moment
 *
 * ours_sleepers [dense] COUNT MILLISECONDS. Every task has the default stack of
 * 64 KiB with a guard below it, or a dense one.
 */
#include "measure.h"
#include <fermata.h>

struct sleeper {
    int64_t moment;
};

static size_t count, milliseconds;
static size_t asleep, awake;
static fm_task **tasks;
static bool dense;

static int sleeper(struct sleeper *args)
{
    asleep++;
    int rc = fm_sleep_until(args->moment);
    awake++;
    return rc;
}

static int dense_sleeper(void *moment)
{
    return sleeper(&(struct sleeper){*(int64_t *)moment});
}

static fm_task *sleepers_start(int64_t *moment)
{
    static const fm_task_options options = {.stack_size = FM_STACK_DENSE};

    if (dense)
        return fm_start(dense_sleeper, moment, &options);
    return fm_go(sleeper, *moment);
}

static int sleepers_main(void *arg)
{
    struct measure_sleepers found = {.before = measure_memory()};
    int64_t begin = fm_now();
    int64_t moment = begin + (int64_t)milliseconds * FM_MILLISECOND;

    (void)arg;
    for (size_t i = 0; i < count; i++)
        tasks[i] = sleepers_start(&moment);
    while (asleep < count)
        fm_yield();
    found.started = fm_now() - begin;
    found.asleep = measure_memory();
    if (awake > 0 || fm_now() >= moment) {
        fprintf(stderr, "too short: %zu ms for %zu\n", milliseconds, count);
        exit(3);
    }

    int rc = fm_gather_array(tasks, count, NULL);
    found.ended = fm_now() - moment;
    measure_sleepers(count, &found);
    return rc;
}

int main(int argc, char **argv)
{
    dense = argc > 1 && strcmp(argv[1], "dense") == 0;
    argc -= dense;
    argv += dense;
    count = measure_argument(argc, argv, 1, 1000000);
    milliseconds = measure_argument(argc, argv, 2, 8000);
    tasks = calloc(count, sizeof(fm_task *));

    int rc = fm_run(sleepers_main, NULL);
    free(tasks);
    return rc < 0;
}
