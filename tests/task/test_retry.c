/*
 * test_retry.c - how often, how long, and what for
 */
#include "story.h"

#define PAUSES 64

/* A call that fails so many times, and notes when it was made. */
struct call {
    int failures;
    int code;
    int made;
    int64_t at[PAUSES];
};

static int call(struct call *self)
{
    if (self->made < PAUSES)
        self->at[self->made] = fm_now();
    return self->made++ < self->failures ? self->code : 7;
}

static int call_all(struct call *self, fm_retry *retry)
{
    int rc;
    do {
        rc = call(self);
    } while (fm_retry_again(retry, rc));
    return rc;
}

/* The n-th pause, from 1, in ms. */
static int64_t pause_of(const struct call *self, int n)
{
    return (self->at[n] - self->at[n - 1]) / FM_MILLISECOND;
}

/* Long pauses where time is virtual. */
static fm_retry retry_of(unsigned attempts, fm_jitter jitter)
{
    return (fm_retry){
        .attempts = attempts,
        .jitter = jitter,
        .first = story_span(1),
        .most = story_span(8),
    };
}

/* ---- How often ---------------------------------------------------------- */

STORY(what_succeeds_is_called_once)
{
    fm_retry retry = {.attempts = 5};
    struct call once = {.failures = 0};
    CHECK_INT(call_all(&once, &retry), 7);
    CHECK_INT(once.made, 1);
}

STORY(what_fails_is_called_again_until_it_succeeds)
{
    fm_retry retry = retry_of(5, FM_JITTER_FULL);
    struct call thrice = {.failures = 2, .code = -EIO};
    CHECK_INT(call_all(&thrice, &retry), 7);
    CHECK_INT(thrice.made, 3);
}

STORY(attempts_are_calls_the_first_one_included)
{
    for (unsigned attempts = 1; attempts <= 4; attempts++) {
        fm_retry retry = retry_of(attempts, FM_JITTER_NONE);
        struct call never = {.failures = 100, .code = -EIO};
        CHECK_INT(call_all(&never, &retry), -EIO);
        CHECK_INT(never.made, attempts);
    }
}

STORY(without_a_limit_it_goes_on)
{
    fm_retry retry = {.first = 1e-9, .most = 1e-9};
    struct call long_down = {.failures = 1000, .code = -EIO};
    CHECK_INT(call_all(&long_down, &retry), 7);
    CHECK_INT(long_down.made, 1001);
}

STORY(a_record_serves_one_loop_after_another)
{
    fm_retry retry = retry_of(3, FM_JITTER_NONE);
    for (int i = 0; i < 3; i++) {
        struct call never = {.failures = 100, .code = -EIO};
        CHECK_INT(call_all(&never, &retry), -EIO);
        CHECK_INT(never.made, 3);
        CHECK(never.at[1] - never.at[0] < (int64_t)(story_span(2) * 1e9) ||
              !test_simulated());
    }
}

/* ---- How long ----------------------------------------------------------- */

STORY(the_bound_doubles_up_to_the_most)
{
    static const int64_t seconds[] = {1, 2, 4, 8, 8, 8};
    fm_retry retry = retry_of(7, FM_JITTER_NONE);
    struct call never = {.failures = 100, .code = -EIO};
    CHECK_INT(call_all(&never, &retry), -EIO);
    for (int n = 1; n <= 6; n++) {
        int64_t units = test_simulated() ? 1000 : 1;
        CHECK(pause_of(&never, n) >= seconds[n - 1] * units);
        if (test_simulated())
            CHECK_INT(pause_of(&never, n), seconds[n - 1] * units);
    }
}

STORY(a_first_above_the_most_is_the_most)
{
    fm_retry retry = {
        .attempts = 3, .first = 9, .most = 0.001, .jitter = FM_JITTER_NONE};
    struct call never = {.failures = 100, .code = -EIO};
    int64_t start = fm_now();
    CHECK_INT(call_all(&never, &retry), -EIO);
    CHECK(!test_simulated() || fm_now() - start < FM_SECOND);
}

STORY(by_default_it_begins_with_a_tenth_and_ends_with_thirty_seconds)
{
    if (!test_simulated())
        return; /* minutes */
    fm_retry retry = {.attempts = 12, .jitter = FM_JITTER_NONE};
    struct call never = {.failures = 100, .code = -EIO};
    CHECK_INT(call_all(&never, &retry), -EIO);
    CHECK_INT(pause_of(&never, 1), 100);
    CHECK_INT(pause_of(&never, 2), 200);
    CHECK_INT(pause_of(&never, 9), 25600);
    CHECK_INT(pause_of(&never, 10), 30000);
    CHECK_INT(pause_of(&never, 11), 30000);
}

/* Of 60 pauses with one bound of 10 s: the shortest and the longest, in ms. */
static void spread(fm_jitter jitter, int64_t *least, int64_t *most)
{
    fm_retry retry = {
        .attempts = 61, .first = 10, .most = 10, .jitter = jitter};
    struct call never = {.failures = 100, .code = -EIO};
    CHECK_INT(call_all(&never, &retry), -EIO);
    *least = *most = pause_of(&never, 1);
    for (int n = 2; n <= 60; n++) {
        int64_t pause = pause_of(&never, n);
        *least = pause < *least ? pause : *least;
        *most = pause > *most ? pause : *most;
    }
}

STORY(full_jitter_is_from_nothing_to_the_bound)
{
    int64_t least, most;
    if (!test_simulated())
        return; /* minutes */
    spread(FM_JITTER_FULL, &least, &most);
    CHECK(least >= 0 && least < 2000);
    CHECK(most > 8000 && most <= 10000);
}

STORY(equal_jitter_is_from_half_the_bound_to_the_bound)
{
    int64_t least, most;
    if (!test_simulated())
        return; /* minutes */
    spread(FM_JITTER_EQUAL, &least, &most);
    CHECK(least >= 5000 && least < 6000);
    CHECK(most > 9000 && most <= 10000);
}

STORY(the_longest_bound_overflows_nothing)
{
    int rc;
    fm_retry retry = {.first = 4e9, .most = INFINITY, .jitter = FM_JITTER_NONE};
    struct call never = {.failures = 100, .code = -EIO};
    if (!test_simulated())
        return; /* a lifetime */
    FM_TIMEOUT(9e9, rc) {
        rc = call_all(&never, &retry);
    }
    CHECK_INT(never.made, 3);
    CHECK_INT(rc, 7 * (rc == 7) - EIO * (rc != 7));
}

static int first_pause(void *arg)
{
    fm_retry retry = {.attempts = 2, .first = 100, .most = 100};
    struct call never = {.failures = 100, .code = -EIO};
    call_all(&never, &retry);
    *(int64_t *)arg = never.at[1] - never.at[0];
    return 0;
}

TEST(in_the_simulator_chance_is_the_seeds)
{
    int64_t pauses[3];
    static const uint64_t seeds[] = {5, 5, 6};
    if (!test_simulated())
        return;
    for (int i = 0; i < 3; i++) {
        fm_run_options options = {.seed = seeds[i]};
        CHECK_INT(fm_run(first_pause, &pauses[i], &options), 0);
    }
    CHECK_INT(pauses[0], pauses[1]);
    CHECK(pauses[0] != pauses[2]);
}

STORY(those_who_failed_together_do_not_come_back_together)
{
    int64_t pauses[2];
    if (!test_simulated())
        return; /* minutes */
    CHECK_INT(fm_gather(fm_start(first_pause, &pauses[0]),
                        fm_start(first_pause, &pauses[1])),
              0);
    CHECK(pauses[0] != pauses[1]);
}

/* ---- What for ----------------------------------------------------------- */

static bool only_again(int rc, void *arg)
{
    (*(int *)arg)++;
    return rc == -EAGAIN;
}

STORY(which_codes_are_worth_it_is_the_callers_to_say)
{
    int asked = 0;
    fm_retry retry = retry_of(9, FM_JITTER_NONE);
    retry.worth = only_again;
    retry.arg = &asked;
    struct call denied = {.failures = 100, .code = -EACCES};
    CHECK_INT(call_all(&denied, &retry), -EACCES);
    CHECK_INT(denied.made, 1);
    struct call busy = {.failures = 2, .code = -EAGAIN};
    CHECK_INT(call_all(&busy, &retry), 7);
    CHECK_INT(busy.made, 3);
    CHECK_INT(asked, 3);
}

STORY(what_was_cancelled_is_not_tried_again)
{
    fm_retry retry = retry_of(9, FM_JITTER_NONE);
    struct call stopped = {.failures = 100, .code = -ECANCELED};
    CHECK_INT(call_all(&stopped, &retry), -ECANCELED);
    CHECK_INT(stopped.made, 1);
}

static int slow_call(int *made)
{
    int rc;
    (*made)++;
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_sleep(story_span(1000));
    }
    return rc;
}

STORY(a_timeout_of_one_attempt_is_worth_another)
{
    int rc, made = 0;
    fm_retry retry = retry_of(3, FM_JITTER_NONE);
    do {
        rc = slow_call(&made);
    } while (fm_retry_again(&retry, rc));
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(made, 3);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_retry_loop_inside_an_expired_timeout_ends)
{
    int rc, made = 0;
    fm_retry retry = {.first = 1e-9, .most = 1e-9};
    FM_TIMEOUT(story_span(10), rc) {
        do {
            rc = slow_call(&made);
        } while (fm_retry_again(&retry, rc));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(made <= 11);
}

static int refused(int *made)
{
    (*made)++;
    int rc = fm_yield();
    return rc < 0 ? rc : -EIO;
}

STORY(cut_in_a_pause_it_ends_with_the_reason)
{
    int rc, made = 0;
    fm_retry retry = {.first = story_span(1000), .jitter = FM_JITTER_NONE};
    retry.most = retry.first;
    FM_TIMEOUT(story_span(1), rc) {
        do {
            rc = refused(&made);
        } while (fm_retry_again(&retry, rc));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(made == 2 || (made == 1 && !test_simulated()));
}

STORY(what_never_waits_and_never_succeeds_ends_too)
{
    int rc;
    fm_retry retry = {.first = story_span(1000), .jitter = FM_JITTER_NONE};
    struct call never = {.failures = 1000000, .code = -EIO};
    retry.most = retry.first;
    FM_TIMEOUT(story_span(1), rc) {
        rc = call_all(&never, &retry);
    }
    CHECK_INT(rc, -EIO);
    CHECK_INT(never.made, 2);
}

static int retries_for_ever(void *arg)
{
    int rc, *made = arg;
    fm_retry retry = {.first = story_span(1), .jitter = FM_JITTER_NONE};
    do {
        rc = refused(made);
    } while (fm_retry_again(&retry, rc));
    return rc;
}

STORY(a_cancel_ends_it)
{
    int made = 0;
    fm_task *task = fm_start(retries_for_ever, &made);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    CHECK(made > 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
}

static int fails_cancelled(void *arg)
{
    int rc, *made = arg;
    fm_retry retry = {.first = story_span(1)};
    do {
        rc = refused(made);
        fm_cancel(fm_self());
    } while (fm_retry_again(&retry, rc));
    CHECK_INT(retry.reserved[0], 0);
    return rc;
}

STORY(cut_in_an_attempt_that_failed_by_itself_it_ends_with_the_reason)
{
    int made = 0;
    CHECK_INT(fm_await(fm_start(fails_cancelled, &made)), -ECANCELED);
    CHECK_INT(made, 2);
}

static int shielded(void *arg)
{
    int rc = 0;
    (void)arg;
    fm_cancel(fm_self());
    FM_SHIELD(story_span(10000)) {
        fm_retry retry = retry_of(3, FM_JITTER_NONE);
        struct call flaky = {.failures = 2, .code = -EIO};
        rc = call_all(&flaky, &retry);
    }
    return rc;
}

STORY(in_a_shield_it_goes_on)
{
    CHECK_INT(fm_await(fm_start(shielded, NULL)), 7);
}

/* ---- Limits ------------------------------------------------------------- */

static void negative(void)
{
    fm_retry retry = {.first = -1};
    (void)!fm_retry_again(&retry, -EIO);
}

static void no_number(void)
{
    fm_retry retry = {.most = NAN};
    (void)!fm_retry_again(&retry, -EIO);
}

TEST(a_time_that_is_none_is_a_sentence)
{
    CHECK_DOOMED(negative, "a time to wait is negative, or no number");
    CHECK_DOOMED(no_number, "a time to wait is negative, or no number");
}
