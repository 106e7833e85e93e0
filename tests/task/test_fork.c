/*
 * test_fork.c - a forked child that touches the loop aborts with a sentence
 */
#include "story.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void (*fork_touch)(void);

/* In the child of a task; what it writes and how it ends is looked at. */
static void fork_in_a_task(void)
{
    pid_t child = fork();
    if (child == 0) {
        fork_touch();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        abort();
}

static fm_task *fork_task;
static fm_group *fork_group;
static fm_timeout *fork_timeout;

static void fork_yield(void)
{
    fm_yield();
}

static void fork_sleep(void)
{
    fm_sleep(1);
}

static void fork_go(void)
{
    fork_task = fm_go(forever);
}

static void fork_await(void)
{
    fm_await(fork_task);
}

static void fork_cancel(void)
{
    fm_cancel(fork_task);
}

static void fork_self(void)
{
    fm_self();
}

static void fork_group_go(void)
{
    fm_group_go(fork_group, forever);
}

static void fork_group_cancel(void)
{
    fm_group_cancel(fork_group);
}

static void fork_group_close(void)
{
    fm_group_close(fork_group);
}

static void fork_reschedule(void)
{
    fm_timeout_reschedule(fork_timeout, 2);
}

static void fork_timeout_close(void)
{
    fm_timeout_close(fork_timeout, 0);
}

static void fork_with_everything_open(void)
{
    int rc;
    fm_timeout timeout;
    fm_timeout_open(&timeout, 1000);
    fork_timeout = &timeout;
    fork_task = fm_go(forever);
    FM_GROUP(group, rc) {
        fork_group = group;
        fork_in_a_task();
    }
    fm_timeout_close(&timeout, 0);
}

TEST(a_forked_child_that_touches_the_loop_aborts_with_a_sentence)
{
    void (*touches[])(void) = {
        fork_yield,       fork_sleep,      fork_go,           fork_await,
        fork_cancel,      fork_self,       fork_group_go,     fork_group_cancel,
        fork_group_close, fork_reschedule, fork_timeout_close};
    for (size_t i = 0; i < sizeof touches / sizeof touches[0]; i++) {
        fork_touch = touches[i];
        CHECK_DOOMED(fork_with_everything_open,
                     "was called in a forked child: the loop belongs to the "
                     "parent");
    }
}

static void fork_run(void)
{
    void (*body)(void) = fork_yield;
    fm_run(story_main, &body);
}

TEST(fm_run_in_a_child_that_was_forked_inside_a_task_aborts)
{
    fork_touch = fork_run;
    CHECK_DOOMED(fork_in_a_task, "fm_run in a forked child");
}

/* The child goes on where the task was, to the end of its function. */
static int fork_and_return(void)
{
    return fork() == 0 ? 1 : 0;
}

static void fork_in_the_way(void)
{
    if (fm_await(fm_go(fork_and_return)) == 0)
        wait(NULL);
}

TEST(a_forked_child_that_returns_from_the_task_aborts)
{
    char output[1024];
    void (*body)(void) = fork_in_the_way;
    int status = test_child(story_doomed, &body, output, sizeof output);
    CHECK_INT(status, 0);
    CHECK(strstr(output, "in a forked child") != NULL);
}

static void fork_exit(void)
{
    _exit(7);
}

STORY(a_forked_child_may_exit_and_the_parent_goes_on)
{
    fm_task *task = fm_go(nap, 1, 5);
    pid_t child = fork();
    if (child == 0)
        fork_exit();
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK_INT(fm_await(task), 5);
}

/* The loop that a first SIGINT would wake is the parent's. In a forked child
 * ThreadSanitizer keeps signals to itself. */
STORY(sigint_ends_a_forked_child_at_once)
{
    if (test_under_tsan())
        return;
    fm_task *task = fm_go(nap, 1, 5);
    pid_t child = fork();
    if (child == 0) {
        raise(SIGINT);
        _exit(1);
    }
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    CHECK_INT(fm_await(task), 5);
}

static void fork_run_outside(void *arg)
{
    (void)arg;
    void (*body)(void) = fork_yield;
    fm_run_options options = {.backend = test_backend()};
    if (fm_run(story_main, &body, &options) == 0)
        _exit(9);
}

TEST(a_child_that_was_forked_outside_a_run_may_run_a_loop_of_its_own)
{
    char output[256];
    int status = test_child(fork_run_outside, NULL, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}
