/*
 * test_debug.c - tasks that hold their loop, and threads that mistake it
 *
 * Real time is the subject: see test_watchdog.c.
 */
#include "story.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Where nobody looked, a longer hold may give them the time. */
static long span = 40000000;

static int spinner(void)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += span;
    span = 1000000000;
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - end.tv_sec) * 1000000000L + now.tv_nsec - end.tv_nsec <
           0);
    return 0;
}

static int napper(void)
{
    const struct timespec moment = {0, 40000000};
    nanosleep(&moment, NULL);
    return 0;
}

/* Waits for a byte that a thread writes later. */
struct reader {
    int fds[2];
};

static void *write_later(void *arg)
{
    const struct reader *reader = arg;
    napper();
    CHECK_INT(write(reader->fds[1], "x", 1), 1);
    return NULL;
}

static int reader(struct reader *self)
{
    pthread_t thread;
    char byte;
    pthread_create(&thread, NULL, write_later, self);
    CHECK_INT(read(self->fds[0], &byte, 1), 1);
    pthread_join(thread, NULL);
    return 0;
}

static const struct story_report *found;

/* Of this task, or of none: a slow machine makes any turn a long one, and any
 * call one that blocks. */
static bool look_for(fm_report_kind kind, const char *words, const char *task)
{
    fm_sleep(0.0001); /* a full turn: what was found is told there */
    while ((found = story_heard(kind)) != NULL) {
        if (strstr(found->message, words) != NULL &&
            strcmp(found->task, task) == 0)
            return true;
    }
    story_reported = 0;
    return false;
}

static void hold_by_spinning(void)
{
    while (!look_for(FM_REPORT_SLOW_TURN, "by task spinner", "spinner"))
        fm_await(fm_go(spinner));
}

static void hold_by_napping(void)
{
    while (!look_for(FM_REPORT_BLOCKING_CALL, "in nanosleep", "napper"))
        fm_await(fm_go(napper));
}

static void hold_by_reading(void)
{
    struct reader args;
    CHECK_INT(pipe(args.fds), 0);
    while (!look_for(FM_REPORT_BLOCKING_CALL, "in read on", "reader"))
        fm_await(fm_go(reader, {args.fds[0], args.fds[1]}));
    close(args.fds[0]);
    close(args.fds[1]);
}

static int watched(void (*body)(void))
{
    found = NULL;
    return story_run(body, (fm_run_options){.debug = true, .slow_turn = 0.02});
}

TEST(a_task_that_holds_the_loop_is_named_with_its_place)
{
    CHECK_INT(watched(hold_by_spinning), 0);
    CHECK(found != NULL && strstr(found->task_site, "test_debug.c:") != NULL);
}

static void spin_in_a_callback(void *arg)
{
    (void)arg;
    spinner();
}

static void hold_by_a_callback(void)
{
    fm_call call = {.fn = spin_in_a_callback};
    while (!look_for(FM_REPORT_SLOW_TURN, "held for", "")) {
        fm_loop_soon(fm_loop_current(), &call);
        fm_sleep(0.0001);
    }
}

TEST(a_callback_that_holds_the_loop_is_not_taken_for_a_task)
{
    CHECK_INT(watched(hold_by_a_callback), 0);
    CHECK(found != NULL && strstr(found->message, " by task ") == NULL);
}

TEST(a_task_that_waits_in_the_kernel_is_named_with_the_call)
{
    CHECK_INT(watched(hold_by_napping), 0);
}

TEST(a_read_that_blocks_is_found_and_reads_all_the_same)
{
    CHECK_INT(watched(hold_by_reading), 0);
}

static void leave_one_behind(void)
{
    fm_task *left = fm_go(forever);
    (void)left;
    fm_yield();
}

TEST(handles_that_are_left_are_told_with_both_places)
{
    CHECK_INT(watched(leave_one_behind), 0);
    const struct story_report *report = story_heard(FM_REPORT_UNCONSUMED);
    CHECK(report != NULL && strstr(report->task_site, "test_debug.c:") != NULL);
    CHECK(report != NULL && strstr(report->other_site, "story.h:") != NULL);
}

/* ---- Threads ------------------------------------------------------------ */

static void *cancel_elsewhere(void *task)
{
    fm_cancel(task);
    return NULL;
}

static void cancel_from_a_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_elsewhere, fm_self());
    pthread_join(thread, NULL);
}

static int await_elsewhere(void *task)
{
    return fm_await(task);
}

static void *run_elsewhere(void *task)
{
    fm_run(await_elsewhere, task);
    return NULL;
}

static void await_from_another_loop(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, run_elsewhere, fm_go(forever));
    pthread_join(thread, NULL);
}

TEST(a_handle_used_on_another_thread_dies_and_names_both)
{
    CHECK_DOOMED(cancel_from_a_thread,
                 "a verb on a task's handle was called on thread ");
    CHECK_DOOMED(cancel_from_a_thread, " for a task of the loop of thread ");
    if (!test_under_valgrind()) /* whose own name that is then */
        CHECK_DOOMED(cancel_from_a_thread, "(test_debug)");
    CHECK_DOOMED(await_from_another_loop, "fm_await was called on thread ");
}

static int leave_a_handle(void *out)
{
    *(fm_task **)out = fm_self();
    return 0;
}

static int cancel_what_is_left(void *task)
{
    return fm_cancel(*(fm_task **)task);
}

TEST(a_handle_of_a_run_that_has_ended_is_only_stale)
{
    fm_task *task;
    CHECK_INT(fm_run(leave_a_handle, &task), 0);
    CHECK_INT(fm_run(cancel_what_is_left, &task), -ESRCH);
}
