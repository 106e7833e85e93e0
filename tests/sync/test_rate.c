/*
 * test_rate.c - a token bucket: what it lets through, and in which order
 */
#include "task/story.h"

#include <pthread.h>

/* In nanoseconds. */
static int64_t unit(void)
{
    return test_simulated() ? FM_SECOND : FM_MILLISECOND;
}

/* One token a unit, and so many at once. */
static fm_rate one_a_unit(uint32_t burst)
{
    return (fm_rate){.tokens = 1, .seconds = story_span(1), .burst = burst};
}

/* None comes while a test looks. */
static fm_rate one_an_hour(uint32_t burst)
{
    return (fm_rate){.tokens = 1, .seconds = 3600, .burst = burst};
}

/* In the simulator: how long ago, to the millisecond. */
static int64_t units_since(int64_t start)
{
    return (fm_now() - start) / unit();
}

struct take {
    fm_rate *rate;
    uint32_t count;
    int result;
};

/* Returns its `result` once it has its tokens. */
static int take(struct take *self)
{
    int rc = fm_rate_take(self->rate, self->count);
    return rc < 0 ? rc : self->result;
}

/* ---- How many in a time ------------------------------------------------- */

STORY(the_bucket_is_full_at_first)
{
    fm_rate rate = {.tokens = 1, .seconds = 3600, .burst = 5};
    CHECK_INT(fm_rate_count(&rate), 5);
    for (int i = 0; i < 5; i++)
        CHECK_INT(fm_rate_take_try(&rate, 1), 0);
    CHECK_INT(fm_rate_take_try(&rate, 1), -EAGAIN);
    CHECK_INT(fm_rate_count(&rate), 0);
}

STORY(who_finds_it_empty_waits_for_its_token_and_is_never_early)
{
    fm_rate rate = one_a_unit(0);
    int64_t start = fm_now();
    for (int i = 0; i < 10; i++) {
        CHECK_INT(fm_rate_take(&rate, 1), 0);
        CHECK(fm_now() >= start + i * unit());
        if (test_simulated())
            CHECK(fm_now() < start + i * unit() + FM_MILLISECOND);
    }
}

STORY(in_any_time_it_lets_through_no_more_than_a_burst_and_what_came)
{
    fm_rate rate = {.tokens = 7, .seconds = story_span(3), .burst = 4};
    int64_t taken[60];
    for (int i = 0; i < 60; i++) {
        CHECK_INT(fm_rate_take(&rate, 1), 0);
        taken[i] = fm_now();
    }
    for (int i = 0; i < 60; i++) {
        for (int j = i; j < 60; j++) {
            int64_t came = (taken[j] - taken[i]) * 7 / (3 * unit());
            CHECK(j - i + 1 <= 4 + came + 1);
        }
    }
}

STORY(what_comes_is_exact_over_a_long_time)
{
    if (!test_simulated())
        return; /* needs a clock that jumps */
    fm_rate rate = {.tokens = 7, .seconds = 3, .burst = 1};
    int64_t start = fm_now();
    CHECK_INT(fm_rate_take(&rate, 1), 0);
    for (int i = 0; i < 7000; i++)
        CHECK_INT(fm_rate_take(&rate, 1), 0);
    CHECK(fm_now() >= start + 3000 * FM_SECOND);
    CHECK(fm_now() < start + 3000 * FM_SECOND + FM_SECOND / 10);
}

STORY(after_a_long_rest_it_holds_a_burst_and_no_more)
{
    fm_rate rate = one_a_unit(3);
    CHECK_INT(fm_rate_take(&rate, 3), 0);
    CHECK_INT(fm_sleep(test_simulated() ? 3e9 : 0.02), 0);
    CHECK_INT(fm_rate_count(&rate), 3);
    CHECK_INT(fm_rate_take_try(&rate, 3), 0);
    if (test_simulated())
        CHECK_INT(fm_rate_take_try(&rate, 1), -EAGAIN);
}

STORY(parts_of_a_token_are_kept)
{
    if (!test_simulated())
        return; /* needs a clock that jumps */
    fm_rate rate = one_a_unit(2);
    CHECK_INT(fm_rate_take(&rate, 2), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fm_rate_take_try(&rate, 1), -EAGAIN);
        CHECK_INT(fm_sleep(0.3), 0);
    }
    CHECK_INT(fm_rate_take_try(&rate, 1), -EAGAIN);
    CHECK_INT(fm_sleep(0.11), 0);
    CHECK_INT(fm_rate_take_try(&rate, 1), 0);
}

STORY(none_are_taken_without_a_wait)
{
    fm_rate rate = {.tokens = 1, .seconds = 1e9};
    CHECK_INT(fm_rate_take(&rate, 1), 0);
    CHECK_INT(fm_rate_take(&rate, 0), 0);
    CHECK_INT(fm_rate_take_try(&rate, 0), 0);
}

/* ---- First come, first served ------------------------------------------- */

static int ends[8], ended;

static int take_and_note(struct take *self)
{
    int rc = fm_rate_take(self->rate, self->count);
    ends[ended++] = self->result;
    return rc;
}

static int notes(void *arg)
{
    return take_and_note(arg);
}

STORY(tokens_go_to_the_one_that_waited_longest)
{
    fm_rate rate = one_a_unit(4);
    struct take takes[4] = {
        {&rate, 4, 0}, {&rate, 1, 1}, {&rate, 3, 2}, {&rate, 1, 3}};
    int64_t start = fm_now();
    fm_task *tasks[4];
    ended = 0;
    for (int i = 0; i < 4; i++)
        tasks[i] = fm_start(notes, &takes[i]);
    CHECK_INT(fm_settle(tasks, 4, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(ends[i], i);
    CHECK(fm_now() >= start + 5 * unit());
}

STORY(who_wants_few_does_not_overtake_who_wants_many)
{
    fm_rate rate = one_an_hour(4);
    CHECK_INT(fm_rate_take(&rate, 3), 0);
    fm_task *many = fm_go(take, &rate, 4, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_rate_take_try(&rate, 1), -EAGAIN);
    fm_task *few = fm_go(take, &rate, 1, 7);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_stop(many), -ECANCELED);
    CHECK_INT(fm_await(few), 7);
}

STORY(those_who_can_go_on_together_do)
{
    if (!test_simulated())
        return; /* needs a clock that jumps */
    fm_rate rate = {.tokens = 10, .seconds = 1, .burst = 10};
    CHECK_INT(fm_rate_take(&rate, 10), 0);
    fm_task *first = fm_go(take, &rate, 10, 0);
    fm_task *second = fm_go(take, &rate, 1, 0);
    int64_t start = fm_now();
    CHECK_INT(fm_await(first), 0);
    CHECK_INT(units_since(start), 1);
    CHECK_INT(fm_await(second), 0);
    CHECK(fm_now() < start + FM_SECOND * 12 / 10);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_gives_nothing_up_and_lets_the_next_go_on)
{
    fm_rate rate = one_an_hour(4);
    CHECK_INT(fm_rate_take(&rate, 2), 0);
    fm_task *many = fm_go(take, &rate, 4, 0);
    fm_task *few = fm_go(take, &rate, 2, 7);
    CHECK_INT(fm_yield(), 0);
    int64_t start = fm_now();
    CHECK_INT(fm_stop(many), -ECANCELED);
    CHECK_INT(fm_await(few), 7);
    if (test_simulated())
        CHECK_INT(units_since(start), 0);
}

STORY(who_is_cut_in_the_middle_of_the_line_just_goes)
{
    if (!test_simulated())
        return; /* needs a clock that jumps */
    fm_rate rate = one_a_unit(1);
    fm_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = fm_go(take, &rate, 1, i);
    CHECK_INT(fm_yield(), 0);
    int64_t start = fm_now();
    CHECK_INT(fm_stop(tasks[2]), -ECANCELED);
    CHECK_INT(fm_await(tasks[0]), 0);
    CHECK_INT(fm_await(tasks[1]), 1);
    CHECK_INT(fm_await(tasks[3]), 3);
    CHECK_INT(units_since(start), 2);
}

STORY(a_wait_ends_with_its_timeout_and_takes_nothing)
{
    int rc;
    fm_rate rate = {.tokens = 1, .seconds = 1000};
    CHECK_INT(fm_rate_take(&rate, 1), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_rate_take(&rate, 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    if (test_simulated()) {
        int64_t start = fm_now();
        CHECK_INT(fm_rate_take(&rate, 1), 0);
        CHECK_INT(units_since(start), 999);
    }
}

STORY(who_is_cut_after_its_tokens_came_has_them)
{
    fm_rate rate = one_an_hour(4);
    CHECK_INT(fm_rate_take(&rate, 2), 0);
    fm_task *many = fm_go(take, &rate, 4, 0);
    fm_task *few = fm_go(take, &rate, 2, 7);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(many), 0);
    CHECK_INT(fm_cancel(few), 0);
    CHECK_INT(fm_await(few), 7);
    CHECK_INT(fm_await(many), -ECANCELED);
}

static int cancelled(void *arg)
{
    fm_cancel(fm_self());
    return fm_rate_take(arg, 1);
}

STORY(it_is_a_cancel_point_also_when_there_are_tokens)
{
    fm_rate rate = {.tokens = 1, .seconds = 1e9, .burst = 1};
    CHECK_INT(fm_await(fm_start(cancelled, &rate)), -ECANCELED);
    CHECK_INT(fm_rate_count(&rate), 1);
}

/* ---- Limits ------------------------------------------------------------- */

static int refusal(fm_rate rate)
{
    CHECK_INT(fm_rate_take_try(&rate, 1), fm_rate_take(&rate, 1));
    CHECK_INT(fm_rate_count(&rate), 0);
    return fm_rate_take(&rate, 1);
}

STORY(what_says_no_rate_is_refused)
{
    CHECK_INT(refusal((fm_rate){.burst = 1}), -EINVAL);
    CHECK_INT(refusal((fm_rate){.tokens = 1, .seconds = NAN}), -EINVAL);
    CHECK_INT(refusal((fm_rate){.tokens = 1, .seconds = -1}), -EINVAL);
    CHECK_INT(refusal((fm_rate){.tokens = 1, .seconds = INFINITY}), -EINVAL);
}

STORY(more_than_a_burst_is_refused)
{
    fm_rate rate = {.tokens = 100, .burst = 4};
    CHECK_INT(fm_rate_take(&rate, 5), -EINVAL);
    CHECK_INT(fm_rate_take(&rate, UINT32_MAX), -EINVAL);
    CHECK_INT(fm_rate_take_try(&rate, 5), -EINVAL);
    CHECK_INT(fm_rate_take(&rate, 4), 0);
}

STORY(the_greatest_rate_and_burst_overflow_nothing)
{
    fm_rate rate = {
        .tokens = UINT32_MAX, .seconds = 9.1e9, .burst = UINT32_MAX};
    CHECK_INT(fm_rate_take(&rate, UINT32_MAX), 0);
    CHECK(fm_rate_count(&rate) < 2 || !test_simulated());
    CHECK_INT(fm_rate_take_try(&rate, UINT32_MAX), -EAGAIN);
    CHECK_INT(fm_sleep(test_simulated() ? 4.55e9 : 0.01), 0);
    if (test_simulated())
        CHECK_INT(fm_rate_count(&rate), UINT32_MAX / 2);
    fm_rate fast = {.tokens = UINT32_MAX, .seconds = 1e-9, .burst = UINT32_MAX};
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_rate_take(&fast, UINT32_MAX), 0);
}

STORY(the_slowest_rate_waits_until_it_is_cut)
{
    int rc;
    fm_rate rate = {.tokens = 1, .seconds = 9.1e9, .burst = UINT32_MAX};
    CHECK_INT(fm_rate_take(&rate, UINT32_MAX), 0);
    FM_TIMEOUT(test_simulated() ? 1e6 : 0.001, rc) {
        rc = fm_rate_take(&rate, UINT32_MAX);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(who_never_has_to_wait_lets_others_run)
{
    fm_rate rate = {.tokens = UINT32_MAX, .seconds = 1e-9};
    struct take takes = {&rate, 1, 3};
    fm_task *task = fm_start(notes, &takes);
    ended = 0;
    for (int i = 0; i < 200; i++)
        CHECK_INT(fm_rate_take(&rate, 1), 0);
    CHECK_INT(ended, 1);
    CHECK_INT(fm_await(task), 0);
}

static fm_rate lasting = {.tokens = 1, .seconds = 1, .burst = 1};

STORY(a_bucket_may_outlive_its_loop_first)
{
    lasting = (fm_rate){.tokens = 1, .seconds = story_span(1), .burst = 1};
    CHECK_INT(fm_rate_take(&lasting, 1), 0);
    CHECK_INT(fm_rate_take(&lasting, 1), 0);
}

STORY(a_bucket_may_outlive_its_loop_then)
{
    CHECK_INT(fm_rate_take(&lasting, 1), 0);
    CHECK_INT(fm_rate_take(&lasting, 1), 0);
}

static void outside(void *arg)
{
    fm_rate rate = {.tokens = 1};
    (void)arg;
    (void)!fm_rate_take_try(&rate, 1);
}

TEST(a_rate_outside_a_loop_is_a_sentence)
{
    CHECK_DIES(outside, NULL, "fm_rate_take_try was called outside a task");
}

static int strange(void *arg)
{
    return fm_rate_take_try(arg, 1);
}

static void *other_loop(void *arg)
{
    fm_run(strange, arg);
    return NULL;
}

static void two_loops(void)
{
    pthread_t thread;
    fm_rate rate = {.tokens = 1, .seconds = 1e6};
    CHECK_INT(fm_rate_take(&rate, 1), 0);
    fm_task *task = fm_go(take, &rate, 1, 0);
    CHECK_INT(fm_yield(), 0);
    pthread_create(&thread, NULL, other_loop, &rate);
    pthread_join(thread, NULL);
    fm_stop(task);
}

TEST(a_rate_at_which_another_loop_waits_is_a_sentence)
{
    CHECK_DOOMED(two_loops,
                 "fm_rate_take_try: tasks of another loop wait at this rate");
}

/* ---- A storm of cuts ---------------------------------------------------- */

enum {
    STORM = 40
};

STORY(in_a_storm_of_cuts_no_token_is_lost_or_doubled)
{
    if (!test_simulated())
        return; /* needs a clock that jumps */
    uint64_t chance = test_seed(5);
    for (size_t round = 0; round < test_many(300); round++) {
        fm_rate rate = one_a_unit(5);
        fm_task *tasks[STORM];
        uint32_t counts[STORM];
        int results[STORM];
        int64_t start = fm_now(), taken = 0;
        for (int i = 0; i < STORM; i++) {
            counts[i] = (uint32_t)(test_random(&chance) % 6);
            tasks[i] = fm_go(take, &rate, counts[i], 0);
        }
        for (int i = 0; i < STORM / 2; i++) {
            CHECK_INT(fm_sleep((double)(test_random(&chance) % 3)), 0);
            fm_cancel(tasks[test_random(&chance) % STORM]);
        }
        fm_settle(tasks, STORM, results);
        for (int i = 0; i < STORM; i++)
            taken += results[i] == 0 ? counts[i] : 0;
        /* The last one was served when its last token came. */
        int64_t came = 5 + (fm_now() - start) / FM_SECOND;
        CHECK(taken <= came);
        int64_t left = fm_rate_count(&rate);
        CHECK(left == 5 || taken + left == came);
    }
}
