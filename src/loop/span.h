/*
 * span.h - seconds as users give them, nanoseconds as timers take them
 */
#ifndef FM_LOOP_SPAN_H
#define FM_LOOP_SPAN_H

#include "loop/wheel.h"

/* Rounded up, so that no timer is early; 292 years and more are FM__NEVER.
 * 0, or -EINVAL for NaN. */
FM_API int fm__span(double seconds, int64_t *span);

#endif
