/*
 * end.c - a task's first frame: its function, its children, its end
 *
 * The stack is given back while the task still runs on it: nobody takes it
 * before the switch away from it is done.
 */
#include "base/die.h"
#include "base/usdt.h"
#include "task/handle.h"
#include "task/leave.h"

#define END_UNREAPED 1000 /* ended children that a task may keep in silence */

void fm__task_release(struct fm__task *task)
{
    struct fm__conductor *home = task->home;
    if (FM__UNLIKELY(task->arrivals != NULL))
        fm__arrivals_leave(task);
    fm__list_cut(&task->link);
    fm__handle_free(home->handles, task->handle);
    fm__arena_put(&home->arena, fm__task_stack(task));
    if (--home->alive == 0)
        fm__loop_stop(&home->loop);
}

/* The only call of a task's function, whatever its argument's type. */
FM__ANY_FUNCTION static int end_call(struct fm__task *task)
{
    if (task->bare)
        return ((int (*)(void))task->fn)();
    return ((int (*)(void *))task->fn)(task->args);
}

struct end_drain {
    struct fm__waiter waiter;
    struct fm__reaper reaper;
    size_t left;
};

static void end_drained(struct fm__reaper *reaper, struct fm__task *task)
{
    struct end_drain *drain = FM__CONTAINER(reaper, struct end_drain, reaper);
    fm__task_release(task);
    if (--drain->left == 0)
        fm__wake(&drain->waiter, 0);
}

static const struct fm__wait_kind end_kind = {
    .name = "children",
    .what = FM__WAIT_REAPER,
    .at = FM__WAIT_AT(struct end_drain, waiter, reaper),
};

static void end_report_unconsumed(const struct fm__task *child)
{
    const struct fm__task *parent = fm__current;
    fm__report(FM_REPORT_UNCONSUMED, child, parent,
               "task %s (%s) was left behind: its parent %s (%s) returned "
               "and did not await, stop or detach it",
               child->name, fm__site(child), parent->name, fm__site(parent));
}

/* The function has returned: its children end before it does. Not in the frame
 * that lies under the task's own all its life. */
FM__NOINLINE static void end_settle(struct fm__task *self)
{
    struct end_drain drain = {.waiter = {.kind = &end_kind},
                              .reaper = {end_drained}};
    struct fm__list *link = self->children.members.next;
    while (link != &self->children.members) {
        struct fm__task *child = FM__CONTAINER(link, struct fm__task, link);
        link = link->next;
        end_report_unconsumed(child);
        child->arrivals = NULL;
        if (child->state == FM__TASK_ENDED) {
            fm__task_release(child);
            continue;
        }
        drain.left++;
        child->reaper = &drain.reaper;
        fm__cancel(child);
        fm__gen_left(child);
    }
    if (drain.left > 0)
        fm__park(&drain.waiter);
}

static void end_report_unreaped(const struct fm__task *parent)
{
    fm__report(FM_REPORT_UNREAPED, parent, NULL,
               "task %s (%s) has more than 1,000 children that have ended "
               "and wait to be consumed: a group reaps its members by itself",
               parent->name, fm__site(parent));
}

/* Nobody waits for it yet: it keeps its slot until its starter consumes it. */
void fm__task_keep(struct fm__task *task)
{
    struct fm__task *parent = task->owner->task;
    if (FM__UNLIKELY((task->marks & FM__MARK_DENSE) != 0))
        fm__canary_look(task);
    task->place = ++task->home->kept;
    if (FM__UNLIKELY(task->lookout != NULL))
        task->lookout->ended(task->lookout, task);
    if (FM__UNLIKELY(task->arrivals != NULL))
        fm__arrive(task);
    if (++parent->ended_children <= END_UNREAPED || parent->unreaped)
        return;
    parent->unreaped = true;
    end_report_unreaped(parent);
}

/* The record belongs to whoever reaps it from now on. Returns who is next, or
 * NULL. */
FM__INLINE struct fm__task *end_hand_on(struct fm__task *self,
                                        struct fm__conductor *home)
{
    if (self->reaper != NULL)
        self->reaper->reap(self->reaper, self);
    else
        fm__task_keep(self);
    return fm__next_task(&home->loop);
}

FM__NOINLINE static struct fm__task *end_tell(struct fm__task *self,
                                              struct fm__conductor *home)
{
    fm__loop_tell(&home->loop, FM__EVENT_END, self);
    struct fm__task *next = end_hand_on(self, home);
    if (next != NULL)
        fm__loop_tell(&home->loop, FM__EVENT_RUN, next);
    return next;
}

FM__NORETURN FM__INLINE void end_leave(struct fm__task *self)
{
    struct fm__conductor *home = self->home;
    if (FM__UNLIKELY(self->locals != NULL))
        fm__locals_drop(self->locals);
    self->state = FM__TASK_ENDED;
    FM__USDT2(end, self->handle, self->result);
    struct fm__task *next = FM__UNLIKELY(home->loop.observed)
                                ? end_tell(self, home)
                                : end_hand_on(self, home);
    fm__coro_end(&self->coro, next != NULL ? &next->coro : &home->thread);
}

void fm__task_main(void *arg)
{
    struct fm__task *self = arg;
    fm__coro_arrive(&self->coro);
    fm__current = self;
    int result = end_call(self);
    if (FM__UNLIKELY(fm__current != self))
        fm__die("task %s (%s) returned in a forked child: the loop belongs to "
                "the parent; a child may exec or _exit",
                self->name, fm__site(self));
    if (FM__UNLIKELY(self->blocks != NULL))
        fm__die("task %s (%s) returned out of a block that is still open: was "
                "it left by longjmp, or not closed?",
                self->name, fm__site(self));
    if (FM__UNLIKELY(self->awaitables != NULL))
        fm__awaitables_end(self);
    if (FM__UNLIKELY(!fm__list_empty(&self->children.members)))
        end_settle(self);
    self->result = result;
    end_leave(self);
}
