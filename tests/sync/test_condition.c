/*
 * test_condition.c - waiting for a change of what a lock protects
 */
#include "line_kit.h"

struct shelf {
    fm_lock lock;
    fm_condition changed;
    int eggs;
};

/* Waits for one notification under the lock and notes its name. */
struct waits {
    struct shelf *shelf;
    int name;
};

static int waits(struct waits *self)
{
    struct shelf *shelf = self->shelf;
    int rc = fm_lock_acquire(&shelf->lock);
    if (rc < 0)
        return rc;
    rc = fm_condition_wait(&shelf->changed, &shelf->lock);
    CHECK(fm_lock_held(&shelf->lock));
    if (rc == 0)
        note(self->name);
    fm_lock_release(&shelf->lock); /* aborts where it is not its own */
    return rc;
}

static bool some_eggs(void *arg)
{
    return ((struct shelf *)arg)->eggs > 0;
}

/* Waits until there is an egg, and takes it. */
struct takes {
    struct shelf *shelf;
};

static int takes(struct takes *self)
{
    int rc;
    struct shelf *shelf = self->shelf;
    FM_LOCKED(&shelf->lock, rc) {
        rc = fm_condition_wait_for(&shelf->changed, &shelf->lock, some_eggs,
                                   shelf);
        shelf->eggs -= rc == 0;
    }
    return rc;
}

/* However slow the machine is. */
static void settle(void)
{
    for (int i = 0; i < 50; i++)
        CHECK_INT(fm_yield(), 0);
}

/* ---- Order -------------------------------------------------------------- */

STORY(notify_wakes_as_many_as_it_says_in_the_order_they_came)
{
    struct shelf shelf = {0};
    fm_task *tasks[5];
    note_nothing();
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(waits, &shelf, i);
    CHECK_INT(fm_yield(), 0);
    fm_condition_notify(&shelf.changed, 0);
    fm_condition_notify(&shelf.changed, 2);
    settle();
    CHECK_NOTED(0, 1);
    fm_condition_notify(&shelf.changed, 1);
    settle();
    CHECK_NOTED(0, 1, 2);
    fm_condition_notify_all(&shelf.changed);
    CHECK_INT(fm_gather_array(tasks, 5, NULL), 0);
    CHECK_NOTED(0, 1, 2, 3, 4);
}

STORY(a_notification_that_nobody_waits_for_is_none)
{
    struct shelf shelf = {0};
    fm_condition_notify_all(&shelf.changed);
    fm_task *late = fm_go(waits, &shelf, 1);
    settle();
    CHECK_INT(fm_stop(late), -ECANCELED);
}

STORY(while_one_waits_for_a_change_others_have_the_lock)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(waits, &shelf, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK(!fm_lock_held(&shelf.lock));
    CHECK_INT(fm_lock_acquire(&shelf.lock), 0);
    fm_condition_notify(&shelf.changed, 1);
    settle();
    fm_lock_release(&shelf.lock);
    CHECK_INT(fm_await(waiter), 0);
}

/* Acquires the lock, notes its name, releases. */
struct locks {
    struct shelf *shelf;
    int name;
};

static int locks(struct locks *self)
{
    int rc;
    FM_LOCKED(&self->shelf->lock, rc) {
        note(self->name);
    }
    return rc;
}

STORY(who_is_notified_stands_in_the_line_of_the_lock)
{
    struct shelf shelf = {0};
    note_nothing();
    fm_task *one = fm_go(waits, &shelf, 1);
    fm_task *two = fm_go(waits, &shelf, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_lock_acquire(&shelf.lock), 0);
    fm_task *before = fm_go(locks, &shelf, 3);
    CHECK_INT(fm_yield(), 0);
    fm_condition_notify_all(&shelf.changed);
    fm_task *behind = fm_go(locks, &shelf, 4);
    CHECK_INT(fm_yield(), 0);
    fm_lock_release(&shelf.lock);
    CHECK_INT(fm_gather(one, two, before, behind), 0);
    CHECK_NOTED(3, 1, 2, 4);
}

STORY(a_latecomer_does_not_take_the_lock_from_one_who_was_notified)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(waits, &shelf, 1);
    CHECK_INT(fm_yield(), 0);
    fm_condition_notify(&shelf.changed, 1);
    CHECK(fm_lock_held(&shelf.lock));
    CHECK_INT(fm_lock_acquire_try(&shelf.lock), -EAGAIN);
    CHECK_INT(fm_await(waiter), 0);
}

/* ---- Predicates --------------------------------------------------------- */

STORY(wait_for_returns_when_the_predicate_holds_and_not_before)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(takes, &shelf);
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 3; i++) {
        fm_condition_notify_all(&shelf.changed);
        settle();
    }
    shelf.eggs = 2;
    fm_condition_notify_all(&shelf.changed);
    CHECK_INT(fm_await(waiter), 0);
    CHECK_INT(shelf.eggs, 1);
}

STORY(wait_for_does_not_wait_where_the_predicate_holds)
{
    struct shelf shelf = {.eggs = 1};
    CHECK_INT(fm_await(fm_go(takes, &shelf)), 0);
    CHECK_INT(shelf.eggs, 0);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_waiter_has_its_lock_and_takes_nobodys_notification)
{
    struct shelf shelf = {0};
    note_nothing();
    fm_task *first = fm_go(waits, &shelf, 1);
    fm_task *second = fm_go(waits, &shelf, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    fm_condition_notify(&shelf.changed, 1);
    CHECK_INT(fm_await(second), 0);
    CHECK_NOTED(2);
    CHECK(!fm_lock_held(&shelf.lock));
}

STORY(a_cut_waiter_waits_for_its_lock_as_long_as_that_takes)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(waits, &shelf, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_lock_acquire(&shelf.lock), 0);
    fm_cancel(waiter);
    fm_condition_notify_all(&shelf.changed); /* too late for it */
    settle();
    fm_cancel(waiter);
    CHECK_INT(fm_lock_acquire_try(&shelf.lock), -EAGAIN);
    fm_lock_release(&shelf.lock);
    CHECK_INT(fm_await(waiter), -ECANCELED);
}

STORY(who_is_cut_after_it_was_notified_returns_0)
{
    struct shelf shelf = {0};
    note_nothing();
    fm_task *waiter = fm_go(waits, &shelf, 1);
    fm_task *other = fm_go(waits, &shelf, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_lock_acquire(&shelf.lock), 0);
    fm_condition_notify(&shelf.changed, 1);
    fm_cancel(waiter); /* in the lock's line */
    CHECK_INT(fm_yield(), 0);
    fm_lock_release(&shelf.lock);
    CHECK_INT(fm_await(waiter), 0);
    fm_condition_notify(&shelf.changed, 1);
    CHECK_INT(fm_stop(other), 0); /* it has the lock already */
    CHECK_NOTED(1, 2);
}

STORY(an_egg_is_not_lost_with_one_who_is_notified_and_cut)
{
    struct shelf shelf = {0};
    fm_task *first = fm_go(takes, &shelf);
    fm_task *second = fm_go(takes, &shelf);
    CHECK_INT(fm_yield(), 0);
    shelf.eggs = 1;
    fm_condition_notify(&shelf.changed, 1);
    CHECK_INT(fm_stop(first), 0); /* it took it */
    CHECK_INT(shelf.eggs, 0);
    CHECK_INT(fm_stop(second), -ECANCELED);
}

STORY(a_wait_for_a_change_ends_with_its_timeout_and_has_the_lock)
{
    int rc, inner = 0;
    struct shelf shelf = {0};
    FM_LOCKED(&shelf.lock, rc) {
        FM_TIMEOUT(story_span(1), inner) {
            inner = fm_condition_wait_for(&shelf.changed, &shelf.lock,
                                          some_eggs, &shelf);
        }
        CHECK(fm_lock_held(&shelf.lock));
    }
    CHECK_INT(rc, 0);
    CHECK_INT(inner, -ETIMEDOUT);
}

static int cancelled_waits(void *arg)
{
    struct shelf *shelf = arg;
    CHECK_INT(fm_lock_acquire(&shelf->lock), 0);
    fm_cancel(fm_self());
    CHECK_INT(fm_condition_wait(&shelf->changed, &shelf->lock), -ECANCELED);
    CHECK_INT(
        fm_condition_wait_for(&shelf->changed, &shelf->lock, some_eggs, shelf),
        -ECANCELED);
    CHECK(fm_lock_held(&shelf->lock));
    fm_lock_release(&shelf->lock);
    return 0;
}

STORY(to_wait_is_a_cancel_point_also_where_the_predicate_holds)
{
    struct shelf shelf = {.eggs = 1};
    CHECK_INT(fm_await(fm_start(cancelled_waits, &shelf)), 0);
}

static int waits_in_vain(void *arg)
{
    struct shelf *shelf = arg;
    int rc = fm_lock_acquire(&shelf->lock);
    if (rc < 0)
        return rc;
    rc = fm_condition_wait_for(&shelf->changed, &shelf->lock, some_eggs, shelf);
    fm_lock_release(&shelf->lock);
    return rc;
}

STORY(a_cut_ends_a_wait_for_a_predicate_that_fails_after_a_notification)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_start(waits_in_vain, &shelf);
    CHECK_INT(fm_yield(), 0);
    fm_condition_notify(&shelf.changed, 1);
    fm_cancel(waiter);
    CHECK_INT(fm_await(waiter), -ECANCELED);
}

struct larder {
    struct shelf shelf;
    int taken, cut;
};

static int storms(void *arg)
{
    struct larder *self = arg;
    int rc = fm_await(fm_go(takes, &self->shelf));
    self->taken += rc == 0;
    self->cut += rc == -ECANCELED;
    return rc;
}

/* Each egg is notified once: to whoever it was, an egg came of it. */
static int brings(void *arg)
{
    struct larder *self = arg;
    int rc = 0;
    for (int i = 0; rc == 0 && i < STORM; i++) {
        self->shelf.eggs++;
        fm_condition_notify(&self->shelf.changed, 1);
        rc = fm_yield();
    }
    return rc;
}

STORY(in_a_storm_of_cuts_no_notification_is_lost)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(300); round++) {
        struct larder larder = {.taken = 0};
        struct storm storm = {
            .fn = storms, .arg = &larder, .chance = test_random(&chance)};
        fm_task *brought = fm_start(brings, &larder);
        storm_run(&storm);
        CHECK_INT(fm_await(brought), 0);
        CHECK_INT(larder.taken + larder.shelf.eggs, STORM);
        CHECK(!fm_lock_held(&larder.shelf.lock));
    }
}

static void notifies(void *condition)
{
    fm_condition_notify_all(condition);
}

STORY(a_callback_may_notify)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(waits, &shelf, 1);
    CHECK_INT(fm_yield(), 0);
    call_back(notifies, &shelf.changed);
    CHECK_INT(fm_await(waiter), 0);
}

/* ---- Mistakes ----------------------------------------------------------- */

static void waits_without_the_lock(void)
{
    struct shelf shelf = {0};
    CHECK_INT(fm_condition_wait(&shelf.changed, &shelf.lock), 0);
}

static int keeps_the_lock(void *arg)
{
    struct shelf *shelf = arg;
    int rc;
    FM_LOCKED(&shelf->lock, rc) {
        rc = fm_sleep(story_span(5));
    }
    return rc;
}

static void waits_with_anothers_lock(void)
{
    struct shelf shelf = {0};
    fm_task *keeps = fm_start(keeps_the_lock, &shelf);
    fm_yield();
    CHECK_INT(
        fm_condition_wait_for(&shelf.changed, &shelf.lock, some_eggs, &shelf),
        0);
    fm_stop(keeps);
}

static int notifies_elsewhere(void *condition)
{
    fm_condition_notify(condition, 1);
    return 0;
}

static void is_notified_elsewhere(void)
{
    struct shelf shelf = {0};
    fm_task *waiter = fm_go(waits, &shelf, 1);
    fm_yield();
    elsewhere(notifies_elsewhere, &shelf.changed);
    fm_stop(waiter);
}

TEST(mistakes_with_a_condition_abort_with_a_sentence)
{
    CHECK_DOOMED(waits_without_the_lock,
                 "fm_condition_wait in task story_main");
    CHECK_DOOMED(waits_without_the_lock, "nobody holds this lock");
    CHECK_DOOMED(waits_with_anothers_lock, "task keeps_the_lock (");
    CHECK_DOOMED(is_notified_elsewhere,
                 "fm_condition_notify: tasks of another loop wait here");
}
