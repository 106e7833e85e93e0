/*
 * ours_awaited.c - Fermata: many sleeps that one task awaits
 *
 * ours_awaited COUNT MILLISECONDS. The records are the program's own, from
 * calloc, and count as what a sleep takes.
 */
#include "measure.h"
#include <fermata.h>

static size_t count, milliseconds;

static int awaited_main(void *arg)
{
    struct measure_memory before = measure_memory();
    int64_t begin = fm_now();
    int64_t moment = begin + (int64_t)milliseconds * FM_MILLISECOND;
    fm_awaitable *sleeps = calloc(count, sizeof *sleeps);

    (void)arg;
    for (size_t i = 0; i < count; i++)
        fm_awaitable_sleep_until(&sleeps[i], moment);
    fm_yield();
    int64_t started = fm_now() - begin;
    struct measure_memory asleep = measure_memory();
    if (fm_awaitable_done(&sleeps[0]) || fm_now() >= moment) {
        fprintf(stderr, "too short: %zu ms for %zu\n", milliseconds, count);
        exit(3);
    }

    int rc = fm_awaitable_gather(sleeps, count, NULL);
    int64_t spent = started + fm_now() - moment;
    long resident = asleep.resident - before.resident;
    long tables = asleep.tables - before.tables;
    double each = (double)count;
    measure_print("awaited", "memory", (double)resident / each);
    measure_print("awaited", "with-tables", (double)(resident + tables) / each);
    measure_print("awaited", "seconds", (double)spent / 1e3 / each);
    measure_print("awaited", "started", (double)started / 1e9);
    free(sleeps);
    return rc;
}

int main(int argc, char **argv)
{
    count = measure_argument(argc, argv, 1, 1000000);
    milliseconds = measure_argument(argc, argv, 2, 2000);
    return fm_run(awaited_main, NULL) < 0;
}
