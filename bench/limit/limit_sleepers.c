/*
 * limit_sleepers.c - one page touched on each of COUNT stacks
 *
 * What a task with a stack of its own cannot do without, and the time that
 * the kernel takes to give those pages.
 */
#include "bare.h"
#include "measure.h"

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 1000000);
    struct measure_sleepers found = {.before = measure_memory()};
    int64_t begin = measure_now();
    char *stacks = bare_stacks(count);

    for (size_t i = 0; i < count; i++)
        bare_top(stacks, i)[-1] = 1;
    found.started = measure_now() - begin;
    found.asleep = measure_memory();
    measure_sleepers(count, &found);
    return 0;
}
