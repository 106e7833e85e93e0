/*
 * test_awaitable_ends.c - awaited records that are cut, left or misused
 */
#include "awaitable_kit.h"

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_gather_withdraws_them_all)
{
    int rc, results[3];
    struct bell bell = {.rings = 0};
    fm_when when = when_bell(&bell);
    fm_awaitable some[3] = {0};
    CHECK_INT(fm_awaitable_sleep(&some[0], 0), 0);
    CHECK_INT(fm_awaitable_sleep(&some[1], 1e6), 0);
    CHECK_INT(fm_awaitable_begin(&some[2], &when), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_awaitable_gather(some, 3, results);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(results[0] == 0 && results[1] == -ECANCELED &&
          results[2] == -ECANCELED);
    CHECK(!fm__watched(&bell.watchers));
    CHECK_INT(timers(), 0);
}

STORY(a_cut_settle_and_a_cut_await_withdraw_as_well)
{
    int rc;
    fm_awaitable naps[2] = {0};
    naps_begin(naps, 2, 1e6);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_awaitable_settle(naps, 2, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    naps_begin(naps, 1, 1e6);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_awaitable_await(naps);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(timers(), 0);
}

STORY(a_cut_first_leaves_all_as_they_are)
{
    int rc;
    fm_awaitable naps[2] = {0};
    naps_begin(naps, 2, 1e6);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_awaitable_first(naps, 2);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(!fm_awaitable_done(&naps[0]) && !fm_awaitable_done(&naps[1]));
    CHECK(fm_awaitable_cancel(&naps[1]));
    CHECK_INT(fm_awaitable_first(naps, 2), 1);
    CHECK_INT(fm_awaitable_result(&naps[1]), -ECANCELED);
    CHECK(fm_awaitable_cancel(&naps[0]));
}

static int gathers_while_cancelled(void *arg)
{
    fm_awaitable naps[2] = {0};
    (void)arg;
    naps_begin(naps, 2, 1e6);
    fm_cancel(fm_self());
    CHECK_INT(fm_awaitable_first(naps, 2), -ECANCELED);
    CHECK_INT(fm_awaitable_gather(naps, 2, NULL), -ECANCELED);
    CHECK_INT(timers(), 0);
    naps_begin(naps, 1, 1e6);
    CHECK_INT(fm_awaitable_await(naps), -ECANCELED);
    return 5;
}

STORY(whoever_is_cancelled_already_withdraws_at_once)
{
    CHECK_INT(fm_await(fm_start(gathers_while_cancelled, NULL)), 5);
}

static int awaits_bell(void *arg)
{
    FM_AWAITABLES(one, 1);
    fm_when when = when_bell(arg);
    CHECK_INT(fm_awaitable_begin(one, &when), 0);
    return fm_awaitable_await(one);
}

STORY(what_was_done_before_the_cut_counts_and_the_cut_comes_next)
{
    struct bell bell = {.rings = 0};
    fm_task *task = fm_start(awaits_bell, &bell);
    CHECK_INT(fm_yield(), 0);
    bell_ring(&bell);
    CHECK_INT(fm_stop(task), 0);
    task = fm_start(awaits_bell, &(struct bell){.rings = 0});
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
}

/* ---- Ends --------------------------------------------------------------- */

static int leaves_pending(void *arg)
{
    naps_begin(arg, 3, 1e6);
    return 4;
}

STORY(what_is_pending_ends_with_the_task_that_began_it)
{
    fm_awaitable naps[3] = {0};
    CHECK_INT(fm_await(fm_start(leaves_pending, naps)), 4);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_awaitable_result(&naps[i]), -ECANCELED);
    CHECK_INT(timers(), 0);
}

static int leaves_a_scope(int how)
{
    do {
        FM_AWAITABLES(naps, 3);
        naps_begin(naps, 3, 1e6);
        if (how == 1)
            break;
        if (how == 2)
            return how;
    } while (0);
    return how;
}

STORY(an_array_of_a_scope_is_withdrawn_at_its_end)
{
    for (int how = 0; how < 3; how++)
        CHECK_INT(leaves_a_scope(how), how);
    CHECK(fm__current->awaitables == NULL);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(timers(), 0);
}

static int yields_while_they_are_pending(void)
{
    FM_AWAITABLES(naps, 2);
    naps_begin(naps, 2, 1);
    for (int i = 0; i < 2; i++) {
        int rc = fm_gen_yield(&i);
        if (rc < 0)
            return rc;
    }
    CHECK(fm_awaitable_done(&naps[0]) && fm_awaitable_done(&naps[1]));
    return fm_awaitable_gather(naps, 2, NULL);
}

STORY(what_a_generator_awaits_goes_on_while_nobody_asks)
{
    FM_GEN numbers = fm_gen_go(yields_while_they_are_pending);
    int number = 0, count = 0, rc;
    while ((rc = fm_gen_next(numbers, &number)) > 0) {
        CHECK_INT(number, count++);
        CHECK_INT(fm_sleep(story_span(3)), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(count, 2);
    CHECK_INT(timers(), 0);
}

/* ---- Mistakes ----------------------------------------------------------- */

static void begins_twice(void)
{
    fm_awaitable nap = {0};
    (void)fm_awaitable_sleep(&nap, 1);
    (void)fm_awaitable_sleep(&nap, 1);
}

static int awaits_anothers(void *nap)
{
    return fm_awaitable_await(nap);
}

static void has_another_await(void)
{
    fm_awaitable nap = {0};
    (void)fm_awaitable_sleep(&nap, 1);
    (void)fm_await(fm_start(awaits_anothers, &nap));
}

static void begins_and_returns(void)
{
    fm_awaitable nap = {0};
    (void)fm_awaitable_sleep(&nap, 1);
}

static int cancels_from_a_thread(void *nap)
{
    return fm_awaitable_cancel(nap);
}

static void has_a_thread_cancel(void)
{
    fm_awaitable nap = {0};
    (void)fm_awaitable_sleep(&nap, 1);
    (void)fm_thread_run(cancels_from_a_thread, &nap);
}

static void begins_outside(void *arg)
{
    fm_awaitable nap = {0};
    (void)arg;
    (void)fm_awaitable_sleep(&nap, 1);
}

TEST(mistakes_end_with_a_sentence)
{
    CHECK_DOOMED(begins_twice, "the record is pending already");
    CHECK_DOOMED(has_another_await, "fm_awaitable_await in task");
    CHECK_DOOMED(has_another_await, "was begun by another task");
    CHECK_DOOMED(has_a_thread_cancel, "belongs to another loop");
    CHECK_DIES(begins_outside, NULL, "was called outside a task");
}

/* So deep that what is called afterwards does not reach it. */
__attribute__((noinline)) static void begins_deep(int depth)
{
    volatile char room[1024];
    fm_awaitable nap = {0};
    room[0] = 0;
    if (depth > 0)
        begins_deep(depth - 1);
    else
        (void)fm_awaitable_sleep(&nap, story_span(1));
    room[1] = room[0];
}

static void leaves_it_and_sleeps(void)
{
    begins_deep(12);
    (void)fm_sleep(story_span(5));
}

static void leaves_it_and_begins(void)
{
    fm_awaitable nap = {0};
    begins_deep(12);
    (void)fm_awaitable_sleep(&nap, 1);
}

/* Where it lay, there lies the frame of the next verb. */
__attribute__((noinline)) static void begins_shallow(void)
{
    fm_awaitable nap = {0};
    (void)fm_awaitable_sleep(&nap, story_span(1));
}

static void leaves_it_and_begins_at_once(void)
{
    fm_awaitable nap = {0};
    begins_shallow();
    (void)fm_awaitable_sleep(&nap, 1);
}

static int ends_with_it(void *arg)
{
    fm_awaitable nap = {0};
    (void)arg;
    return fm_awaitable_sleep(&nap, story_span(1));
}

static void has_a_task_end_with_it(void)
{
    (void)fm_await(fm_start(ends_with_it, NULL));
}

TEST(a_record_that_went_away_while_it_was_pending_is_a_sentence)
{
    if (test_under_asan())
        test_skip("AddressSanitizer has a sentence of its own");
    CHECK_DOOMED(begins_and_returns, "in a frame that has returned");
    CHECK_DOOMED(leaves_it_and_sleeps, "in a frame that has returned");
    CHECK_DOOMED(leaves_it_and_begins, "in a frame that has returned");
    CHECK_DOOMED(leaves_it_and_begins_at_once, "in a frame that has returned");
    CHECK_DOOMED(has_a_task_end_with_it, "in a frame that has returned");
}
