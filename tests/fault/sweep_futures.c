/*
 * sweep_futures.c - scenarios: futures, channels, and tasks of the same loop
 * from outside
 */
#include "fault/sweep.h"

const struct scenario sweep_futures[] = {
    {.name = NULL},
};
