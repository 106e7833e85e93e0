/*
 * holder.h - which task holds the loop, for its watchdog
 */
#ifndef FM_TASK_HOLDER_H
#define FM_TASK_HOLDER_H

#include "loop/watchdog.h"

/* The `hold` of a conductor's loop. */
void fm__task_hold(const struct fm__loop *loop, struct fm__holder *holder);

#endif
