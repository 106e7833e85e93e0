/*
 * sweep_meetings.c - scenarios: tasks that wait for each other, or for a change
 */
#include "fault/hall.h"

/* ---- Events -------------------------------------------------------------- */

static int event_sets(struct hall *hall)
{
    int rc = sweep_sleep(1);
    if (rc == 0)
        fm_event_set(&hall->event);
    return rc;
}

static int event_waits(struct hall *hall)
{
    return fm_event_wait(&hall->event);
}

/* Cleared at once each time but the last. */
static int event_pulses(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 4; i++) {
        fm_event_clear(&hall->event);
        rc = sweep_sleep(1);
        fm_event_set(&hall->event);
    }
    return rc;
}

static int event_counts(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = fm_event_wait(&hall->event);
    return rc;
}

static int waits_for_a_start(void *arg)
{
    (void)arg;
    struct hall hall = {0};
    return hall_run(
        &hall, true,
        (struct plan[]){
            {event_sets}, {event_waits}, {event_waits}, {event_waits}, {NULL}});
}

static int counts_pulses(void *arg)
{
    (void)arg;
    struct hall hall = {0};
    return hall_run(
        &hall, true,
        (struct plan[]){
            {event_pulses}, {event_counts}, {event_counts}, {NULL}});
}

/* ---- Conditions ---------------------------------------------------------- */

static bool eggs_are_there(void *arg)
{
    const struct hall *hall = arg;
    return hall->brought > hall->taken;
}

static bool all_is_over(void *arg)
{
    return ((struct hall *)arg)->over;
}

static int egg_brings(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 6; i++) {
        FM_LOCKED(&hall->lock, rc) {
            hall->brought++;
            fm_condition_notify(&hall->changed, 1);
            rc = sweep_sleep(i % 3); /* who is notified waits for the lock */
        }
        if (rc == 0)
            rc = sweep_sleep(i % 2);
    }
    return rc;
}

static int egg_takes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        FM_LOCKED(&hall->lock, rc) {
            rc = fm_condition_wait_for(&hall->changed, &hall->lock,
                                       eggs_are_there, hall);
            hall->taken += rc == 0;
        }
    }
    return rc;
}

/* Cut by its own timeout, it still has the lock, and holds it for a while. */
static int over_waits(struct hall *hall)
{
    int rc = 0, inner = 0;
    FM_LOCKED(&hall->lock, rc) {
        while (rc == 0 && !hall->over) {
            FM_TIMEOUT(sweep_ticks(0.6), inner) {
                inner = fm_condition_wait_for(&hall->changed, &hall->lock,
                                              all_is_over, hall);
            }
            hall_enter(hall, 1);
            rc = inner == -ETIMEDOUT ? fm_yield() : inner;
            hall->inside--;
        }
    }
    return rc;
}

static int over_tells(struct hall *hall)
{
    int rc = sweep_sleep(3);
    hall->over = true;
    fm_condition_notify_all(&hall->changed);
    return rc;
}

static int brings_and_takes(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    int rc = hall_run(
        &hall, true,
        (struct plan[]){{egg_brings}, {egg_takes}, {egg_takes}, {NULL}});
    sweep_state.noted += hall.brought < hall.taken;
    sweep_state.noted += fm_lock_held(&hall.lock);
    return rc;
}

static int waits_until_it_is_over(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    int rc = hall_run(
        &hall, true,
        (struct plan[]){
            {over_tells}, {over_waits}, {over_waits}, {over_waits}, {NULL}});
    sweep_state.noted += fm_lock_held(&hall.lock);
    return rc;
}

/* ---- Barriers ------------------------------------------------------------ */

/* Who cannot go on tells the others, who would wait for it. */
static int barrier_laps(struct hall *hall)
{
    int rc = 0;
    for (int lap = 0; rc >= 0 && lap < 4; lap++) {
        rc = sweep_sleep(lap % 2);
        if (rc == 0)
            rc = fm_barrier_wait(&hall->barrier);
    }
    if (rc < 0)
        fm_barrier_abort(&hall->barrier);
    return rc < 0 ? rc : 0;
}

static int barrier_resets(struct hall *hall)
{
    int rc = sweep_sleep(1);
    fm_barrier_reset(&hall->barrier);
    return rc;
}

static int barrier_waits(struct hall *hall)
{
    int rc = fm_barrier_wait(&hall->barrier);
    return rc == -FM_EBROKEN ? 0 : rc;
}

static int barrier_hastes(struct hall *hall)
{
    int rc = 0;
    for (int i = 0; rc >= 0 && i < 4; i++) {
        FM_TIMEOUT(sweep_ticks(0.4), rc) {
            rc = fm_barrier_wait(&hall->barrier);
        }
        hall->taken += rc >= 0;
        rc = rc == -ETIMEDOUT ? sweep_sleep(0.3) : rc;
    }
    return rc < 0 ? rc : 0;
}

static int runs_laps(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    fm_barrier_init(&hall.barrier, 3);
    int rc =
        hall_run(&hall, false,
                 (struct plan[]){
                     {barrier_laps}, {barrier_laps}, {barrier_laps}, {NULL}});
    sweep_state.noted += fm_barrier_waiting(&hall.barrier);
    return rc;
}

static int is_reset(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    fm_barrier_init(&hall.barrier, 3);
    int rc = hall_run(
        &hall, true,
        (struct plan[]){
            {barrier_resets}, {barrier_waits}, {barrier_waits}, {NULL}});
    sweep_state.noted += fm_barrier_waiting(&hall.barrier);
    return rc;
}

static int passes_in_pairs(void *arg)
{
    (void)arg;
    struct hall hall = {.inside = 0};
    fm_barrier_init(&hall.barrier, 2);
    int rc = hall_run(
        &hall, false,
        (struct plan[]){
            {barrier_hastes}, {barrier_hastes}, {barrier_hastes}, {NULL}});
    sweep_state.noted += hall.taken % 2 != 0;
    sweep_state.noted += fm_barrier_waiting(&hall.barrier);
    return rc;
}

const struct scenario sweep_meetings[] = {
    {"event-start", waits_for_a_start, .wrong = none_was_wrong},
    {"event-pulses", counts_pulses, .wrong = none_was_wrong},
    {"condition-one", brings_and_takes, .wrong = none_was_wrong},
    {"condition-all", waits_until_it_is_over, .wrong = none_was_wrong},
    {"barrier-laps", runs_laps, .also = {-FM_EBROKEN}, .wrong = none_was_wrong},
    {"barrier-reset", is_reset, .wrong = none_was_wrong},
    {"barrier-timeout", passes_in_pairs, .wrong = none_was_wrong},
    {.name = NULL},
};
