/*
 * ours_spawn.c - Fermata: /bin/true, started and waited for, COUNT at a time
 *
 * ours_spawn BACKEND [COUNT]
 */
#include "measure.h"
#include <fermata.h>

enum {
    SPAWNS = 128
};

struct spawns {
    size_t mine;
};

static size_t count;
static fm_task **tasks;

static int spawns(struct spawns *args)
{
    int rc = 0;

    for (size_t i = 0; i < args->mine && rc == 0; i++)
        rc = fm_process_run(FM_ARGV("/bin/true"), NULL);
    return rc;
}

static void spawn_all(void)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(spawns, (SPAWNS + i) / count);
    if (fm_gather_array(tasks, count, NULL) != 0)
        exit(1);
}

static int spawn_main(void *arg)
{
    char name[32];

    (void)arg;
    snprintf(name, sizeof name, "%zu", count);
    measure("spawn", name, SPAWNS, spawn_all);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    count = measure_argument(argc, argv, 2, 1);
    tasks = calloc(count, sizeof(fm_task *));
    int rc = fm_run(spawn_main, NULL, &options);
    free(tasks);
    return rc < 0;
}
