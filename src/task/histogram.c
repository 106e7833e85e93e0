/*
 * histogram.c - what a histogram says
 */
#include "task/histogram.h"

int64_t fm_histogram_bound(size_t bucket)
{
    if (bucket >= FM_HISTOGRAM_BUCKETS - 1)
        return INT64_MAX;
    if (bucket < FM__HISTOGRAM_PARTS)
        return (int64_t)bucket + 1;
    size_t shift = bucket / FM__HISTOGRAM_PARTS - 1;
    size_t part = bucket % FM__HISTOGRAM_PARTS + FM__HISTOGRAM_PARTS;
    return (int64_t)(part + 1) << shift;
}

int64_t fm_histogram_quantile(const fm_histogram *histogram, double part)
{
    double wanted = part * (double)histogram->count;
    uint64_t seen = 0;
    for (size_t i = 0; i < FM_HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
        seen += histogram->buckets[i];
        int64_t bound = fm_histogram_bound(i);
        if (seen > 0 && (double)seen >= wanted)
            return bound < histogram->max ? bound : histogram->max;
    }
    return histogram->max;
}
