/*
 * pipeline_store.h - what pipeline.c has counted, in an SQLite file
 *
 * All of a moment is stored, or nothing of it: how far the log was read, and
 * what the windows had then. A thread does it, while the task that counts waits
 * for it.
 */
#ifndef EXAMPLES_PIPELINE_STORE_H
#define EXAMPLES_PIPELINE_STORE_H

#include "pipeline.h"
#include "sql.h"

#define SLOTS 64 /* windows in memory: all open ones, and the last closed */

struct slot {
    struct pipeline_window window;
    bool open;
    bool changed;  /* since the last beat */
    uint64_t beat; /* the last that told of it */
};

/* A window has the slot of its number. */
struct moment {
    struct sql sql;
    struct slot slots[SLOTS];
    struct pipeline_figures figures;
    fm_tail_place place; /* behind the last line that was counted */
    int64_t watermark;   /* what ends here, or before, is closed */
    int64_t span;        /* seconds of a window */
    int64_t stored_span; /* or 0 */
};

struct slot *slot_of(struct moment *now, int64_t start);

/* The oldest window that begins later; or NULL. */
struct slot *slot_after(struct moment *now, int64_t start);

/* Both return 0, or as sql_run. */

/* Opens a file, which has to be of the same span, and takes what it has. */
int moment_open(struct moment *now, const char *path);

/* What has changed; nothing without a file. */
int moment_save(struct moment *now);

#endif
