/*
 * test_semaphore.c - so many at a time, handed from one to the next
 */
#include "line_kit.h"

#include "task/watcher.h"

/* Takes a permit, notes its name, holds for a while, and gives it back. */
struct holds {
    fm_semaphore *semaphore;
    int name;
    double units;
};

static int holds(struct holds *self)
{
    int rc = fm_semaphore_acquire(self->semaphore);
    if (rc < 0)
        return rc;
    note(self->name);
    rc = self->units > 0 ? fm_sleep(story_span(self->units)) : 0;
    fm_semaphore_release(self->semaphore);
    return rc;
}

/* ---- First come, first served ------------------------------------------- */

STORY(a_permit_is_handed_to_the_one_that_waited_longest)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 0, 0);
    fm_task *tasks[5];
    note_nothing();
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(holds, &semaphore, i, 0);
    CHECK_INT(fm_yield(), 0);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_gather_array(tasks, 5, NULL), 0);
    CHECK_NOTED(0, 1, 2, 3, 4);
    CHECK_INT(fm_semaphore_count(&semaphore), 1);
}

STORY(a_permit_is_gone_before_the_one_who_gets_it_runs)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 1, 1);
    note_nothing();
    CHECK_INT(fm_semaphore_acquire(&semaphore), 0);
    fm_task *waits = fm_go(holds, &semaphore, 1, 0);
    CHECK_INT(fm_yield(), 0);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_semaphore_count(&semaphore), 0);
    CHECK_INT(fm_semaphore_acquire_try(&semaphore), -EAGAIN);
    CHECK_INT(fm_semaphore_acquire(&semaphore), 0);
    note(2);
    CHECK_NOTED(1, 2);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_await(waits), 0);
}

struct limited {
    fm_semaphore *semaphore;
    int *alive, *most;
};

static int limited(struct limited *self)
{
    int rc;
    FM_PERMIT(self->semaphore, rc) {
        if (++*self->alive > *self->most)
            *self->most = *self->alive;
        rc = fm_sleep(story_span(1));
        --*self->alive;
    }
    return rc;
}

STORY(no_more_hold_a_permit_than_there_are)
{
    fm_semaphore semaphore;
    fm_task *tasks[20];
    int alive = 0, most = 0;
    fm_semaphore_init(&semaphore, 3, 3);
    for (int i = 0; i < 20; i++)
        tasks[i] = fm_go(limited, &semaphore, &alive, &most);
    CHECK_INT(fm_gather_array(tasks, 20, NULL), 0);
    CHECK_INT(most, 3);
    CHECK_INT(fm_semaphore_count(&semaphore), 3);
}

STORY(a_record_of_zeros_is_a_semaphore_without_permits)
{
    fm_semaphore semaphore = {0};
    CHECK_INT(fm_semaphore_count(&semaphore), 0);
    CHECK_INT(fm_semaphore_acquire_try(&semaphore), -EAGAIN);
    fm_task *waits = fm_go(holds, &semaphore, 1, 0);
    CHECK_INT(fm_yield(), 0);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_await(waits), 0);
    CHECK_INT(fm_semaphore_acquire_try(&semaphore), 0);
    CHECK_INT(fm_semaphore_count(&semaphore), 0);
}

STORY(without_a_bound_a_semaphore_counts_what_happens)
{
    fm_semaphore semaphore = {0};
    for (int i = 0; i < 100; i++)
        fm_semaphore_release(&semaphore);
    CHECK_INT(fm_semaphore_count(&semaphore), 100);
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_semaphore_acquire(&semaphore), 0);
    CHECK_INT(fm_semaphore_count(&semaphore), 0);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_waiter_that_is_cut_takes_no_permit_with_it)
{
    fm_semaphore semaphore = {0};
    note_nothing();
    fm_task *first = fm_go(holds, &semaphore, 1, 0);
    fm_task *second = fm_go(holds, &semaphore, 2, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_await(second), 0);
    CHECK_NOTED(2);
    CHECK_INT(fm_semaphore_count(&semaphore), 1);
}

STORY(who_is_cut_right_after_it_was_given_a_permit_has_it)
{
    fm_semaphore semaphore = {0};
    note_nothing();
    fm_task *given = fm_go(holds, &semaphore, 1, 1);
    fm_task *next = fm_go(holds, &semaphore, 2, 0);
    CHECK_INT(fm_yield(), 0);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_stop(given), -ECANCELED); /* from its sleep */
    CHECK_INT(fm_await(next), 0);
    CHECK_NOTED(1, 2);
    CHECK_INT(fm_semaphore_count(&semaphore), 1);
}

static int cancelled_acquires(void *semaphore)
{
    int rc, inside = 0;
    fm_cancel(fm_self());
    CHECK_INT(fm_semaphore_acquire(semaphore), -ECANCELED);
    FM_PERMIT(semaphore, rc) {
        inside++;
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(inside, 0);
    CHECK_INT(fm_semaphore_count(semaphore), 2);
    return 0;
}

STORY(to_acquire_is_a_cancel_point_also_where_a_permit_is_free)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 2, 2);
    CHECK_INT(fm_await(fm_start(cancelled_acquires, &semaphore)), 0);
}

STORY(a_wait_for_a_permit_ends_with_its_timeout)
{
    int rc;
    fm_semaphore semaphore = {0};
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_semaphore_acquire(&semaphore);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_semaphore_release(&semaphore);
    CHECK_INT(fm_semaphore_count(&semaphore), 1);
}

struct slots {
    fm_semaphore semaphore;
    int taken;
};

static int slots(void *arg)
{
    int rc;
    struct slots *self = arg;
    FM_PERMIT(&self->semaphore, rc) {
        CHECK(++self->taken <= 3);
        rc = fm_yield();
        self->taken--;
    }
    return rc;
}

STORY(in_a_storm_of_cuts_no_permit_is_lost_or_doubled)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(500); round++) {
        struct slots all = {.taken = 0};
        fm_semaphore_init(&all.semaphore, 3, 3);
        struct storm storm = {
            .fn = slots, .arg = &all, .chance = test_random(&chance)};
        storm_run(&storm);
        CHECK_INT(all.taken, 0);
        CHECK_INT(fm_semaphore_count(&all.semaphore), 3);
    }
}

/* ---- Blocks and callbacks ----------------------------------------------- */

static int leaves_by(fm_semaphore *semaphore, int way)
{
    int rc;
    FM_PERMIT(semaphore, rc) {
        CHECK_INT(fm_semaphore_count(semaphore), 1);
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

STORY(a_permit_block_releases_however_it_is_left)
{
    static const int results[] = {9, 7, 8, 0};
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 2, 2);
    for (int way = 0; way < 4; way++) {
        CHECK_INT(leaves_by(&semaphore, way), results[way]);
        CHECK_INT(fm_semaphore_count(&semaphore), 2);
    }
}

static void releases(void *semaphore)
{
    CHECK_INT(fm_semaphore_acquire_try(semaphore), -EAGAIN);
    fm_semaphore_release(semaphore);
}

STORY(a_callback_may_release_a_permit_and_try_for_one)
{
    fm_semaphore semaphore = {0};
    call_back(releases, &semaphore);
    CHECK_INT(fm_semaphore_acquire(&semaphore), 0);
}

static unsigned told;

static void looks(struct fm__watcher *watcher)
{
    (void)watcher;
    told++;
}

STORY(who_watches_a_semaphore_is_told_when_a_permit_is_free)
{
    fm_semaphore semaphore = {0};
    fm_when when = fm_when_permit(&semaphore);
    struct fm__watcher watcher = {.look = looks};
    told = 0;
    fm_task *waits = fm_go(holds, &semaphore, 1, 1);
    CHECK_INT(fm_yield(), 0);
    fm__watch(when.kind->watchers(&when), &watcher);
    fm_semaphore_release(&semaphore); /* to the one who waits */
    CHECK(!when.kind->ready(&when));
    CHECK_INT(told, 0);
    CHECK_INT(fm_await(waits), 0);
    CHECK(when.kind->ready(&when));
    CHECK_INT(told, 1);
    CHECK_INT(fm_semaphore_acquire_try(&semaphore), 0);
    fm__list_remove(&watcher.link);
}

/* ---- Mistakes ----------------------------------------------------------- */

static void starts_with_too_many(void)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 3, 2);
}

static void releases_too_often(void)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, 1, 2);
    fm_semaphore_release(&semaphore);
    fm_semaphore_release(&semaphore);
}

static void releases_past_what_can_be_counted(void)
{
    fm_semaphore semaphore;
    fm_semaphore_init(&semaphore, SIZE_MAX, 0);
    fm_semaphore_release(&semaphore);
}

static int releases_elsewhere(void *semaphore)
{
    fm_semaphore_release(semaphore);
    return 0;
}

static void is_released_elsewhere(void)
{
    fm_semaphore semaphore = {0};
    fm_task *waits = fm_go(holds, &semaphore, 1, 0);
    fm_yield();
    elsewhere(releases_elsewhere, &semaphore);
    fm_stop(waits);
}

TEST(mistakes_with_a_semaphore_abort_with_a_sentence)
{
    CHECK_DOOMED(starts_with_too_many,
                 "fm_semaphore_init: 3 permits are more than the most, 2");
    CHECK_DOOMED(releases_too_often,
                 "fm_semaphore_release: all its permits are free, 2");
    CHECK_DOOMED(releases_past_what_can_be_counted,
                 "fm_semaphore_release: all its permits are free, ");
    CHECK_DOOMED(is_released_elsewhere,
                 "fm_semaphore_release: tasks of another loop wait here");
}
