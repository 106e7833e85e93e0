/*
 * stats.h - what this thread's loop has done, and how long things take
 *
 *     fm_stats stats;
 *     int rc = fm_stats_read(&stats);
 *     if (rc == 0 && stats.ready_delay != NULL)
 *         printf("99 of 100 tasks wait less than %lld ns for their turn\n",
 *                (long long)fm_histogram_quantile(stats.ready_delay, 0.99));
 *
 * Counters are always there and cost nothing. Times are measured where
 * fm_run_options.stats or FERMATA_STATS=1 asks for it, depths of stacks where
 * fm_run_options.stacks or FERMATA_STACKS=1 does. Nothing here suspends.
 */
#ifndef FERMATA_STATS_H
#define FERMATA_STATS_H

#include <fermata/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FM_HISTOGRAM_BUCKETS 320
#define FM_STATS_STACKS 4
#define FM_STATS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * How often values occurred. Eight buckets for each power of two tell values
 * apart that differ by an eighth; what is above 2^42 is in the last one.
 */
typedef struct fm_histogram {
    uint64_t count;
    uint64_t sum;
    int64_t max;
    uint64_t buckets[FM_HISTOGRAM_BUCKETS];
} fm_histogram;

/* Stacks of one size. */
typedef struct fm_stats_stacks {
    size_t size; /* bytes, with the guard */
    size_t used; /* by tasks */
    size_t warm; /* given back, with memory that is kept for the next task */
} fm_stats_stacks;

/* Tasks that were started at one place: the first 256 places that are met; all
 * others are one, whose task is "other" and whose site is "". */
typedef struct fm_stats_place {
    const char *task; /* the function that was started */
    const char *site; /* "file:line" */
    uint64_t started;
    uint64_t ended; /* the others are alive */
    uint64_t turns; /* times that one was left; 0 where nothing is measured */
    int64_t cpu;    /* ns that they have held the loop; likewise */
    size_t stack_size; /* bytes that the frames of such a task may take: the
                        * largest; 0: not measured */
    size_t stack_used; /* the most that one has taken; likewise */
} fm_stats_place;

/*
 * Counters begin at 0 with the loop and only grow; the others say how many
 * there are now. Pointers are borrowed and NULL where nothing is measured;
 * what they lead to goes on counting, until the run ends.
 */
typedef struct fm_stats {
    const char *backend; /* "uring", "epoll" or "sim" */
    int thread;          /* its number: what gettid says */
    double seconds;      /* since the loop was opened, by its clock */

    uint64_t tasks_started;
    uint64_t tasks_released; /* ended, and consumed */
    size_t tasks;            /* as fm_task_count */
    uint64_t polls;          /* how often the kernel was asked */
    uint64_t operations_submitted;
    uint64_t operations_completed;
    size_t operations; /* in flight */
    size_t timers;     /* armed */
    size_t threads;    /* of fm_thread_run and of what needs threads */
    size_t jobs;       /* that they have to do, or do */
    uint64_t jobs_submitted;
    size_t buffers;          /* that the loop's pool has made, of 16 KiB */
    size_t buffers_used;     /* that hold bytes */
    size_t mapped;           /* bytes of addresses that stacks and buffers have;
                          * pages that nobody touched take no memory */
    uint64_t slow_turns;     /* that the watchdog has found, see run.h */
    uint64_t blocking_calls; /* likewise */
    fm_stats_stacks stacks[FM_STATS_STACKS]; /* 16, 64, 256 KiB; dense */

    /* ns, by the loop's clock. */
    const fm_histogram *loop_turn;      /* from one look at the kernel to the
                                         * next: what runs in between */
    const fm_histogram *poll_time;      /* that the kernel was waited for */
    const fm_histogram *task_turn;      /* that a task ran until it was left */
    const fm_histogram *ready_delay;    /* from ready to running */
    const fm_histogram *timer_lateness; /* that a timer fired after its time */
    /* How many buffers were used, at each look at the kernel. */
    const fm_histogram *buffer_use;
    const fm_stats_place *places; /* also where only stacks are measured */
    size_t place_count;
} fm_stats;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills in what this thread's loop has to say. Anywhere in a run, also in
 * callbacks.
 *
 * Returns 0; -ENOENT: this thread has no run.
 */
FM_API int fm_stats_read(fm_stats *stats);

/*
 * A value that so large a part of all values does not exceed: 0.5 is the
 * median, 1 the largest. It is true up to the size of a bucket, an eighth.
 *
 * Returns the value; 0 where there is none.
 */
FM_API int64_t fm_histogram_quantile(const fm_histogram *histogram,
                                     double part);

/*
 * The largest value that is counted in a bucket, for who draws one.
 *
 * Returns it; INT64_MAX of the last bucket, and beyond.
 */
FM_API int64_t fm_histogram_bound(size_t bucket);

/*
 * Writes all of it in Prometheus' text format, version 0.0.4: what an HTTP
 * handler answers with the type FM_STATS_TYPE. Times are in seconds there, and
 * a histogram has a bound for each power of two from 256 ns to 17 s. In a task
 * it takes a stack of 64 KiB.
 *
 * Returns 0; -EIO where out has failed.
 */
FM_API int fm_stats_prometheus(const fm_stats *stats, FILE *out);

/*
 * Writes a table of how deep stacks were, by where the tasks were started, and
 * which size would do: the smallest that leaves room for half as much again
 * and 2 KiB, or, on a dense stack, for an eighth. What is measured is written
 * to stderr when the run ends, too. In a task it takes a stack of 64 KiB.
 *
 * Returns 0; -ENOENT: this thread has no run, or stacks are not measured;
 * -EIO where out has failed.
 */
FM_API int fm_stacks_report(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
