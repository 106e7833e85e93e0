/*
 * pipeline.h - the stream processor of pipeline.c, for a program that has more
 */
#ifndef EXAMPLES_PIPELINE_H
#define EXAMPLES_PIPELINE_H

#include <fermata.h>
#include <stdio.h>

/* Requests whose time, as the log says it, is in one span. */
struct pipeline_window {
    int64_t start; /* seconds since 1970 */
    unsigned requests;
    unsigned errors; /* 400 and above */
    uint64_t bytes;
};

/* What it has counted so far, over all the runs that its store remembers; as
 * it was half a second ago, at most. */
struct pipeline_figures {
    uint64_t lines;                /* read */
    uint64_t unreadable;           /* of these, not combined lines */
    uint64_t late;                 /* for a window that was closed */
    uint64_t windows;              /* closed */
    struct pipeline_window newest; /* still open */
};

/* An async function: returns at the end of its input, or when cancelled. One
 * at a time in a program, because pipeline_watch tells of that. */
struct pipeline {
    const char *log;   /* a file, or NULL for standard input */
    bool follow;       /* go on at the file's end, also when it was rotated */
    const char *store; /* an SQLite file; goes on behind what it has; or NULL */
    unsigned window;   /* seconds; 0: 10 */
    unsigned lateness; /* seconds that a record may be late: 62 windows */
    FILE *table;       /* a live table, or NULL */
    struct pipeline_figures *figures; /* kept up to date, or NULL */
};

int pipeline(struct pipeline *self);

/* A handler: a WebSocket that is told of each window, as JSON, when it
 * changes and when it is closed; arg is not looked at. Who comes later is told
 * of the last ones first. */
int pipeline_watch(fm_exchange *exchange, void *arg);

#endif
