/*
 * test_cell.c - the latest value, and those who wait for a newer one
 */
#include "call_kit.h"
#include "when_kit.h"

FM_CELL_OF(gauge, int);

struct reads {
    gauge *cell;
    uint64_t seen;
};

/* Returns the value it was woken for. */
static int reads(struct reads *self)
{
    int value = -1;
    int rc = gauge_get_newer(self->cell, &value, &self->seen);
    return rc < 0 ? rc : value;
}

STORY(the_latest_value_is_there_for_everybody_at_once)
{
    gauge *cell = gauge_new();
    uint64_t seen = 9;
    int value = -1;
    CHECK_INT(gauge_get(cell, &value, &seen), -EAGAIN);
    CHECK(value == -1 && seen == 9);
    CHECK_INT(gauge_set(cell, 1), 0);
    CHECK_INT(gauge_set(cell, 2), 0);
    CHECK_INT(gauge_get(cell, &value, &seen), 0);
    CHECK(value == 2 && seen == 2);
    CHECK_INT(gauge_get(cell, &value, NULL), 0);
    CHECK_INT(value, 2);
    gauge_free(cell);
}

STORY(a_reader_waits_for_a_value_newer_than_the_one_it_saw)
{
    gauge *cell = gauge_new();
    fm_task *first = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(gauge_set(cell, 7), 0);
    CHECK_INT(fm_await(first), 7);
    CHECK_INT(fm_await(fm_go(reads, cell, 0)), 7);
    fm_task *second = fm_go(reads, cell, 1);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(gauge_set(cell, 8), 0);
    CHECK_INT(fm_await(second), 8);
    gauge_free(cell);
}

STORY(a_set_wakes_all_who_wait_and_the_slow_have_the_latest)
{
    gauge *cell = gauge_new();
    fm_task *readers[5];
    for (int i = 0; i < 5; i++)
        readers[i] = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(gauge_set(cell, 1), 0);
    CHECK_INT(gauge_set(cell, 2), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(fm_await(readers[i]), 2);
    gauge_free(cell);
}

/* Checks that it goes up, and ends at the last. */
static int follows(void *cell)
{
    uint64_t seen = 0;
    int value = 0, before = 0, rc;
    while ((rc = gauge_get_newer(cell, &value, &seen)) == 0) {
        CHECK(value > before);
        before = value;
    }
    return rc == -ESHUTDOWN ? value : rc;
}

STORY(who_follows_sees_the_last_value_before_the_end)
{
    gauge *cell = gauge_new();
    fm_task *followers[3];
    for (int i = 0; i < 3; i++)
        followers[i] = fm_start(follows, cell);
    for (int i = 1; i <= 100; i++) {
        CHECK_INT(gauge_set(cell, i), 0);
        if (i % 7 == 0)
            CHECK_INT(fm_yield(), 0);
    }
    gauge_shutdown(cell);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_await(followers[i]), 100);
    gauge_free(cell);
}

STORY(a_shutdown_ends_the_waits_and_leaves_the_value)
{
    gauge *cell = gauge_new();
    int value = -1;
    CHECK_INT(gauge_set(cell, 3), 0);
    fm_task *waits = fm_go(reads, cell, 1);
    CHECK_INT(fm_yield(), 0);
    gauge_shutdown(cell);
    gauge_shutdown(cell);
    CHECK_INT(fm_await(waits), -ESHUTDOWN);
    CHECK_INT(gauge_set(cell, 4), -ESHUTDOWN);
    CHECK_INT(gauge_get(cell, &value, NULL), 0);
    CHECK_INT(value, 3);
    CHECK_INT(fm_await(fm_go(reads, cell, 0)), 3);
    CHECK_INT(fm_await(fm_go(reads, cell, 1)), -ESHUTDOWN);
    gauge_free(cell);
}

/* ---- Cuts ---------------------------------------------------------------- */

STORY(a_cut_reader_has_read_nothing)
{
    int rc, value = -1;
    uint64_t seen = 0;
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(waits), -ECANCELED);
    FM_TIMEOUT(story_span(1), rc) {
        rc = gauge_get_newer(cell, &value, &seen);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(value == -1 && seen == 0);
    gauge_free(cell);
}

STORY(a_reader_that_was_cut_after_a_value_came_has_it)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(gauge_set(cell, 5), 0);
    CHECK_INT(fm_stop(waits), 5);
    gauge_free(cell);
}

STORY(a_value_that_came_before_the_shutdown_arrives)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(gauge_set(cell, 6), 0);
    gauge_shutdown(cell);
    CHECK_INT(fm_await(waits), 6);
    gauge_free(cell);
}

static int reads_cancelled(void *cell)
{
    uint64_t seen = 0;
    int value = -1;
    fm_cancel(fm_self());
    CHECK_INT(gauge_get_newer(cell, &value, &seen), -ECANCELED);
    CHECK_INT(gauge_get(cell, &value, &seen), 0);
    CHECK_INT(value, 1);
    return 0;
}

STORY(to_wait_for_a_newer_value_is_a_cancel_point_also_when_there_is_one)
{
    gauge *cell = gauge_new();
    CHECK_INT(gauge_set(cell, 1), 0);
    CHECK_INT(fm_await(fm_start(reads_cancelled, cell)), 0);
    gauge_free(cell);
}

/* ---- For a select -------------------------------------------------------- */

STORY(a_newer_value_is_ready_for_who_has_not_seen_it)
{
    struct when_eye eye;
    gauge *cell = gauge_new();
    CHECK(!when_ready(gauge_when_newer(cell, 0)));
    when_watch(&eye, gauge_when_newer(cell, 0));
    CHECK_INT(gauge_set(cell, 1), 0);
    CHECK(when_news(&eye) > 0);
    CHECK(when_ready(gauge_when_newer(cell, 0)));
    CHECK(!when_ready(gauge_when_newer(cell, 1)));
    gauge_shutdown(cell);
    CHECK(when_news(&eye) > 0);
    CHECK(when_ready(gauge_when_newer(cell, 1)));
    when_stop(&eye);
    gauge_free(cell);
    CHECK(!when_ready(gauge_when_newer(NULL, 0)));
}

/* ---- Its life ------------------------------------------------------------ */

static void sets_from_outside(void *cell)
{
    int value = 0;
    CHECK_INT(gauge_set(cell, 4), 0);
    CHECK_INT(gauge_get(cell, &value, NULL), 0);
    CHECK_INT(value, 4);
    gauge_shutdown(cell);
}

STORY(a_cell_may_be_set_wherever_the_loop_calls_back)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    call_back(sets_from_outside, cell);
    CHECK_INT(fm_await(waits), 4);
    gauge_free(cell);
}

STORY(a_cell_that_is_null_has_no_memory)
{
    uint64_t seen = 0;
    int value = 7;
    CHECK(fm_cell_new(SIZE_MAX) == NULL);
    CHECK_INT(gauge_set(NULL, 1), -ENOMEM);
    CHECK_INT(gauge_get(NULL, &value, &seen), -ENOMEM);
    CHECK_INT(gauge_get_newer(NULL, &value, &seen), -ENOMEM);
    CHECK(value == 7 && seen == 0);
    gauge_shutdown(NULL);
    gauge_free(NULL);
}

STORY(a_cell_may_be_freed_right_after_its_shutdown)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    CHECK_INT(fm_yield(), 0);
    gauge_shutdown(cell);
    gauge_free(cell);
    CHECK_INT(fm_await(waits), -ESHUTDOWN);
}

static void frees_while_a_task_waits(void)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    fm_yield();
    gauge_free(cell);
    fm_stop(waits);
}

static void frees_before_who_was_woken_has_run(void)
{
    gauge *cell = gauge_new();
    fm_task *waits = fm_go(reads, cell, 0);
    fm_yield();
    CHECK_INT(gauge_set(cell, 1), 0);
    gauge_free(cell);
    fm_stop(waits);
}

static void makes_outside(void *arg)
{
    (void)arg;
    gauge_free(gauge_new());
}

static int sets_it(void *cell)
{
    return gauge_set(cell, 1);
}

static void sets_it_elsewhere(void)
{
    call_elsewhere(sets_it, gauge_new());
}

TEST(mistakes_with_a_cell_abort_with_a_sentence)
{
    CHECK_DOOMED(frees_while_a_task_waits,
                 "fm_cell_free: a task waits in this cell");
    CHECK_DOOMED(frees_before_who_was_woken_has_run,
                 "fm_cell_free: a task waits in this cell");
    CHECK_DOOMED(sets_it_elsewhere,
                 "fm_cell_set: the cell belongs to another loop");
    CHECK_DIES(makes_outside, NULL, "fm_cell_new was called outside a task");
}
