/*
 * test_stats_held.c - statistics of tasks that hold their loop
 *
 * Real time is the subject.
 */
#include "story.h"

#include <stdlib.h>
#include <time.h>

static fm_stats stats;

static const fm_stats *read_stats(void)
{
    CHECK_INT(fm_stats_read(&stats), 0);
    return &stats;
}

static const fm_stats_place *place_of(const char *task)
{
    for (size_t i = 0; i < read_stats()->place_count; i++) {
        if (strcmp(stats.places[i].task, task) == 0)
            return &stats.places[i];
    }
    test_fail(__FILE__, __LINE__, "no place has started %s", task);
    return NULL;
}

static int64_t now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* At least so long: the machine may hold it for longer. Where nobody looked
 * meanwhile, the next one may give them the time. */
static int64_t span;

static int spinner(void)
{
    int64_t end = now() + span;
    while (now() < end)
        continue;
    span = span < 1000000000 ? 2 * span : span;
    return 0;
}

static void a_spinner_holds_the_loop(void)
{
    fm_task *naps[2];
    span = 3000000;
    CHECK_INT(fm_sleep(0.0001), 0);
    naps[0] = fm_go(spinner);
    naps[1] = fm_go(answer, 0);
    CHECK_INT(fm_gather_array(naps, 2, NULL), 0);
    CHECK_INT(fm_sleep(0.0001), 0);
    CHECK(place_of("spinner")->cpu >= 3000000);
    CHECK(stats.task_turn->max >= 3000000);
    CHECK(stats.ready_delay->max >= 3000000); /* the next one's */
    CHECK(stats.loop_turn->max >= 3000000);
}

TEST(a_task_that_runs_long_shows_in_its_place_and_in_who_waits)
{
    CHECK_INT(
        story_run(a_spinner_holds_the_loop, (fm_run_options){.stats = true}),
        0);
}

static void is_found_slow(void)
{
    span = 3000000;
    do {
        fm_await(fm_go(spinner));
        fm_sleep(0.0001);
    } while (story_heard(FM_REPORT_SLOW_TURN) == NULL &&
             story_heard(FM_REPORT_BLOCKING_CALL) == NULL);
    CHECK(read_stats()->slow_turns + stats.blocking_calls > 0);
}

TEST(what_the_watchdog_finds_is_counted)
{
    const fm_run_options options = {.slow_turn = 0.001};
    CHECK_INT(story_run(is_found_slow, options), 0);
}

TEST(the_environment_can_ask_for_a_watchdog_by_its_span)
{
    setenv("FERMATA_SLOW_TURN", "0.001", 1);
    CHECK_INT(story_run(is_found_slow, (fm_run_options){0}), 0);
    unsetenv("FERMATA_SLOW_TURN");
}

static int sleeps_then_spins(void)
{
    int rc = fm_sleep(0.0001);
    return rc < 0 ? rc : spinner();
}

/* A slow machine makes any turn a long one, of whomever. */
static bool look_for_what_was_waited_for(void)
{
    const struct story_report *found;
    while ((found = story_heard(FM_REPORT_SLOW_TURN)) != NULL) {
        if (strstr(found->message, "which had waited: sleep") != NULL)
            return true;
    }
    story_reported = 0;
    return false;
}

static void waits_before_it_holds_the_loop(void)
{
    span = 3000000;
    while (!look_for_what_was_waited_for()) {
        fm_await(fm_go(sleeps_then_spins));
        fm_sleep(0.0001);
    }
}

TEST(who_holds_the_loop_is_named_with_what_it_had_waited_for)
{
    const fm_run_options options = {.slow_turn = 0.001, .stats = true};
    CHECK_INT(story_run(waits_before_it_holds_the_loop, options), 0);
}
