/*
 * explore_locks.c - the door of threads, with the explorer in it
 *
 * The linker brings here who calls a function of base/sys_thread.h. A mutex
 * is a word where pthread's would be, in which all zero is free as well. Any
 * waiter of a condition may be the one that is woken, and at the price of a
 * preemption one that nobody woke.
 */
#include "explore_thread.h"

#include "base/fault.h"
#include "base/sys_thread.h"

#include <errno.h>

struct locks_mutex {
    uint64_t owner; /* the thread's number, from 1; 0: free */
};

#define LOCKS_DESTROYED UINT64_MAX

_Static_assert(sizeof(struct locks_mutex) <= sizeof(struct fm__mutex),
               "it lies in pthread's");

static struct locks_mutex *locks_mutex(const struct fm__mutex *mutex)
{
    return (struct locks_mutex *)(uintptr_t)mutex;
}

static uint64_t locks_self(void)
{
    return (uint64_t)(explorer.here - explorer.threads) + 1;
}

/* ---- Mutexes ------------------------------------------------------------ */

bool explore_mutex_free(const struct fm__mutex *mutex)
{
    return locks_mutex(mutex)->owner == 0;
}

static bool locks_may(const struct explore_thread *self)
{
    return explore_mutex_free(self->subject);
}

void __wrap_fm__mutex_init(struct fm__mutex *mutex);
void __wrap_fm__mutex_init(struct fm__mutex *mutex)
{
    locks_mutex(mutex)->owner = 0;
}

void __wrap_fm__mutex_fini(struct fm__mutex *mutex);
void __wrap_fm__mutex_fini(struct fm__mutex *mutex)
{
    explore_touch(mutex);
    if (locks_mutex(mutex)->owner != 0)
        explore_fail(__FILE__, __LINE__, "a mutex ends that is held");
    locks_mutex(mutex)->owner = LOCKS_DESTROYED;
}

void __wrap_fm__mutex_lock(struct fm__mutex *mutex);
void __wrap_fm__mutex_lock(struct fm__mutex *mutex)
{
    explore_step();
    explore_touch(mutex);
    if (!explore_mutex_free(mutex))
        explore_wait(locks_may, "a mutex", mutex);
    explore_touch(mutex);
    locks_mutex(mutex)->owner = locks_self();
}

void __wrap_fm__mutex_unlock(struct fm__mutex *mutex);
void __wrap_fm__mutex_unlock(struct fm__mutex *mutex)
{
    explore_touch(mutex);
    if (locks_mutex(mutex)->owner != locks_self())
        explore_fail(__FILE__, __LINE__, "a mutex is unlocked by a stranger");
    locks_mutex(mutex)->owner = 0;
}

/* ---- Conditions --------------------------------------------------------- */

bool explore_told(const struct explore_thread *self)
{
    return self->told && explore_mutex_free(self->mutex);
}

void __wrap_fm__condition_init(struct fm__condition *condition);
void __wrap_fm__condition_init(struct fm__condition *condition)
{
    (void)condition;
}

static unsigned locks_waiters(const struct fm__condition *condition,
                              struct explore_thread *list[EXPLORE_THREADS])
{
    unsigned count = 0;
    for (unsigned i = 0; i < explorer.count; i++) {
        struct explore_thread *thread = &explorer.threads[i];
        if (!thread->over && thread->may == explore_told && !thread->told &&
            thread->subject == condition)
            list[count++] = thread;
    }
    return count;
}

void __wrap_fm__condition_fini(struct fm__condition *condition);
void __wrap_fm__condition_fini(struct fm__condition *condition)
{
    struct explore_thread *list[EXPLORE_THREADS];
    if (locks_waiters(condition, list) > 0)
        explore_fail(__FILE__, __LINE__, "a condition ends with a waiter");
}

void __wrap_fm__condition_wait(struct fm__condition *condition,
                               struct fm__mutex *mutex);
void __wrap_fm__condition_wait(struct fm__condition *condition,
                               struct fm__mutex *mutex)
{
    struct explore_thread *here = explorer.here;
    explore_step();
    __wrap_fm__mutex_unlock(mutex);
    here->mutex = mutex;
    here->told = false;
    explore_wait(explore_told, "a condition", condition);
    explore_touch(mutex);
    locks_mutex(mutex)->owner = locks_self();
}

void __wrap_fm__condition_wake_one(struct fm__condition *condition);
void __wrap_fm__condition_wake_one(struct fm__condition *condition)
{
    struct explore_thread *list[EXPLORE_THREADS];
    explore_step();
    explore_touch(condition);
    unsigned count = locks_waiters(condition, list);
    if (count > 0)
        list[explore_choose(count, count)]->told = true;
}

void __wrap_fm__condition_wake_all(struct fm__condition *condition);
void __wrap_fm__condition_wake_all(struct fm__condition *condition)
{
    struct explore_thread *list[EXPLORE_THREADS];
    explore_step();
    explore_touch(condition);
    unsigned count = locks_waiters(condition, list);
    while (count > 0)
        list[--count]->told = true;
}

/* ---- Threads ------------------------------------------------------------ */

void explore_refuse_threads(void)
{
    explorer.refuses = true;
}

static struct explore_thread *locks_thread(const struct fm__thread *thread)
{
    return &explorer.threads[(uintptr_t)thread->id];
}

/* wide: as the door's */
int __wrap_fm__thread_start(struct fm__thread *thread, void *(*run)(void *),
                            void *arg);
int __wrap_fm__thread_start(struct fm__thread *thread, void *(*run)(void *),
                            void *arg)
{
    if (explorer.refuses)
        return -EAGAIN;
    thread->id = (pthread_t)(explore_begin(run, arg) - explorer.threads);
    fm__hold(FM__HELD_THREADS, 1);
    explore_step();
    return 0;
}

static void locks_let_go(const struct fm__thread *thread)
{
    if (!locks_thread(thread)->held)
        explore_fail(__FILE__, __LINE__, "a thread is joined twice");
    locks_thread(thread)->held = false;
    fm__release(FM__HELD_THREADS, 1);
}

static bool locks_over(const struct explore_thread *self)
{
    return locks_thread(self->subject)->over;
}

void __wrap_fm__thread_join(const struct fm__thread *thread);
void __wrap_fm__thread_join(const struct fm__thread *thread)
{
    explore_step();
    if (!locks_thread(thread)->over)
        explore_wait(locks_over, "a thread's end", thread);
    locks_let_go(thread);
}

void __wrap_fm__thread_detach(const struct fm__thread *thread);
void __wrap_fm__thread_detach(const struct fm__thread *thread)
{
    locks_let_go(thread);
}

bool explore_yielded(const struct explore_thread *self)
{
    return explorer.steps != self->mark;
}

void __wrap_fm__thread_yield(void);
void __wrap_fm__thread_yield(void)
{
    explorer.here->mark = ++explorer.steps;
    explore_wait(explore_yielded, "others to go first", NULL);
}

void __wrap_fm__thread_name(const char *name);
void __wrap_fm__thread_name(const char *name)
{
    (void)name;
}

unsigned __wrap_fm__thread_cpus(void);
unsigned __wrap_fm__thread_cpus(void)
{
    return 2;
}
