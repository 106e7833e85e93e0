/*
 * test_future.c - a result that is brought once, for all who wait for it
 */
#include "task/story.h"

#include "base/fault.h"
#include "task/watcher.h"

#include <errno.h>

static int order[8];
static unsigned ordered;

static void note(int number)
{
    if (ordered < 8)
        order[ordered++] = number;
}

struct reader {
    fm_future *future;
    int number;
};

static int reader(struct reader *self)
{
    void *value = NULL;
    int rc = fm_future_wait(self->future, &value);
    note(self->number);
    return rc < 0 ? rc : *(int *)value;
}

/* ---- Waiting ------------------------------------------------------------ */

STORY(all_who_wait_get_the_result_in_the_order_in_which_they_came)
{
    int value = 7;
    ordered = 0;
    fm_future *future = fm_future_new();
    fm_task *first = fm_go(reader, future, 1);
    fm_task *second = fm_go(reader, future, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_future_set(future, 3, &value), 0);
    fm_future_put(future);
    CHECK_INT(ordered, 0);
    CHECK_INT(fm_await(second), 7);
    CHECK_INT(fm_await(first), 7);
    CHECK_INT(order[0], 1);
    CHECK_INT(order[1], 2);
}

STORY(a_future_that_is_set_is_waited_for_without_waiting)
{
    int number = 1;
    void *value = NULL;
    fm_future *future = fm_future_new();
    CHECK_INT(fm_future_set(future, 5, &number), 0);
    CHECK_INT(fm_future_wait(future, &value), 5);
    CHECK(value == &number);
    CHECK_INT(fm_future_wait(future, NULL), 5);
    CHECK_INT(fm_future_wait(future, &value), 5);
    fm_future_put(future);
}

STORY(a_failure_is_a_result_without_a_value)
{
    int number = 1;
    void *value = &number;
    fm_future *future = fm_future_new();
    CHECK_INT(fm_future_set(future, -EIO, NULL), 0);
    CHECK_INT(fm_future_wait(future, &value), -EIO);
    CHECK_INT(fm_future_result(future, &value), -EIO);
    CHECK(value == &number);
    fm_future_put(future);
}

STORY(only_the_first_to_set_it_does)
{
    int first, second;
    void *value = NULL;
    fm_future *future = fm_future_new();
    CHECK_INT(fm_future_set(future, 1, &first), 0);
    CHECK_INT(fm_future_set(future, 2, &second), -EALREADY);
    CHECK_INT(fm_future_cancel(future), -EALREADY);
    CHECK_INT(fm_future_wait(future, &value), 1);
    CHECK(value == &first);
    fm_future_put(future);
}

STORY(the_result_can_be_read_without_waiting_once_it_is_there)
{
    int number;
    void *value = NULL;
    fm_future *future = fm_future_new();
    CHECK(!fm_future_done(future));
    CHECK_INT(fm_future_result(future, &value), -EAGAIN);
    CHECK(value == NULL);
    CHECK_INT(fm_future_set(future, 0, &number), 0);
    CHECK(fm_future_done(future));
    CHECK_INT(fm_future_result(future, &value), 0);
    CHECK(value == &number);
    CHECK_INT(fm_future_result(future, NULL), 0);
    fm_future_put(future);
}

STORY(a_cancelled_future_ends_the_waits_with_its_cancel)
{
    ordered = 0;
    fm_future *future = fm_future_new();
    fm_task *task = fm_go(reader, future, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_future_cancel(future), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
    CHECK_INT(fm_future_result(future, NULL), -ECANCELED);
    CHECK_INT(fm_yield(), 0); /* nobody was cut */
    fm_future_put(future);
}

/* Ours: a cancel of one who waits is no cancel of what it waits for. */
STORY(a_cut_waiter_leaves_the_future_alone)
{
    int rc, value = 4;
    ordered = 0;
    fm_future *future = fm_future_new();
    fm_task *cut = fm_go(reader, future, 1);
    fm_task *patient = fm_go(reader, future, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(cut), -ECANCELED);
    CHECK(!fm_future_done(future));
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_future_wait(future, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_future_set(future, 0, &value), 0);
    CHECK_INT(fm_await(patient), 4);
    fm_future_put(future);
}

STORY(a_waiter_that_was_cut_after_it_was_set_has_the_result)
{
    int value = 6;
    fm_future *future = fm_future_new();
    fm_task *task = fm_go(reader, future, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_future_set(future, 0, &value), 0);
    CHECK_INT(fm_stop(task), 6);
    fm_future_put(future);
}

static int wait_cancelled(void *arg)
{
    CHECK_INT(fm_cancel(fm_self()), 0);
    CHECK_INT(fm_future_set(arg, 0, NULL), 0);
    return fm_future_wait(arg, NULL);
}

STORY(a_wait_is_a_cancel_point_also_when_the_future_is_set)
{
    fm_future *future = fm_future_new();
    CHECK_INT(fm_await(fm_start(wait_cancelled, future)), -ECANCELED);
    CHECK(fm_future_done(future));
    fm_future_put(future);
}

STORY(who_waits_for_what_is_set_yields_when_its_budget_is_spent)
{
    struct answer other = {3};
    fm_future *future = fm_future_new();
    fm_task *task = fm_go(answer, other.result);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(fm_future_wait(future, NULL), 0);
    CHECK_INT(fm_cancel(task), -ESRCH); /* it has had its turn */
    CHECK_INT(fm_await(task), 3);
    fm_future_put(future);
}

/* ---- Shares ------------------------------------------------------------- */

STORY(a_future_lives_until_its_last_share_is_put)
{
    fm_future *future = fm_future_new();
    fm_future *shared = fm_future_get(future);
    CHECK(shared == future);
    CHECK_INT(fm_future_set(future, 2, NULL), 0);
    fm_future_put(future);
    CHECK_INT(fm_future_wait(shared, NULL), 2);
    fm_future_put(shared);
}

STORY(what_woke_its_waiters_may_be_gone_when_they_run)
{
    int value = 8;
    ordered = 0;
    fm_future *future = fm_future_new();
    fm_task *task = fm_go(reader, future, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_future_set(future, 0, &value), 0);
    fm_future_put(future);
    CHECK_INT(fm_await(task), 8);
}

static int wait_for(void *future)
{
    return fm_future_wait(future, NULL);
}

static void put_while_waited_for(void)
{
    fm_future *future = fm_future_new();
    fm_task *task = fm_start(wait_for, future);
    fm_yield();
    fm_future_put(future);
    fm_await(task);
}

static int select_it(void *future)
{
    return fm_select(fm_when_done(future));
}

static void put_while_selected(void)
{
    fm_future *future = fm_future_new();
    fm_task *task = fm_start(select_it, future);
    fm_yield();
    fm_future_put(future);
    fm_await(task);
}

TEST(to_put_the_last_share_while_a_task_waits_aborts_with_a_sentence)
{
    CHECK_DOOMED(put_while_waited_for, "a task waits for this future");
    CHECK_DOOMED(put_while_selected, "a task waits for this future");
}

/* ---- Looking at it ------------------------------------------------------ */

static unsigned looked;

static void look(struct fm__watcher *watcher)
{
    (void)watcher;
    looked++;
}

STORY(who_watches_is_told_once_and_finds_it_ready_for_ever)
{
    struct fm__watcher watcher = {.look = look};
    fm_future *future = fm_future_new();
    fm_when when = fm_when_done(future);
    looked = 0;
    CHECK(!when.kind->ready(&when));
    fm__watch(when.kind->watchers(&when), &watcher);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK_INT(fm_future_set(future, 0, NULL), -EALREADY);
    CHECK_INT(looked, 1);
    CHECK(when.kind->ready(&when));
    CHECK_INT(fm_future_wait(future, NULL), 0);
    CHECK(when.kind->ready(&when));
    fm__list_remove(&watcher.link);
    fm_future_put(future);
}

/* ---- Limits and mistakes ------------------------------------------------ */

STORY(a_future_that_is_null_answers_enomem)
{
    int number;
    void *value = &number;
    fm_call unused = {.fn = NULL};
    CHECK_INT(fm_future_set(NULL, 0, NULL), -ENOMEM);
    CHECK_INT(fm_future_cancel(NULL), -ENOMEM);
    CHECK_INT(fm_future_wait(NULL, &value), -ENOMEM);
    CHECK_INT(fm_future_result(NULL, &value), -ENOMEM);
    CHECK_INT(fm_future_call(NULL, &unused), -ENOMEM);
    CHECK(fm_future_done(NULL));
    CHECK(value == &number);
    CHECK(fm_future_get(NULL) == NULL);
    fm_future_put(NULL);
}

STORY(without_memory_there_is_no_future)
{
    for (uint64_t k = 1; k <= 2; k++) {
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = k};
        fm__fault_plan = &plan;
        fm_future *future = fm_future_new();
        fm__fault_plan = NULL;
        CHECK(future == NULL);
    }
}

STORY(to_set_and_to_wait_takes_no_memory)
{
    struct fm__fault_plan plan = {0};
    fm_future *future = fm_future_new();
    fm_task *task = fm_start(wait_for, future);
    fm__fault_plan = &plan;
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_future_set(future, 1, NULL), 0);
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK_INT(fm_await(task), 1);
    fm_future_put(future);
}

static void new_outside(void *arg)
{
    (void)arg;
    fm_future_put(fm_future_new());
}

TEST(fm_future_new_outside_a_run_aborts_with_a_sentence)
{
    CHECK_DIES(new_outside, NULL, "fm_future_new was called outside a task");
}

static fm_future *kept;

static void keep_a_future(void)
{
    kept = fm_future_new();
}

static void wait_for_kept(void)
{
    CHECK_INT(fm_future_wait(kept, NULL), 0);
}

static void wait_in_another_run(void *arg)
{
    story_run(keep_a_future, (fm_run_options){0});
    story_doomed(arg);
}

TEST(a_wait_on_another_loop_aborts_with_a_sentence)
{
    void (*body)(void) = wait_for_kept;
    CHECK_DIES(wait_in_another_run, &body,
               "fm_future_wait: the future belongs to another loop");
}

static void wait_for_ever(void)
{
    fm_future *future = fm_future_new();
    CHECK_INT(fm_future_wait(future, NULL), 0);
}

TEST(in_the_simulator_a_future_that_nobody_sets_is_a_deadlock)
{
    if (!test_simulated())
        return;
    CHECK_DOOMED(wait_for_ever, "deadlock");
}
