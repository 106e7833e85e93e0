/*
 * test_jobs.c - threads, posts and signals of the public loop
 */
#include "harness.h"

#include <errno.h>
#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct office {
    fm_loop *loop;
    pthread_t here;
    int done;
    int result; /* of the last one */
};

struct task {
    fm_job job;
    struct office *office;
    pthread_mutex_t *gate; /* waits for it, if there is one */
    int result;
    bool ran;
};

static void office_open(struct office *office)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1)};
    *office = (struct office){.here = pthread_self()};
    CHECK_INT(fm_loop_open(&office->loop, &options), 0);
}

static int task_work(void *arg)
{
    struct task *task = arg;
    CHECK(!pthread_equal(pthread_self(), task->office->here));
    task->ran = true;
    if (task->gate != NULL) {
        pthread_mutex_lock(task->gate);
        pthread_mutex_unlock(task->gate);
    }
    return task->result;
}

static void task_done(void *arg, int result)
{
    struct task *task = arg;
    CHECK(pthread_equal(pthread_self(), task->office->here));
    task->office->done++;
    task->office->result = result;
}

static void task_start(struct office *office, struct task *task)
{
    task->job = (fm_job){.fn = task_work, .done = task_done, .arg = task};
    task->office = office;
    CHECK_INT(fm_job_start(office->loop, &task->job), 0);
}

static void until_done(struct office *office, int count)
{
    while (office->done < count)
        fm_loop_step(office->loop);
}

TEST(a_job_runs_on_a_thread_and_its_result_comes_back)
{
    struct office office;
    struct task task = {.result = 42};
    office_open(&office);
    task_start(&office, &task);
    CHECK_INT(office.done, 0);
    until_done(&office, 1);
    CHECK_INT(office.result, 42);
    fm_job_cancel(&task.job);
    task.result = -5;
    task_start(&office, &task);
    until_done(&office, 2);
    CHECK_INT(office.result, -5);
    fm_loop_close(office.loop);
}

TEST(a_job_that_has_not_begun_is_taken_back)
{
    enum {
        MANY = 200
    };
    static struct task tasks[MANY];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct office office;
    int ran = 0;
    office_open(&office);
    pthread_mutex_lock(&gate);
    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < MANY; i++) {
        tasks[i].gate = &gate;
        task_start(&office, &tasks[i]);
    }
    fm_job_cancel(&tasks[MANY - 1].job);
    fm_job_cancel(&tasks[MANY - 1].job);
    CHECK_INT(office.done, 0);
    until_done(&office, 1);
    CHECK_INT(office.result, -ECANCELED);
    CHECK(!tasks[MANY - 1].ran);
    pthread_mutex_unlock(&gate);
    until_done(&office, MANY);
    for (int i = 0; i < MANY; i++)
        ran += tasks[i].ran;
    CHECK_INT(ran, MANY - 1);
    fm_loop_close(office.loop);
}

TEST(a_close_takes_back_what_has_not_begun_and_waits_for_the_rest)
{
    enum {
        MANY = 200
    };
    static struct task tasks[MANY];
    struct office office;
    office_open(&office);
    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < MANY; i++)
        task_start(&office, &tasks[i]);
    fm_loop_close(office.loop);
    CHECK_INT(office.done, MANY);
}

/* ---- Posts -------------------------------------------------------------- */

struct post {
    struct office *office;
    fm_remote *remote;
    int count;
};

static void post_heard(void *arg)
{
    struct office *office = arg;
    CHECK(pthread_equal(pthread_self(), office->here));
    office->done++;
}

static void *post_all(void *arg)
{
    struct post *post = arg;
    for (int i = 0; i < post->count; i++)
        CHECK_INT(fm_post(post->remote, post_heard, post->office), 0);
    fm_remote_put(post->remote);
    return NULL;
}

TEST(posts_of_another_thread_are_called_by_the_loop)
{
    struct office office;
    struct post post = {.office = &office, .count = 1000};
    pthread_t thread;
    office_open(&office);
    post.remote = fm_loop_remote(office.loop);
    pthread_create(&thread, NULL, post_all, &post);
    until_done(&office, 1000);
    pthread_join(thread, NULL);
    fm_loop_close(office.loop);
}

TEST(a_post_is_heard_by_a_loop_that_sleeps)
{
    struct office office;
    struct post post = {.office = &office, .count = 1};
    pthread_t thread;
    office_open(&office);
    post.remote = fm_loop_remote(office.loop);
    fm_loop_stop(office.loop);
    fm_loop_run(office.loop);
    pthread_create(&thread, NULL, post_all, &post);
    until_done(&office, 1);
    pthread_join(thread, NULL);
    fm_loop_close(office.loop);
}

/* ---- Signals ------------------------------------------------------------ */

struct ear {
    fm_trap trap;
    int heard;
    int number;
    bool once;
};

static void ear_hears(void *arg, int number)
{
    struct ear *ear = arg;
    ear->heard++;
    ear->number = number;
    if (ear->once)
        fm_trap_close(&ear->trap);
}

static void ear_open(struct office *office, struct ear *ear, int number)
{
    *ear =
        (struct ear){.trap = {.number = number, .fn = ear_hears, .arg = ear}};
    CHECK_INT(fm_trap_open(office->loop, &ear->trap), 0);
}

static void until_heard(struct office *office, const struct ear *ear, int count)
{
    while (ear->heard < count)
        fm_loop_step(office->loop);
}

TEST(a_trap_is_called_each_time_the_signal_is_raised)
{
    struct office office;
    struct ear ear;
    office_open(&office);
    ear_open(&office, &ear, SIGUSR1);
    for (int i = 1; i <= 3; i++) {
        raise(SIGUSR1);
        until_heard(&office, &ear, i);
        CHECK_INT(ear.number, SIGUSR1);
    }
    fm_trap_close(&ear.trap);
    fm_trap_close(&ear.trap);
    CHECK_INT(ear.heard, 3);
    fm_loop_close(office.loop);
}

TEST(a_trap_may_be_closed_by_its_own_function)
{
    struct office office;
    struct ear ear;
    office_open(&office);
    ear_open(&office, &ear, SIGUSR2);
    ear.once = true;
    raise(SIGUSR2);
    until_heard(&office, &ear, 1);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR2);
    fm_loop_step(office.loop);
    CHECK_INT(ear.heard, 1);
    signal(SIGUSR2, SIG_DFL);
    fm_loop_close(office.loop);
}

TEST(what_is_no_signal_cannot_be_trapped)
{
    struct office office;
    fm_trap trap = {.number = SIGKILL, .fn = ear_hears};
    office_open(&office);
    CHECK_INT(fm_trap_open(office.loop, &trap), -EINVAL);
    trap.number = 0;
    CHECK_INT(fm_trap_open(office.loop, &trap), -EINVAL);
    fm_trap_close(&trap);
    fm_loop_close(office.loop);
}

TEST(a_close_of_the_loop_ends_its_traps)
{
    struct office office;
    struct ear ear;
    struct sigaction action;
    office_open(&office);
    ear_open(&office, &ear, SIGUSR1);
    fm_loop_close(office.loop);
    CHECK_INT(sigaction(SIGUSR1, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_DFL);
    fm_trap_close(&ear.trap);
}
