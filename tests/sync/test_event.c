/*
 * test_event.c - something has happened, for all who wait for it
 */
#include "line_kit.h"

#include "task/watcher.h"

struct waits {
    fm_event *event;
    int name;
};

static int waits(struct waits *self)
{
    int rc = fm_event_wait(self->event);
    if (rc == 0)
        note(self->name);
    return rc;
}

STORY(to_set_an_event_wakes_all_who_wait_in_the_order_they_came)
{
    fm_event event = {0};
    fm_task *tasks[5];
    note_nothing();
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(waits, &event, i);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(noted_count, 0);
    fm_event_set(&event);
    CHECK_INT(noted_count, 0);
    CHECK_INT(fm_gather_array(tasks, 5, NULL), 0);
    CHECK_NOTED(0, 1, 2, 3, 4);
}

STORY(who_comes_to_an_event_that_is_set_does_not_wait)
{
    fm_event event = {0};
    fm_task *other = fm_go(waits, &event, 1);
    note_nothing();
    fm_event_set(&event);
    fm_event_set(&event);
    CHECK(fm_event_is_set(&event));
    CHECK_INT(fm_event_wait(&event), 0);
    CHECK_INT(noted_count, 0);
    CHECK_INT(fm_await(other), 0);
}

STORY(a_waiter_returns_0_also_where_the_event_is_cleared_again)
{
    fm_event event = {0};
    fm_task *waiter = fm_go(waits, &event, 1);
    CHECK_INT(fm_yield(), 0);
    fm_event_set(&event);
    fm_event_clear(&event);
    CHECK(!fm_event_is_set(&event));
    CHECK_INT(fm_await(waiter), 0);
}

STORY(who_waits_after_a_clear_waits_for_the_next_time)
{
    int rc;
    fm_event event = {0};
    fm_event_set(&event);
    fm_event_clear(&event);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_event_wait(&event);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_task *waiter = fm_go(waits, &event, 1);
    CHECK_INT(fm_yield(), 0);
    fm_event_set(&event);
    CHECK_INT(fm_await(waiter), 0);
}

STORY(a_cut_waiter_leaves_an_event_to_the_others)
{
    fm_event event = {0};
    note_nothing();
    fm_task *first = fm_go(waits, &event, 1);
    fm_task *second = fm_go(waits, &event, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    fm_event_set(&event);
    CHECK_INT(fm_await(second), 0);
    CHECK_NOTED(2);
}

STORY(who_is_cut_right_after_the_event_was_set_has_seen_it)
{
    fm_event event = {0};
    fm_task *waiter = fm_go(waits, &event, 1);
    CHECK_INT(fm_yield(), 0);
    fm_event_set(&event);
    CHECK_INT(fm_stop(waiter), 0);
}

static int cancelled_waits(void *event)
{
    fm_cancel(fm_self());
    CHECK_INT(fm_event_wait(event), -ECANCELED);
    return 0;
}

STORY(to_wait_is_a_cancel_point_also_where_the_event_is_set)
{
    fm_event event = {0};
    fm_event_set(&event);
    CHECK_INT(fm_await(fm_start(cancelled_waits, &event)), 0);
}

static void sets(void *event)
{
    fm_event_set(event);
}

STORY(an_event_may_be_set_by_a_callback)
{
    fm_event event = {0};
    call_back(sets, &event);
    CHECK(!fm_event_is_set(&event));
    CHECK_INT(fm_event_wait(&event), 0);
}

static unsigned told;

static void looks(struct fm__watcher *watcher)
{
    (void)watcher;
    told++;
}

STORY(who_watches_an_event_is_told_when_it_is_set)
{
    fm_event event = {0};
    fm_when when = fm_when_set(&event);
    struct fm__watcher watcher = {.look = looks};
    told = 0;
    fm__watch(when.kind->watchers(&when), &watcher);
    CHECK(!when.kind->ready(&when));
    fm_event_set(&event);
    fm_event_set(&event);
    CHECK(when.kind->ready(&when));
    CHECK_INT(told, 1);
    fm_event_clear(&event);
    CHECK(!when.kind->ready(&when));
    CHECK_INT(told, 1);
    fm__list_remove(&watcher.link);
}

struct seen {
    fm_event event;
    unsigned seen;
};

static int sees(void *arg)
{
    struct seen *self = arg;
    int rc = fm_event_wait(&self->event);
    self->seen += rc == 0;
    return rc;
}

STORY(in_a_storm_of_cuts_who_is_not_cut_sees_the_event)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(500); round++) {
        struct seen seen = {0};
        struct storm storm = {
            .fn = sees, .arg = &seen, .chance = test_random(&chance)};
        fm_task *last = fm_start(sees, &seen);
        CHECK_INT(fm_yield(), 0);
        fm_task *storming = fm_start(sees, &seen);
        fm_event_set(&seen.event);
        storm_run(&storm);
        CHECK_INT(fm_gather(last, storming), 0);
        CHECK(seen.seen >= 2);
    }
}

/* ---- Mistakes ----------------------------------------------------------- */

static int sets_elsewhere(void *event)
{
    fm_event_set(event);
    return 0;
}

static void is_set_elsewhere(void)
{
    fm_event event = {0};
    fm_task *waiter = fm_go(waits, &event, 1);
    fm_yield();
    elsewhere(sets_elsewhere, &event);
    fm_stop(waiter);
}

static int waits_elsewhere(void *event)
{
    return fm_event_wait(event);
}

static void is_awaited_elsewhere(void)
{
    fm_event event = {0};
    fm_task *waiter = fm_go(waits, &event, 1);
    fm_yield();
    elsewhere(waits_elsewhere, &event);
    fm_stop(waiter);
}

static int selects(void *event)
{
    return fm_select(fm_when_set(event));
}

static void is_set_elsewhere_while_selected(void)
{
    fm_event event = {0};
    fm_task *task = fm_start(selects, &event);
    fm_yield();
    elsewhere(sets_elsewhere, &event);
    fm_stop(task);
}

static void waits_outside(void *arg)
{
    fm_event event = {0};
    (void)arg;
    CHECK_INT(fm_event_wait(&event), 0);
}

TEST(mistakes_with_an_event_abort_with_a_sentence)
{
    CHECK_DOOMED(is_set_elsewhere,
                 "fm_event_set: tasks of another loop wait here");
    CHECK_DOOMED(is_awaited_elsewhere,
                 "fm_event_wait: tasks of another loop wait here");
    CHECK_DOOMED(is_set_elsewhere_while_selected,
                 "what it selects was changed on another thread");
    CHECK_DIES(waits_outside, NULL, "fm_event_wait was called outside a task");
}
