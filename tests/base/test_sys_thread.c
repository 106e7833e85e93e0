/*
 * test_sys_thread.c - the door of threads
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys_thread.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two threads that hand a number to and fro. */
struct rally {
    struct fm__mutex lock;
    struct fm__condition turned;
    unsigned count;
};

static void rally_play(struct rally *rally, unsigned player)
{
    fm__mutex_lock(&rally->lock);
    while (rally->count < 100) {
        while (rally->count % 2 != player && rally->count < 100)
            fm__condition_wait(&rally->turned, &rally->lock);
        rally->count += rally->count < 100;
        fm__condition_wake_one(&rally->turned);
    }
    fm__mutex_unlock(&rally->lock);
}

static void *rally_there(void *arg)
{
    rally_play(arg, 1);
    return NULL;
}

static uint64_t threads_held(void)
{
    return fm__atomic_load(&fm__ledger[FM__HELD_THREADS]);
}

TEST(threads_hand_over_to_each_other_and_are_joined)
{
    struct rally rally = {.count = 0};
    struct fm__thread thread;
    uint64_t before = threads_held();
    fm__mutex_init(&rally.lock);
    fm__condition_init(&rally.turned);
    CHECK_INT(fm__thread_start(&thread, rally_there, &rally), 0);
    CHECK_INT(threads_held(), before + 1);
    rally_play(&rally, 0);
    fm__thread_join(&thread);
    CHECK_INT(threads_held(), before);
    CHECK_INT(rally.count, 100);
    fm__condition_fini(&rally.turned);
    fm__mutex_fini(&rally.lock);
}

struct crowd {
    struct fm__mutex lock;
    struct fm__condition opened;
    bool open;
};

static void *crowd_wait(void *arg)
{
    struct crowd *crowd = arg;
    fm__mutex_lock(&crowd->lock);
    while (!crowd->open)
        fm__condition_wait(&crowd->opened, &crowd->lock);
    fm__mutex_unlock(&crowd->lock);
    return NULL;
}

TEST(all_who_wait_can_be_woken_at_once)
{
    struct crowd crowd = {.open = false};
    struct fm__thread threads[3];
    fm__mutex_init(&crowd.lock);
    fm__condition_init(&crowd.opened);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm__thread_start(&threads[i], crowd_wait, &crowd), 0);
    fm__mutex_lock(&crowd.lock);
    crowd.open = true;
    fm__mutex_unlock(&crowd.lock);
    fm__condition_wake_all(&crowd.opened);
    for (int i = 0; i < 3; i++)
        fm__thread_join(&threads[i]);
    fm__condition_fini(&crowd.opened);
    fm__mutex_fini(&crowd.lock);
}

static void *take_a_name(void *arg)
{
    fm__thread_name("fm-test-1");
    pthread_getname_np(pthread_self(), arg, 16);
    return NULL;
}

TEST(a_thread_names_itself)
{
    char name[16] = "";
    struct fm__thread thread;
    CHECK_INT(fm__thread_start(&thread, take_a_name, name), 0);
    fm__thread_join(&thread);
    CHECK(strcmp(name, "fm-test-1") == 0);
}

/* What the user's code on a thread may well need. */
static void *use_stack(void *arg)
{
    volatile char much[1 << 20];
    for (size_t i = 0; i < sizeof much; i += 4096)
        much[i] = 1;
    *(int *)arg = much[0];
    return NULL;
}

TEST(a_thread_has_a_mebibyte_of_stack)
{
    int used = 0;
    struct fm__thread thread;
    CHECK_INT(fm__thread_start(&thread, use_stack, &used), 0);
    fm__thread_join(&thread);
    CHECK_INT(used, 1);
}

static void *look_at_mask(void *arg)
{
    pthread_sigmask(SIG_BLOCK, NULL, arg);
    return NULL;
}

TEST(a_thread_blocks_signals_and_its_starter_does_not)
{
    sigset_t before, there, after;
    struct fm__thread thread;
    look_at_mask(&before);
    CHECK_INT(fm__thread_start(&thread, look_at_mask, &there), 0);
    fm__thread_join(&thread);
    look_at_mask(&after);
    for (int number = 1; number < 32; number++)
        CHECK_INT(sigismember(&before, number), sigismember(&after, number));
    CHECK(sigismember(&there, SIGTERM) && sigismember(&there, SIGUSR1));
    CHECK(!sigismember(&there, SIGSEGV) && !sigismember(&there, SIGBUS));
}

TEST(the_kth_start_of_a_thread_may_fail)
{
    struct fm__fault_plan plan = {.error = -EAGAIN};
    struct fm__thread thread;
    char name[16];
    plan.fail_at[FM__DOOR_SYSTEM] = 2;
    fm__fault_plan = &plan;
    CHECK_INT(fm__thread_start(&thread, take_a_name, name), 0);
    fm__thread_join(&thread);
    CHECK_INT(fm__thread_start(&thread, take_a_name, name), -EAGAIN);
    CHECK_INT(fm__thread_start(&thread, take_a_name, name), 0);
    fm__fault_plan = NULL;
    fm__thread_join(&thread);
}

static struct fm__atomic_word forks;

static void count_fork(void)
{
    fm__atomic_add(&forks, 1);
}

TEST(a_forked_child_is_told_and_its_parent_is_not)
{
    CHECK_INT(fm__thread_at_fork(count_fork), 0);
    pid_t child = fork();
    if (child == 0)
        _exit((int)fm__atomic_load(&forks) + 3);
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    CHECK_INT(fm__atomic_load(&forks), 0);
}

TEST(there_is_a_processor_and_all_there_are_may_be_counted)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    CHECK(fm__thread_cpus() >= 1);
    CHECK(online < 1 || fm__thread_cpus() <= (unsigned)online);
}
