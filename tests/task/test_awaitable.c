/*
 * test_awaitable.c - records that are awaited, without a task for each
 */
#include "awaitable_kit.h"

#include "base/fault.h"

#include <stdlib.h>

/* ---- One ---------------------------------------------------------------- */

STORY(an_awaited_sleep_is_never_early_and_ends_with_0)
{
    int64_t begin = fm_now();
    fm_awaitable nap = {0};
    CHECK_INT(fm_awaitable_sleep(&nap, story_span(3)), 0);
    CHECK(!fm_awaitable_done(&nap));
    CHECK_INT(fm_awaitable_result(&nap), -EAGAIN);
    CHECK_INT(fm_awaitable_await(&nap), 0);
    CHECK(fm_now() - begin >= units(3));
    CHECK(!test_simulated() || fm_now() - begin < units(3.1));
    CHECK(fm_awaitable_done(&nap));
    CHECK_INT(fm_awaitable_result(&nap), 0);
}

STORY(a_sleep_until_a_moment_ends_then_also_when_it_has_passed)
{
    fm_awaitable naps[2] = {0};
    int64_t moment = fm_now() + units(2);
    CHECK_INT(fm_awaitable_sleep_until(&naps[0], moment), 0);
    CHECK_INT(fm_awaitable_sleep_until(&naps[1], INT64_MIN), 0);
    CHECK_INT(fm_awaitable_await(&naps[1]), 0);
    CHECK_INT(fm_awaitable_await(&naps[0]), 0);
    CHECK(fm_now() >= moment);
}

STORY(what_was_begun_goes_on_while_its_task_does_something_else)
{
    fm_awaitable nap = {0};
    int64_t begin = fm_now();
    CHECK_INT(fm_awaitable_sleep(&nap, story_span(2)), 0);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    CHECK(fm_awaitable_done(&nap));
    CHECK_INT(fm_awaitable_await(&nap), 0);
    CHECK(!test_simulated() || fm_now() - begin < units(5.1));
}

STORY(no_span_is_done_at_the_turns_end_and_not_before)
{
    fm_awaitable naps[2] = {0};
    CHECK_INT(fm_awaitable_sleep(&naps[0], 0), 0);
    CHECK_INT(fm_awaitable_sleep(&naps[1], -7), 0);
    CHECK(!fm_awaitable_done(&naps[0]));
    CHECK_INT(fm_yield(), 0);
    CHECK(fm_awaitable_done(&naps[0]));
    CHECK(fm_awaitable_done(&naps[1]));
}

STORY(what_was_never_begun_is_done_with_0)
{
    fm_awaitable none[3] = {0};
    CHECK(fm_awaitable_done(&none[0]));
    CHECK_INT(fm_awaitable_await(&none[0]), 0);
    CHECK_INT(fm_awaitable_gather(none, 3, NULL), 0);
    CHECK_INT(fm_awaitable_gather(NULL, 0, NULL), 0);
    CHECK(!fm_awaitable_cancel(&none[0]));
}

STORY(one_that_is_done_may_be_awaited_and_begun_again)
{
    fm_awaitable nap = {0};
    for (int i = 0; i < 5; i++) {
        CHECK_INT(fm_awaitable_sleep(&nap, story_span(1)), 0);
        CHECK_INT(fm_awaitable_await(&nap), 0);
        CHECK_INT(fm_awaitable_await(&nap), 0);
    }
}

STORY(one_that_could_not_be_begun_is_done_with_the_reason)
{
    fm_awaitable some[4] = {0};
    int results[4] = {7, 7, 7, 7};
    fm_when none = {0}, nan = fm_when_after(NAN), bell = when_bell(NULL);
    CHECK_INT(fm_awaitable_sleep(&some[0], NAN), -EINVAL);
    CHECK_INT(fm_awaitable_begin(&some[1], &none), -ENOENT);
    CHECK_INT(fm_awaitable_begin(&some[2], &nan), -EINVAL);
    CHECK_INT(fm_awaitable_begin(&some[3], &bell), -ENOMEM);
    CHECK_INT(fm_awaitable_await(&some[1]), -ENOENT);
    CHECK_INT(fm_awaitable_settle(some, 4, results), 4);
    CHECK(results[0] == -EINVAL && results[1] == -ENOENT &&
          results[2] == -EINVAL && results[3] == -ENOMEM);
    CHECK_INT(fm_awaitable_gather(some, 4, NULL), -EINVAL);
}

STORY(tasks_and_descriptors_are_no_awaitables)
{
    fm_awaitable none = {0};
    fm_task *task = fm_go(nap, 1, 0);
    fm_when ended = fm_when_ended(task), fd = fm_when_fd(0, FM_READABLE);
    CHECK_INT(fm_awaitable_begin(&none, &ended), -EOPNOTSUPP);
    CHECK_INT(fm_awaitable_begin(&none, &fd), -EOPNOTSUPP);
    CHECK_INT(fm_await(task), 0);
}

STORY(the_times_of_a_select_may_be_awaited)
{
    int64_t moment = fm_now() + units(2);
    fm_awaitable naps[3] = {0};
    fm_when whens[] = {fm_when_after(story_span(1)), fm_when_at(moment),
                       fm_when_after(INFINITY)};
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fm_awaitable_begin(&naps[i], &whens[i]), 0);
        whens[i] = (fm_when){0};
    }
    CHECK_INT(fm_awaitable_gather(naps, 2, NULL), 0);
    CHECK(fm_now() >= moment);
    CHECK(fm_awaitable_cancel(&naps[2]));
}

/* ---- Many --------------------------------------------------------------- */

STORY(a_gather_ends_with_the_last_of_them)
{
    int64_t begin = fm_now();
    fm_awaitable naps[10] = {0};
    int results[10];
    memset(results, 7, sizeof results);
    naps_begin(naps, 10, 1);
    CHECK_INT(fm_awaitable_gather(naps, 10, results), 0);
    CHECK(fm_now() - begin >= units(10));
    CHECK(!test_simulated() || fm_now() - begin < units(10.1));
    for (int i = 0; i < 10; i++)
        CHECK_INT(results[i], 0);
}

/* What it comes to in all: the record, and nothing beside it. */
STORY(a_crowd_of_timers_takes_64_bytes_each_and_no_memory_but_these)
{
    size_t count = test_many(100000);
    struct fm__fault_plan plan = {.fail_at = {0}};
    fm_awaitable *naps = calloc(count, sizeof *naps);
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    int64_t begin = fm_now();
    fm__fault_plan = &plan;
    for (size_t i = 0; i < count; i++)
        CHECK_INT(fm_awaitable_sleep(&naps[i], story_span(1)), 0);
    CHECK_INT(fm_awaitable_gather(naps, count, NULL), 0);
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]), held);
    CHECK_INT(sizeof(fm_awaitable), 64);
    CHECK(fm_now() - begin >= units(1));
    CHECK_INT(timers(), 0);
    free(naps);
}

STORY(whoever_gathers_is_woken_once)
{
    fm_awaitable naps[500] = {0};
    naps_begin(naps, 500, 0.01);
    uint32_t turns = fm__current->turns;
    CHECK_INT(fm_awaitable_gather(naps, 500, NULL), 0);
    CHECK_INT(fm__current->turns - turns, 1);
}

STORY(timers_at_random_are_done_in_order_of_time)
{
    fm_awaitable naps[200] = {0};
    int64_t moments[200], last = 0;
    uint64_t chance = test_seed(11);
    for (int i = 0; i < 200; i++) {
        moments[i] = fm_now() + units(1) + (int64_t)(test_random(&chance) % 7);
        CHECK_INT(fm_awaitable_sleep_until(&naps[i], moments[i]), 0);
    }
    for (int i = 0; i < 200; i++) {
        int which = fm_awaitable_first(naps, 200);
        CHECK(which >= 0 && which < 200);
        if (which >= 0)
            CHECK(fm_now() >= moments[which]);
        CHECK(fm_now() >= last);
        last = fm_now();
    }
    CHECK_INT(fm_awaitable_first(naps, 200), -ENOENT);
}

struct canceller {
    fm_awaitable *awaitable;
    double units;
};

/* Withdraws after a while. */
static int canceller(struct canceller *self)
{
    int rc = fm_sleep(story_span(self->units));
    return rc < 0 ? rc : fm_awaitable_cancel(self->awaitable);
}

STORY(the_first_failure_withdraws_the_rest)
{
    fm_awaitable naps[4] = {0};
    int results[4];
    for (int i = 1; i < 4; i++)
        CHECK_INT(fm_awaitable_sleep(&naps[i], i < 3 ? 1e6 : 0), 0);
    fm_task *task = fm_go(canceller, &naps[2], 1);
    CHECK_INT(fm_awaitable_gather(naps, 4, results), -ECANCELED);
    CHECK(results[0] == 0 && results[1] == -ECANCELED &&
          results[2] == -ECANCELED && results[3] == 0);
    CHECK_INT(timers(), 0);
    CHECK_INT(fm_await(task), 1);
}

STORY(what_had_failed_before_withdraws_the_rest_at_once)
{
    fm_awaitable naps[3] = {0};
    CHECK_INT(fm_awaitable_sleep(&naps[0], 1e6), 0);
    CHECK_INT(fm_awaitable_sleep(&naps[1], NAN), -EINVAL);
    CHECK_INT(fm_awaitable_gather(naps, 3, NULL), -EINVAL);
    CHECK_INT(fm_awaitable_result(&naps[0]), -ECANCELED);
}

STORY(a_settle_withdraws_none_and_counts_the_failures)
{
    fm_awaitable naps[4] = {0};
    int results[4];
    naps_begin(naps, 3, 1);
    CHECK_INT(fm_awaitable_sleep(&naps[3], NAN), -EINVAL);
    CHECK(fm_awaitable_cancel(&naps[1]));
    CHECK_INT(fm_awaitable_settle(naps, 4, results), 2);
    CHECK(results[0] == 0 && results[1] == -ECANCELED && results[2] == 0 &&
          results[3] == -EINVAL);
}

STORY(the_first_names_each_once_and_by_place_where_several_are_done)
{
    fm_awaitable naps[4] = {0};
    CHECK_INT(fm_awaitable_first(naps, 4), -ENOENT);
    CHECK_INT(fm_awaitable_sleep(&naps[0], INFINITY), 0);
    CHECK_INT(fm_awaitable_sleep(&naps[2], 0), 0);
    CHECK_INT(fm_awaitable_sleep(&naps[1], 0), 0);
    CHECK_INT(fm_awaitable_first(naps, 4), 1);
    CHECK_INT(fm_awaitable_first(naps, 4), 2);
    CHECK(fm_awaitable_cancel(&naps[0]));
    CHECK_INT(fm_awaitable_first(naps, 4), 0);
    CHECK_INT(fm_awaitable_first(naps, 4), -ENOENT);
    CHECK_INT(fm_awaitable_first(NULL, 0), -ENOENT);
}

STORY(what_a_verb_has_taken_is_named_no_more)
{
    fm_awaitable naps[3] = {0};
    naps_begin(naps, 3, 0);
    CHECK_INT(fm_awaitable_await(&naps[0]), 0);
    CHECK_INT(fm_awaitable_gather(&naps[1], 1, NULL), 0);
    CHECK_INT(fm_awaitable_first(naps, 3), 2);
    CHECK_INT(fm_awaitable_first(naps, 3), -ENOENT);
    CHECK_INT(fm_awaitable_sleep(&naps[0], 0), 0);
    CHECK_INT(fm_awaitable_first(naps, 3), 0);
}

/* ---- Things ------------------------------------------------------------- */

STORY(a_thing_is_done_once_it_was_ready_and_nothing_is_taken)
{
    struct bell bell = {.rings = 0};
    fm_awaitable some[2] = {0};
    fm_when when = when_bell(&bell);
    CHECK_INT(fm_awaitable_begin(&some[0], &when), 0);
    CHECK_INT(fm_awaitable_begin(&some[1], &when), 0);
    fm__watchers_tell(&bell.watchers);
    CHECK(!fm_awaitable_done(&some[0]));
    bell_ring(&bell);
    CHECK(fm_awaitable_done(&some[0]));
    CHECK(fm_awaitable_done(&some[1]));
    CHECK(!fm__watched(&bell.watchers));
    CHECK_INT(bell_take(&bell), 0);
    CHECK_INT(fm_awaitable_gather(some, 2, NULL), 0);
    bell_ring(&bell);
    CHECK_INT(fm_awaitable_begin(&some[0], &when), 0);
    CHECK(fm_awaitable_done(&some[0]));
    CHECK(!fm__watched(&bell.watchers));
}

STORY(times_and_things_are_gathered_together)
{
    struct bell bells[3] = {{.rings = 0}};
    fm_awaitable some[5] = {0};
    fm_when whens[3];
    for (int i = 0; i < 3; i++) {
        whens[i] = when_bell(&bells[i]);
        CHECK_INT(fm_awaitable_begin(&some[i], &whens[i]), 0);
    }
    naps_begin(&some[3], 2, 1);
    fm_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(ringer, &bells[i], 3 - i);
    CHECK_INT(fm_awaitable_gather(some, 5, NULL), 0);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
    for (int i = 0; i < 3; i++)
        CHECK(!fm__watched(&bells[i].watchers));
}

/* Several records of several tasks, and selects, at one bell. */
struct crowd {
    struct bell *bell;
    int count;
};

static int crowd(struct crowd *self)
{
    fm_when when = when_bell(self->bell);
    FM_AWAITABLES(some, 8);
    for (int i = 0; i < self->count; i++)
        CHECK_INT(fm_awaitable_begin(&some[i], &when), 0);
    if (self->count % 2 == 1)
        return fm_awaitable_first(some, (size_t)self->count);
    return fm_awaitable_gather(some, (size_t)self->count, NULL);
}

static int looker(struct crowd *self)
{
    return fm_select(when_bell(self->bell));
}

STORY(many_wait_for_one_thing_and_each_is_told)
{
    struct bell bell = {.rings = 0};
    struct crowd last = {&bell, 0};
    fm_task *tasks[9];
    for (int i = 0; i < 8; i++)
        tasks[i] = fm_go(crowd, &bell, i + 1);
    tasks[8] = fm_start((int (*)(void *))(void (*)(void))looker, &last);
    CHECK_INT(fm_yield(), 0);
    CHECK(fm__watched(&bell.watchers));
    bell_ring(&bell);
    CHECK_INT(fm_gather_array(tasks, 9, NULL), 0);
    CHECK(!fm__watched(&bell.watchers));
}
