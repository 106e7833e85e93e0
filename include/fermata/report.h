/*
 * report.h - what the runtime has to say about a program
 *
 * Mistakes that must not end a running server are reported: by default as a
 * line on stderr, or to the function that fm_run's options name:
 *
 *     static void log_report(const fm_report *report, void *arg);
 *     fm_run(serve, NULL, &(fm_run_options){.on_report = log_report});
 */
#ifndef FERMATA_REPORT_H
#define FERMATA_REPORT_H

#include <fermata/api.h>

/*
 *   FM_REPORT_UNCONSUMED      a task returned without consuming the handle of
 *                             a child (task: the child, other: the parent)
 *   FM_REPORT_UNREAPED        more than 1,000 children have ended and wait for
 *                             their parent to consume them (task: the parent);
 *                             once for each parent
 *   FM_REPORT_CANCEL_IGNORED  a task made 1,000 calls in a row that its
 *                             cancel refused
 *   FM_REPORT_DETACHED_FAILED a detached task returned a failure (result)
 *   FM_REPORT_LEFT_OPEN       a stream, a listener or what else is closed was
 *                             still open when its loop ended, and was closed
 *                             then
 *   FM_REPORT_STARVED         a listener cannot accept for want of descriptors
 *                             or memory (task: who accepts); once for each
 *                             listener
 *   FM_REPORT_HANDLER_FAILED  a handler of fm_serve returned a failure
 *                             (result) that no on_error hears
 *   FM_REPORT_SLOW_TURN       the loop has been held for longer than
 *                             fm_run_options.slow_turn (task: by whom)
 *   FM_REPORT_BLOCKING_CALL   the loop's thread waits in a system call that is
 *                             not the loop's own wait (task: whose)
 *
 * The last two come where the loop is watched: fm_run_options.debug. Their
 * messages go on with a line for each frame of where the loop's thread was,
 * where that could be found out. They are delivered when the loop goes on; to
 * stderr, at once.
 */
typedef enum fm_report_kind {
    FM_REPORT_UNCONSUMED = 1,
    FM_REPORT_UNREAPED,
    FM_REPORT_CANCEL_IGNORED,
    FM_REPORT_DETACHED_FAILED,
    FM_REPORT_LEFT_OPEN,
    FM_REPORT_STARVED,
    FM_REPORT_HANDLER_FAILED,
    FM_REPORT_SLOW_TURN,
    FM_REPORT_BLOCKING_CALL
} fm_report_kind;

/* One report. All strings are borrowed for the call; other may be NULL. */
typedef struct fm_report {
    fm_report_kind kind;
    int result;             /* of the kinds that say so: what it returned */
    const char *message;    /* the whole sentence */
    const char *task;       /* name of the task it is about, or NULL */
    const char *task_site;  /* "file:line" of its start, or NULL */
    const char *other;      /* name of the other task involved, or NULL */
    const char *other_site; /* "file:line" of its start, or NULL */
} fm_report;

#endif
