/*
 * test_ticker.c - ticks that neither drift nor pile up
 */
#include "story.h"

#include <limits.h>

/* A tick's span in ns: long where time is virtual, short where it is real. */
static int64_t span(void)
{
    return test_simulated() ? FM_SECOND : FM_MILLISECOND;
}

/* ---- When a tick is ----------------------------------------------------- */

STORY(tick_k_is_at_start_and_k_spans_to_the_nanosecond)
{
    fm_ticker ticker;
    int64_t start = fm_now(), odd = span() + 7;
    CHECK_INT(fm_ticker_init_at(&ticker, start, odd), 0);
    for (int64_t k = 1, told; k <= 20; k += told) {
        CHECK_INT(fm_ticker_next(&ticker), start + k * odd);
        told = fm_ticker_wait(&ticker);
        CHECK(told >= 1);
        CHECK(fm_now() >= start + (k + told - 1) * odd);
    }
}

STORY(no_tick_is_early)
{
    fm_ticker ticker;
    int64_t before = fm_now();
    CHECK_INT(fm_ticker_init(&ticker, story_span(1)), 0);
    int64_t first = fm_ticker_next(&ticker);
    CHECK(first >= before + span());
    CHECK(fm_ticker_wait(&ticker) >= 1);
    CHECK(fm_now() >= first);
}

STORY(work_between_two_ticks_does_not_move_the_next)
{
    fm_ticker ticker;
    int64_t start = fm_now();
    CHECK_INT(fm_ticker_init_at(&ticker, start, span()), 0);
    int64_t ticks = 0;
    while (ticks < 10) {
        ticks += fm_ticker_wait(&ticker);
        CHECK_INT(fm_sleep(story_span(0.4)), 0);
    }
    CHECK_INT(fm_ticker_next(&ticker), start + (ticks + 1) * span());
    if (test_simulated())
        CHECK_INT(ticks, 10);
}

STORY(who_comes_late_is_told_once_how_many_have_passed)
{
    fm_ticker ticker;
    int64_t start = fm_now();
    CHECK_INT(fm_ticker_init_at(&ticker, start, span()), 0);
    CHECK_INT(fm_sleep_until(start + 5 * span() + span() / 2), 0);
    int told = fm_ticker_wait(&ticker);
    CHECK(told >= 5);
    CHECK_INT(fm_ticker_next(&ticker), start + (told + 1) * span());
    if (test_simulated()) {
        CHECK_INT(told, 5);
        CHECK_INT(fm_ticker_wait(&ticker), 1);
        CHECK(fm_now() < start + 6 * span() + FM_MILLISECOND);
    }
}

STORY(a_tick_a_nanosecond_away_is_waited_for)
{
    fm_ticker ticker;
    for (int i = 1; i <= 3; i++) {
        int64_t due = fm_now() + i;
        CHECK_INT(fm_ticker_init_at(&ticker, due - span(), span()), 0);
        CHECK(fm_ticker_wait(&ticker) >= 1);
        CHECK(fm_now() >= due);
    }
}

STORY(a_moment_that_is_exactly_a_ticks_counts_it)
{
    fm_ticker ticker;
    if (!test_simulated())
        return; /* needs a clock that jumps */
    int64_t start = fm_now() - 3 * span();
    CHECK_INT(fm_ticker_init_at(&ticker, start, span()), 0);
    CHECK_INT(fm_ticker_wait(&ticker), 3);
}

STORY(a_start_to_come_is_waited_for)
{
    fm_ticker ticker;
    int64_t start = fm_now() + 3 * span();
    CHECK_INT(fm_ticker_init_at(&ticker, start, span()), 0);
    CHECK(fm_ticker_wait(&ticker) >= 1);
    CHECK(fm_now() >= start + span());
}

STORY(a_ticker_needs_no_end_and_leaves_no_timer)
{
    fm_ticker ticker;
    CHECK_INT(fm_ticker_init(&ticker, story_span(1)), 0);
    CHECK(fm_ticker_wait(&ticker) >= 1);
}

/* ---- Limits ------------------------------------------------------------- */

STORY(a_span_that_is_none_is_refused)
{
    fm_ticker ticker;
    CHECK_INT(fm_ticker_init(&ticker, NAN), -EINVAL);
    CHECK_INT(fm_ticker_init(&ticker, 0), -EINVAL);
    CHECK_INT(fm_ticker_init(&ticker, -1), -EINVAL);
    CHECK_INT(fm_ticker_init(&ticker, INFINITY), -EINVAL);
    CHECK_INT(fm_ticker_init_at(&ticker, 0, 0), -EINVAL);
    CHECK_INT(fm_ticker_init_at(&ticker, 0, INT64_MIN), -EINVAL);
}

STORY(more_ticks_than_an_int_are_told_by_the_next_call)
{
    fm_ticker ticker;
    int64_t now = fm_now(), ticks = 0;
    int64_t start = now - 3 * (int64_t)INT_MAX - 5;
    CHECK_INT(fm_ticker_init_at(&ticker, start, 1), 0);
    for (int i = 0; i < 3; i++) {
        int told = fm_ticker_wait(&ticker);
        CHECK_INT(told, INT_MAX);
        ticks += told;
    }
    CHECK(fm_ticker_wait(&ticker) >= 5);
    CHECK(ticks <= fm_now() - start);
}

STORY(a_start_at_the_beginning_of_time_overflows_nothing)
{
    fm_ticker ticker;
    CHECK_INT(fm_ticker_init_at(&ticker, INT64_MIN, INT64_MAX), 0);
    CHECK_INT(fm_ticker_wait(&ticker), 1);
    CHECK_INT(fm_ticker_next(&ticker), INT64_MAX - 1);
    CHECK_INT(fm_ticker_init_at(&ticker, INT64_MIN, 1), 0);
    CHECK_INT(fm_ticker_wait(&ticker), INT_MAX);
}

STORY(a_tick_past_the_end_of_time_never_comes)
{
    int rc;
    fm_ticker ticker;
    CHECK_INT(fm_ticker_init_at(&ticker, fm_now(), INT64_MAX - 1), 0);
    CHECK_INT(fm_ticker_next(&ticker), INT64_MAX);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_ticker_wait(&ticker);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_costs_no_tick)
{
    int rc;
    fm_ticker ticker;
    int64_t start = fm_now();
    CHECK_INT(fm_ticker_init_at(&ticker, start, 10 * span()), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_ticker_wait(&ticker);
    }
    CHECK(rc == -ETIMEDOUT || !test_simulated());
    CHECK(fm_ticker_next(&ticker) >= start + 10 * span());
    CHECK_INT((fm_ticker_next(&ticker) - start) % (10 * span()), 0);
    if (test_simulated())
        CHECK_INT(fm_ticker_wait(&ticker), 1);
}

struct cut {
    fm_ticker *ticker;
};

static int cut(struct cut *self)
{
    fm_cancel(fm_self());
    return fm_ticker_wait(self->ticker);
}

STORY(it_is_a_cancel_point_also_when_a_tick_has_passed)
{
    fm_ticker ticker;
    CHECK_INT(fm_ticker_init_at(&ticker, fm_now() - 2 * FM_SECOND, FM_SECOND),
              0);
    CHECK_INT(fm_await(fm_go(cut, &ticker)), -ECANCELED);
    CHECK(fm_ticker_wait(&ticker) >= 2);
}

struct waits {
    fm_ticker *ticker;
};

static int waits(struct waits *self)
{
    return fm_ticker_wait(self->ticker);
}

STORY(each_tick_is_told_to_one_of_those_who_wait)
{
    fm_ticker ticker;
    int64_t start = fm_now();
    CHECK_INT(fm_ticker_init_at(&ticker, start, span()), 0);
    fm_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(waits, &ticker);
    int64_t told = 0;
    for (int i = 0; i < 3; i++)
        told += fm_await(tasks[i]);
    CHECK_INT(fm_ticker_next(&ticker), start + (told + 1) * span());
    if (test_simulated())
        CHECK_INT(told, 3);
}

static int spins(void *arg)
{
    fm_ticker ticker;
    int *told = arg;
    int rc = fm_ticker_init_at(&ticker, INT64_MIN, 1);
    while (rc >= 0)
        rc = fm_ticker_wait(&ticker);
    (*told)++;
    return rc;
}

STORY(who_never_has_to_wait_lets_others_run)
{
    int told = 0;
    fm_task *task = fm_start(spins, &told);
    CHECK_INT(fm_sleep(0.001), 0);
    CHECK_INT(told, 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(told, 1);
}

static void outside(void *arg)
{
    fm_ticker ticker;
    (void)arg;
    (void)!fm_ticker_init(&ticker, 1);
}

TEST(a_ticker_that_starts_outside_a_loop_is_a_sentence)
{
    CHECK_DIES(outside, NULL, "fm_ticker_init was called outside a task");
}
