/*
 * model_check.h - a program in reality beside what was predicted
 */
#ifndef TESTS_SIM_MODEL_CHECK_H
#define TESTS_SIM_MODEL_CHECK_H

#include "sim/model_program.h"

struct model_tally {
    unsigned programs; /* that were compared */
    unsigned left_out; /* because two timers met */
    unsigned long events;
};

/* Whether it ends, and no two timers meet in it. Others are not to be run: a
 * program that waits for ever ends the process. */
bool model_comparable(const struct model_program *program);

/* Runs and predicts, and says nothing: whether they differ. */
bool model_differs(const struct model_program *program, uint64_t seed);

/* Runs and predicts; on a difference prints the smallest program that still
 * shows it, and returns false. */
bool model_check(const struct model_program *program, uint64_t seed,
                 struct model_tally *tally);
bool model_check_seed(uint64_t seed, struct model_tally *tally);

#endif
