/*
 * ours_lock.c - Fermata: a lock, or one of four permits, for one task alone
 * and for ten that hold it across a yield
 *
 * ours_lock lock|semaphore
 */
#include "measure.h"
#include <fermata.h>

enum {
    TASKS = 10,
    TURNS = 100000
};

static fm_lock lock;
static fm_semaphore permits;
static size_t held;
static fm_task *tasks[TASKS];

static void lock_free_one(void)
{
    for (int i = 0; i < TURNS; i++) {
        if (fm_lock_acquire(&lock) < 0)
            exit(1);
        held++;
        fm_lock_release(&lock);
    }
}

static int lock_holder(void)
{
    for (int i = 0; i < TURNS / TASKS; i++) {
        if (fm_lock_acquire(&lock) < 0)
            exit(1);
        held++;
        fm_yield();
        fm_lock_release(&lock);
    }
    return 0;
}

static void permit_free_one(void)
{
    for (int i = 0; i < TURNS; i++) {
        if (fm_semaphore_acquire(&permits) < 0)
            exit(1);
        held++;
        fm_semaphore_release(&permits);
    }
}

static int permit_holder(void)
{
    for (int i = 0; i < TURNS / TASKS; i++) {
        if (fm_semaphore_acquire(&permits) < 0)
            exit(1);
        held++;
        fm_yield();
        fm_semaphore_release(&permits);
    }
    return 0;
}

static void lock_contended(void)
{
    for (int i = 0; i < TASKS; i++)
        tasks[i] = fm_go(lock_holder);
    if (fm_gather_array(tasks, TASKS, NULL) != 0)
        exit(1);
}

static void permit_contended(void)
{
    for (int i = 0; i < TASKS; i++)
        tasks[i] = fm_go(permit_holder);
    if (fm_gather_array(tasks, TASKS, NULL) != 0)
        exit(1);
}

static int lock_main(void *arg)
{
    if (strcmp(arg, "lock") == 0) {
        measure("lock", "free", TURNS, lock_free_one);
        measure("lock", "contended", TURNS, lock_contended);
    } else {
        fm_semaphore_init(&permits, 4, 4);
        measure("semaphore", "free", TURNS, permit_free_one);
        measure("semaphore", "contended", TURNS, permit_contended);
    }
    return 0;
}

int main(int argc, char **argv)
{
    return fm_run(lock_main, argc > 1 ? argv[1] : "lock") < 0;
}
