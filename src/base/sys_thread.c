/*
 * sys_thread.c - threads, and what they wait for each other with
 */
#include "base/sys_thread.h"

#include "base/sys_call.h"
#include "base/sys_libc.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* All but those that tell of a fault, whose handlers want to hear of it. */
static void sys_thread_mask(sigset_t *set)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,
                                 SIGTRAP, SIGSYS, SIGABRT};
    sigfillset(set);
    for (size_t i = 0; i < FM__COUNT(faults); i++)
        sigdelset(set, faults[i]);
}

static int sys_thread_create(pthread_t *id, void *(*run)(void *), void *arg)
{
    pthread_attr_t attributes;
    size_t stack = fm__libc_thread_stack();
    pthread_attr_init(&attributes);
    if (stack > 0)
        pthread_attr_setstacksize(&attributes, stack);
    int rc = -pthread_create(id, &attributes, run, arg);
    pthread_attr_destroy(&attributes);
    return rc;
}

/* A thread begins with the mask of the one that starts it. */
int fm__thread_start(struct fm__thread *thread, void *(*run)(void *), void *arg)
{
    sigset_t mask, before;
    int rc = fm__sys_fault();
    if (rc < 0)
        return rc;
    sys_thread_mask(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, &before);
    rc = sys_thread_create(&thread->id, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        fm__hold(FM__HELD_THREADS, 1);
    return rc;
}

void fm__thread_join(const struct fm__thread *thread)
{
    pthread_join(thread->id, NULL);
    fm__release(FM__HELD_THREADS, 1);
}

void fm__thread_detach(const struct fm__thread *thread)
{
    pthread_detach(thread->id);
    fm__release(FM__HELD_THREADS, 1);
}

void fm__thread_name(const char *name)
{
    prctl(PR_SET_NAME, name, 0UL, 0UL, 0UL);
}

void fm__thread_yield(void)
{
    sched_yield();
}

unsigned fm__thread_cpus(void)
{
    cpu_set_t cpus;
    int saved = errno;
    CPU_ZERO(&cpus);
    int rc = sched_getaffinity(0, sizeof cpus, &cpus);
    errno = saved;
    return rc == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
}

void fm__thread_pause(int64_t span)
{
    struct timespec ts = {.tv_sec = span / 1000000000,
                          .tv_nsec = span % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

void fm__thread_signal(int number, int signal)
{
    int saved = errno;
    syscall(SYS_tgkill, getpid(), number, signal);
    errno = saved;
}

int fm__thread_number(void)
{
    return (int)syscall(SYS_gettid);
}

int fm__thread_process(void)
{
    return getpid();
}

const char *fm__thread_text(int number, char text[FM__THREAD_TEXT])
{
    char path[FM__THREAD_TEXT], name[32] = "gone";
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", number);
    fm__sys_slurp(path, name, sizeof name);
    snprintf(text, FM__THREAD_TEXT, "thread %d (%.15s)", number, name);
    return text;
}

int fm__thread_at_fork(void (*fn)(void))
{
    int rc = fm__sys_fault();
    return rc < 0 ? rc : -pthread_atfork(NULL, NULL, fn);
}

void fm__mutex_init(struct fm__mutex *mutex)
{
    pthread_mutex_init(&mutex->mutex, NULL);
}

void fm__mutex_fini(struct fm__mutex *mutex)
{
    pthread_mutex_destroy(&mutex->mutex);
}

void fm__mutex_lock(struct fm__mutex *mutex)
{
    pthread_mutex_lock(&mutex->mutex);
}

void fm__mutex_unlock(struct fm__mutex *mutex)
{
    pthread_mutex_unlock(&mutex->mutex);
}

void fm__condition_init(struct fm__condition *condition)
{
    pthread_cond_init(&condition->condition, NULL);
}

void fm__condition_fini(struct fm__condition *condition)
{
    pthread_cond_destroy(&condition->condition);
}

void fm__condition_wait(struct fm__condition *condition,
                        struct fm__mutex *mutex)
{
    pthread_cond_wait(&condition->condition, &mutex->mutex);
}

void fm__condition_wake_one(struct fm__condition *condition)
{
    pthread_cond_signal(&condition->condition);
}

void fm__condition_wake_all(struct fm__condition *condition)
{
    pthread_cond_broadcast(&condition->condition);
}
