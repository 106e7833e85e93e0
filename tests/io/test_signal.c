/*
 * test_signal.c - signals are held, taken once, and never lost
 */
#include "io/own_signals.h"

#include "base/fault.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Waiting ------------------------------------------------------------ */

SIGNAL_STORY(what_was_raised_before_the_wait_is_taken_at_once)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        raise(SIGUSR1);
        CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(own_usr1, 0);
}

struct raiser {
    int number;
};

static int raiser(struct raiser *self)
{
    int rc = fm_sleep(story_span(1));
    raise(self->number);
    return rc;
}

SIGNAL_STORY(a_wait_ends_with_the_signal_that_came)
{
    fm_task *task = fm_go(raiser, SIGUSR2);
    CHECK_INT(fm_signal_wait(SIGUSR1, SIGUSR2), SIGUSR2);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(own_usr2, 0);
}

static void *kill_soon(void *arg)
{
    const struct timespec soon = {.tv_nsec = 3000000};
    nanosleep(&soon, NULL);
    kill(getpid(), SIGUSR1);
    return arg;
}

SIGNAL_STORY(a_signal_from_outside_wakes_a_loop_that_sleeps)
{
    pthread_t thread;
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        pthread_create(&thread, NULL, kill_soon, NULL);
        CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
        pthread_join(thread, NULL);
    }
    CHECK_INT(rc, 0);
}

SIGNAL_STORY(raised_again_before_it_was_taken_it_counts_as_one)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1, SIGUSR2) {
        raise(SIGUSR1);
        raise(SIGUSR1);
        raise(SIGUSR2);
        CHECK_INT(fm_signal_wait(SIGUSR1, SIGUSR2), SIGUSR1);
        CHECK_INT(fm_signal_wait(SIGUSR1, SIGUSR2), SIGUSR2);
        int late;
        FM_TIMEOUT(story_span(1), late) {
            late = fm_signal_wait(SIGUSR1, SIGUSR2);
        }
        CHECK_INT(late, -ETIMEDOUT);
    }
    CHECK_INT(own_usr1 + own_usr2, 0);
}

static int arrivals[4];
static int arrived;

struct taker {
    int number;
};

static int taker(struct taker *self)
{
    int rc = fm_signal_wait(SIGUSR1);
    arrivals[arrived++] = self->number;
    return rc;
}

SIGNAL_STORY(the_task_that_has_waited_longest_gets_the_signal)
{
    fm_task *tasks[4];
    int rc;
    arrived = 0;
    FM_SIGMASK(rc, SIGUSR1) {
        for (int i = 0; i < 4; i++) {
            tasks[i] = fm_go(taker, i);
            CHECK_INT(fm_yield(), 0);
        }
        for (int i = 0; i < 4; i++) {
            raise(SIGUSR1);
            CHECK_INT(fm_await(tasks[i]), SIGUSR1);
        }
    }
    for (int i = 0; i < 4; i++)
        CHECK_INT(arrivals[i], i);
}

/* Raised, and not yet handed to the first when a second asks for it. */
SIGNAL_STORY(a_latecomer_does_not_overtake)
{
    int rc;
    arrived = 0;
    FM_SIGMASK(rc, SIGUSR1) {
        fm_task *first = fm_go(taker, 1);
        CHECK_INT(fm_yield(), 0);
        raise(SIGUSR1);
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_signal_wait(SIGUSR1);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(fm_await(first), SIGUSR1);
        rc = 0;
    }
    CHECK_INT(rc, 0);
}

SIGNAL_STORY(outside_a_block_a_signal_is_held_for_the_time_of_the_wait)
{
    fm_task *task = fm_go(raiser, SIGUSR1);
    raise(SIGUSR1);
    CHECK_INT(own_usr1, 1);
    CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
    CHECK(is_own(SIGUSR1));
    raise(SIGUSR1);
    CHECK_INT(own_usr1, 2);
    CHECK_INT(fm_await(task), 0);
}

/* Of the loop's: it notes the signal, and rings where the loop sleeps. */
SIGNAL_STORY(the_handler_takes_no_memory_and_makes_one_call_at_most)
{
    struct fm__fault_plan plan = {0};
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        fm__fault_plan = &plan;
        raise(SIGUSR1);
        fm__fault_plan = NULL;
        CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 1);
}

/* ---- Cuts --------------------------------------------------------------- */

SIGNAL_STORY(a_wait_that_is_cut_takes_nothing)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        int cut;
        FM_TIMEOUT(story_span(1), cut) {
            cut = fm_signal_wait(SIGUSR1);
        }
        CHECK_INT(cut, -ETIMEDOUT);
        fm_task *task = fm_go(taker, 1);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_stop(task), -ECANCELED);
        raise(SIGUSR1);
        CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
    }
    CHECK_INT(own_usr1, 0);
}

struct greedy {
    int first;
    int second;
};

static int greedy_main(void *arg)
{
    struct greedy *self = arg;
    self->first = fm_signal_wait(SIGUSR1);
    self->second = fm_yield();
    return 0;
}

/* Taking SIGUSR2 hands SIGUSR1 to the task, which has not run yet. */
SIGNAL_STORY(a_signal_that_came_before_the_cut_is_taken)
{
    struct greedy greedy = {0, 0};
    int rc;
    FM_SIGMASK(rc, SIGUSR1, SIGUSR2) {
        fm_task *task = fm_start(greedy_main, &greedy);
        CHECK_INT(fm_yield(), 0);
        raise(SIGUSR1);
        raise(SIGUSR2);
        CHECK_INT(fm_signal_wait(SIGUSR2), SIGUSR2);
        CHECK_INT(fm_stop(task), 0);
    }
    CHECK_INT(greedy.first, SIGUSR1);
    CHECK_INT(greedy.second, -ECANCELED);
    CHECK_INT(own_usr1 + own_usr2, 0);
}

/* ---- Who may hold ------------------------------------------------------- */

SIGNAL_STORY(signals_of_faults_and_of_the_kernel_are_refused)
{
    static const int refused[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGTRAP, SIGSYS,  SIGABRT, 0,
                                  -1,      32,      33,      65,      1000};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int rc, entered = 0;
        FM_SIGMASK(rc, SIGUSR1, refused[i]) {
            entered = 1;
        }
        CHECK_INT(rc, -EINVAL);
        CHECK_INT(entered, 0);
        CHECK_INT(fm_signal_wait(refused[i]), -EINVAL);
    }
    CHECK_INT(fm_signal_wait_array(refused, 0), -EINVAL);
    int rc, last = test_under_valgrind() ? SIGRTMAX - 1 : SIGRTMAX;
    FM_SIGMASK(rc, SIGRTMIN, last) { /* the very last is valgrind's own */
        raise(last);
        CHECK_INT(fm_signal_wait(SIGRTMIN, last), last);
    }
    CHECK_INT(rc, 0);
}

static int hold_elsewhere(void *arg)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR2, SIGUSR1) {
        test_fail(__FILE__, __LINE__, "entered");
    }
    CHECK(is_own(SIGUSR2)); /* all or none */
    *(int *)arg = rc;
    return fm_signal_wait(SIGUSR1);
}

static void *run_elsewhere(void *arg)
{
    CHECK_INT(fm_run(hold_elsewhere, arg), -EBUSY);
    return NULL;
}

SIGNAL_STORY(what_one_loop_holds_another_one_cannot)
{
    pthread_t thread;
    int rc, other = 0;
    FM_SIGMASK(rc, SIGUSR1) {
        pthread_create(&thread, NULL, run_elsewhere, &other);
        pthread_join(thread, NULL);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(other, -EBUSY);
}

static int take_elsewhere(void *arg)
{
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        raise(SIGUSR1);
        *(int *)arg = fm_signal_wait(SIGUSR1);
    }
    return rc;
}

static void *run_and_take(void *arg)
{
    CHECK_INT(fm_run(take_elsewhere, arg), 0);
    return NULL;
}

SIGNAL_STORY(when_it_was_given_back_another_loop_may_hold_it)
{
    pthread_t thread;
    int rc, other = 0;
    FM_SIGMASK(rc, SIGUSR1) {
        rc = fm_yield();
    }
    pthread_create(&thread, NULL, run_and_take, &other);
    pthread_join(thread, NULL);
    CHECK_INT(other, SIGUSR1);
}

SIGNAL_STORY(a_forked_child_has_the_dispositions_of_before)
{
    int rc;
    if (test_under_tsan()) /* keeps signals of a forked child to itself */
        return;
    FM_SIGMASK(rc, SIGUSR1) {
        raise(SIGUSR1);
        pid_t child = fork();
        if (child == 0) {
            raise(SIGUSR1);
            _exit(own_usr1 == 1 ? 6 : 1);
        }
        int status = 0;
        CHECK_INT(waitpid(child, &status, 0), child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 6);
        CHECK_INT(fm_signal_wait(SIGUSR1), SIGUSR1);
    }
    CHECK_INT(rc, 0);
}

static void wait_outside(void *arg)
{
    (void)arg;
    fm_signal_wait(SIGUSR1);
}

static void hold_outside(void *arg)
{
    int *rc = arg;
    FM_SIGMASK(*rc, SIGUSR1) {
        *rc = 1;
    }
}

TEST(outside_a_task_both_abort_with_a_sentence)
{
    int rc = 0;
    CHECK_DIES(wait_outside, NULL, "fm_signal_wait was called outside a task");
    CHECK_DIES(hold_outside, &rc, "fm_sigmask_open was called outside a task");
}

static void close_out_of_order(void)
{
    const int number = SIGUSR1;
    fm_sigmask outer, inner;
    fm_sigmask_open(&outer, &number, 1);
    fm_sigmask_open(&inner, &number, 1);
    fm_sigmask_close(&outer);
}

static void leave_open(void)
{
    static fm_sigmask mask;
    const int number = SIGUSR1;
    fm_sigmask_open(&mask, &number, 1);
}

TEST(a_block_that_is_not_closed_in_order_aborts_with_a_sentence)
{
    CHECK_DOOMED(close_out_of_order, "this is not the innermost open block");
    CHECK_DOOMED(leave_open, "returned out of a block that is still open");
}
