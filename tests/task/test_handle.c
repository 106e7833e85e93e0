/*
 * test_handle.c - handles: who may consume one, how often, and what of it
 * when the slot is in use again
 */
#include "story.h"

static void consume_twice(void)
{
    fm_task *task = fm_go(answer, 1);
    fm_await(task);
    fm_await(task);
}

TEST(a_second_use_of_a_handle_aborts_with_a_sentence)
{
    CHECK_DOOMED(consume_twice, "fm_await in task story_main");
    CHECK_DOOMED(consume_twice, "the handle was consumed before");
}

static void consume_after_reuse(void)
{
    fm_task *old = fm_go(answer, 1);
    fm_await(old);
    fm_task *new = fm_go(answer, 2);
    CHECK((uint32_t)(uintptr_t)new == (uint32_t)(uintptr_t)old);
    fm_await(old);
}

TEST(a_handle_used_twice_after_reuse_of_its_slot_aborts)
{
    CHECK_DOOMED(consume_after_reuse, "the handle was consumed before");
}

struct thief {
    fm_task *loot;
    int (*verb)(fm_task *task);
};

static int thief(struct thief *self)
{
    return self->verb(self->loot);
}

static int (*stranger_verb)(fm_task *task);

static int stranger_gather(fm_task *task)
{
    return fm_gather(task);
}

static int stranger_settle(fm_task *task)
{
    return fm_settle(&task, 1, NULL);
}

static void stranger_tries(void)
{
    fm_task *task = fm_go(nap, .units = 1);
    fm_await(fm_go(thief, task, stranger_verb));
}

TEST(use_of_a_handle_by_a_stranger_aborts_with_a_sentence)
{
    int (*verbs[])(fm_task *) = {fm_await, fm_stop, fm_detach, stranger_gather,
                                 stranger_settle};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        stranger_verb = verbs[i];
        CHECK_DOOMED(stranger_tries, "in task thief");
        CHECK_DOOMED(stranger_tries, "task nap");
        CHECK_DOOMED(stranger_tries, "was not started by it");
    }
}

struct embrace {
    fm_task *other;
};

static int embrace(struct embrace *self)
{
    return fm_await(self->other);
}

static void embrace_each_other(void)
{
    fm_task *child = fm_go(embrace, fm_self());
    fm_await(child);
}

TEST(two_tasks_cannot_await_each_other)
{
    CHECK_DOOMED(embrace_each_other, "in task embrace");
    CHECK_DOOMED(embrace_each_other, "was not started by it");
}

static void await_oneself(void)
{
    fm_await(fm_self());
}

TEST(a_task_cannot_await_itself)
{
    CHECK_DOOMED(await_oneself, "was not started by it");
}

static void consume_garbage(void)
{
    static char garbage[64];
    fm_await((fm_task *)(void *)garbage);
}

TEST(what_is_no_handle_at_all_aborts_with_the_same_sentence)
{
    CHECK_DOOMED(consume_garbage, "consumed before, or is none");
}

struct cancel_it {
    fm_task *task;
};

static int cancel_it(struct cancel_it *self)
{
    int rc = fm_cancel(self->task);
    return rc < 0 ? rc : fm_cancel(self->task);
}

STORY(anyone_on_the_loop_may_cancel_and_that_consumes_nothing)
{
    fm_task *task = fm_go(forever);
    CHECK_INT(fm_await(fm_go(cancel_it, task)), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
}

STORY(fm_cancel_answers_esrch_for_an_ended_task)
{
    fm_task *task = fm_go(answer, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(task), -ESRCH);
    CHECK_INT(fm_await(task), 3);
    CHECK_INT(fm_cancel(task), -ESRCH);
    fm_task *next = fm_go(forever);
    CHECK_INT(fm_cancel(task), -ESRCH);
    CHECK_INT(fm_task_set_name(task, "ghost"), -ESRCH);
    CHECK(fm_task_name(task) == NULL);
    CHECK_INT(fm_stop(next), -ECANCELED);
}

STORY(a_finished_unconsumed_task_keeps_its_slot_and_its_result)
{
    fm_task *task = fm_go(answer, 42);
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_await(fm_go(nap, 0, i)), i);
    CHECK_INT(fm_await(task), 42);
}

static unsigned waking;

static int wait_in_scope(void)
{
    int rc = fm_sleep(INFINITY);
    waking++;
    return rc;
}

STORY(fm_task_stops_the_task_at_the_end_of_the_scope)
{
    waking = 0;
    {
        FM_TASK task = fm_go(wait_in_scope);
        CHECK_INT(fm_yield(), 0);
        CHECK(task != NULL);
        CHECK_INT(waking, 0);
    }
    CHECK_INT(waking, 1);
}

static int leave_scope_by_return(void)
{
    FM_TASK task = fm_go(wait_in_scope);
    return task != NULL ? 9 : 0;
}

STORY(fm_task_stops_the_task_also_when_the_scope_is_left_by_return)
{
    waking = 0;
    CHECK_INT(leave_scope_by_return(), 9);
    CHECK_INT(waking, 1);
}

STORY(fm_task_leaves_alone_a_handle_that_was_consumed)
{
    waking = 0;
    {
        FM_TASK awaited = fm_go(nap, 1, 1);
        FM_TASK stopped = fm_go(forever);
        FM_TASK gathered = fm_go(answer, 2);
        FM_TASK detached = fm_go(nap, .units = 1);
        CHECK_INT(fm_detach(detached), 0);
        CHECK_INT(fm_await(awaited), 1);
        CHECK_INT(fm_stop(stopped), -ECANCELED);
        CHECK_INT(fm_gather(gathered), 0);
    }
    fm_task *reuse[4];
    for (int i = 0; i < 4; i++)
        reuse[i] = fm_go(nap, .units = 1);
    CHECK_INT(fm_gather_array(reuse, 4, NULL), 0);
}

static int leave_a_detached_one(void)
{
    FM_TASK detached = fm_go(nap, .units = 1);
    return fm_detach(detached);
}

STORY(fm_task_leaves_alone_a_task_that_was_detached_and_lives)
{
    CHECK_INT(fm_await(fm_go(leave_a_detached_one)), 0);
}

static fm_task *handle_of_before;

static void handle_remember(void)
{
    handle_of_before = fm_self();
}

static void handle_compare(void)
{
    CHECK(handle_of_before != fm_self());
    CHECK_INT(fm_cancel(handle_of_before), -ESRCH);
}

TEST(a_handle_of_another_run_is_a_strangers)
{
    CHECK_INT(story_run(handle_remember, (fm_run_options){0}), 0);
    CHECK_INT(story_run(handle_compare, (fm_run_options){0}), 0);
}

STORY(many_starts_in_one_slot_never_give_the_same_handle)
{
    fm_task *first = fm_go(answer, 0), *last = NULL;
    CHECK_INT(fm_await(first), 0);
    for (size_t i = 0; i < test_many(20000); i++) {
        fm_task *next = fm_go(answer, 0);
        CHECK(next != first && next != last);
        last = next;
        CHECK_INT(fm_await(next), 0);
    }
    CHECK_INT(fm_cancel(first), -ESRCH);
}
