/*
 * pipeline_watch.h - the windows of pipeline.c, told to who watches them
 *
 * Who watches is a WebSocket, by the handler of pipeline.h.
 */
#ifndef EXAMPLES_PIPELINE_WATCH_H
#define EXAMPLES_PIPELINE_WATCH_H

#include "pipeline_store.h"

/* What a moment has may be told from now on. It stays. */
void watch_begin(struct moment *moment);

/* So may what has changed in it. */
void watch_beat(void);

#endif
