/*
 * sweep_blocks.c - scenarios: timeouts and shields, alone and in each other
 */
#include "fault/sweep.h"

static int times_out(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = sweep_sleep(1e9);
    }
    return rc;
}

static int is_in_time(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(1e6, rc) {
        rc = fm_await(fm_go(napper, .ticks = 2));
    }
    return rc;
}

/* Inside the inner one an outer end is an -ECANCELED. */
static int times_out_outside(void *arg)
{
    int outer, inner = 0;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(2), outer) {
        FM_TIMEOUT(sweep_ticks(1e6), inner) {
            inner = sweep_sleep(1e9);
        }
        outer = inner;
    }
    sweep_state.noted = inner == -ETIMEDOUT;
    return outer;
}

static const char *the_inner_one_had_time(int rc)
{
    (void)rc;
    return sweep_state.noted ? "the inner timeout took the outer's" : NULL;
}

static int tries_again(void *arg)
{
    int outer, rc = -ETIMEDOUT;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(7), outer) {
        while (rc == -ETIMEDOUT && sweep_state.noted++ < 1000) {
            fm_timeout timeout;
            fm_timeout_open(&timeout, sweep_ticks(2));
            rc = fm_timeout_close(&timeout, sweep_sleep(1e9));
        }
        outer = rc;
    }
    return outer;
}

static const char *it_gave_up(int rc)
{
    (void)rc;
    return sweep_state.noted > 1000 ? "the retry loop did not end" : NULL;
}

static int cuts_what_is_gathered(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = fm_gather(fm_go(waiter), fm_go(napper, .ticks = 1), fm_go(waiter),
                       fm_go(stubborn, 2));
    }
    return rc;
}

static int cuts_what_is_awaited_below(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(1), rc) {
        int results[2];
        fm_task *tasks[2] = {fm_go(waiter), fm_go(waiter)};
        rc = fm_settle(tasks, 2, results);
    }
    return rc;
}

static int moves_the_end(void *arg)
{
    fm_timeout timeout;
    (void)arg;
    fm_timeout_open_at(&timeout, INT64_MAX);
    int rc = sweep_sleep(1);
    fm_timeout_reschedule(&timeout, sweep_ticks(3));
    if (rc == 0)
        rc = sweep_sleep(1);
    fm_timeout_reschedule(&timeout, sweep_ticks(2));
    if (rc == 0)
        rc = sweep_sleep(1e9);
    return fm_timeout_close(&timeout, rc);
}

static int has_no_time(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(0, rc) {
        rc = fm_await(fm_go(waiter));
    }
    return rc;
}

/* ---- Shields ------------------------------------------------------------ */

/* Takes its time to clean up, with a helper, whenever it is cut. */
static int tidy_one(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc < 0)
        return rc;
    rc = sweep_sleep(1e9);
    FM_SHIELD(sweep_ticks(1e6)) {
        sweep_state.noted += sweep_sleep(1) < 0;
        (void)fm_await(fm_go(napper, .ticks = 1));
        sweep_state.noted += fm_yield() < 0;
    }
    return sweep_end(block, rc);
}

static int cleans_up(void *arg)
{
    (void)arg;
    fm_task *task = fm_go(tidy_one);
    int rc = sweep_sleep(1);
    int result = fm_stop(task);
    if (rc == 0 && result != -ECANCELED)
        rc = result;
    return rc;
}

static const char *all_was_cleaned(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a shield did not hide" : NULL;
}

static int cleans_up_in_time(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = fm_gather(fm_go(tidy_one), fm_go(tidy_one));
    }
    return rc;
}

/* Its cleanup never ends by itself. */
static int slow_one(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(1e9);
    FM_SHIELD(sweep_ticks(2)) {
        (void)fm_await(fm_go(waiter));
    }
    return sweep_end(block, rc);
}

static int loses_patience(void *arg)
{
    (void)arg;
    fm_task *tasks[2] = {fm_go(slow_one), fm_go(slow_one)};
    int rc = sweep_sleep(1);
    (void)fm_cancel(tasks[0]);
    (void)fm_cancel(tasks[1]);
    int results[2];
    int failed = fm_settle(tasks, 2, results);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = results[i] == -ECANCELED ? 0 : results[i];
    return rc < 0 || failed >= 0 ? rc : failed;
}

static int hidden_one(void)
{
    void *block;
    int rc = sweep_begin(&block);
    FM_SHIELD(sweep_ticks(4)) {
        FM_SHIELD(sweep_ticks(2)) {
            fm_task *task = fm_go(napper, .ticks = 3);
            if (rc == 0)
                rc = sweep_sleep(3);
            int result = fm_await(task);
            rc = rc < 0 ? rc : result;
        }
        if (rc == 0)
            rc = fm_gather(fm_go(waiter), fm_go(waiter));
    }
    return sweep_end(block, rc);
}

static int shields_in_shields(void *arg)
{
    (void)arg;
    fm_task *task = fm_go(hidden_one);
    int rc = sweep_sleep(1);
    int result = fm_stop(task);
    return rc < 0 || result == -ECANCELED ? rc : result;
}

/* A timeout in a shield in a timeout, and a child started in each. */
static int layered_one(void)
{
    void *block;
    int outer = 0, inner = 0;
    int rc = sweep_begin(&block);
    FM_TIMEOUT(sweep_ticks(3), outer) {
        fm_task *before = fm_go(waiter);
        FM_SHIELD(sweep_ticks(2)) {
            FM_TIMEOUT(sweep_ticks(1), inner) {
                inner = fm_await(fm_go(waiter));
            }
            (void)sweep_sleep(1e9);
        }
        outer = fm_await(before);
    }
    return sweep_end(block, rc < 0 ? rc : outer);
}

static int layers(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(layered_one), fm_go(layered_one));
}

const struct scenario sweep_blocks[] = {
    {"timeout", times_out, .result = -ETIMEDOUT},
    {"timeout-unused", is_in_time, .result = 0},
    {"timeout-outer", times_out_outside, .result = -ETIMEDOUT,
     .wrong = the_inner_one_had_time},
    {"retry", tries_again, .result = -ETIMEDOUT, .wrong = it_gave_up},
    {"timeout-gather", cuts_what_is_gathered, .result = -ETIMEDOUT},
    {"timeout-settle", cuts_what_is_awaited_below, .result = -ETIMEDOUT,
     .also = {1, 2}},
    {"reschedule", moves_the_end, .result = -ETIMEDOUT},
    {"timeout-zero", has_no_time, .result = -ETIMEDOUT},
    {"cleanup", cleans_up, .wrong = all_was_cleaned},
    {"cleanup-timeout", cleans_up_in_time, .result = -ETIMEDOUT,
     .wrong = all_was_cleaned},
    {"grace", loses_patience, .result = 0},
    {"shields", shields_in_shields, .result = 0},
    {"layers", layers, .result = -ETIMEDOUT},
    {.name = NULL},
};
