/*
 * sweep_locks.c - scenarios: who holds a lock or a permit, and who waits for it
 */
#include "fault/hall.h"

/* ---- Locks --------------------------------------------------------------- */

static int lock_visits(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        FM_LOCKED(&hall->lock, rc) {
            hall_enter(hall, 1);
            rc = sweep_sleep(1);
            hall->inside--;
        }
    }
    return rc;
}

/* Its patience is shorter than the others' visits. */
static int lock_hastes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 4; i++) {
        FM_TIMEOUT(sweep_ticks(0.5), rc) {
            FM_LOCKED(&hall->lock, rc) {
                hall_enter(hall, 1);
                rc = fm_yield();
                hall->inside--;
            }
        }
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return rc;
}

/* Comes back when it has been cut, to say goodbye. */
static int lock_parts(struct hall *hall)
{
    int rc = sweep_sleep(1), last;
    FM_SHIELD(sweep_ticks(100)) {
        FM_LOCKED(&hall->lock, last) {
            hall_enter(hall, 1);
            last = sweep_sleep(1);
            hall->inside--;
        }
    }
    return rc < 0 ? rc : last;
}

static int takes_turns(void *arg)
{
    (void)arg;
    struct hall hall = {0};
    int rc = hall_run(
        &hall, false,
        (struct plan[]){{lock_visits}, {lock_visits}, {lock_visits}, {NULL}});
    sweep_state.noted += fm_lock_held(&hall.lock);
    return rc;
}

static int loses_patience(void *arg)
{
    (void)arg;
    struct hall hall = {0};
    int rc = hall_run(
        &hall, false,
        (struct plan[]){{lock_visits}, {lock_hastes}, {lock_hastes}, {NULL}});
    sweep_state.noted += fm_lock_held(&hall.lock);
    return rc;
}

static int says_goodbye(void *arg)
{
    (void)arg;
    struct hall hall = {0};
    int rc = hall_run(
        &hall, false,
        (struct plan[]){{lock_parts}, {lock_parts}, {lock_visits}, {NULL}});
    sweep_state.noted += fm_lock_held(&hall.lock);
    return rc;
}

/* ---- Semaphores ---------------------------------------------------------- */

static int permit_visits(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++) {
        FM_PERMIT(&hall->semaphore, rc) {
            hall_enter(hall, 2);
            rc = sweep_sleep(1);
            hall->inside--;
        }
    }
    return rc;
}

static int permit_gives(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 6; i++) {
        rc = sweep_sleep(1);
        fm_semaphore_release(&hall->semaphore);
        hall->brought++;
    }
    return rc;
}

static int permit_takes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3;) {
        FM_TIMEOUT(sweep_ticks(0.7), rc) {
            rc = fm_semaphore_acquire(&hall->semaphore);
        }
        hall->taken += rc == 0;
        i += rc == 0;
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return rc;
}

static int two_at_a_time(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    fm_semaphore_init(&hall.semaphore, 2, 2);
    int rc = hall_run(&hall, false,
                      (struct plan[]){{permit_visits},
                                      {permit_visits},
                                      {permit_visits},
                                      {permit_visits},
                                      {permit_visits},
                                      {NULL}});
    sweep_state.noted += fm_semaphore_count(&hall.semaphore) != 2;
    return rc;
}

static int counts_permits(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    fm_semaphore_init(&hall.semaphore, 0, 0);
    int rc =
        hall_run(&hall, true,
                 (struct plan[]){
                     {permit_gives}, {permit_takes}, {permit_takes}, {NULL}});
    int left = (int)fm_semaphore_count(&hall.semaphore);
    sweep_state.noted += hall.brought != hall.taken + left;
    return rc;
}

/* ---- Readers and writers ------------------------------------------------- */

static int reads(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        FM_READING(&hall->rwlock, rc) {
            hall_enter(hall, 10);
            sweep_state.noted += hall->writers > 0;
            rc = sweep_sleep(1);
            hall->inside--;
        }
    }
    return rc;
}

static int writes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++) {
        FM_WRITING(&hall->rwlock, rc) {
            hall_enter(hall, 1);
            hall->writers++;
            rc = sweep_sleep(1);
            hall->writers--;
            hall->inside--;
        }
    }
    return rc;
}

/* Gives up while readers stand behind it. */
static int write_hastes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 4; i++) {
        FM_TIMEOUT(sweep_ticks(0.5), rc) {
            FM_WRITING(&hall->rwlock, rc) {
                hall_enter(hall, 1);
                rc = fm_yield();
                hall->inside--;
            }
        }
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return rc;
}

static void hall_shut(struct hall *hall)
{
    if (fm_rwlock_write_try(&hall->rwlock) == 0)
        fm_rwlock_release(&hall->rwlock);
    else
        sweep_state.noted++;
}

static int reads_and_writes(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    int rc = hall_run(
        &hall, false,
        (struct plan[]){{reads}, {writes}, {reads}, {reads}, {writes}, {NULL}});
    hall_shut(&hall);
    return rc;
}

static int gives_up_writing(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    int rc =
        hall_run(&hall, false,
                 (struct plan[]){{reads}, {write_hastes}, {reads}, {NULL}});
    hall_shut(&hall);
    return rc;
}

const struct scenario sweep_locks[] = {
    {"lock-turns", takes_turns, .wrong = none_was_wrong},
    {"lock-timeout", loses_patience, .wrong = none_was_wrong},
    {"lock-shield", says_goodbye, .wrong = none_was_wrong},
    {"semaphore-limit", two_at_a_time, .wrong = none_was_wrong},
    {"semaphore-count", counts_permits, .wrong = none_was_wrong},
    {"rwlock-both", reads_and_writes, .wrong = none_was_wrong},
    {"rwlock-timeout", gives_up_writing, .wrong = none_was_wrong},
    {.name = NULL},
};
