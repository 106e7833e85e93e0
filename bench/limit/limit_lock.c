/*
 * limit_lock.c - a word that says who may, and switches along a line of ten
 *
 * limit_lock lock|semaphore. Of ten tasks that hold a lock across a yield nine
 * wait, so each turn is one switch, to the one that waited longest. With four
 * permits others are ready: a switch to yield, and one to wait.
 */
#include "bare.h"
#include "measure.h"

enum {
    TASKS = 10,
    TURNS = 1000000
};

struct limit_task {
    struct bare bare;
    struct limit_task *next;
    size_t turns;
};

static struct limit_task tasks[TASKS];
static struct limit_task *current = tasks;
static size_t permits, held;
static int switches; /* for each turn */

static void limit_free(void)
{
    for (int i = 0; i < TURNS; i++) {
        if (permits == 0)
            exit(1);
        permits--;
        held++;
        __asm__ volatile("" ::: "memory");
        permits++;
    }
}

static inline void limit_switch(void)
{
    struct limit_task *self = current;

    self->turns++;
    current = self->next;
    BARE_JUMP(&self->bare, &current->bare);
}

static void limit_entry(void)
{
    for (;;)
        limit_switch();
}

/* This stack is one of the ten. */
static void limit_contended(void)
{
    for (int i = 0; i < switches * TURNS / TASKS; i++)
        limit_switch();
}

int main(int argc, char **argv)
{
    const char *bench = argc > 1 ? argv[1] : "lock";
    char *stacks = bare_stacks(TASKS);

    permits = strcmp(bench, "lock") == 0 ? 1 : 4;
    switches = permits == 1 ? 1 : 2;
    for (size_t i = 0; i < TASKS; i++) {
        bare_make(&tasks[i].bare, bare_top(stacks, i), limit_entry);
        tasks[i].next = &tasks[(i + 1) % TASKS];
    }
    measure(bench, "free", TURNS, limit_free);
    measure(bench, "contended", TURNS, limit_contended);
    return 0;
}
