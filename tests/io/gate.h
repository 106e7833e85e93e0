/*
 * gate.h - calls on threads that begin and end when a test says so
 */
#ifndef TESTS_IO_GATE_H
#define TESTS_IO_GATE_H

#include "task/story.h"

#include <semaphore.h>

/* A call that says when it runs, and returns when it may. */
struct gate {
    sem_t begun;
    sem_t open;
    int result;
    int runs;
    int released;
};

static inline void gate_init(struct gate *gate, int result)
{
    *gate = (struct gate){.result = result};
    sem_init(&gate->begun, 0, 0);
    sem_init(&gate->open, 0, 0);
}

static inline void gate_wait(sem_t *sem)
{
    while (sem_wait(sem) < 0)
        ;
}

static inline int gate_pass(void *arg)
{
    struct gate *gate = arg;
    gate->runs++;
    sem_post(&gate->begun);
    gate_wait(&gate->open);
    return gate->result;
}

static inline void gate_release(void *arg)
{
    struct gate *gate = arg;
    __atomic_add_fetch(&gate->released, 1, __ATOMIC_SEQ_CST);
}

static inline int gate_released(struct gate *gate)
{
    return __atomic_load_n(&gate->released, __ATOMIC_SEQ_CST);
}

static const fm_thread_options letting_go = {.abandon = gate_release};

struct passer {
    struct gate *gate;
    const fm_thread_options *options;
    int after; /* what the next call returned */
};

static inline int passer_main(void *arg)
{
    struct passer *self = arg;
    int rc = fm_thread_run(gate_pass, self->gate, self->options);
    self->after = fm_yield();
    return rc;
}

/* A task in the call, which has begun. */
static inline fm_task *passer_start(struct passer *self, struct gate *gate)
{
    self->gate = gate;
    fm_task *task = fm_start(passer_main, self);
    CHECK_INT(fm_yield(), 0);
    gate_wait(&gate->begun);
    return task;
}

static inline int passer_in_a_hurry(void *arg)
{
    struct passer *self = arg;
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_thread_run(gate_pass, self->gate, self->options);
        self->after = fm_yield();
    }
    return rc;
}

/* Inside the call when it begins to count. */
static inline fm_task *hurry(struct passer *self, struct gate *gate)
{
    self->gate = gate;
    fm_task *task = fm_start(passer_in_a_hurry, self);
    CHECK_INT(fm_yield(), 0);
    gate_wait(&gate->begun);
    CHECK_INT(fm_sleep(story_span(2)), 0);
    return task;
}

static inline int run_with_one_thread(void (*body)(void))
{
    return story_run(body, (fm_run_options){.threads = 1});
}

#endif
