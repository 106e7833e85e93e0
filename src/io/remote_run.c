/*
 * remote_run.c - tasks on another thread's loop, and who waits for them
 *
 * A visit lies in the memory of who waits for it. Invariant: once delivered
 * it is over exactly once, with the result of its task or of the attempt to
 * start one: a loop that ends runs what was delivered, and refuses it. So
 * whoever waits is told.
 *
 * The cut of a task that waits is a second message, after the first. The last
 * of them to leave the other loop brings the answer: nothing of the waiter's
 * is in use there any more.
 */
#include <fermata/remote.h>

#include "base/die.h"
#include "base/sys_thread.h"
#include "loop/floor.h"
#include "loop/mailbox.h"
#include "task/record.h"

#include <errno.h>

struct remote_visit {
    struct fm__work work; /* on its way there */
    struct fm__loop *loop;
    struct fm__start start;
    struct fm__reaper reaper;
    struct fm__task *task; /* while it is alive; that thread's alone */
    int result;
    /* There, once; the visit may be gone when this returns. */
    void (*over)(struct remote_visit *visit);
};

/* ---- There -------------------------------------------------------------- */

static void remote_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct remote_visit *visit =
        FM__CONTAINER(reaper, struct remote_visit, reaper);
    visit->result = task->result;
    visit->task = NULL;
    fm__task_release(task);
    visit->over(visit);
}

/* 0, or why this loop starts no task. */
static int remote_start(struct remote_visit *visit)
{
    struct fm__conductor *home = fm__home;
    if (home == NULL || &home->loop != visit->loop)
        return -EOPNOTSUPP;
    if (home->alive == 0 || home->loop.callbacks.closing)
        return -ESHUTDOWN;
    visit->task = fm__task_new(home, &home->root, &visit->start);
    if (visit->task == NULL)
        return -ENOMEM;
    visit->reaper.reap = remote_reap;
    visit->task->reaper = &visit->reaper;
    return 0;
}

static void remote_arrive(struct fm__work *work)
{
    struct remote_visit *visit = FM__CONTAINER(work, struct remote_visit, work);
    visit->result = remote_start(visit);
    if (visit->result < 0)
        visit->over(visit);
}

/* False: the loop has ended, or this is a forked child. */
static bool remote_send(struct remote_visit *visit, struct fm__mailbox *mailbox)
{
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL)
        return false;
    visit->loop = loop;
    visit->work.run = remote_arrive;
    fm__loop_post(loop, &visit->work);
    fm__mailbox_leave(mailbox);
    return true;
}

static struct fm__mailbox *remote_mailbox_of(fm_remote *remote)
{
    return (struct fm__mailbox *)(void *)remote;
}

/* ---- A thread waits ----------------------------------------------------- */

struct remote_run {
    struct remote_visit visit;
    struct fm__mutex lock;
    struct fm__condition ended;
    bool over;
};

static void remote_run_over(struct remote_visit *visit)
{
    struct remote_run *run = FM__CONTAINER(visit, struct remote_run, visit);
    fm__mutex_lock(&run->lock);
    run->over = true;
    fm__condition_wake_one(&run->ended);
    fm__mutex_unlock(&run->lock);
}

static void remote_run_check(struct fm__mailbox *mailbox)
{
    if (fm__home != NULL)
        fm__die("fm_remote_run was called on a thread that runs tasks, and "
                "would block them all: fm_remote_await is for these");
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL)
        return;
    if (loop->thread == fm__thread_mark)
        fm__die("fm_remote_run was called on the loop's own thread, and would "
                "wait for itself");
    fm__mailbox_leave(mailbox);
}

static void remote_run_wait(struct remote_run *run)
{
    fm__mutex_lock(&run->lock);
    while (!run->over)
        fm__condition_wait(&run->ended, &run->lock);
    fm__mutex_unlock(&run->lock);
}

int fm__remote_run(fm_remote *remote, int (*fn)(void *), void *arg,
                   const char *label)
{
    struct remote_run run = {
        .visit = {.start = {(fm__fn)fn, arg, FM__SHARED, label, NULL},
                  .over = remote_run_over},
    };
    if (remote == NULL)
        return -ENOMEM;
    remote_run_check(remote_mailbox_of(remote));
    fm__mutex_init(&run.lock);
    fm__condition_init(&run.ended);
    int rc = -ESHUTDOWN;
    if (remote_send(&run.visit, remote_mailbox_of(remote))) {
        remote_run_wait(&run);
        rc = run.visit.result;
    }
    fm__condition_fini(&run.ended);
    fm__mutex_fini(&run.lock);
    return rc;
}

/* ---- A task waits ------------------------------------------------------- */

struct remote_await {
    struct remote_visit visit; /* its work brings the answer, too */
    struct fm__work cutting;   /* the cut, on its way there */
    struct fm__mailbox *there, *here;
    struct fm__atomic_word messages; /* that are there; 0: it is answered */
    struct fm__waiter waiter;
    bool cut;
};

static void remote_answered(struct fm__work *work)
{
    struct remote_await *await =
        FM__CONTAINER(work, struct remote_await, visit.work);
    fm__wake(&await->waiter, 0);
}

/* The waiter's loop is there as long as the waiter waits. */
static void remote_leave(struct remote_await *await)
{
    if (fm__atomic_add(&await->messages, UINT64_MAX) > 1)
        return;
    await->visit.work.run = remote_answered;
    fm__mailbox_deliver(await->here, &await->visit.work);
}

static void remote_await_over(struct remote_visit *visit)
{
    remote_leave(FM__CONTAINER(visit, struct remote_await, visit));
}

static void remote_cut_there(struct fm__work *work)
{
    struct remote_await *await =
        FM__CONTAINER(work, struct remote_await, cutting);
    if (await->visit.task != NULL)
        fm__cancel(await->visit.task);
    remote_leave(await);
}

/* Where the answer is on its way already, it comes too late. */
static void remote_cut(struct fm__waiter *waiter, int reason)
{
    struct remote_await *await =
        FM__CONTAINER(waiter, struct remote_await, waiter);
    uint64_t one = 1;
    (void)reason;
    if (await->cut)
        return;
    await->cut = true;
    if (!fm__atomic_replace(&await->messages, &one, 2))
        return;
    await->cutting.run = remote_cut_there;
    if (!fm__mailbox_deliver(await->there, &await->cutting))
        remote_leave(await);
}

static const struct fm__wait_kind remote_kind = {
    .cut = remote_cut,
    .name = "remote",
};

/* The simulator waits for real meanwhile. */
static int remote_await_wait(struct remote_await *await, struct fm__task *self)
{
    if (!remote_send(&await->visit, await->there))
        return -ESHUTDOWN;
    if (self->cut && fm__cut_reason(self) != 0)
        remote_cut(&await->waiter, 0);
    self->home->loop.remote_expected++;
    fm__park(&await->waiter);
    self->home->loop.remote_expected--;
    if (await->visit.result != -ECANCELED || !await->cut)
        return await->visit.result;
    int reason = fm__cut_reason(self);
    return reason != 0 ? reason : await->visit.result;
}

int fm__remote_await(fm_remote *remote, int (*fn)(void *), void *arg,
                     const char *label)
{
    struct fm__task *self = fm__current;
    fm__charge(self, "fm_remote_await");
    struct remote_await await = {
        .visit = {.start = {(fm__fn)fn, arg, FM__SHARED, label, NULL},
                  .over = remote_await_over},
        .there = remote_mailbox_of(remote),
        .here = fm__mailbox_of(&self->home->loop),
        .messages = {1},
        .waiter = {.kind = &remote_kind},
    };
    if (remote == NULL || await.here == NULL)
        return -ENOMEM;
    return remote_await_wait(&await, self);
}
