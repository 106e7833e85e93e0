/*
 * arrivals.c - tasks one by one, in the order in which they end
 *
 * Invariant: each task that has yet to come is in one of two lists, `alive`
 * or `ended`, the latter in the order of the ends. It leaves them when it
 * comes, when it is consumed or detached, and when all of this is closed.
 */
#include <fermata/wait.h>

#include "base/die.h"
#include "task/handle.h"

#include <errno.h>

#define ARRIVALS_BINS 32 /* of a sort: 2^32 tasks */

struct fm__arrivals {
    struct fm__list alive;
    struct fm__list ended;
    struct fm__task *task; /* who opened it */
    struct fm__waiter *waiter;
};

_Static_assert(sizeof(struct fm__arrivals) <= sizeof(fm_completed),
               "grow the record");

static struct fm__arrivals *arrivals_of(fm_completed *record)
{
    return (struct fm__arrivals *)record;
}

static struct fm__task *arrivals_task(struct fm__list *arrival)
{
    return FM__CONTAINER(arrival, struct fm__task, arrival);
}

void fm__arrive(struct fm__task *task)
{
    struct fm__arrivals *arrivals = task->arrivals;
    fm__list_cut(&task->arrival);
    fm__list_push(&arrivals->ended, &task->arrival);
    if (arrivals->waiter == NULL)
        return;
    fm__wake(arrivals->waiter, 0);
    arrivals->waiter = NULL;
}

void fm__arrivals_leave(struct fm__task *task)
{
    fm__list_cut(&task->arrival);
    task->arrivals = NULL;
}

/* Whether the first list's first task ended before the second one's; the
 * counter of ends may have begun anew. */
static bool arrivals_before(const struct fm__list *first,
                            const struct fm__list *second)
{
    uint32_t one = arrivals_task(first->next)->place;
    uint32_t other = arrivals_task(second->next)->place;
    return (int32_t)(one - other) < 0;
}

/* Two sorted lists become one, in the second. */
static void arrivals_merge(struct fm__list *first, struct fm__list *second)
{
    struct fm__list both;
    fm__list_init(&both);
    while (!fm__list_empty(first) && !fm__list_empty(second)) {
        struct fm__list *from = arrivals_before(first, second) ? first : second;
        fm__list_push(&both, fm__list_shift(from));
    }
    fm__list_move(first, &both);
    fm__list_move(second, &both);
    fm__list_move(&both, second);
}

/* Bin n is empty or has 2^n of them, sorted. */
static void arrivals_sort(struct fm__list *list)
{
    struct fm__list bins[ARRIVALS_BINS], carry, *item;
    fm__list_init(&carry);
    for (size_t i = 0; i < ARRIVALS_BINS; i++)
        fm__list_init(&bins[i]);
    while ((item = fm__list_shift(list)) != NULL) {
        size_t i = 0;
        fm__list_push(&carry, item);
        for (; !fm__list_empty(&bins[i]); i++)
            arrivals_merge(&bins[i], &carry);
        fm__list_move(&carry, &bins[i]);
    }
    for (size_t i = 0; i < ARRIVALS_BINS; i++)
        arrivals_merge(&bins[i], list);
}

static void arrivals_add(struct fm__arrivals *arrivals, fm_task *handle,
                         size_t index)
{
    struct fm__task *task =
        fm__handle_take(arrivals->task, handle, "fm_completed_open");
    if (task->arrivals == arrivals)
        return;
    if (task->arrivals != NULL)
        fm__die("fm_completed_open in task %s (%s): task %s (%s) is gone "
                "through already",
                arrivals->task->name, fm__site(arrivals->task), task->name,
                fm__site(task));
    task->arrivals = arrivals;
    task->index = (uint32_t)index;
    bool ended = task->state == FM__TASK_ENDED;
    fm__list_push(ended ? &arrivals->ended : &arrivals->alive, &task->arrival);
}

void fm_completed_open(fm_completed *record, fm_task *const *tasks,
                       size_t count)
{
    struct fm__arrivals *arrivals = arrivals_of(record);
    arrivals->task = fm__task_self("fm_completed_open");
    arrivals->waiter = NULL;
    fm__list_init(&arrivals->alive);
    fm__list_init(&arrivals->ended);
    for (size_t i = 0; i < count; i++) {
        if (tasks[i] != NULL)
            arrivals_add(arrivals, tasks[i], i);
    }
    arrivals_sort(&arrivals->ended);
}

static void arrivals_check(const struct fm__arrivals *arrivals,
                           const char *caller)
{
    if (arrivals->task != fm__current)
        fm__die("%s: these tasks are gone through by another task", caller);
}

/* Takes it out; its handle stays what it was. */
static void arrivals_leave(struct fm__list *list)
{
    while (!fm__list_empty(list))
        fm__arrivals_leave(arrivals_task(list->next));
}

static int arrivals_come(struct fm__arrivals *arrivals)
{
    struct fm__task *task = arrivals_task(arrivals->ended.next);
    fm__arrivals_leave(task);
    return (int)task->index;
}

struct arrivals_wait {
    struct fm__waiter waiter;
    struct fm__arrivals *arrivals;
};

static void arrivals_cut(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, struct arrivals_wait, waiter)->arrivals->waiter =
        NULL;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind arrivals_kind = {
    .cut = arrivals_cut,
    .name = "completed next",
    .what = FM__WAIT_OBJECT,
    .at = FM__WAIT_AT(struct arrivals_wait, waiter, arrivals),
};

int fm_completed_next(fm_completed *record)
{
    struct fm__arrivals *arrivals = arrivals_of(record);
    int rc = fm__checkpoint(fm__current, "fm_completed_next");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    arrivals_check(arrivals, "fm_completed_next");
    if (!fm__list_empty(&arrivals->ended))
        return arrivals_come(arrivals);
    if (fm__list_empty(&arrivals->alive))
        return -ENOENT;
    fm__blocks_check(fm__current);
    struct arrivals_wait wait = {{.kind = &arrivals_kind}, arrivals};
    arrivals->waiter = &wait.waiter;
    rc = fm__park(&wait.waiter);
    return rc < 0 ? rc : arrivals_come(arrivals);
}

void fm_completed_close(fm_completed *record)
{
    struct fm__arrivals *arrivals = arrivals_of(record);
    arrivals_check(arrivals, "fm_completed_close");
    arrivals_leave(&arrivals->alive);
    arrivals_leave(&arrivals->ended);
}

fm_completed *fm__completed_enter(fm_completed *record, fm_task *const *tasks,
                                  size_t count)
{
    fm_completed_open(record, tasks, count);
    return record;
}
