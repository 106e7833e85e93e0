/*
 * st_lock.c - State Threads: a mutex for one thread alone, and for ten that
 * hold it across a yield
 */
#include "measure.h"
#include <st.h>

enum {
    STACK = 64 * 1024,
    TASKS = 10,
    LOCKS = 10000
};

static st_mutex_t mutex;
static size_t held;

static void lock_free_one(void)
{
    for (int i = 0; i < LOCKS; i++) {
        st_mutex_lock(mutex);
        held++;
        st_mutex_unlock(mutex);
    }
}

static void *lock_holder(void *arg)
{
    for (int i = 0; i < LOCKS / TASKS; i++) {
        st_mutex_lock(mutex);
        held++;
        st_usleep(0);
        st_mutex_unlock(mutex);
    }
    return arg;
}

static void lock_contended(void)
{
    st_thread_t threads[TASKS];

    for (int i = 0; i < TASKS; i++) {
        threads[i] = st_thread_create(lock_holder, NULL, 1, STACK);
        if (threads[i] == NULL)
            exit(1);
    }
    for (int i = 0; i < TASKS; i++)
        st_thread_join(threads[i], NULL);
}

int main(void)
{
    if (st_set_eventsys(ST_EVENTSYS_ALT) < 0 || st_init() < 0)
        return 1;
    mutex = st_mutex_new();
    if (mutex == NULL)
        return 1;
    measure("lock", "free", LOCKS, lock_free_one);
    measure("lock", "contended", LOCKS, lock_contended);
    return 0;
}
