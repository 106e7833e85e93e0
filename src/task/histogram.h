/*
 * histogram.h - counting a value, in a few instructions
 */
#ifndef FM_TASK_HISTOGRAM_H
#define FM_TASK_HISTOGRAM_H

#include "base/compiler.h"

#include <fermata/stats.h>

enum {
    FM__HISTOGRAM_BITS = 3, /* eight buckets for each power of two */
    FM__HISTOGRAM_PARTS = 1 << FM__HISTOGRAM_BITS
};

/* Bounds are the largest values of their buckets, so that powers of two are:
 * what is looked up is the value below. */
FM__INLINE size_t fm__histogram_bucket(int64_t value)
{
    uint64_t below = value > 1 ? (uint64_t)value - 1 : 0;
    if (below < FM__HISTOGRAM_PARTS)
        return (size_t)below;
    unsigned top = 63U - (unsigned)__builtin_clzll(below);
    unsigned shift = top - FM__HISTOGRAM_BITS;
    size_t bucket = (size_t)shift * FM__HISTOGRAM_PARTS + (below >> shift);
    return bucket < FM_HISTOGRAM_BUCKETS ? bucket : FM_HISTOGRAM_BUCKETS - 1;
}

FM__INLINE void fm__histogram_add(fm_histogram *histogram, int64_t value)
{
    if (value < 0)
        value = 0;
    histogram->count++;
    histogram->sum += (uint64_t)value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->buckets[fm__histogram_bucket(value)]++;
}

#endif
