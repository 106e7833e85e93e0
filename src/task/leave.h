/*
 * leave.h - from one task straight to the next
 *
 * In a header because the few callers are the hottest paths there are: each
 * has its own copy of the switch, and so its own branch history.
 */
#ifndef FM_TASK_LEAVE_H
#define FM_TASK_LEAVE_H

#include "base/usdt.h"
#include "task/record.h"

#include <assert.h>

/* The next ready task, to be switched to; NULL: the loop has to go on. */
FM__INLINE struct fm__task *fm__next_task(struct fm__loop *loop)
{
    struct fm__work *work = fm__loop_next(loop);
    if (FM__UNLIKELY(work == NULL))
        return NULL;
    if (FM__LIKELY(work->run == fm__task_resume))
        return FM__CONTAINER(work, struct fm__task, work);
    work->next = loop->batch.first;
    loop->batch.first = work;
    return NULL;
}

/* What is looked at before a task that is cut, dense or observed is left. */
void fm__leave_seldom(struct fm__task *self);

/* Lets others run until somebody makes the task ready and its turn comes. */
FM__INLINE void fm__leave(struct fm__task *self)
{
    struct fm__conductor *home = self->home;
    self->turns++;
    /* Who cuts it while it is away takes the credit back. */
    if (FM__LIKELY(self->watched == 0))
        self->credit = home->budget;
    else
        fm__leave_seldom(self);
    struct fm__task *next = fm__next_task(&home->loop);
    if (next != self) {
        fm__coro_switch_inline(&self->coro,
                               next != NULL ? &next->coro : &home->thread);
        fm__current = self;
    }
}

/* Ready again at once, at the end of the queue. Not cut. */
FM__INLINE void fm__requeue(struct fm__task *self)
{
    fm__loop_ready(&self->home->loop, &self->work);
    fm__leave(self);
}

/*
 * The waits of park.c, in place. Behind a switch a return is mispredicted,
 * unless the task that left came the same way: what waits often should have
 * one return and no more, to its user.
 */
FM__INLINE int fm__park_here(struct fm__waiter *waiter)
{
    struct fm__task *self = fm__current;
    fm__blocks_check(self);
    waiter->task = self;
    waiter->since = self->home->loop.now;
    self->waiter = waiter;
    FM__USDT3(park, self->handle, waiter->kind->name, waiter);
    fm__leave(self);
    assert(self->waiter == NULL);
    return self->woken;
}

FM__INLINE int fm__park_in_here(struct fm__list *list,
                                struct fm__queued *queued,
                                const struct fm__wait_kind *kind)
{
    queued->waiter.kind = kind;
    queued->list = list;
    fm__list_push(list, &queued->link);
    return fm__park_here(&queued->waiter);
}

/* What is looked at before a dense or observed one hands over. */
void fm__hand_over_seldom(struct fm__task *self, struct fm__task *next);

/*
 * Wakes the next one with 0 and parks, as one switch from here to there, past
 * all that is ready: for two that take turns as a function and its caller do.
 * No new credit comes with it, so that others get their turn.
 */
FM__INLINE void fm__hand_over(struct fm__waiter *waiter,
                              struct fm__waiter *next)
{
    struct fm__task *self = fm__current;
    struct fm__task *task = next->task;
    struct fm__loop *loop = &self->home->loop;
    fm__blocks_check(self);
    waiter->task = self;
    waiter->since = loop->now;
    self->waiter = waiter;
    self->turns++;
    task->waiter = NULL;
    task->woken = 0;
    fm__loop_trace(loop, task->serial);
    if (FM__UNLIKELY(self->marks != 0))
        fm__hand_over_seldom(self, task);
    FM__USDT3(park, self->handle, waiter->kind->name, waiter);
    FM__USDT3(wake, task->handle, self->handle, 0);
    fm__coro_switch_inline(&self->coro, &task->coro);
    fm__current = self;
}

#endif
