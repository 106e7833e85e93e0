/*
 * line.h - tasks in line for a thing, first come first served
 *
 * A line is the head of a list in a record that begins as zero. Whoever has
 * what they wait for gives it to the first of them before waking it, so it is
 * taken when anybody else runs. The line belongs to the loop of those in it.
 */
#ifndef FM_SYNC_LINE_H
#define FM_SYNC_LINE_H

#include "task/handle.h"

#include <fermata/lock.h>

FM__NORETURN void fm__line_refuse(const char *caller);
FM__NORETURN void fm__line_refuse_release(const fm_task *holder,
                                          const char *caller);
FM__NORETURN void fm__line_refuse_holder(const fm_task *holder,
                                         const char *caller);

FM__INLINE struct fm__queued *fm__line_queued(struct fm__list *link)
{
    return FM__CONTAINER(link, struct fm__queued, link);
}

/* The first in line, who stays there, or NULL; aborts with a sentence where
 * it is of another loop. */
FM__INLINE struct fm__queued *fm__line_first(const struct fm__list *line,
                                             const char *caller)
{
    if (FM__LIKELY(fm__list_none(line)))
        return NULL;
    struct fm__queued *first = fm__line_queued(line->next);
    if (FM__UNLIKELY(first->waiter.task->home != fm__home))
        fm__line_refuse(caller);
    return first;
}

/* The same; it leaves the line. */
FM__INLINE struct fm__queued *fm__line_shift(struct fm__list *line,
                                             const char *caller)
{
    struct fm__queued *first = fm__line_first(line, caller);
    if (FM__UNLIKELY(first != NULL))
        fm__list_remove(&first->link);
    return first;
}

/* Goes to the end of the line. */
FM__INLINE void fm__line_join(struct fm__list *line, struct fm__queued *queued)
{
    fm__list_begin(line);
    fm__list_push(line, &queued->link);
}

/* Parks at the end of the line; the kind's cut is fm__park_cut. */
FM__NOINLINE int fm__line_wait(struct fm__list *line,
                               const struct fm__wait_kind *kind);

/*
 * The running task is about to wait for one that holds a lock: aborts with a
 * sentence where that is itself, has ended, or is of another loop.
 */
FM__INLINE void fm__line_check_holder(const fm_task *holder, const char *caller)
{
    const struct fm__task *self = fm__current;
    const struct fm__task *task = fm__handle_look(self->home->handles, holder);
    if (FM__UNLIKELY(task == NULL || task == self ||
                     task->state == FM__TASK_ENDED))
        fm__line_refuse_holder(holder, caller);
}

/* It is about to release it: aborts where another one holds it, or nobody. */
FM__INLINE void fm__line_check_release(const fm_task *holder,
                                       const char *caller)
{
    if (FM__UNLIKELY(holder == NULL || holder != fm__current->handle))
        fm__line_refuse_release(holder, caller);
}

/* For conditions. The running task holds the lock, or the program ends. */
void fm__lock_check(const fm_lock *record, const char *caller);
/* Puts a task that waits into the lock's line, where it is not cut; it is
 * woken, with 0, when the lock is its own. */
void fm__lock_join(fm_lock *record, struct fm__queued *queued);

#endif
