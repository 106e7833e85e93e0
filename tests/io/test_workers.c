/*
 * test_workers.c - loops on several threads begin and end together
 */
#include "task/story.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    COUNT = 3
};

static int seen[8];
static pthread_t threads[8];
static unsigned begun;

static void forget(void)
{
    memset(seen, 0, sizeof seen);
    begun = 0;
}

static void arrive(void)
{
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
}

static unsigned arrived(void)
{
    return __atomic_load_n(&begun, __ATOMIC_SEQ_CST);
}

/* For all to be there: virtual time alone would not wait. */
static int wait_for(unsigned count)
{
    int rc = 0;
    while (rc == 0 && arrived() < count) {
        sched_yield();
        rc = fm_sleep(story_span(0.1));
    }
    return rc;
}

/* ---- What workers are --------------------------------------------------- */

static int look(void *arg)
{
    int index = fm_worker_index();
    CHECK(arg == threads);
    CHECK_INT(fm_worker_count(), COUNT);
    seen[index]++;
    threads[index] = pthread_self();
    return fm_sleep(story_span(1));
}

TEST(each_worker_runs_the_function_on_a_loop_of_its_own_thread)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, look, threads), 0);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(seen[i], 1);
    CHECK(pthread_equal(threads[0], pthread_self()));
    CHECK(!pthread_equal(threads[1], threads[2]));
    CHECK_INT(fm_worker_index(), -1);
    CHECK_INT(fm_worker_count(), 0);
}

static int look_at_threads(void *arg)
{
    (void)arg;
    CHECK_INT(fm_worker_index(), -1);
    return 0;
}

static int ask_elsewhere(void *arg)
{
    (void)arg;
    CHECK_INT(fm_worker_index(), 0);
    return fm_thread_run(look_at_threads, NULL);
}

TEST(a_thread_of_the_pool_is_no_worker)
{
    CHECK_INT(fm_run_workers(1, ask_elsewhere, NULL), 0);
}

static int count_workers(void *arg)
{
    int *counted = arg;
    if (fm_worker_index() == 0)
        *counted = fm_worker_count();
    return 0;
}

TEST(without_a_number_there_are_as_many_as_cpus_may_be_used)
{
    cpu_set_t cpus;
    int counted = 0;
    CHECK_INT(sched_getaffinity(0, sizeof cpus, &cpus), 0);
    CHECK_INT(fm_run_workers(0, count_workers, &counted), 0);
    CHECK_INT(counted, CPU_COUNT(&cpus));
}

static int ask_for_a_name(void *arg)
{
    (void)arg;
    CHECK(strcmp(fm_task_name(fm_self()), "ask_for_a_name") == 0);
    CHECK(strcmp(fm_loop_backend(fm_loop_current()), "sim") == 0);
    return 0;
}

TEST(options_are_those_of_each_run)
{
    const fm_run_options options = {.backend = "sim"};
    CHECK_INT(fm_run_workers(COUNT, ask_for_a_name, NULL, &options), 0);
}

/* ---- Failures ----------------------------------------------------------- */

static int fail_third(void *arg)
{
    (void)arg;
    int index = fm_worker_index();
    arrive();
    if (index == 2 && wait_for(COUNT) == 0)
        return -EIO;
    seen[index] = fm_sleep(INFINITY);
    return seen[index];
}

TEST(the_first_failure_cancels_all_others_and_is_the_result)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, fail_third, NULL), -EIO);
    CHECK_INT(seen[0], -ECANCELED);
    CHECK_INT(seen[1], -ECANCELED);
}

static int fail_first(void *arg)
{
    (void)arg;
    return fm_worker_index() == 0 ? -EPIPE : fm_sleep(INFINITY);
}

TEST(who_has_not_begun_when_another_one_fails_begins_cancelled)
{
    for (size_t i = 0; i < test_many(100); i++)
        CHECK_INT(fm_run_workers(COUNT, fail_first, NULL), -EPIPE);
}

static void block(long milliseconds)
{
    const struct timespec span = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&span, NULL);
}

/* A task that nobody waits for keeps the first loop from its news. */
static int hold_the_loop(void)
{
    int rc = fm_sleep(story_span(1));
    block(20);
    return rc < 0 ? 0 : rc;
}

static int fail_after_the_first(void *arg)
{
    (void)arg;
    if (fm_worker_index() != 0) {
        int rc = wait_for(1);
        block(5);
        return rc < 0 ? rc : -EIO;
    }
    fm_detach(fm_go(hold_the_loop));
    arrive();
    return 0;
}

TEST(a_failure_and_the_end_of_all_may_reach_the_first_at_once)
{
    for (size_t i = 0; i < test_many(20); i++) {
        forget();
        CHECK_INT(fm_run_workers(2, fail_after_the_first, NULL), -EIO);
    }
}

static int succeed_when_cancelled(void *arg)
{
    int rc = fail_third(arg);
    return rc == -ECANCELED ? -EPERM : rc;
}

TEST(later_failures_change_nothing)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, succeed_when_cancelled, NULL), -EIO);
}

static int one_ends_early(void *arg)
{
    (void)arg;
    if (fm_worker_index() < 2)
        return fm_worker_index();
    return fm_sleep(story_span(20));
}

TEST(a_worker_that_ends_well_ends_nobody_else)
{
    CHECK_INT(fm_run_workers(COUNT, one_ends_early, NULL), 0);
}

static int left_behind(void)
{
    seen[3] = fm_sleep(INFINITY);
    return 0;
}

static void expect_left(const fm_report *report, void *arg)
{
    CHECK_INT(report->kind, FM_REPORT_UNCONSUMED);
    ++*(int *)arg;
}

static int leave_one(void *arg)
{
    (void)arg;
    if (fm_worker_index() == 1)
        return fm_sleep(story_span(10));
    fm_task *task = fm_go(left_behind);
    (void)task;
    return fm_yield();
}

/* The function's own children end with it, though its loop goes on. */
TEST(what_the_function_leaves_behind_is_cancelled_when_it_returns)
{
    int reports = 0;
    const fm_run_options options = {.on_report = expect_left,
                                    .on_report_arg = &reports};
    forget();
    CHECK_INT(fm_run_workers(2, leave_one, NULL, &options), 0);
    CHECK_INT(reports, 1);
    CHECK_INT(seen[3], -ECANCELED);
}

/* ---- Cancels and signals ------------------------------------------------ */

static int sleep_all(void *arg)
{
    (void)arg;
    arrive();
    int rc = fm_sleep(INFINITY);
    __atomic_store_n(&seen[fm_worker_index()], rc, __ATOMIC_SEQ_CST);
    return rc;
}

static int interrupt(void *arg)
{
    if (fm_worker_index() == 1 && wait_for(COUNT - 1) == 0) {
        arrive();
        kill(getpid(), SIGINT);
    }
    return sleep_all(arg);
}

TEST(sigint_cancels_all_of_them)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, interrupt, NULL), -ECANCELED);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(seen[i], -ECANCELED);
}

static int interrupt_second(void *arg)
{
    if (fm_worker_index() == 0) {
        arrive();
        return 0;
    }
    if (fm_worker_index() == 1 && wait_for(COUNT - 1) == 0) {
        CHECK_INT(fm_sleep(story_span(20)), 0);
        kill(getpid(), SIGINT);
    }
    return sleep_all(arg);
}

/* And the result is what they made of it. */
TEST(sigint_cancels_the_others_also_when_the_first_has_ended)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, interrupt_second, NULL), 0);
    CHECK_INT(seen[1], -ECANCELED);
    CHECK_INT(seen[2], -ECANCELED);
}

static int cancel_own(void *arg)
{
    if (fm_worker_index() == 1 && wait_for(COUNT - 1) == 0) {
        arrive();
        fm_loop_stop(fm_loop_current());
    }
    return sleep_all(arg);
}

TEST(the_cancel_of_one_cancels_all)
{
    forget();
    CHECK_INT(fm_run_workers(COUNT, cancel_own, NULL), -ECANCELED);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(seen[i], -ECANCELED);
}

/* Ours: it takes effect at once, not when the first has cleaned up. */
static int clean_up_slowly(void *arg)
{
    if (fm_worker_index() != 0)
        return sleep_all(arg);
    CHECK_INT(wait_for(1), 0);
    kill(getpid(), SIGINT);
    int rc = fm_sleep(INFINITY);
    FM_SHIELD(1e9) {
        while (__atomic_load_n(&seen[1], __ATOMIC_SEQ_CST) == 0) {
            sched_yield();
            (void)fm_sleep(story_span(0.1));
        }
    }
    return rc;
}

TEST(the_others_are_told_before_the_first_has_ended)
{
    forget();
    CHECK_INT(fm_run_workers(2, clean_up_slowly, NULL), -ECANCELED);
    CHECK_INT(seen[1], -ECANCELED);
}

/* ---- Between workers ---------------------------------------------------- */

static fm_channel *channel;

static int add_up(void *arg)
{
    void *item;
    int sum = 0, rc = 0;
    if (fm_worker_index() == 0) {
        for (intptr_t i = 1; rc == 0 && i <= 100; i++)
            rc = fm_channel_send(channel, (void *)i);
        fm_channel_close(channel);
        return rc;
    }
    while ((rc = fm_channel_receive(channel, &item)) == 0)
        sum += (int)(intptr_t)item;
    __atomic_add_fetch((int *)arg, sum, __ATOMIC_SEQ_CST);
    return rc == -ESHUTDOWN ? 0 : rc;
}

TEST(workers_share_what_there_is_to_be_done_by_a_channel)
{
    int sum = 0;
    channel = fm_channel_new(4);
    CHECK_INT(fm_run_workers(COUNT, add_up, &sum), 0);
    CHECK_INT(sum, 5050);
    fm_channel_put(channel);
}

/* ---- The simulator ------------------------------------------------------ */

/* Long, and as long for each: each has a time of its own. */
static int sleep_long(void *arg)
{
    (void)arg;
    int64_t began = fm_now();
    double seconds = test_simulated() ? 1e5 : 0.001;
    int rc = fm_sleep(seconds * (fm_worker_index() + 1));
    CHECK((double)(fm_now() - began) >= seconds * 1e9);
    return rc;
}

TEST(each_worker_of_the_simulator_has_a_time_of_its_own)
{
    CHECK_INT(fm_run_workers(COUNT, sleep_long, NULL), 0);
}

/* ---- Limits and mistakes ------------------------------------------------ */

static int never(void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "called");
    return 0;
}

TEST(where_a_thread_cannot_be_started_nothing_is_run)
{
    for (uint64_t k = 1; k <= COUNT - 1; k++) {
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_SYSTEM] = k,
                                      .error = -EAGAIN};
        fm__fault_plan = &plan;
        CHECK_INT(fm_run_workers(COUNT, never, NULL), -EAGAIN);
        fm__fault_plan = NULL;
    }
}

TEST(without_memory_nothing_is_run)
{
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = 1};
    fm__fault_plan = &plan;
    CHECK_INT(fm_run_workers(COUNT, never, NULL), -ENOMEM);
    fm__fault_plan = NULL;
}

TEST(an_unknown_backend_fails_in_each_of_them)
{
    const fm_run_options options = {.backend = "none"};
    CHECK_INT(fm_run_workers(COUNT, never, NULL, &options), -EINVAL);
}

static int hold(void *arg)
{
    arrive();
    return arg != NULL ? 0 : fm_sleep(story_span(1));
}

TEST(there_may_be_as_many_as_the_limit_says_and_no_more)
{
    unsigned many = test_many(100) < 100 ? 8 : FM_WORKERS_LIMIT;
    forget();
    CHECK_INT(fm_run_workers(FM_WORKERS_LIMIT + 1, never, NULL), -EINVAL);
    CHECK_INT(fm_run_workers(many, hold, seen), 0);
    CHECK_INT(arrived(), many);
}

static void workers_in_a_task(void)
{
    fm_run_workers(2, never, NULL);
}

TEST(fm_run_workers_in_a_task_aborts_with_a_sentence)
{
    CHECK_DOOMED(workers_in_a_task, "fm_run_workers was called in a task");
}
