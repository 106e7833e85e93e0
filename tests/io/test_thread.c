/*
 * test_thread.c - blocking calls on threads, while the loop goes on
 */
#include "io/gate.h"

#include "base/fault.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- What a call is ----------------------------------------------------- */

static int square(void *arg)
{
    int value = *(int *)arg;
    return value * value;
}

STORY(fm_thread_run_returns_what_the_function_returned)
{
    int value = 12;
    CHECK_INT(fm_thread_run(square, &value), 144);
    value = 3;
    CHECK_INT(fm_thread_run(square, &value, NULL), 9);
    CHECK_INT(fm_thread_run(square, &value, &(fm_thread_options){0}), 9);
}

static pthread_t thread_seen;

static int look_who_runs(void *arg)
{
    thread_seen = pthread_self();
    pthread_getname_np(thread_seen, arg, 16);
    return 0;
}

STORY(the_function_runs_on_a_named_thread_of_its_own)
{
    char name[16] = "", own[16] = "";
    pthread_getname_np(pthread_self(), own, sizeof own);
    CHECK_INT(fm_thread_run(look_who_runs, name), 0);
    CHECK(!pthread_equal(thread_seen, pthread_self()));
    CHECK(strcmp(name, "fm-worker-1") == 0);
    pthread_getname_np(pthread_self(), name, sizeof name);
    CHECK(strcmp(name, own) == 0);
}

static int look_at_signals(void *arg)
{
    return pthread_sigmask(SIG_BLOCK, NULL, arg);
}

STORY(signals_but_those_of_faults_are_blocked_on_the_thread_and_only_there)
{
    sigset_t there, here;
    CHECK_INT(fm_thread_run(look_at_signals, &there), 0);
    CHECK_INT(look_at_signals(&here), 0);
    CHECK(sigismember(&there, SIGINT) && sigismember(&there, SIGTERM));
    CHECK(sigismember(&there, SIGPROF) && sigismember(&there, SIGCHLD));
    CHECK(!sigismember(&there, SIGSEGV) && !sigismember(&there, SIGABRT));
    CHECK(!sigismember(&here, SIGINT) && !sigismember(&here, SIGTERM));
}

STORY(tasks_go_on_while_the_function_blocks)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 5);
    fm_task *task = passer_start(&passer, &gate);
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_yield(), 0);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 5);
    CHECK_INT(passer.after, 0);
}

static int meet_others(void *arg)
{
    pthread_barrier_wait(arg);
    return 0;
}

struct meeter {
    pthread_barrier_t *barrier;
};

static int meeter(struct meeter *self)
{
    return fm_thread_run(meet_others, self->barrier);
}

/* Four calls, of which none returns before all have begun. The first time the
 * threads are started, afterwards they sleep and are woken. */
STORY(as_many_calls_run_at_once_as_there_are_threads)
{
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 4);
    for (size_t i = 0; i < test_many(500); i++)
        CHECK_INT(fm_gather(fm_go(meeter, &barrier), fm_go(meeter, &barrier),
                            fm_go(meeter, &barrier), fm_go(meeter, &barrier)),
                  0);
    pthread_barrier_destroy(&barrier);
}

STORY(a_thread_that_is_free_is_used_again)
{
    char name[16];
    for (int i = 0; i < 20; i++) {
        CHECK_INT(fm_thread_run(look_who_runs, name), 0);
        CHECK(strcmp(name, "fm-worker-1") == 0);
    }
}

static int most_threads;
static int threads_now;

static int count_threads(void *arg)
{
    (void)arg;
    int now = __atomic_add_fetch(&threads_now, 1, __ATOMIC_SEQ_CST);
    int most = __atomic_load_n(&most_threads, __ATOMIC_SEQ_CST);
    while (now > most &&
           !__atomic_compare_exchange_n(&most_threads, &most, now, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    sched_yield();
    __atomic_sub_fetch(&threads_now, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static int counter(void)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < test_many(100); i++)
        rc = fm_thread_run(count_threads, NULL);
    return rc;
}

static void many_calls(void)
{
    fm_task *tasks[20];
    for (int i = 0; i < 20; i++)
        tasks[i] = fm_go(counter);
    CHECK_INT(fm_gather_array(tasks, 20, NULL), 0);
}

TEST(no_more_calls_run_at_once_than_the_options_allow)
{
    most_threads = threads_now = 0;
    CHECK_INT(story_run(many_calls, (fm_run_options){.threads = 3}), 0);
    CHECK(most_threads >= 1 && most_threads <= 3);
    most_threads = threads_now = 0;
    CHECK_INT(run_with_one_thread(many_calls), 0);
    CHECK_INT(most_threads, 1);
}

static int order_begun[8];
static int order_count;

static int note_order(void *arg)
{
    order_begun[order_count++] = *(int *)arg;
    return 0;
}

struct orderly {
    int number;
};

static int orderly(struct orderly *self)
{
    return fm_thread_run(note_order, &self->number);
}

static void calls_in_order(void)
{
    fm_task *tasks[8];
    order_count = 0;
    for (int i = 0; i < 8; i++)
        tasks[i] = fm_go(orderly, i);
    CHECK_INT(fm_gather_array(tasks, 8, NULL), 0);
    for (int i = 0; i < 8; i++)
        CHECK_INT(order_begun[i], i);
}

TEST(calls_begin_in_the_order_in_which_they_were_made)
{
    if (test_simulated()) /* where the seed shuffles what begins at once */
        return;
    CHECK_INT(run_with_one_thread(calls_in_order), 0);
}

/* ---- Cuts --------------------------------------------------------------- */

static void cut_while_queued(void)
{
    struct gate first, second;
    struct passer holder = {0}, cut = {.gate = &second};
    gate_init(&first, 1);
    gate_init(&second, 2);
    fm_task *holding = passer_start(&holder, &first);
    fm_task *task = fm_start(passer_main, &cut);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(cut.after, -ECANCELED);
    sem_post(&first.open);
    CHECK_INT(fm_await(holding), 1);
    CHECK_INT(second.runs, 0);
}

TEST(a_call_that_is_cut_before_it_has_begun_is_taken_back)
{
    CHECK_INT(run_with_one_thread(cut_while_queued), 0);
    story_silent(__FILE__, __LINE__);
}

STORY(a_call_that_is_cut_while_it_runs_is_waited_for_and_keeps_its_result)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 7);
    fm_task *task = passer_start(&passer, &gate);
    CHECK_INT(fm_cancel(task), 0);
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_yield(), 0);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 7);
    CHECK_INT(passer.after, -ECANCELED);
}

static int open_later(void *arg)
{
    const struct timespec soon = {.tv_nsec = 5000000};
    nanosleep(&soon, NULL);
    (void)arg;
    return 3;
}

STORY(a_timeout_waits_for_a_call_that_runs_and_shows_afterwards)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 3);
    fm_task *task = hurry(&passer, &gate);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 3);
    CHECK_INT(passer.after, -ETIMEDOUT);
}

/* On the simulator an hour is nothing, but not for what runs on a machine. */
STORY(virtual_time_does_not_jump_over_a_call)
{
    int rc;
    FM_TIMEOUT(test_simulated() ? 60 : 3600, rc) {
        CHECK_INT(fm_thread_run(open_later, NULL), 3);
        rc = fm_yield();
    }
    CHECK_INT(rc, 0);
}

static void refused_call(void)
{
    struct gate gate;
    gate_init(&gate, 1);
    fm_cancel(fm_self());
    CHECK_INT(fm_thread_run(gate_pass, &gate), -ECANCELED);
    CHECK_INT(gate.runs, 0);
    CHECK_INT(fm_thread_run(gate_pass, &gate, &letting_go), -ECANCELED);
    CHECK_INT(gate.runs, 0);
    CHECK_INT(gate.released, 1);
}

STORY(a_call_that_is_refused_does_not_begin_and_gives_its_argument_back)
{
    refused_call();
}

/* ---- Limits and mistakes ------------------------------------------------ */

STORY(without_memory_or_a_thread_the_function_is_not_run)
{
    struct gate gate;
    struct fm__fault_plan plan = {.fail_at = {[FM__DOOR_MEMORY] = 1}};
    gate_init(&gate, 0);
    fm__fault_plan = &plan;
    CHECK_INT(fm_thread_run(gate_pass, &gate), -ENOMEM);
    plan = (struct fm__fault_plan){.fail_at = {[FM__DOOR_SYSTEM] = 1},
                                   .error = -EAGAIN};
    CHECK_INT(fm_thread_run(gate_pass, &gate, &letting_go), -EAGAIN);
    fm__fault_plan = NULL;
    CHECK_INT(gate.runs, 0);
    CHECK_INT(gate.released, 0);
    sem_post(&gate.open);
    CHECK_INT(fm_thread_run(gate_pass, &gate), 0);
}

STORY(where_a_second_thread_does_not_start_the_first_serves_both)
{
    struct gate first, second;
    struct passer one = {0}, two = {.gate = &second};
    struct fm__fault_plan plan = {.fail_at = {[FM__DOOR_SYSTEM] = 1},
                                  .error = -EAGAIN};
    gate_init(&first, 1);
    gate_init(&second, 2);
    fm_task *task = passer_start(&one, &first);
    fm_task *other = fm_start(passer_main, &two);
    fm__fault_plan = &plan;
    plan.spare_waits = true;
    CHECK_INT(fm_yield(), 0);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] > 0);
    sem_post(&first.open);
    sem_post(&second.open);
    CHECK_INT(fm_await(task), 1);
    CHECK_INT(fm_await(other), 2);
}

static int yield_there(void *arg)
{
    (void)arg;
    return fm_yield();
}

static void yield_on_a_thread(void)
{
    fm_thread_run(yield_there, NULL);
}

TEST(a_suspending_call_on_the_thread_aborts_with_a_sentence)
{
    CHECK_DOOMED(yield_on_a_thread, "fm_yield was called outside a task");
}

static int loop_of_its_own(void *arg)
{
    (void)arg;
    void (*body)(void) = many_calls;
    return fm_run(story_main, &body);
}

STORY(a_loop_may_run_on_the_thread)
{
    most_threads = threads_now = 0;
    CHECK_INT(fm_thread_run(loop_of_its_own, NULL), 0);
}

static void call_outside(void *arg)
{
    fm_thread_run(square, arg);
}

TEST(fm_thread_run_outside_a_task_aborts_with_a_sentence)
{
    int value = 1;
    CHECK_DIES(call_outside, &value, "fm_thread_run was called outside a task");
}

static void call_in_a_child(void)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 5);
    fm_task *task = passer_start(&passer, &gate);
    pid_t child = fork();
    if (child == 0)
        fm_thread_run(gate_pass, &gate);
    int status = 0;
    waitpid(child, &status, 0);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 5);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        abort();
}

TEST(a_forked_child_has_no_threads_to_call)
{
    CHECK_DOOMED(call_in_a_child, "fm_thread_run was called in a forked child");
}

static void fork_and_exit(void)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 5);
    fm_task *task = passer_start(&passer, &gate);
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 5);
}

STORY(a_fork_while_a_call_runs_leaves_the_parent_alone)
{
    fork_and_exit();
}
