/*
 * pause.h - how long to wait before another attempt, for who waits itself
 */
#ifndef FM_TASK_PAUSE_H
#define FM_TASK_PAUSE_H

#include <fermata/retry.h>
#include <stdint.h>

/* What fm_retry_again does, but for the pause: true, and so many ns are to pass
 * before the next attempt; or false. No cancel point. */
FM_API bool fm__retry_pause(fm_retry *record, int rc, int64_t *pause);

#endif
