/*
 * choose.h - which loop to open, where the options do not say
 */
#ifndef FM_LOOP_CHOOSE_H
#define FM_LOOP_CHOOSE_H

#include "loop/loop_core.h"

/* As fm__loop_open; a NULL name and a seed of 0 are what the environment says.
 * Says so on stderr where there is no such backend. */
int fm__loop_choose(struct fm__loop *loop, const char *name, uint64_t seed);

/* Whether a variable of the environment asks for what is off by default: it is
 * there, and neither empty nor 0. */
bool fm__wished(const char *variable);

#endif
