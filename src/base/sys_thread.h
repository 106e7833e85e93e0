/*
 * sys_thread.h - the door of threads
 *
 * What can fail returns 0 or -errno and counts as a system call, so that a
 * sweep can refuse it. A thread that was started is joined or detached, once.
 */
#ifndef FM_BASE_SYS_THREAD_H
#define FM_BASE_SYS_THREAD_H

#include "base/compiler.h"

#include <pthread.h>

struct fm__thread {
    pthread_t id;
};

struct fm__mutex {
    pthread_mutex_t mutex;
};

#define FM__MUTEX {PTHREAD_MUTEX_INITIALIZER}

struct fm__condition {
    pthread_cond_t condition;
};

/* Signals are blocked in it, but for those of faults: they are for threads
 * that know what to do with them. -EAGAIN where the machine has no room for
 * another one. */
int fm__thread_start(struct fm__thread *thread, void *(*run)(void *),
                     void *arg);
void fm__thread_join(const struct fm__thread *thread);
void fm__thread_detach(const struct fm__thread *thread);

/* Of the calling thread, for ps and gdb; at most 15 bytes. */
void fm__thread_name(const char *name);
/* Waits; in ns. */
void fm__thread_pause(int64_t span);
/* To another thread of the process, by its number. */
void fm__thread_signal(int number, int signal);
/* Lets other threads go first, where what is waited for takes a moment. */
void fm__thread_yield(void);
/* How many processors this process may use; 1 where nobody says. */
unsigned fm__thread_cpus(void);

/* What the kernel calls the calling thread; and any thread of the process as
 * people may, "thread 41 (name)", in text. */
#define FM__THREAD_TEXT 48
int fm__thread_number(void);
/* Of the process: another one in a forked child. */
int fm__thread_process(void);
const char *fm__thread_text(int number, char text[FM__THREAD_TEXT]);

/* fn is called in each forked child from now on: 0 or -ENOMEM. */
int fm__thread_at_fork(void (*fn)(void));

void fm__mutex_init(struct fm__mutex *mutex);
void fm__mutex_fini(struct fm__mutex *mutex);
void fm__mutex_lock(struct fm__mutex *mutex);
void fm__mutex_unlock(struct fm__mutex *mutex);

void fm__condition_init(struct fm__condition *condition);
void fm__condition_fini(struct fm__condition *condition);
/* May return for no reason. */
void fm__condition_wait(struct fm__condition *condition,
                        struct fm__mutex *mutex);
void fm__condition_wake_one(struct fm__condition *condition);
void fm__condition_wake_all(struct fm__condition *condition);

#endif
