/*
 * thread_run.c - a task waits for a call on a worker
 *
 * The call lies on the task's stack: a worker is done with it before the task
 * is woken, and knows nothing of it once it was withdrawn or abandoned.
 */
#include <fermata/thread.h>

#include "io/settle.h"
#include "loop/worker.h"
#include "task/record.h"

#include <errno.h>

struct thread_call {
    struct fm__call call;
    struct fm__waiter waiter;
    void (*abandon)(void *arg); /* or NULL */
    bool let_go;                /* and abandon(arg) is the worker's to call */
};

static void thread_done(struct fm__call *call)
{
    struct thread_call *self = FM__CONTAINER(call, struct thread_call, call);
    fm__wake(&self->waiter, call->result);
}

static void thread_cut(struct fm__waiter *waiter, int reason)
{
    struct thread_call *self =
        FM__CONTAINER(waiter, struct thread_call, waiter);
    bool over = fm__worker_withdraw(&self->call);
    if (!over && self->abandon != NULL)
        over = self->let_go = fm__worker_abandon(&self->call, self->abandon);
    if (over)
        fm__wake(waiter, reason);
}

static const struct fm__wait_kind thread_kind = {
    .cut = thread_cut,
    .name = "thread",
};

static const struct fm__wait_kind thread_settle_kind = {
    .name = "thread",
};

static int thread_wait(struct thread_call *self)
{
    struct fm__task *task = fm__current;
    int rc = fm__checkpoint(task, "fm_thread_run");
    if (rc == 0)
        rc = fm__worker_call(&task->home->loop, &self->call);
    return rc < 0 ? rc : fm__park(&self->waiter);
}

int fm__thread_run(int (*fn)(void *), void *arg,
                   const fm_thread_options *options)
{
    struct thread_call self = {
        .call = {.fn = fn, .arg = arg, .done = thread_done},
        .waiter = {.kind = &thread_kind},
        .abandon = options != NULL ? options->abandon : NULL,
    };
    int rc = thread_wait(&self);
    bool given = rc == -ECANCELED || rc == -ETIMEDOUT;
    if (given && self.abandon != NULL && !self.let_go)
        self.abandon(arg);
    return rc;
}

int fm__thread_settle(int (*fn)(void *), void *arg)
{
    struct thread_call self = {
        .call = {.fn = fn, .arg = arg, .done = thread_done},
        .waiter = {.kind = &thread_settle_kind},
    };
    fm__charge(fm__current, "fm_thread_run");
    int rc = fm__worker_call(&fm__current->home->loop, &self.call);
    return rc < 0 ? fn(arg) : fm__park(&self.waiter);
}
