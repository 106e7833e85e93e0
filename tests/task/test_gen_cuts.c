/*
 * test_gen_cuts.c - generators, cut on either side
 */
#include "gen_kit.h"

#include <stdlib.h>

static int saw; /* what the generator's call returned */

/* Yields once, then sleeps for ever, and says why that ended. */
static int one_and_wait(void)
{
    int value = 1;
    int rc = fm_gen_yield(&value);
    if (rc == 0)
        rc = fm_sleep(INFINITY);
    saw = rc;
    return rc;
}

static int takes_two(void)
{
    int value = 0;
    FM_GEN gen = fm_gen_go(one_and_wait);
    int rc = fm_gen_next(gen, &value);
    return rc == 1 ? fm_gen_next(gen, &value) : rc;
}

STORY(a_cancel_of_the_consumer_reaches_the_generator_it_waits_for)
{
    saw = 0;
    fm_task *consumer = fm_go(takes_two);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_stop(consumer), -ECANCELED);
    CHECK_INT(saw, -ECANCELED);
}

STORY(a_timeout_around_a_next_ends_the_generator)
{
    int rc, value = 0;
    saw = 0;
    FM_GEN gen = fm_gen_go(one_and_wait);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_gen_next(gen, &value);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(saw, -ECANCELED);
    CHECK_INT(fm_gen_next(gen, &value), -ECANCELED);
    CHECK_INT(fm_gen_close(gen), 0);
}

STORY(a_timeout_that_expires_between_two_nexts_leaves_it_alone)
{
    int rc, value = 0;
    FM_GEN gen = fm_gen_go(count, 1, 3, 0);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    FM_TIMEOUT(story_span(1), rc) {
        CHECK_INT(fm_sleep(story_span(10)), -ETIMEDOUT);
        rc = fm_gen_next(gen, &value);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(value, 2);
}

static int asks_cancelled(void)
{
    int value = 5;
    FM_GEN gen = fm_gen_go(count, 1, 3, 0);
    fm_cancel(fm_self());
    CHECK_INT(fm_gen_next(gen, &value), -ECANCELED);
    CHECK_INT(value, 5);
    return fm_gen_close(gen);
}

STORY(a_next_is_a_cancel_point_also_when_it_need_not_wait)
{
    CHECK_INT(fm_await(fm_go(asks_cancelled)), 0);
}

static int last_words(void)
{
    int value = 1, rc = fm_sleep(INFINITY);
    FM_SHIELD(story_span(10000)) {
        saw = fm_gen_yield(&value);
    }
    return rc;
}

STORY(what_it_yields_in_a_shield_after_the_cut_is_delivered)
{
    int rc, value = 0;
    saw = 7;
    FM_GEN gen = fm_gen_go(last_words);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_gen_next(gen, &value);
        CHECK_INT(rc, 1);
        CHECK_INT(value, 1);
        rc = fm_sleep(0);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_gen_close(gen), 0);
    CHECK_INT(saw, 0);
}

static int fails_when_cut(void)
{
    (void)fm_sleep(INFINITY);
    return -EPIPE;
}

STORY(one_that_fails_when_it_is_cut_is_heard)
{
    int rc, value;
    FM_GEN gen = fm_gen_go(fails_when_cut);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_gen_next(gen, &value);
    }
    CHECK_INT(rc, -EPIPE);
}

/* ---- Values that own memory --------------------------------------------- */

enum {
    STORM = 24
};

struct parcels {
    int made, kept;
};

/* A value that was yielded is the consumer's, one that was refused is not. */
static int parcels(struct parcels **self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 20; i++) {
        char *parcel = malloc(8);
        (*self)->made++;
        if (i % 3 == 0)
            rc = fm_sleep(story_span(0.5));
        if (rc == 0)
            rc = fm_gen_yield(&parcel);
        if (rc < 0) {
            (*self)->kept++;
            free(parcel);
        }
    }
    return rc;
}

static int sends(void *arg)
{
    struct parcels *self = arg;
    return parcels(&self);
}

struct consumer {
    struct parcels *parcels;
    int taken;
};

static int consumer(void *arg)
{
    struct consumer *self = arg;
    char *parcel;
    int rc;
    FM_GEN gen = fm_gen_start(sends, self->parcels);
    while ((rc = fm_gen_next(gen, &parcel)) == 1) {
        self->taken++;
        free(parcel);
        if (self->taken % 5 == 0 && fm_sleep(story_span(0.5)) < 0)
            break;
    }
    return rc;
}

STORY(in_a_storm_of_cuts_no_value_is_lost_or_doubled)
{
    uint64_t chance = test_seed(3);
    for (size_t round = 0; round < test_many(test_simulated() ? 200 : 20);
         round++) {
        struct parcels all[STORM] = {{0, 0}};
        struct consumer consumers[STORM];
        fm_task *tasks[STORM];
        for (int i = 0; i < STORM; i++) {
            consumers[i] = (struct consumer){&all[i], 0};
            tasks[i] = fm_start(consumer, &consumers[i]);
        }
        for (int i = 0; i < STORM; i++) {
            uint64_t cut = test_random(&chance) % STORM;
            CHECK_INT(fm_sleep(story_span((double)(cut % 4) / 4)), 0);
            fm_cancel(tasks[cut]);
        }
        fm_settle(tasks, STORM, NULL);
        for (int i = 0; i < STORM; i++)
            CHECK_INT(consumers[i].taken + all[i].kept, all[i].made);
    }
}

/* ---- From outside ------------------------------------------------------- */

static fm_task *within;

static int names_itself(void)
{
    int value = 1, rc = 0;
    within = fm_self();
    while (rc == 0) {
        rc = fm_gen_yield(&value);
        value++;
    }
    return rc;
}

STORY(a_generator_that_is_cancelled_while_it_stands_still_ends)
{
    int value = 0;
    FM_GEN gen = fm_gen_go(names_itself);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_cancel(within), 0);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_cancel(within), -ESRCH);
    CHECK_INT(fm_gen_next(gen, &value), -ECANCELED);
    CHECK_INT(value, 1);
}

STORY(one_that_is_cancelled_and_asked_in_the_same_turn_ends)
{
    int value = 0;
    FM_GEN gen = fm_gen_go(names_itself);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_cancel(within), 0);
    CHECK_INT(fm_gen_next(gen, &value), -ECANCELED);
    CHECK_INT(value, 1);
}

static int inner_of(void)
{
    int rc, value;
    FM_GEN inner = fm_gen_go(one_and_wait);
    while ((rc = fm_gen_next(inner, &value)) == 1) {
        rc = fm_gen_yield(&value);
        if (rc < 0)
            break;
    }
    return rc;
}

STORY(a_cut_goes_through_generators_that_wait_for_each_other)
{
    int rc, value;
    saw = 0;
    FM_GEN outer = fm_gen_go(inner_of);
    CHECK_INT(fm_gen_next(outer, &value), 1);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_gen_next(outer, &value);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(saw, -ECANCELED);
}

static int under_a_shield(void)
{
    int value, rc = 0;
    FM_SHIELD(story_span(1000)) {
        FM_GEN gen = fm_gen_go(count, 1, 3, 0);
        while ((rc = fm_gen_next(gen, &value)) == 1)
            fm_sleep(story_span(1));
    }
    return rc;
}

STORY(under_a_shield_a_consumer_takes_all)
{
    fm_task *task = fm_go(under_a_shield);
    CHECK_INT(fm_sleep(story_span(0.5)), 0);
    CHECK_INT(fm_stop(task), 0);
}
