/*
 * trace_file.h - the thread that writes a trace into its file
 */
#ifndef FM_TASK_TRACE_FILE_H
#define FM_TASK_TRACE_FILE_H

#include "base/sys_thread.h"
#include "task/trace_text.h"

struct fm__trace_file {
    struct fm__trace_ring ring;
    struct fm__trace_text text;
    struct fm__trace_title title;
    struct fm__thread thread;
    int fd;
    int bell; /* an eventfd */
    char *path;
    uint64_t limit; /* bytes of the file */
    uint64_t written;
    uint64_t lost;                 /* the loop's: steps that found no room */
    int rc;                        /* -errno of what could not be written */
    bool full;                     /* the limit is reached */
    struct fm__atomic_word over;   /* 1: nothing more is written */
    struct fm__atomic_word idle;   /* 1: the thread sleeps until it is rung */
    struct fm__atomic_word ending; /* 1: no record comes any more */
};

/* Takes path, which is the heap's. 0, or -errno and path is the caller's. */
int fm__trace_file_open(struct fm__trace_file *file, char *path);
/* All is written, if it can be; says what was lost, or could not be. */
void fm__trace_file_close(struct fm__trace_file *file);

/* Sees to it that what was published is written soon. */
void fm__trace_rouse(struct fm__trace_file *file);

#endif
