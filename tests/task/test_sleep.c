/*
 * test_sleep.c - pauses; test_grace.c has what only virtual time can tell
 */
#include "story.h"

#include <time.h>

STORY(a_sleep_is_never_early)
{
    double spans[] = {1e-9, 1e-6, 0.00025, 0.001, 0.0030000001};
    for (int i = 0; i < 5; i++) {
        int64_t began = fm_now();
        CHECK_INT(fm_sleep(spans[i]), 0);
        CHECK(fm_now() - began >= (int64_t)(spans[i] * 1e9));
    }
}

STORY(a_sleep_until_a_moment_is_never_early)
{
    for (int i = 1; i <= 4; i++) {
        int64_t when = fm_now() + i * FM_MILLISECOND + i;
        CHECK_INT(fm_sleep_until(when), 0);
        CHECK(fm_now() >= when);
    }
}

struct sleeper {
    double units;
};

static int sleeper(struct sleeper *self)
{
    int64_t began = fm_now();
    int rc = fm_sleep(story_span(self->units));
    CHECK(fm_now() - began >= (int64_t)(story_span(self->units) * 1e9));
    return rc;
}

STORY(sleepers_of_every_span_are_never_early)
{
    int rc;
    uint64_t seed = test_seed(7);
    FM_GROUP(group, rc) {
        for (size_t i = 0; i < test_many(3000); i++) {
            double units = (double)(test_random(&seed) % 20000) / 1000;
            CHECK_INT(fm_group_go(group, sleeper, units), 0);
        }
    }
    CHECK_INT(rc, 0);
}

STORY(a_sleep_that_is_not_a_number_is_einval)
{
    CHECK_INT(fm_sleep(NAN), -EINVAL);
    CHECK_INT(fm_sleep(-NAN), -EINVAL);
}

STORY(a_sleep_of_more_than_292_years_lasts_until_it_is_cut)
{
    double spans[] = {INFINITY, 1e11, 1e300};
    for (int i = 0; i < 3; i++) {
        int rc;
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_sleep(spans[i]);
        }
        CHECK_INT(rc, -ETIMEDOUT);
    }
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_sleep_until(INT64_MAX);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(fm_now_never_goes_back)
{
    int64_t before = fm_now();
    for (int i = 0; i < 1000; i++) {
        int64_t now = fm_now();
        CHECK(now >= before);
        before = now;
        CHECK_INT(fm_yield(), 0);
    }
}

static int64_t real_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * FM_SECOND + now.tv_nsec;
}

STORY(fm_now_is_the_machines_monotonic_clock_unless_time_is_virtual)
{
    int64_t before = real_clock(), now = fm_now(), after = real_clock();
    CHECK(test_simulated() || (before <= now && now <= after));
}

STORY(forty_thousand_tasks_sleep_at_once)
{
    int rc;
    size_t count = test_many(40000);
    FM_GROUP(group, rc) {
        for (size_t i = 0; i < count; i++)
            CHECK_INT(fm_group_go(group, forever), 0);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_group_count(group), count);
        fm_group_cancel(group);
    }
    CHECK_INT(rc, 0);
}

STORY(many_sleepers_wake_all)
{
    int rc;
    size_t count = test_many(40000);
    FM_GROUP(group, rc) {
        for (size_t i = 0; i < count; i++)
            CHECK_INT(fm_group_go(group, nap, (double)(i % 13), 0), 0);
    }
    CHECK_INT(rc, 0);
}
