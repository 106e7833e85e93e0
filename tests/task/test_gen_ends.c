/*
 * test_gen_ends.c - how generators end: by themselves, early, or not asked
 */
#include "gen_kit.h"

/* ---- The end ------------------------------------------------------------ */

static int closed, said;

struct owner {
    int to;
};

/* Owns something, and releases it however it ends. */
static int owner(struct owner *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < self->to; i++)
        rc = fm_gen_yield(&i);
    closed++;
    return rc;
}

static int leaves_early(int after)
{
    int value;
    FM_GEN gen = fm_gen_go(owner, 100);
    while (fm_gen_next(gen, &value) == 1) {
        if (value == after)
            break;
    }
    return value;
}

STORY(a_consumer_that_leaves_early_ends_it)
{
    closed = 0;
    CHECK_INT(leaves_early(3), 3);
    CHECK_INT(closed, 1);
}

STORY(one_that_was_never_asked_runs_all_the_same)
{
    closed = 0;
    {
        FM_GEN now = fm_gen_go(owner, 3);
        CHECK(now != NULL);
    }
    CHECK_INT(closed, 1);
    fm_gen *later = fm_gen_go(owner, 3);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(closed, 1);
    CHECK_INT(fm_gen_close(later), 0);
    CHECK_INT(closed, 2);
}

static int fails_at_the_end(void)
{
    int value = 1;
    int rc = fm_gen_yield(&value);
    while (rc == 0)
        rc = fm_yield();
    return -EPIPE;
}

STORY(a_failure_of_its_cleanup_is_what_the_close_returns)
{
    int value;
    fm_gen *gen = fm_gen_go(fails_at_the_end);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_close(gen), -EPIPE);
}

static int waits_at_the_end(void)
{
    int value = 1;
    int rc = fm_gen_yield(&value);
    FM_SHIELD(story_span(10000)) {
        said = fm_sleep(story_span(2));
    }
    return rc;
}

STORY(the_close_waits_for_its_cleanup)
{
    int value;
    said = -1;
    fm_gen *gen = fm_gen_go(waits_at_the_end);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    int64_t start = fm_now();
    CHECK_INT(fm_gen_close(gen), 0);
    CHECK_INT(said, 0);
    CHECK(fm_now() - start >= (int64_t)(story_span(2) * 1e9));
}

static int hides(void)
{
    int value = 1, rc = 0;
    FM_SHIELD(INFINITY) {
        while (rc == 0)
            rc = fm_gen_yield(&value);
    }
    return rc;
}

STORY(a_yield_in_a_shield_ends_with_the_close)
{
    int value;
    fm_gen *gen = fm_gen_go(hides);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_close(gen), 0);
}

static int ignores(void)
{
    int value = 0, refused = 0;
    while (refused < 5) {
        if (fm_gen_yield(&value) < 0)
            refused++;
    }
    return 0;
}

STORY(one_that_ignores_its_close_yields_to_nobody)
{
    int value;
    fm_gen *gen = fm_gen_go(ignores);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_close(gen), 0);
}

static int leaves_open(void)
{
    int value;
    fm_gen *gen = fm_gen_go(owner, 5);
    return fm_gen_next(gen, &value);
}

STORY(one_that_was_not_closed_is_reported_and_ended)
{
    closed = 0;
    CHECK_INT(fm_await(fm_go(leaves_open)), 1);
    CHECK_INT(closed, 1);
    const struct story_report *report = story_heard(FM_REPORT_UNCONSUMED);
    CHECK(report != NULL && strcmp(report->task, "owner") == 0);
}

static int leaves_hidden(void)
{
    int value;
    fm_gen *gen = fm_gen_go(hides);
    return fm_gen_next(gen, &value);
}

STORY(one_that_was_not_closed_ends_also_in_a_shield)
{
    CHECK_INT(fm_await(fm_go(leaves_hidden)), 1);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}
