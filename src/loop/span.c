/*
 * span.c - from seconds to nanoseconds, without surprises at the ends
 */
#include "loop/span.h"

#include <errno.h>

int fm__span(double seconds, int64_t *span)
{
    if (seconds != seconds)
        return -EINVAL;
    double ns = seconds * 1e9;
    if (ns >= 9.2e18) {
        *span = FM__NEVER;
        return 0;
    }
    if (ns <= 0) {
        *span = 0;
        return 0;
    }
    int64_t whole = (int64_t)ns;
    *span = (double)whole < ns ? whole + 1 : whole;
    return 0;
}
