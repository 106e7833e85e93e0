/*
 * test_lock.c - one task at a time, handed from one to the next
 */
#include "line_kit.h"

/* Acquires, notes its name, holds for a while, and releases. */
struct holds {
    fm_lock *lock;
    int name;
    double units;
};

static int holds(struct holds *self)
{
    int rc = fm_lock_acquire(self->lock);
    if (rc < 0)
        return rc;
    note(self->name);
    rc = self->units > 0 ? fm_sleep(story_span(self->units)) : 0;
    fm_lock_release(self->lock);
    return rc;
}

/* ---- First come, first served ------------------------------------------- */

STORY(the_lock_is_handed_to_the_one_that_waited_longest)
{
    fm_lock lock = {0};
    note_nothing();
    CHECK_INT(fm_gather(fm_go(holds, &lock, 1, 2), fm_go(holds, &lock, 2, 1),
                        fm_go(holds, &lock, 3, 0), fm_go(holds, &lock, 4, 1)),
              0);
    CHECK_NOTED(1, 2, 3, 4);
    CHECK(!fm_lock_held(&lock));
}

STORY(a_latecomer_overtakes_nobody_who_waits_for_a_lock)
{
    fm_lock lock = {0};
    note_nothing();
    CHECK_INT(fm_lock_acquire(&lock), 0);
    fm_task *waits = fm_go(holds, &lock, 1, 0);
    CHECK_INT(fm_yield(), 0);
    fm_lock_release(&lock);
    CHECK(fm_lock_held(&lock));
    CHECK_INT(fm_lock_acquire_try(&lock), -EAGAIN);
    CHECK_INT(fm_lock_acquire(&lock), 0);
    note(2);
    fm_lock_release(&lock);
    CHECK_NOTED(1, 2);
    CHECK_INT(fm_await(waits), 0);
}

struct inside {
    fm_lock *lock;
    int *inside, *most;
};

static int inside(struct inside *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 20; i++) {
        FM_LOCKED(self->lock, rc) {
            *self->most += ++*self->inside > 1;
            rc = fm_yield();
            --*self->inside;
        }
    }
    return rc;
}

STORY(one_task_at_a_time_has_the_lock_also_across_its_pauses)
{
    fm_lock lock = {0};
    fm_task *tasks[10];
    int within = 0, more = 0;
    for (int i = 0; i < 10; i++)
        tasks[i] = fm_go(inside, &lock, &within, &more);
    CHECK_INT(fm_gather_array(tasks, 10, NULL), 0);
    CHECK_INT(more, 0);
    CHECK_INT(within, 0);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_waiter_that_is_cut_leaves_the_line_of_a_lock)
{
    fm_lock lock = {0};
    note_nothing();
    CHECK_INT(fm_lock_acquire(&lock), 0);
    fm_task *first = fm_go(holds, &lock, 1, 0);
    fm_task *second = fm_go(holds, &lock, 2, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    fm_lock_release(&lock);
    CHECK_INT(fm_await(second), 0);
    CHECK_NOTED(2);
}

STORY(who_is_cut_right_after_it_was_given_the_lock_has_it)
{
    fm_lock lock = {0};
    note_nothing();
    CHECK_INT(fm_lock_acquire(&lock), 0);
    fm_task *given = fm_go(holds, &lock, 1, 1);
    fm_task *next = fm_go(holds, &lock, 2, 0);
    CHECK_INT(fm_yield(), 0);
    fm_lock_release(&lock);
    CHECK_INT(fm_stop(given), -ECANCELED); /* from its sleep */
    CHECK_INT(fm_await(next), 0);
    CHECK_NOTED(1, 2);
    CHECK(!fm_lock_held(&lock));
}

static int cancelled_acquires(void *arg)
{
    int rc, inside = 0;
    fm_cancel(fm_self());
    CHECK_INT(fm_lock_acquire(arg), -ECANCELED);
    FM_LOCKED(arg, rc) {
        inside++;
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(inside, 0);
    CHECK(!fm_lock_held(arg));
    CHECK_INT(fm_lock_acquire_try(arg), 0);
    fm_lock_release(arg);
    return 0;
}

STORY(to_acquire_is_a_cancel_point_also_where_the_lock_is_free)
{
    fm_lock lock = {0};
    CHECK_INT(fm_await(fm_start(cancelled_acquires, &lock)), 0);
}

STORY(a_wait_for_a_lock_ends_with_its_timeout)
{
    int rc;
    fm_lock lock = {0};
    fm_task *other = fm_go(holds, &lock, 1, 5);
    CHECK_INT(fm_yield(), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_lock_acquire(&lock);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_await(other), 0);
    CHECK(!fm_lock_held(&lock));
}

struct guarded {
    fm_lock lock;
    bool taken;
    unsigned times;
};

static int guarded(void *arg)
{
    int rc;
    struct guarded *self = arg;
    FM_LOCKED(&self->lock, rc) {
        CHECK(!self->taken);
        self->taken = true;
        self->times++;
        rc = fm_yield();
        self->taken = false;
    }
    return rc;
}

STORY(in_a_storm_of_cuts_a_lock_is_neither_lost_nor_doubled)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(500); round++) {
        struct guarded guard = {0};
        struct storm storm = {
            .fn = guarded, .arg = &guard, .chance = test_random(&chance)};
        storm_run(&storm);
        CHECK(!guard.taken);
        CHECK(!fm_lock_held(&guard.lock));
        CHECK_INT(fm_lock_acquire(&guard.lock), 0);
        fm_lock_release(&guard.lock);
    }
}

/* ---- Blocks ------------------------------------------------------------- */

static int leaves_by(fm_lock *lock, int way)
{
    int rc;
    FM_LOCKED(lock, rc) {
        CHECK_INT(rc, 0);
        CHECK(fm_lock_held(lock));
        if (way == 1)
            return 7;
        if (way == 2)
            goto out;
        if (way == 3)
            break;
        rc = 9;
    }
    return rc;
out:
    return 8;
}

STORY(a_locked_block_releases_however_it_is_left)
{
    static const int results[] = {9, 7, 8, 0};
    fm_lock lock = {0};
    for (int way = 0; way < 4; way++) {
        CHECK_INT(leaves_by(&lock, way), results[way]);
        CHECK(!fm_lock_held(&lock));
    }
}

STORY(locked_blocks_nest_with_each_other_and_with_timeouts)
{
    int rc, inner = 0, innermost = 0;
    fm_lock one = {0}, two = {0};
    FM_LOCKED(&one, rc) {
        FM_TIMEOUT(story_span(1), inner) {
            FM_LOCKED(&two, innermost) {
                innermost = fm_sleep(story_span(5));
            }
            CHECK(!fm_lock_held(&two));
            inner = innermost;
        }
        rc = inner;
        CHECK(fm_lock_held(&one));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(!fm_lock_held(&one));
}

/* ---- Its life ----------------------------------------------------------- */

STORY(a_task_that_never_has_to_wait_for_a_lock_lets_others_run)
{
    fm_lock lock = {0}, others = {0};
    fm_task *other = fm_go(holds, &others, 1, 0);
    unsigned rounds = 0;
    note_nothing();
    for (; noted_count == 0 && rounds < 1000; rounds++) {
        CHECK_INT(fm_lock_acquire(&lock), 0);
        fm_lock_release(&lock);
    }
    CHECK(rounds < 1000);
    CHECK_INT(fm_await(other), 0);
}

static int uses(void *arg)
{
    fm_task *other = fm_go(holds, arg, 1, 0);
    CHECK_INT(fm_await(fm_go(holds, arg, 2, 1)), 0);
    return fm_await(other);
}

TEST(a_lock_outlives_the_run_that_used_it)
{
    static fm_lock lock;
    CHECK_INT(fm_run(uses, &lock), 0);
    CHECK_INT(fm_run(uses, &lock), 0);
}

/* ---- Mistakes ----------------------------------------------------------- */

static fm_lock bad;

static void acquires_twice(void)
{
    CHECK_INT(fm_lock_acquire(&bad), 0);
    CHECK_INT(fm_lock_acquire(&bad), 0);
}

static void releases_what_is_free(void)
{
    fm_lock_release(&bad);
}

static void releases_anothers(void)
{
    fm_task *other = fm_go(holds, &bad, 1, 5);
    fm_yield();
    fm_lock_release(&bad);
    fm_stop(other);
}

static int acquires(void *lock)
{
    return fm_lock_acquire(lock);
}

static void waits_for_one_that_ended(void)
{
    CHECK_INT(fm_await(fm_start(acquires, &bad)), 0);
    CHECK_INT(fm_lock_acquire(&bad), 0);
}

static void waits_for_one_that_is_kept(void)
{
    fm_task *kept = fm_start(acquires, &bad);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_lock_acquire(&bad), 0);
    fm_stop(kept);
}

static void releases_one_that_ended_has(void)
{
    CHECK_INT(fm_await(fm_start(acquires, &bad)), 0);
    fm_lock_release(&bad);
}

static void is_used_elsewhere(void)
{
    CHECK_INT(fm_lock_acquire(&bad), 0);
    elsewhere(acquires, &bad);
}

static int tries(void *lock)
{
    return fm_lock_acquire_try(lock);
}

static void outside(void *arg)
{
    (void)arg;
    CHECK_INT(fm_lock_acquire(&bad), 0);
}

static void tries_outside(void *arg)
{
    CHECK_INT(tries(arg), 0);
}

static void releases_outside(void *arg)
{
    fm_lock_release(arg);
}

TEST(mistakes_with_a_lock_abort_with_a_sentence_that_names_both)
{
    CHECK_DOOMED(acquires_twice, "it holds this lock already");
    CHECK_DOOMED(releases_what_is_free, "nobody holds this lock");
    CHECK_DOOMED(releases_anothers, "fm_lock_release in task story_main");
    CHECK_DOOMED(releases_anothers, "task holds (");
    CHECK_DOOMED(waits_for_one_that_ended, "has ended and never released it");
    CHECK_DOOMED(waits_for_one_that_is_kept, "task acquires (");
    CHECK_DOOMED(releases_one_that_ended_has,
                 "a task that has ended holds this lock");
    CHECK_DOOMED(is_used_elsewhere, "for a task of the loop of");
    CHECK_DIES(outside, NULL, "fm_lock_acquire was called outside a task");
    CHECK_DIES(tries_outside, &bad,
               "fm_lock_acquire_try was called outside a task");
    CHECK_DIES(releases_outside, &bad,
               "fm_lock_release was called outside a task");
}
