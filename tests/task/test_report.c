/*
 * test_report.c - what the runtime has to say, to whom, and how often
 */
#include "story.h"

#include <stdlib.h>

static int leave_behind(void)
{
    fm_task *child = fm_go(forever);
    CHECK(child != NULL);
    return fm_yield();
}

STORY(a_task_that_returns_leaving_a_handle_unconsumed_is_reported)
{
    CHECK_INT(fm_await(fm_go(leave_behind)), 0);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) == NULL);
}

STORY(an_unconsumed_handle_is_reported_with_parent_child_and_both_places)
{
    fm_task *parent = fm_go(leave_behind);
    int line = __LINE__ - 1;
    char site[64];
    snprintf(site, sizeof site, "test_report.c:%d", line);
    CHECK_INT(fm_await(parent), 0);
    const struct story_report *report = story_heard(FM_REPORT_UNCONSUMED);
    CHECK(report != NULL);
    if (report == NULL)
        return;
    CHECK(strcmp(report->task, "forever") == 0);
    CHECK(strcmp(report->other, "leave_behind") == 0);
    CHECK(strstr(report->other_site, site) != NULL);
    CHECK(strstr(report->task_site, "test_report.c:10") != NULL);
    CHECK(strstr(report->message, report->task_site) != NULL);
    CHECK(strstr(report->message, report->other_site) != NULL);
}

static int leave_three_behind(void)
{
    fm_task *ended = fm_go(answer, 1);
    fm_task *first = fm_go(forever), *second = fm_go(forever);
    CHECK(ended != NULL && first != NULL && second != NULL);
    return fm_yield();
}

STORY(each_unconsumed_handle_is_reported_also_of_a_child_that_has_ended)
{
    CHECK_INT(fm_await(fm_go(leave_three_behind)), 0);
    for (int i = 0; i < 3; i++)
        CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

static void leave_behind_in_main(void)
{
    CHECK_INT(leave_behind(), 0);
}

TEST(a_handle_that_the_main_task_leaves_is_reported_too)
{
    CHECK_INT(story_run(leave_behind_in_main, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_UNCONSUMED);
    CHECK(report != NULL && strcmp(report->other, "story_main") == 0);
}

/* Starts that many and lets them end. */
static void report_unreaped(fm_task **tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(answer, 0);
    CHECK_INT(fm_yield(), 0);
}

STORY(a_thousand_finished_unconsumed_tasks_are_not_reported)
{
    fm_task **tasks = calloc(1000, sizeof tasks[0]);
    report_unreaped(tasks, 1000);
    CHECK_INT(fm_gather_array(tasks, 1000, NULL), 0);
    free(tasks);
}

STORY(more_than_a_thousand_under_one_parent_are_reported_once)
{
    fm_task **tasks = calloc(1003, sizeof tasks[0]);
    report_unreaped(tasks, 1001);
    const struct story_report *report = story_heard(FM_REPORT_UNREAPED);
    CHECK(report != NULL && strcmp(report->task, "story_main") == 0);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(fm_await(tasks[1000]), 0);
        report_unreaped(tasks + 1000, 3);
        CHECK_INT(fm_gather_array(tasks + 1001, 2, NULL), 0);
    }
    CHECK_INT(fm_gather_array(tasks, 1001, NULL), 0);
    free(tasks);
}

STORY(members_of_a_group_are_never_left_unreaped)
{
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; i < 1500; i++)
            CHECK_INT(fm_group_go(group, answer, 0), 0);
    }
    CHECK_INT(rc, 0);
}

STORY(a_detached_task_that_fails_is_reported_with_its_result)
{
    CHECK_INT(fm_detach(fm_go(answer, -EPIPE)), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_yield(), 0);
    const struct story_report *report = story_heard(FM_REPORT_DETACHED_FAILED);
    CHECK(report != NULL && report->result == -EPIPE);
    CHECK(report != NULL && strcmp(report->task, "answer") == 0);
    CHECK(report != NULL && strstr(report->message, fm_strerror(-EPIPE)));
}

static void report_to_stderr(void *arg)
{
    void (*body)(void) = leave_behind_in_main;
    (void)arg;
    fm_run(story_main, &body);
}

TEST(without_a_function_of_their_own_reports_are_lines_on_stderr)
{
    char output[1024];
    int status = test_child(report_to_stderr, NULL, output, sizeof output);
    CHECK_INT(status, 0);
    CHECK(strncmp(output, "fermata: task forever (", 23) == 0);
    CHECK(strchr(output, '\n') == output + strlen(output) - 1);
}

struct counter {
    int calls;
};

static void report_count(const fm_report *report, void *arg)
{
    struct counter *counter = arg;
    counter->calls += report->message != NULL;
}

static int report_main(void *arg)
{
    (void)arg;
    return leave_behind();
}

TEST(on_report_is_given_its_own_argument)
{
    struct counter counter = {0};
    fm_run_options options = {.on_report = report_count,
                              .on_report_arg = &counter};
    CHECK_INT(fm_run(report_main, NULL, &options), 0);
    CHECK_INT(counter.calls, 1);
}

static const char long_name[] =
    "a_name_that_is_much_longer_than_any_function_should_ever_have_and_that_"
    "does_not_fit_into_the_line_of_a_report_together_with_its_place_because_it_"
    "goes_on_and_on_and_on_until_nobody_remembers_where_it_began_or_what_it_"
    "was_"
    "meant_to_say_in_the_first_place_if_it_was_ever_meant_to_say_anything_at_"
    "all";

static int report_sleep(void *arg)
{
    (void)arg;
    return fm_sleep(INFINITY);
}

static int leave_a_long_name(void)
{
    fm_task_options options = {.name = long_name};
    fm_task *child = fm_start(report_sleep, NULL, &options);
    CHECK(child != NULL);
    return fm_yield();
}

STORY(a_report_about_a_very_long_name_is_cut_and_not_lost)
{
    CHECK_INT(fm_await(fm_go(leave_a_long_name)), 0);
    const struct story_report *report = story_heard(FM_REPORT_UNCONSUMED);
    CHECK(report != NULL && strncmp(report->message, "task a_name", 11) == 0);
}
