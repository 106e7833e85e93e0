/*
 * model_real.h - what a random program shares, as Fermata has it
 */
#ifndef TESTS_SIM_MODEL_REAL_H
#define TESTS_SIM_MODEL_REAL_H

#include "sim/model_program.h"

#include <fermata/lock.h>

/* On a loop; ended when it is over. */
void real_sync_open(const struct model_program *program);
void real_sync_close(void);

/* A step of queues, flags and conditions; its place is the item it puts. */
int real_sync(const struct model_step *step, int place);
fm_lock *real_lock(const struct model_step *step);

#endif
