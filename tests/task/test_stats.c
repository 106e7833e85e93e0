/*
 * test_stats.c - what is counted, and what is measured where it is asked for
 */
#include "story.h"
#include "task/turner.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

static _Thread_local fm_stats stats;

static const fm_stats *read_stats(void)
{
    CHECK_INT(fm_stats_read(&stats), 0);
    return &stats;
}

TEST(a_thread_without_a_run_has_no_statistics)
{
    CHECK_INT(fm_stats_read(&stats), -ENOENT);
    CHECK_INT(fm_stacks_report(stderr), -ENOENT);
}

STORY(tasks_are_counted)
{
    fm_task *naps[10];
    for (int i = 0; i < 10; i++)
        naps[i] = fm_go(nap, 1, 0);
    CHECK_INT(read_stats()->tasks, 11);
    CHECK_INT(stats.tasks_started, 11);
    CHECK_INT(stats.tasks_released, 0);
    CHECK_INT(fm_settle(naps, 10, NULL), 0);
    CHECK_INT(read_stats()->tasks, 1);
    CHECK_INT(stats.tasks_started, 11);
    CHECK_INT(stats.tasks_released, 10);
}

STORY(a_loop_says_what_it_is)
{
    CHECK(strcmp(read_stats()->backend, test_backend()) == 0);
    double before = stats.seconds;
    CHECK_INT(fm_sleep(story_span(2)), 0);
    CHECK(read_stats()->seconds >= before + story_span(2));
    CHECK(stats.thread > 0);
}

STORY(what_was_not_asked_for_is_not_measured)
{
    CHECK(read_stats()->ready_delay == NULL && stats.places == NULL);
    CHECK_INT(stats.place_count, 0);
    CHECK_INT(fm_stacks_report(stderr), -ENOENT);
}

STORY(timers_that_are_armed_are_counted_at_once)
{
    fm_task *naps[3];
    for (int i = 0; i < 3; i++)
        naps[i] = fm_go(nap, 1000000, 0);
    fm_yield();
    CHECK_INT(read_stats()->timers, 3);
    fm_sleep(story_span(1));
    CHECK_INT(read_stats()->timers, 3);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_stop(naps[i]), -ECANCELED);
    CHECK_INT(read_stats()->timers, 0);
}

STORY(each_look_at_the_kernel_is_counted)
{
    uint64_t before = read_stats()->polls;
    for (int i = 0; i < 5; i++)
        fm_sleep(story_span(1));
    CHECK(read_stats()->polls >= before + 5);
}

struct reader {
    fm_stream *stream;
};

static int reader(struct reader *self)
{
    char byte;
    return (int)fm_read(self->stream, &byte, 1);
}

STORY(operations_in_flight_are_those_that_were_not_completed)
{
    fm_stream *ends[2];
    CHECK_INT(fm_pipe(ends), 0);
    uint64_t before = read_stats()->operations_submitted;
    fm_task *task = fm_go(reader, ends[0]);
    fm_sleep(story_span(1));
    CHECK(read_stats()->operations >= 1);
    CHECK(stats.operations_submitted > before);
    CHECK_INT(fm_write(ends[1], "x", 1), 1);
    CHECK_INT(fm_await(task), 1);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    while (read_stats()->operations > 0)
        fm_sleep(story_span(1));
    CHECK_INT(stats.operations_completed, stats.operations_submitted);
}

static int asleep(void *arg)
{
    (void)arg;
    return fm_sleep(1e6);
}

STORY(stacks_are_counted_by_their_size)
{
    const fm_task_options small = {.stack_size = 16384};
    fm_task *task = fm_start(asleep, NULL, &small);
    CHECK_INT(read_stats()->stacks[0].used, 1);
    CHECK_INT(stats.stacks[1].used, 1);
    CHECK(stats.stacks[0].size >= 16384 && stats.stacks[2].size >= 262144);
    CHECK(stats.mapped >= stats.stacks[0].size + stats.stacks[1].size);
    fm_stop(task);
    CHECK_INT(read_stats()->stacks[0].used, 0);
    CHECK_INT(stats.stacks[0].warm, 1);
}

static int counts_itself(void *arg)
{
    (void)arg;
    return 7;
}

STORY(calls_on_threads_are_counted)
{
    CHECK_INT(read_stats()->threads, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_thread_run(counts_itself, NULL), 7);
    CHECK_INT(read_stats()->jobs_submitted, 3);
    CHECK_INT(stats.jobs, 0);
    CHECK(stats.threads >= 1 && stats.threads <= 3);
}

static void counts_one_task(void)
{
    fm_task *task = fm_go(answer, 1);
    CHECK_INT(fm_await(task), 1);
    CHECK_INT(read_stats()->tasks_started, 2);
}

static void *other_thread(void *arg)
{
    fm_stats *its = arg;
    void (*body)(void) = counts_one_task;
    CHECK_INT(fm_run(story_main, &body, &(fm_run_options){.stats = true}), 0);
    *its = stats;
    return NULL;
}

TEST(each_loop_counts_its_own)
{
    fm_stats its;
    pthread_t thread;
    void (*body)(void) = counts_one_task;
    CHECK_INT(pthread_create(&thread, NULL, other_thread, &its), 0);
    CHECK_INT(fm_run(story_main, &body, &(fm_run_options){.stats = true}), 0);
    pthread_join(thread, NULL);
    CHECK_INT(its.tasks_started, 2);
    CHECK(its.thread != stats.thread);
}

/* ---- What is asked for --------------------------------------------------- */

static void is_measured(void)
{
    CHECK(read_stats()->ready_delay != NULL && stats.places != NULL);
    CHECK(stats.loop_turn != NULL && stats.poll_time != NULL);
    CHECK(stats.timer_lateness != NULL && stats.task_turn != NULL);
    CHECK(stats.buffer_use != NULL);
}

static void is_not_measured(void)
{
    CHECK(read_stats()->ready_delay == NULL && stats.places == NULL);
}

TEST(the_environment_can_ask_for_statistics)
{
    setenv("FERMATA_STATS", "1", 1);
    CHECK_INT(story_run(is_measured, (fm_run_options){0}), 0);
    setenv("FERMATA_STATS", "0", 1);
    CHECK_INT(story_run(is_not_measured, (fm_run_options){0}), 0);
    CHECK_INT(story_run(is_measured, (fm_run_options){.stats = true}), 0);
    unsetenv("FERMATA_STATS");
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

static void turns_are_counted(void)
{
    fm_task *turners[5];
    for (int i = 0; i < 5; i++)
        turners[i] = fm_go(turner, 7, 0);
    CHECK_INT(fm_gather_array(turners, 5, NULL), 0);
    const fm_stats_place *place = place_of("turner");
    CHECK(strncmp(place->site, "test_stats.c:", 13) == 0 ||
          strstr(place->site, "/test_stats.c:") != NULL);
    CHECK_INT(place->started, 5);
    CHECK_INT(place->ended, 5);
    CHECK_INT(place->turns, 5 * 8);
    CHECK(stats.task_turn->count >= 5 * 8);
    CHECK(stats.ready_delay->count >= 5 * 8);
    CHECK_INT(place->stack_size, 0);
    CHECK_INT(place_of("story_main")->started, 1);
    CHECK_INT(place_of("story_main")->ended, 0);
}

TEST(tasks_and_their_turns_are_counted_by_place)
{
    CHECK_INT(story_run(turns_are_counted, (fm_run_options){.stats = true}), 0);
    story_silent(__FILE__, __LINE__);
}
