/*
 * test_sigint.c - the first SIGINT cancels the main task, a second one ends
 * the program
 */
#include "story.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int sigint_main(void *arg)
{
    int *cleaned = arg;
    raise(SIGINT);
    int rc = fm_sleep(10);
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(1)), 0);
        *cleaned = 1;
    }
    return rc;
}

TEST(sigint_cancels_the_main_task_once)
{
    int cleaned = 0;
    CHECK_INT(fm_run(sigint_main, &cleaned), -ECANCELED);
    CHECK_INT(cleaned, 1);
    cleaned = 0;
    CHECK_INT(fm_run(sigint_main, &cleaned), -ECANCELED);
    CHECK_INT(cleaned, 1);
}

static int sigint_seen;

static int sigint_child(void)
{
    sigint_seen = fm_sleep(INFINITY);
    return sigint_seen;
}

static int sigint_with_children(void *arg)
{
    (void)arg;
    fm_task *child = fm_go(sigint_child);
    CHECK_INT(fm_yield(), 0);
    raise(SIGINT);
    return fm_await(child);
}

TEST(sigint_reaches_what_the_main_task_waits_for)
{
    sigint_seen = 0;
    CHECK_INT(fm_run(sigint_with_children, NULL), -ECANCELED);
    CHECK_INT(sigint_seen, -ECANCELED);
}

static int sigint_while_busy(void *arg)
{
    (void)arg;
    int turns = 0, rc;
    raise(SIGINT);
    while ((rc = fm_yield()) == 0 && turns < 1000000)
        turns++;
    return rc;
}

TEST(sigint_also_reaches_a_program_that_is_never_idle)
{
    CHECK_INT(fm_run(sigint_while_busy, NULL), -ECANCELED);
}

static int sigint_twice(void *arg)
{
    (void)arg;
    raise(SIGINT);
    CHECK_INT(fm_sleep(10), -ECANCELED);
    raise(SIGINT);
    return 0;
}

static void sigint_run_twice(void *arg)
{
    fm_run(sigint_twice, arg);
}

TEST(a_second_sigint_ends_the_program)
{
    char output[256];
    int status = test_child(sigint_run_twice, NULL, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

/* A thread that rings when the loop sleeps in the kernel. */
static void *sigint_from_a_thread(void *arg)
{
    const struct timespec soon = {.tv_nsec = 5000000};
    nanosleep(&soon, NULL);
    kill(getpid(), SIGINT);
    return arg;
}

static int sigint_idle(void *arg)
{
    pthread_create(arg, NULL, sigint_from_a_thread, NULL);
    return fm_sleep(INFINITY);
}

TEST(sigint_wakes_a_program_that_waits_in_the_kernel)
{
    pthread_t thread;
    fm_run_options options = {.backend = "epoll"};
    CHECK_INT(fm_run(sigint_idle, &thread, &options), -ECANCELED);
    pthread_join(thread, NULL);
}

static void sigint_ignored(void *arg)
{
    fm_run_options options = {.ignore_sigint = true};
    fm_run(sigint_main, arg, &options);
}

TEST(sigint_is_left_alone_where_the_options_say_so)
{
    char output[256];
    int cleaned = 0;
    int status = test_child(sigint_ignored, &cleaned, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

static volatile sig_atomic_t sigint_own;

static void sigint_handle(int number)
{
    (void)number;
    sigint_own = sigint_own + 1;
}

static int sigint_raise(void *arg)
{
    (void)arg;
    raise(SIGINT);
    return fm_yield();
}

TEST(sigint_is_left_alone_where_the_program_has_a_handler_of_its_own)
{
    struct sigaction mine = {.sa_handler = sigint_handle}, before;
    sigint_own = 0;
    sigaction(SIGINT, &mine, &before);
    CHECK_INT(fm_run(sigint_raise, NULL), 0);
    CHECK_INT(sigint_own, 1);
    sigaction(SIGINT, &before, NULL);
}

TEST(sigints_disposition_is_as_before_when_the_run_has_ended)
{
    struct sigaction now;
    CHECK_INT(fm_run(sigint_while_busy, NULL), -ECANCELED);
    sigaction(SIGINT, NULL, &now);
    CHECK(now.sa_handler == SIG_DFL);
}

static int sigint_look(void *arg)
{
    bool *taken = arg;
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    *taken = now.sa_handler != SIG_DFL;
    return 0;
}

static void *sigint_run_in_a_thread(void *arg)
{
    fm_run(sigint_look, arg);
    return NULL;
}

TEST(sigint_is_left_alone_by_runs_on_other_threads)
{
    pthread_t thread;
    bool taken = true;
    pthread_create(&thread, NULL, sigint_run_in_a_thread, &taken);
    pthread_join(thread, NULL);
    CHECK(!taken);
    CHECK_INT(fm_run(sigint_look, &taken), 0);
    CHECK(taken);
}

static int sigint_after_main(void)
{
    int rc = fm_sleep(story_span(1));
    raise(SIGINT);
    sigint_seen = fm_yield();
    return rc;
}

static int sigint_left_behind(void *arg)
{
    (void)arg;
    return fm_detach(fm_go(sigint_after_main));
}

TEST(sigint_finds_nobody_when_the_main_task_has_ended)
{
    sigint_seen = -1;
    CHECK_INT(fm_run(sigint_left_behind, NULL), 0);
    CHECK_INT(sigint_seen, 0);
}
