/*
 * test_stats.c - what is counted, and what is measured where it is asked for
 */
#include "story.h"
#include "task/turner.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static fm_stats stats;

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
        naps[i] = fm_go(nap, 1);
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
    CHECK_STR(read_stats()->backend, test_backend());
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
        naps[i] = fm_go(nap, 1000000);
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
    fm_stream *from, *to;
    CHECK_INT(fm_pipe(&from, &to), 0);
    uint64_t before = read_stats()->operations_submitted;
    fm_task *task = fm_go(reader, from);
    fm_sleep(story_span(1));
    CHECK(read_stats()->operations >= 1);
    CHECK(stats.operations_submitted > before);
    CHECK_INT(fm_write(to, "x", 1), 1);
    CHECK_INT(fm_await(task), 1);
    CHECK_INT(fm_close(to), 0);
    CHECK_INT(fm_close(from), 0);
    CHECK_INT(read_stats()->operations, 0);
    CHECK_INT(stats.operations_completed, stats.operations_submitted);
}

STORY(stacks_are_counted_by_their_size)
{
    size_t before = read_stats()->stacks[0].used;
    const fm_task_options small = {.stack_size = 16384};
    fm_task *task = fm_start(story_main, &(void (*)(void)){NULL}, &small);
    CHECK_INT(read_stats()->stacks[0].used, before + 1);
    CHECK_INT(stats.stacks[1].used, 1);
    CHECK(stats.stacks[0].size >= 16384 && stats.stacks[2].size >= 262144);
    CHECK(stats.mapped >= stats.stacks[0].size + stats.stacks[1].size);
    (void)task;
}
