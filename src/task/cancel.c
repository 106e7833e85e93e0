/*
 * cancel.c - marks, reasons, and what a cancel point does about them
 *
 * Invariant: whenever a cut may have come into sight of a task, its `cut` is
 * set and its credit is 0, so that the next cancel point asks. Whether a cut
 * is in sight is never stored, always read off the open blocks.
 */
#include "base/room.h"
#include "task/block.h"
#include "task/leave.h"

#include <errno.h>

#define CANCEL_IGNORED 1000 /* refusals in a row that are reported */

/*
 * From the innermost block outwards: a shield that hides ends the search. An
 * expired timeout is -ETIMEDOUT only where it is the innermost timeout.
 */
static int cancel_look(const struct fm__task *task, struct fm__block *from,
                       struct fm__block **cause)
{
    bool inside_timeout = false;
    for (struct fm__block *block = from; block != NULL; block = block->outer) {
        bool timeout = block->kind == FM__BLOCK_TIMEOUT;
        bool shield = block->kind == FM__BLOCK_SHIELD;
        if (shield && !block->cut)
            return 0;
        if (block->cut && !shield) {
            *cause = block;
            return timeout && !inside_timeout ? -ETIMEDOUT : -ECANCELED;
        }
        inside_timeout = inside_timeout || timeout;
    }
    return task->cancelled ? -ECANCELED : 0;
}

int fm__cut_seen(const struct fm__task *task, const struct fm__block *inner)
{
    struct fm__block *cause = NULL;
    return cancel_look(task, inner != NULL ? inner->outer : task->blocks,
                       &cause);
}

int fm__cut_reason(struct fm__task *task)
{
    struct fm__block *cause = NULL;
    int reason = cancel_look(task, task->blocks, &cause);
    if (cause != NULL)
        cause->caused = true;
    return reason;
}

void fm__recut(struct fm__task *task)
{
    task->cut = true;
    task->credit = 0;
    if (task->shields > 0)
        fm__shields_notice(task);
    struct fm__waiter *waiter = task->waiter;
    if (waiter == NULL || waiter->kind->cut == NULL)
        return;
    int reason = fm__cut_reason(task);
    if (reason != 0)
        waiter->kind->cut(waiter, reason);
}

static void cancel_enqueue(struct fm__conductor *home, struct fm__task *task)
{
    if (task->walking || task->state == FM__TASK_ENDED)
        return;
    task->walking = true;
    task->walk_next = home->walk;
    home->walk = task;
}

static void cancel_enqueue_members(struct fm__task *task,
                                   const struct fm__owner *owner,
                                   unsigned hidden_from)
{
    const struct fm__list *link = owner->members.next;
    for (; link != &owner->members; link = link->next) {
        struct fm__task *member = FM__CONTAINER(link, struct fm__task, link);
        if (member->under < hidden_from)
            cancel_enqueue(task->home, member);
    }
}

static void cancel_mark(struct fm__task *task)
{
    task->cancelled = true;
    fm__recut(task);
    /* Only now: a shield without grace has just stopped hiding. */
    unsigned hidden_from = fm__shield_outermost(task);
    cancel_enqueue_members(task, &task->children, hidden_from);
    for (struct fm__block *block = task->blocks; block; block = block->outer) {
        if (block->kind == FM__BLOCK_GROUP)
            cancel_enqueue_members(task, fm__group_owner(block), hidden_from);
    }
}

static void cancel_walk(void *arg)
{
    struct fm__conductor *home = arg;
    home->walking = true;
    while (home->walk != NULL) {
        struct fm__task *next = home->walk;
        home->walk = next->walk_next;
        next->walking = false;
        cancel_mark(next);
    }
    home->walking = false;
}

/* Iterative, also where marking one task passes its cut on to another. */
void fm__cancel(struct fm__task *task)
{
    struct fm__conductor *home = task->home;
    cancel_enqueue(home, task);
    if (!home->walking)
        fm__room_call(cancel_walk, home);
}

static void cancel_report_ignored(const struct fm__task *self)
{
    fm__report(FM_REPORT_CANCEL_IGNORED, self, NULL,
               "task %s (%s) ignores its cancel: 1,000 calls in a row were "
               "refused",
               self->name, fm__site(self));
}

/* A task that is cut is charged too: it cannot stop the loop. */
static void cancel_charge(struct fm__task *self)
{
    self->credit = 0;
    if (++self->charged < FM__BUDGET)
        return;
    self->charged = 0;
    fm__requeue(self);
}

static void cancel_refused(struct fm__task *self)
{
    if (self->refusals < CANCEL_IGNORED && ++self->refusals == CANCEL_IGNORED)
        cancel_report_ignored(self);
    cancel_charge(self);
}

void fm__probe_strike(struct fm__task *passing)
{
    const struct fm__probe *probe = fm__probe;
    struct fm__task *victim =
        probe->victim != NULL ? probe->victim(passing) : passing;
    if (victim != NULL)
        fm__cancel(victim);
}

static void cancel_probe_call(struct fm__task *self)
{
    struct fm__probe *probe = fm__probe;
    if (++probe->passed[FM__PROBE_BEFORE] == probe->cancel_at &&
        probe->phase == FM__PROBE_BEFORE)
        fm__probe_strike(self);
}

int fm__checkpoint_slow(struct fm__task *self, const char *caller)
{
    if (self == &fm__nobody)
        fm__task_none(caller);
    if (FM__UNLIKELY(fm__probe != NULL))
        cancel_probe_call(self);
    else if (!self->cut)
        fm__requeue(self);
    int reason = self->cut ? fm__cut_reason(self) : 0;
    if (reason != 0) {
        cancel_refused(self);
        return reason;
    }
    self->cut = false;
    self->refusals = 0;
    self->credit = self->home->budget;
    return 0;
}

void fm__charge_slow(struct fm__task *self, const char *caller)
{
    if (self == &fm__nobody)
        fm__task_none(caller);
    if (FM__UNLIKELY(fm__probe != NULL)) {
        cancel_probe_call(self);
    } else if (!self->cut) {
        fm__requeue(self);
        return;
    }
    if (fm__cut_seen(self, NULL) == 0) {
        self->cut = false;
        self->credit = self->home->budget;
        return;
    }
    cancel_charge(self);
}

void fm__tire(struct fm__task *self)
{
    if (self != &fm__nobody)
        self->credit = 1;
}

int fm_cancel(fm_task *handle)
{
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = fm__handle_find(handle);
    if (task == NULL || task->state == FM__TASK_ENDED)
        return -ESRCH;
    fm__cancel(task);
    return 0;
}

int fm_cancelled(void)
{
    struct fm__task *self = fm__task_self("fm_cancelled");
    return self->cut ? fm__cut_seen(self, NULL) : 0;
}
