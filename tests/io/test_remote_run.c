/*
 * test_remote_run.c - tasks on the loop of another thread
 */
#include "task/story.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- From a thread ------------------------------------------------------ */

struct visit {
    fm_remote *remote;
    int (*fn)(void *arg);
    void *arg;
    int rc;
    pthread_t thread;
};

static void *visit_main(void *arg)
{
    struct visit *visit = arg;
    visit->rc = fm_remote_run(visit->remote, visit->fn, visit->arg);
    fm_remote_put(visit->remote);
    return NULL;
}

static void visit_start(struct visit *visit)
{
    visit->remote = fm_remote_get();
    pthread_create(&visit->thread, NULL, visit_main, visit);
}

static int visit_join(struct visit *visit)
{
    pthread_join(visit->thread, NULL);
    return visit->rc;
}

struct errand {
    pthread_t thread;
    char name[32];
    int result;
    fm_future *done; /* or NULL */
};

static int errand(void *arg)
{
    struct errand *errand = arg;
    errand->thread = pthread_self();
    story_copy(errand->name, sizeof errand->name, fm_task_name(fm_self()));
    int rc = fm_sleep(story_span(0.001));
    if (errand->done != NULL)
        fm_future_set(errand->done, rc, NULL);
    return rc < 0 ? rc : errand->result;
}

STORY(a_thread_runs_a_task_on_the_loop_and_has_its_result)
{
    struct errand work = {.result = 42, .done = fm_future_new()};
    struct visit visit = {.fn = errand, .arg = &work};
    visit_start(&visit);
    CHECK_INT(fm_future_wait(work.done, NULL), 0);
    CHECK_INT(visit_join(&visit), 42);
    CHECK(pthread_equal(work.thread, pthread_self()));
    CHECK(strcmp(work.name, "visit->fn") == 0);
    fm_future_put(work.done);
}

static int fail(void *arg)
{
    (void)arg;
    return -EIO;
}

static int wait_until_ended(void *arg)
{
    struct visit *visit = arg;
    return visit_join(visit);
}

/* Joined on a thread of the pool: the loop goes on meanwhile. */
STORY(a_failure_is_the_threads_and_not_reported)
{
    struct visit visit = {.fn = fail};
    visit_start(&visit);
    CHECK_INT(fm_thread_run(wait_until_ended, &visit), -EIO);
}

static sem_t begun;

static int sleep_for_ever(void *arg)
{
    (void)arg;
    sem_post(&begun);
    return fm_sleep(INFINITY);
}

static int wait_for_begin(void *arg)
{
    (void)arg;
    while (sem_wait(&begun) < 0)
        ;
    return 0;
}

static struct visit lasting;

static void return_while_visited(void)
{
    lasting = (struct visit){.fn = sleep_for_ever};
    visit_start(&lasting);
    CHECK_INT(fm_thread_run(wait_for_begin, NULL), 0);
    fm_loop_stop(fm_loop_current());
}

TEST(the_task_belongs_to_the_root_and_is_cancelled_when_the_run_is_ended)
{
    sem_init(&begun, 0, 0);
    CHECK_INT(story_run(return_while_visited, (fm_run_options){0}), 0);
    CHECK_INT(visit_join(&lasting), -ECANCELED);
}

static fm_remote *kept;

static void keep_a_remote(void)
{
    kept = fm_remote_get();
}

static int never(void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "called");
    return 0;
}

TEST(when_the_loop_has_ended_a_thread_is_told_so)
{
    CHECK_INT(story_run(keep_a_remote, (fm_run_options){0}), 0);
    CHECK_INT(fm_remote_run(kept, never, NULL), -ESHUTDOWN);
    CHECK_INT(fm_remote_run(NULL, never, NULL), -ENOMEM);
    fm_remote_put(kept);
}

/* Some come in time, some too late; all are told. */
static struct visit crowd[8];

static int count(void *arg)
{
    ++*(int *)arg;
    return 0;
}

static int counted;

static void end_amid_visits(void)
{
    for (int i = 0; i < 8; i++) {
        crowd[i] = (struct visit){.fn = count, .arg = &counted};
        visit_start(&crowd[i]);
    }
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_yield(), 0);
}

TEST(a_loop_may_end_while_threads_come)
{
    for (size_t round = 0; round < test_many(100); round++) {
        int ran = 0;
        counted = 0;
        CHECK_INT(story_run(end_amid_visits, (fm_run_options){0}), 0);
        for (int i = 0; i < 8; i++) {
            int rc = visit_join(&crowd[i]);
            CHECK(rc == 0 || rc == -ESHUTDOWN);
            ran += rc == 0;
        }
        CHECK_INT(ran, counted);
    }
}

static int run_on_own_loop(void *arg)
{
    return fm_remote_run(arg, never, NULL);
}

static void run_in_a_task(void)
{
    fm_remote *remote = fm_remote_get();
    int rc = run_on_own_loop(remote);
    (void)rc;
}

TEST(fm_remote_run_in_a_task_aborts_with_a_sentence)
{
    CHECK_DOOMED(run_in_a_task, "fm_remote_await is for these");
}

static void run_on_callbacks(void *arg)
{
    fm_loop *loop;
    (void)arg;
    if (fm_loop_open(&loop, NULL) == 0)
        run_on_own_loop(fm_loop_remote(loop));
}

TEST(fm_remote_run_on_the_loops_own_thread_aborts_with_a_sentence)
{
    CHECK_DIES(run_on_callbacks, NULL, "would wait for itself");
}

static void stop_loop(void *loop)
{
    fm_loop_stop(loop);
}

static void *visit_and_stop(void *arg)
{
    struct visit *visit = arg;
    visit->rc = fm_remote_run(visit->remote, never, NULL);
    fm_post(visit->remote, stop_loop, visit->arg);
    return NULL;
}

TEST(a_loop_of_callbacks_runs_no_task)
{
    fm_loop *loop;
    CHECK_INT(fm_loop_open(&loop, NULL), 0);
    struct visit visit = {.remote = fm_loop_remote(loop), .arg = loop};
    pthread_create(&visit.thread, NULL, visit_and_stop, &visit);
    fm_loop_run(loop);
    CHECK_INT(visit_join(&visit), -EOPNOTSUPP);
    fm_remote_put(visit.remote);
    fm_loop_close(loop);
}

STORY(a_thread_of_the_pool_may_run_a_task_on_its_own_loop)
{
    fm_remote *remote = fm_remote_get();
    struct errand work = {.result = 3};
    struct visit visit = {.fn = errand, .arg = &work};
    visit_start(&visit);
    CHECK_INT(fm_thread_run(wait_until_ended, &visit), 3);
    fm_remote_put(remote);
}

static void fork_a_child(void)
{
    fm_remote *remote = fm_remote_get();
    pid_t child = fork();
    if (child == 0)
        _exit(fm_remote_run(remote, never, NULL) == -ESHUTDOWN ? 4 : 1);
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    fm_remote_put(remote);
}

TEST(in_a_forked_child_the_loop_has_ended)
{
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    CHECK_INT(story_run(fork_a_child, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- From a task -------------------------------------------------------- */

/* Another loop, whose main task stays until it is told to go. */
struct other {
    pthread_t thread;
    fm_remote *remote;
    fm_task *main;
    sem_t open;
    int rc;
};

static int other_main(void *arg)
{
    struct other *other = arg;
    other->remote = fm_remote_get();
    other->main = fm_self();
    sem_post(&other->open);
    int rc = fm_sleep(INFINITY);
    return rc == -ECANCELED ? 0 : rc;
}

static void *other_run(void *arg)
{
    struct other *other = arg;
    other->rc = fm_run(other_main, other);
    return NULL;
}

static void other_start(struct other *other)
{
    sem_init(&other->open, 0, 0);
    pthread_create(&other->thread, NULL, other_run, other);
    while (sem_wait(&other->open) < 0)
        ;
}

static void cancel_main(void *arg)
{
    struct other *other = arg;
    fm_cancel(other->main);
}

static void other_end(struct other *other)
{
    CHECK_INT(fm_post(other->remote, cancel_main, other), 0);
    pthread_join(other->thread, NULL);
    CHECK_INT(other->rc, 0);
    fm_remote_put(other->remote);
}

STORY(a_task_awaits_one_of_another_loop)
{
    struct other other;
    struct errand work = {.result = 12};
    other_start(&other);
    CHECK_INT(fm_remote_await(other.remote, errand, &work), 12);
    CHECK(pthread_equal(work.thread, other.thread));
    CHECK(strcmp(work.name, "errand") == 0);
    other_end(&other);
}

STORY(a_task_may_await_one_of_its_own_loop_so_too)
{
    fm_remote *remote = fm_remote_get();
    struct errand work = {.result = 6};
    CHECK_INT(fm_remote_await(remote, errand, &work), 6);
    CHECK(pthread_equal(work.thread, pthread_self()));
    fm_remote_put(remote);
}

struct farewell {
    sem_t begun;
    int seen;
    int result;
};

static int farewell(void *arg)
{
    struct farewell *self = arg;
    sem_post(&self->begun);
    self->seen = fm_sleep(INFINITY);
    FM_SHIELD(60) {
        self->result = self->result == 0 ? self->seen : self->result;
        if (fm_sleep(story_span(0.001)) < 0)
            self->result = -EIO;
    }
    return self->result;
}

struct far_waiter {
    fm_remote *remote;
    struct farewell *farewell;
};

static int far_waiter(struct far_waiter *self)
{
    return fm_remote_await(self->remote, farewell, self->farewell);
}

static int wait_for_farewell(void *arg)
{
    struct farewell *self = arg;
    while (sem_wait(&self->begun) < 0)
        ;
    return 0;
}

static int cut_amid(struct other *other, int result)
{
    struct farewell there = {.result = result};
    sem_init(&there.begun, 0, 0);
    fm_task *task = fm_go(far_waiter, other->remote, &there);
    CHECK_INT(fm_thread_run(wait_for_farewell, &there), 0);
    int rc = fm_stop(task);
    CHECK_INT(there.seen, -ECANCELED);
    return rc;
}

STORY(a_cut_is_passed_on_and_the_end_there_is_waited_for)
{
    struct other other;
    other_start(&other);
    CHECK_INT(cut_amid(&other, 0), -ECANCELED);
    CHECK_INT(cut_amid(&other, 5), 5);
    CHECK_INT(cut_amid(&other, -EPIPE), -EPIPE);
    other_end(&other);
}

STORY(a_timeout_reaches_the_task_there)
{
    struct other other;
    struct farewell there = {.result = 0};
    int rc;
    sem_init(&there.begun, 0, 0);
    other_start(&other);
    FM_TIMEOUT(0.001, rc) {
        rc = fm_remote_await(other.remote, farewell, &there);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(there.seen, -ECANCELED);
    other_end(&other);
}

static int await_cancelled(void *arg)
{
    struct far_waiter *self = arg;
    CHECK_INT(fm_cancel(fm_self()), 0);
    return far_waiter(self);
}

STORY(who_is_cut_already_still_runs_it_there_cancelled)
{
    struct other other;
    struct farewell there = {.result = 0};
    sem_init(&there.begun, 0, 0);
    other_start(&other);
    struct far_waiter waiter = {other.remote, &there};
    CHECK_INT(fm_await(fm_start(await_cancelled, &waiter)), -ECANCELED);
    CHECK_INT(there.seen, -ECANCELED);
    other_end(&other);
}

STORY(when_the_other_loop_has_ended_a_task_is_told_so)
{
    struct other other;
    other_start(&other);
    fm_remote *remote = other.remote;
    CHECK_INT(fm_post(remote, cancel_main, &other), 0);
    pthread_join(other.thread, NULL);
    CHECK_INT(fm_remote_await(remote, never, NULL), -ESHUTDOWN);
    CHECK_INT(fm_remote_await(NULL, never, NULL), -ENOMEM);
    fm_remote_put(remote);
}

static int at_once(void *arg)
{
    return *(int *)arg;
}

struct racer {
    fm_remote *remote;
    int result;
};

static int racer(struct racer *self)
{
    return fm_remote_await(self->remote, at_once, &self->result);
}

/* The answer and the cut pass each other. */
STORY(a_cut_that_races_with_the_answer_does_no_harm)
{
    struct other other;
    other_start(&other);
    for (size_t i = 0; i < test_many(500); i++) {
        fm_task *task = fm_go(racer, other.remote, 7);
        for (size_t j = 0; j < i % 5; j++)
            CHECK_INT(fm_yield(), 0);
        int rc = fm_stop(task);
        CHECK(rc == 7 || rc == -ECANCELED);
    }
    other_end(&other);
}

/* One loop ends while tasks of another one come. */
static int come_until_refused(void *arg)
{
    int rc, number = 1;
    while ((rc = fm_remote_await(arg, at_once, &number)) == 1)
        ;
    return rc == -ECANCELED || rc == -ESHUTDOWN ? 0 : rc;
}

STORY(a_loop_may_end_while_tasks_of_another_one_come)
{
    for (size_t i = 0; i < test_many(50); i++) {
        struct other other;
        other_start(&other);
        fm_task *first = fm_start(come_until_refused, other.remote);
        fm_task *second = fm_start(come_until_refused, other.remote);
        CHECK_INT(fm_sleep(0.0001), 0);
        CHECK_INT(fm_post(other.remote, cancel_main, &other), 0);
        CHECK_INT(fm_gather(first, second), 0);
        pthread_join(other.thread, NULL);
        CHECK_INT(other.rc, 0);
        fm_remote_put(other.remote);
    }
}
