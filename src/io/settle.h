/*
 * settle.h - what has to be done on a thread, whoever is cut
 *
 * For releasing verbs: temporary files that have to go, also when the task
 * that made them is cancelled.
 */
#ifndef FM_IO_SETTLE_H
#define FM_IO_SETTLE_H

#include <fermata/api.h>

/* Runs fn on a thread and waits for it, in a task; is neither refused nor cut.
 * Where there is no thread to be had, here. Returns what fn returned. */
FM_API int fm__thread_settle(int (*fn)(void *arg), void *arg);

#endif
