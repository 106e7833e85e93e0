/*
 * test_sigmask.c - blocks that hold signals, and what happens at their end
 */
#include "io/own_signals.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Blocks ------------------------------------------------------------- */

SIGNAL_STORY(what_nobody_took_is_raised_again_at_the_blocks_end)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1, SIGUSR2) {
        raise(SIGUSR1);
        raise(SIGUSR1);
        CHECK_INT(own_usr1, 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(own_usr1, 1);
    CHECK_INT(own_usr2, 0);
}

SIGNAL_STORY(blocks_nest_and_the_outermost_gives_back)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        FM_SIGMASK(rc, SIGUSR1, SIGUSR2) {
            raise(SIGUSR1);
        }
        CHECK_INT(own_usr1, 0);
        CHECK(is_own(SIGUSR2));
        CHECK(!is_own(SIGUSR1));
    }
    CHECK_INT(own_usr1, 1);
}

static int holder(void)
{
    int rc, slept = 0;
    FM_SIGMASK(rc, SIGUSR1) {
        slept = fm_sleep(story_span(2));
    }
    return slept;
}

SIGNAL_STORY(tasks_of_one_loop_hold_a_signal_together)
{
    int rc;
    fm_task *task = fm_go(holder);
    CHECK_INT(fm_yield(), 0);
    FM_SIGMASK(rc, SIGUSR1) {
        raise(SIGUSR1);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(own_usr1, 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(own_usr1, 1);
}

static int leave_by_return(void)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        return is_own(SIGUSR1);
    }
    return -1;
}

SIGNAL_STORY(break_return_and_goto_close_the_block)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        break;
    }
    CHECK(is_own(SIGUSR1));
    CHECK_INT(leave_by_return(), 0);
    CHECK(is_own(SIGUSR1));
    FM_SIGMASK(rc, SIGUSR1) {
        goto outside;
    }
outside:
    CHECK(is_own(SIGUSR1));
    CHECK_INT(rc, 0);
}

SIGNAL_STORY(the_function_form_serves_loops)
{
    const int numbers[] = {SIGUSR1, SIGUSR2};
    for (int i = 0; i < 3; i++) {
        fm_sigmask mask;
        CHECK_INT(fm_sigmask_open(&mask, numbers, 2), 0);
        raise(SIGUSR2);
        CHECK_INT(fm_signal_wait_array(numbers, 2), SIGUSR2);
        fm_sigmask_close(&mask);
        CHECK(is_own(SIGUSR1) && is_own(SIGUSR2));
    }
}

SIGNAL_STORY(a_handler_that_the_program_put_in_meanwhile_stays)
{
    struct sigaction dfl = {.sa_handler = SIG_IGN};
    struct sigaction own = {.sa_handler = own_handler}, now;
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        sigaction(SIGUSR1, &dfl, NULL);
    }
    sigaction(SIGUSR1, NULL, &now);
    CHECK(now.sa_handler == SIG_IGN);
    sigaction(SIGUSR1, &own, NULL);
}

/* ---- SIGINT ------------------------------------------------------------- */

STORY(while_it_is_held_sigint_cancels_nobody)
{
    int rc;
    FM_SIGMASK(rc, SIGINT) {
        for (int i = 0; i < 3; i++) {
            raise(SIGINT);
            CHECK_INT(fm_yield(), 0);
            CHECK_INT(fm_signal_wait(SIGINT), SIGINT);
        }
    }
    CHECK_INT(fm_yield(), 0);
}

static int leave_sigint(void *arg)
{
    int *rc = arg;
    FM_SIGMASK(*rc, SIGINT) {
        raise(SIGINT);
        raise(SIGINT);
    }
    return fm_sleep(10);
}

TEST(a_sigint_that_nobody_took_cancels_the_main_task_at_the_blocks_end)
{
    int rc;
    CHECK_INT(fm_run(leave_sigint, &rc), -ECANCELED);
    CHECK_INT(rc, 0);
}

static int sigint_twice_after_a_block(void *arg)
{
    int rc;
    FM_SIGMASK(rc, SIGINT) {
        raise(SIGINT);
        CHECK_INT(fm_signal_wait(SIGINT), SIGINT);
    }
    raise(SIGINT);
    CHECK_INT(fm_sleep(10), -ECANCELED);
    *(int *)arg = 1;
    raise(SIGINT);
    return 0;
}

static void run_sigint_twice(void *arg)
{
    if (fm_run(sigint_twice_after_a_block, arg) == 0)
        _exit(1);
}

TEST(after_the_block_sigint_is_as_it_was_and_a_second_one_ends_the_program)
{
    char output[256];
    int first = 0;
    int status = test_child(run_sigint_twice, &first, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

static void leave_sigterm(void)
{
    int rc;
    FM_SIGMASK(rc, SIGTERM) {
        raise(SIGTERM);
        raise(SIGTERM);
        puts("still here");
        fflush(stdout);
    }
    puts("never here");
}

TEST(a_signal_that_nobody_took_has_its_default_effect_at_the_blocks_end)
{
    char output[256];
    void (*body)(void) = leave_sigterm;
    int status = test_child(story_doomed, &body, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK(strcmp(output, "still here\n") == 0);
}

/* ---- A storm ------------------------------------------------------------ */

struct storm {
    pthread_t thread;
    int taken;
    bool over;
};

static int storm_seen(struct storm *storm)
{
    return __atomic_load_n(&storm->taken, __ATOMIC_SEQ_CST) +
           __atomic_load_n(&own_usr1, __ATOMIC_SEQ_CST);
}

/* The next one is sent when somebody has seen this one: so none may merge,
 * and one that is lost ends it all. */
static void *storm_main(void *arg)
{
    struct storm *storm = arg;
    const struct timespec moment = {.tv_nsec = 1000};
    for (size_t i = 0; i < test_many(5000); i++) {
        int before = storm_seen(storm);
        kill(getpid(), SIGUSR1);
        while (storm_seen(storm) == before)
            nanosleep(&moment, NULL);
        CHECK_INT(storm_seen(storm), before + 1);
    }
    __atomic_store_n(&storm->over, true, __ATOMIC_SEQ_CST);
    return NULL;
}

static bool storm_over(struct storm *storm)
{
    return __atomic_load_n(&storm->over, __ATOMIC_SEQ_CST);
}

static int take_in_time(void)
{
    int rc;
    FM_TIMEOUT(30e-6, rc) {
        rc = fm_signal_wait(SIGUSR1);
    }
    return rc;
}

/* While blocks open and close, each signal is seen, by the program's own
 * handler or by a wait, and by one of them only. */
SIGNAL_STORY(no_signal_is_lost_or_seen_twice_while_blocks_open_and_close)
{
    struct storm storm = {.taken = 0};
    int rc;
    pthread_create(&storm.thread, NULL, storm_main, &storm);
    while (!storm_over(&storm)) {
        FM_SIGMASK(rc, SIGUSR1) {
            if (take_in_time() == SIGUSR1)
                __atomic_add_fetch(&storm.taken, 1, __ATOMIC_SEQ_CST);
        }
        CHECK_INT(rc, 0);
        CHECK_INT(fm_yield(), 0);
    }
    pthread_join(storm.thread, NULL);
}
