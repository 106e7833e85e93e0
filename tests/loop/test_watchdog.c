/*
 * test_watchdog.c - callbacks that hold their loop, in debug mode
 *
 * Real time is the subject. A machine that is busy elsewhere may keep a
 * thread from looking, or from running: so what is to be found is done until
 * it is found, and what is not to be until it is not. That it never comes is
 * for the watchdog of the run to say.
 */
#include "harness.h"

#include <errno.h>
#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct heard {
    unsigned slow;
    unsigned traced; /* of these, with where it was */
    unsigned blocking;
    unsigned napping; /* of these, where it was done on purpose */
    char message[4096];
} heard;

static void hear(const fm_report *report, void *arg)
{
    struct heard *heard_here = arg;
    bool nanosleep = strstr(report->message, "in nanosleep") != NULL;
    bool slow = report->kind == FM_REPORT_SLOW_TURN;
    heard_here->slow += slow;
    heard_here->traced += slow && strstr(report->message, ":\n    ") != NULL;
    heard_here->blocking += report->kind == FM_REPORT_BLOCKING_CALL;
    heard_here->napping += nanosleep;
    snprintf(heard_here->message, sizeof heard_here->message, "%s",
             report->message);
    CHECK(report->task == NULL);
}

static fm_loop *open_watched(double slow)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .debug = true,
                                     .slow_turn = slow,
                                     .on_report = hear,
                                     .on_report_arg = &heard};
    fm_loop *loop = NULL;
    memset(&heard, 0, sizeof heard);
    CHECK_INT(fm_loop_open(&loop, &options), 0);
    return loop;
}

static void spin_for(long span)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += span;
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - end.tv_sec) * 1000000000L + now.tv_nsec - end.tv_nsec <
           0);
}

static void spin(void *arg)
{
    (void)arg;
    spin_for(40000000);
}

static void spin_long(void *arg)
{
    (void)arg;
    spin_for(1000000000);
}

static void nap(void *arg)
{
    const struct timespec span = {0, 40000000};
    (void)arg;
    nanosleep(&span, NULL);
}

static void call(fm_loop *loop, void (*fn)(void *))
{
    fm_call called = {.fn = fn};
    fm_loop_soon(loop, &called);
    while (fm_call_pending(&called))
        fm_loop_step(loop);
}

TEST(a_callback_that_holds_the_loop_is_reported_with_where_it_was)
{
    fm_loop *loop = open_watched(0.02);
    call(loop, spin);
    while (heard.slow == 0)
        call(loop, spin_long);
    CHECK(strstr(heard.message, "the loop has been held for ") != NULL);
    /* TSan holds signals back. */
    while (heard.traced == 0 && test_knows_frames() && !test_under_tsan())
        call(loop, spin_long);
    fm_loop_close(loop);
}

TEST(a_callback_that_waits_in_the_kernel_is_reported_with_the_call)
{
    fm_loop *loop = open_watched(0.02);
    while (heard.napping == 0)
        call(loop, nap);
    CHECK(strstr(heard.message, "the loop is blocked in nanosleep") != NULL);
    fm_loop_close(loop);
}

static void stop(void *arg)
{
    fm_loop_stop(arg);
}

static unsigned heard_while_waiting(void)
{
    fm_loop *loop = open_watched(0.008);
    fm_call end = {.fn = stop, .arg = loop};
    CHECK_INT(fm_loop_later(loop, &end, 0.06), 0);
    fm_loop_run(loop);
    fm_loop_close(loop);
    return heard.blocking;
}

TEST(the_loops_own_wait_is_no_blocking_call)
{
    while (heard_while_waiting() > 0)
        continue;
}

static unsigned heard_while_resting(void)
{
    fm_loop *loop = open_watched(0.02);
    fm_loop_step(loop);
    for (int i = 0; i < 3; i++) {
        spin(NULL);
        nap(NULL);
    }
    fm_loop_step(loop);
    fm_loop_close(loop);
    return heard.slow + heard.blocking;
}

TEST(a_loop_that_rests_is_not_held)
{
    while (heard_while_resting() > 0)
        continue;
}

TEST(without_debug_nobody_watches)
{
    const fm_loop_options options = {
        .backend = test_backend(), .on_report = hear, .on_report_arg = &heard};
    fm_loop *loop;
    memset(&heard, 0, sizeof heard);
    unsetenv("FERMATA_DEBUG");
    CHECK_INT(fm_loop_open(&loop, &options), 0);
    call(loop, spin);
    call(loop, nap);
    CHECK_INT(heard.slow + heard.blocking, 0);
    fm_loop_close(loop);
}

TEST(a_span_for_a_turn_is_enough_to_be_watched)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .slow_turn = 0.001,
                                     .on_report = hear,
                                     .on_report_arg = &heard};
    fm_loop *loop;
    memset(&heard, 0, sizeof heard);
    CHECK_INT(fm_loop_open(&loop, &options), 0);
    while (heard.slow + heard.blocking == 0)
        call(loop, spin);
    fm_loop_close(loop);
}

TEST(a_span_that_is_no_number_is_refused)
{
    const fm_loop_options options = {.slow_turn = NAN};
    fm_loop *loop = NULL;
    CHECK_INT(fm_loop_open(&loop, &options), -EINVAL);
    CHECK(loop == NULL);
}

static void spin_for_the_environment(void *arg)
{
    fm_loop *loop;
    (void)arg;
    setenv("FERMATA_DEBUG", "1", 1);
    CHECK_INT(fm_loop_open(&loop, NULL), 0);
    for (int i = 0; i < 10; i++)
        spin(NULL);
    for (int i = 0; i < 3; i++) {
        fm_call called = {.fn = nap};
        fm_loop_soon(loop, &called);
        while (fm_call_pending(&called))
            fm_loop_step(loop);
    }
    fm_loop_close(loop);
}

TEST(the_environment_can_ask_for_it_and_reports_go_to_stderr)
{
    char output[4096] = "";
    while (strstr(output, "fermata: the loop is blocked in nanosleep\n") ==
           NULL)
        test_child(spin_for_the_environment, NULL, output, sizeof output);
}
