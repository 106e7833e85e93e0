/*
 * test_rwlock.c - readers together, writers alone, all in order of arrival
 */
#include "line_kit.h"

/* Enters, notes its name, holds for a while, notes it negated, and leaves. */
struct visits {
    fm_rwlock *lock;
    int name;
    double units;
};

static int visit(struct visits *self, int rc)
{
    if (rc < 0)
        return rc;
    note(self->name);
    rc = fm_sleep(story_span(self->units));
    note(-self->name);
    fm_rwlock_release(self->lock);
    return rc;
}

static int reads(void *arg)
{
    struct visits *self = arg;
    return visit(self, fm_rwlock_read(self->lock));
}

static int writes(void *arg)
{
    struct visits *self = arg;
    return visit(self, fm_rwlock_write(self->lock));
}

static bool free_now(fm_rwlock *lock)
{
    int rc = fm_rwlock_write_try(lock);
    if (rc == 0)
        fm_rwlock_release(lock);
    return rc == 0;
}

/* Starts one visitor for each letter, in order: 'r' or 'w', named from 1. */
static void come(fm_rwlock *lock, const char *kinds, struct visits *visits,
                 fm_task **tasks)
{
    note_nothing();
    for (int i = 0; kinds[i] != '\0'; i++) {
        visits[i] = (struct visits){lock, i + 1, 1};
        tasks[i] = fm_start(kinds[i] == 'r' ? reads : writes, &visits[i]);
    }
    CHECK_INT(fm_yield(), 0);
}

/* ---- Who may enter ------------------------------------------------------ */

STORY(readers_are_in_together)
{
    fm_rwlock lock = {0};
    struct visits visits[3];
    fm_task *tasks[3];
    come(&lock, "rrr", visits, tasks);
    CHECK_NOTED(1, 2, 3);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
    CHECK(free_now(&lock));
}

STORY(a_writer_is_in_alone)
{
    fm_rwlock lock = {0};
    struct visits visits[3];
    fm_task *tasks[3];
    come(&lock, "wwr", visits, tasks);
    CHECK_NOTED(1);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
    CHECK_NOTED(1, -1, 2, -2, 3, -3);
}

STORY(neighbouring_readers_enter_together_after_a_writer)
{
    fm_rwlock lock = {0};
    struct visits visits[6];
    fm_task *tasks[6];
    come(&lock, "wrrwrr", visits, tasks);
    CHECK_INT(fm_gather_array(tasks, 6, NULL), 0);
    CHECK_NOTED(1, -1, 2, 3, -2, -3, 4, -4, 5, 6, -5, -6);
}

STORY(a_reader_that_comes_later_does_not_overtake_a_writer_that_waits)
{
    fm_rwlock lock = {0};
    struct visits visits[3];
    fm_task *tasks[3];
    come(&lock, "rwr", visits, tasks);
    CHECK_INT(fm_rwlock_read_try(&lock), -EAGAIN);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
    CHECK_NOTED(1, -1, 2, -2, 3, -3);
}

static int reads_for_ever(void *lock)
{
    int rc = 0;
    while (rc == 0) {
        rc = fm_rwlock_read(lock);
        if (rc < 0)
            return rc;
        rc = fm_sleep(story_span(1));
        fm_rwlock_release(lock);
    }
    return rc;
}

STORY(writers_do_not_starve_among_readers_who_never_all_leave)
{
    fm_rwlock lock = {0};
    fm_task *one = fm_start(reads_for_ever, &lock);
    CHECK_INT(fm_sleep(story_span(0.5)), 0);
    fm_task *two = fm_start(reads_for_ever, &lock);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(fm_rwlock_write(&lock), 0);
        fm_rwlock_release(&lock);
    }
    CHECK_INT(fm_stop(one), -ECANCELED);
    CHECK_INT(fm_stop(two), -ECANCELED);
    CHECK(free_now(&lock));
}

STORY(the_lock_is_taken_before_the_one_who_gets_it_runs)
{
    fm_rwlock lock = {0};
    struct visits visits[1];
    fm_task *tasks[1];
    CHECK_INT(fm_rwlock_write(&lock), 0);
    come(&lock, "r", visits, tasks);
    fm_rwlock_release(&lock);
    CHECK_INT(fm_rwlock_write_try(&lock), -EAGAIN);
    CHECK_INT(fm_rwlock_read_try(&lock), 0);
    fm_rwlock_release(&lock);
    CHECK_INT(fm_gather_array(tasks, 1, NULL), 0);
}

STORY(the_try_forms_of_a_rwlock_say_eagain_where_the_others_would_wait)
{
    fm_rwlock lock = {0};
    CHECK_INT(fm_rwlock_write_try(&lock), 0);
    CHECK_INT(fm_rwlock_write_try(&lock), -EAGAIN);
    CHECK_INT(fm_rwlock_read_try(&lock), -EAGAIN);
    fm_rwlock_release(&lock);
    CHECK_INT(fm_rwlock_read_try(&lock), 0);
    CHECK_INT(fm_rwlock_read_try(&lock), 0);
    CHECK_INT(fm_rwlock_write_try(&lock), -EAGAIN);
    fm_rwlock_release(&lock);
    fm_rwlock_release(&lock);
    CHECK(free_now(&lock));
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_writer_that_is_cut_lets_the_readers_behind_it_in)
{
    fm_rwlock lock = {0};
    struct visits visits[5];
    fm_task *tasks[5];
    come(&lock, "rwrrw", visits, tasks);
    CHECK_NOTED(1);
    CHECK_INT(fm_stop(tasks[1]), -ECANCELED);
    CHECK_INT(fm_yield(), 0);
    CHECK_NOTED(1, 3, 4);
    fm_task *rest[] = {tasks[0], tasks[2], tasks[3], tasks[4]};
    CHECK_INT(fm_gather_array(rest, 4, NULL), 0);
    CHECK_NOTED(1, 3, 4, -1, -3, -4, 5, -5);
}

STORY(a_reader_that_is_cut_leaves_the_line_of_a_rwlock)
{
    fm_rwlock lock = {0};
    struct visits visits[3];
    fm_task *tasks[3];
    come(&lock, "wrw", visits, tasks);
    CHECK_INT(fm_stop(tasks[1]), -ECANCELED);
    CHECK_INT(fm_gather(tasks[0], tasks[2]), 0);
    CHECK_NOTED(1, -1, 3, -3);
}

STORY(who_is_cut_right_after_it_was_let_in_is_in)
{
    fm_rwlock lock = {0};
    static const char *const kinds[] = {"w", "r"};
    for (int i = 0; i < 2; i++) {
        struct visits visits[1];
        fm_task *tasks[1];
        CHECK_INT(fm_rwlock_write(&lock), 0);
        come(&lock, kinds[i], visits, tasks);
        fm_rwlock_release(&lock);
        CHECK_INT(fm_stop(tasks[0]), -ECANCELED); /* from its sleep */
        CHECK_NOTED(1, -1);
        CHECK(free_now(&lock));
    }
}

static int cancelled_asks(void *lock)
{
    int rc, inside = 0;
    fm_cancel(fm_self());
    CHECK_INT(fm_rwlock_read(lock), -ECANCELED);
    CHECK_INT(fm_rwlock_write(lock), -ECANCELED);
    FM_READING(lock, rc) {
        inside++;
    }
    CHECK_INT(rc, -ECANCELED);
    FM_WRITING(lock, rc) {
        inside++;
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(inside, 0);
    CHECK(free_now(lock));
    return 0;
}

STORY(to_read_and_to_write_are_cancel_points_also_where_the_lock_is_free)
{
    fm_rwlock lock = {0};
    CHECK_INT(fm_await(fm_start(cancelled_asks, &lock)), 0);
}

STORY(a_wait_for_a_rwlock_ends_with_its_timeout)
{
    int rc;
    fm_rwlock lock = {0};
    struct visits visits[1];
    fm_task *tasks[1];
    come(&lock, "r", visits, tasks);
    FM_TIMEOUT(story_span(0.5), rc) {
        rc = fm_rwlock_write(&lock);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_rwlock_read_try(&lock), 0);
    fm_rwlock_release(&lock);
    CHECK_INT(fm_gather_array(tasks, 1, NULL), 0);
}

struct table {
    fm_rwlock lock;
    int readers, writers, visits;
};

static int uses(void *arg)
{
    int rc;
    struct table *self = arg;
    if (self->visits++ % 3 == 0) {
        FM_WRITING(&self->lock, rc) {
            CHECK_INT(self->readers + self->writers++, 0);
            rc = fm_yield();
            self->writers--;
        }
        return rc;
    }
    FM_READING(&self->lock, rc) {
        CHECK_INT(self->writers, 0);
        self->readers++;
        rc = fm_yield();
        self->readers--;
    }
    return rc;
}

STORY(in_a_storm_of_cuts_a_rwlock_is_neither_lost_nor_doubled)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(500); round++) {
        struct table table = {.visits = 0};
        struct storm storm = {
            .fn = uses, .arg = &table, .chance = test_random(&chance)};
        storm_run(&storm);
        CHECK_INT(table.readers + table.writers, 0);
        CHECK(free_now(&table.lock));
    }
}

/* ---- Blocks ------------------------------------------------------------- */

static int leaves_by(fm_rwlock *lock, int way)
{
    int rc, inner;
    FM_READING(lock, rc) {
        CHECK_INT(fm_rwlock_write_try(lock), -EAGAIN);
        if (way == 1)
            return 7;
        if (way == 2)
            goto out;
        rc = 9;
    }
    FM_WRITING(lock, inner) {
        CHECK_INT(fm_rwlock_read_try(lock), -EAGAIN);
        if (way == 3)
            return 6;
        if (way == 4)
            goto out;
        if (way == 5)
            break;
        rc = 10;
    }
    return rc;
out:
    return 8;
}

STORY(blocks_of_a_rwlock_release_however_they_are_left)
{
    static const int results[] = {10, 7, 8, 6, 8, 9};
    fm_rwlock lock = {0};
    for (int way = 0; way < 6; way++) {
        CHECK_INT(leaves_by(&lock, way), results[way]);
        CHECK(free_now(&lock));
    }
}

/* ---- Mistakes ----------------------------------------------------------- */

static fm_rwlock bad;

static void writes_twice(void)
{
    CHECK_INT(fm_rwlock_write(&bad), 0);
    CHECK_INT(fm_rwlock_write(&bad), 0);
}

static void reads_what_it_writes(void)
{
    CHECK_INT(fm_rwlock_write(&bad), 0);
    CHECK_INT(fm_rwlock_read(&bad), 0);
}

static void writes_what_it_reads(void)
{
    int rc;
    FM_READING(&bad, rc) {
        rc = fm_rwlock_write(&bad);
    }
    CHECK_INT(rc, 0);
}

static void reads_twice_around_a_writer(void)
{
    int rc;
    struct visits visitor = {&bad, 1, 1};
    FM_READING(&bad, rc) {
        fm_task *writer = fm_start(writes, &visitor);
        fm_yield();
        rc = fm_rwlock_read(&bad);
        fm_stop(writer);
    }
    CHECK_INT(rc, 0);
}

static void releases_what_is_free(void)
{
    fm_rwlock_release(&bad);
}

static void releases_anothers(void)
{
    struct visits visitor = {&bad, 1, 1};
    fm_task *writer = fm_start(writes, &visitor);
    fm_yield();
    fm_rwlock_release(&bad);
    fm_stop(writer);
}

static int keeps(void *lock)
{
    return fm_rwlock_write(lock);
}

static void waits_for_one_that_ended(void)
{
    CHECK_INT(fm_await(fm_start(keeps, &bad)), 0);
    CHECK_INT(fm_rwlock_read(&bad), 0);
}

static void is_used_elsewhere(void)
{
    CHECK_INT(fm_rwlock_read(&bad), 0);
    struct visits visitor = {&bad, 1, 1};
    fm_task *writer = fm_start(writes, &visitor);
    fm_yield();
    elsewhere(keeps, &bad);
    fm_stop(writer);
}

static void tries_outside(void *arg)
{
    (void)arg;
    CHECK_INT(fm_rwlock_read_try(&bad), 0);
}

TEST(mistakes_with_a_rwlock_abort_with_a_sentence)
{
    CHECK_DOOMED(writes_twice, "it holds this lock already");
    CHECK_DOOMED(reads_what_it_writes, "it holds this lock already");
    CHECK_DOOMED(writes_what_it_reads, "it reads under this lock already");
    CHECK_DOOMED(reads_twice_around_a_writer,
                 "it reads under this lock already");
    CHECK_DOOMED(releases_what_is_free, "nobody holds this lock");
    CHECK_DOOMED(releases_anothers, "task writes (");
    CHECK_DOOMED(waits_for_one_that_ended, "has ended and never released it");
    CHECK_DOOMED(is_used_elsewhere,
                 "fm_rwlock_write: tasks of another loop wait here");
    CHECK_DIES(tries_outside, NULL,
               "fm_rwlock_read_try was called outside a task");
}
