/*
 * limit_awaited.c - COUNT deadlines in a list, and one look at each
 *
 * The least that many sleeps until the same moment take: where the next one
 * is, and when each is over.
 */
#include "measure.h"

struct deadline {
    struct deadline *next;
    int64_t moment;
};

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 1000000);
    struct measure_memory before = measure_memory();
    int64_t begin = measure_now(), last = 0;
    struct deadline *deadlines = calloc(count, sizeof *deadlines);
    struct deadline *first = NULL;

    for (size_t i = count; i-- > 0; first = &deadlines[i])
        deadlines[i] = (struct deadline){first, begin + (int64_t)i};
    int64_t started = measure_now() - begin;
    struct measure_memory asleep = measure_memory();
    for (const struct deadline *each = first; each != NULL; each = each->next)
        last = each->moment > last ? each->moment : last;
    int64_t spent = measure_now() - begin;
    long resident = asleep.resident - before.resident;
    long tables = asleep.tables - before.tables;
    double all = (double)count;
    measure_print("awaited", "memory", (double)resident / all);
    measure_print("awaited", "with-tables", (double)(resident + tables) / all);
    measure_print("awaited", "seconds", (double)spent / 1e3 / all);
    measure_print("awaited", "started", (double)started / 1e9);
    free(deadlines);
    return last < begin;
}
