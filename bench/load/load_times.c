/*
 * load_times.c - how long answers took, by groups of like times
 */
#include "load.h"

static size_t times_index(uint64_t time)
{
    if (time < 2 * LOAD_STEPS)
        return time;
    int shift = 57 - __builtin_clzll(time);
    size_t index = (size_t)shift * LOAD_STEPS + (time >> shift);
    return index < LOAD_TIMES ? index : LOAD_TIMES - 1;
}

/* The middle of what has that index. */
static double times_at(size_t index)
{
    if (index < 2 * LOAD_STEPS)
        return (double)index;
    size_t shift = index / LOAD_STEPS - 1;
    double step = (double)(UINT64_C(1) << shift);
    return ((double)(index - shift * LOAD_STEPS) + 0.5) * step;
}

void load_times_add(size_t *times, int64_t time, size_t answers)
{
    times[times_index((uint64_t)time)] += answers;
}

double load_times_within(const size_t *times, double part)
{
    size_t all = 0, so_far = 0, i;

    for (i = 0; i < LOAD_TIMES; i++)
        all += times[i];
    for (i = 0; i < LOAD_TIMES - 1; i++) {
        so_far += times[i];
        if ((double)so_far >= part * (double)all)
            break;
    }
    return times_at(i);
}
