/*
 * awaitable.c - records that are begun, done and withdrawn
 *
 * A time has a timer, everything else is watched: the two of fm_select. To be
 * done is told to the task that waits by a count, never by a search.
 */
#include "task/awaiting.h"

#include "base/die.h"
#include "loop/span.h"
#include "task/source.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct fm__awaitable) <= sizeof(fm_awaitable),
               "grow the record");
_Static_assert(sizeof(fm_awaitable) <= 100, "there may be a million of them");

void fm__awaitable_left(const struct fm__task *task)
{
    fm__die("an awaitable that task %s (%s) has begun is pending in a frame "
            "that has returned: it needs FM_AWAITABLES, or a place that stays",
            task->name, fm__site(task));
}

/* ---- Done ---------------------------------------------------------------- */

static void awaitable_unlink(struct fm__awaitable *awaitable)
{
    struct fm__list *link = &awaitable->link;
    struct fm__task *owner = awaitable->owner;
    if (owner->awaitables == link)
        owner->awaitables = link->next != link ? link->next : NULL;
    fm__list_cut(link);
}

/* Its owner waits for it, unless it was woken by others. */
static void awaitable_tell(struct fm__awaitable *awaitable)
{
    struct fm__waiter *waiter = awaitable->owner->waiter;
    awaitable->awaited = false;
    if (waiter == NULL)
        return;
    struct fm__awaiting *wait =
        FM__CONTAINER(waiter, struct fm__awaiting, waiter);
    int result = awaitable->result;
    wait->failed += result < 0;
    if (result < 0 && wait->failure == 0)
        wait->failure = result;
    if (--wait->left == 0 || (result < 0 && !wait->settle))
        fm__wake(waiter, 0);
}

static void awaitable_end(struct fm__awaitable *awaitable, int result)
{
    awaitable_unlink(awaitable);
    awaitable->pending = false;
    awaitable->kept = true;
    awaitable->result = result;
    if (awaitable->awaited)
        awaitable_tell(awaitable);
}

/* Where the task's frames begin: below what was copied of its arguments. */
static const char *awaitable_frames(const struct fm__task *task)
{
    const char *top = (const char *)task;
    const char *args = task->args;
    return args > fm__task_stack(task)->bottom && args < top ? args : top;
}

/* Below where a parked task's waiter lies, no frame of it is alive. Above its
 * frames lies the one of a generator that waits to be asked: it tells nothing
 * of them. */
static void awaitable_check(const struct fm__awaitable *awaitable)
{
    const struct fm__task *owner = awaitable->owner;
    const char *frame = (const char *)owner->waiter;
    const char *record = (const char *)awaitable;
    if (FM__UNLIKELY(record < frame &&
                     record > fm__task_stack(owner)->bottom) &&
        frame < awaitable_frames(owner))
        fm__awaitable_left(owner);
}

static void awaitable_fire(struct fm__timer *timer)
{
    struct fm__awaitable *awaitable =
        FM__CONTAINER(timer, struct fm__awaitable, timer);
    awaitable_check(awaitable);
    awaitable_end(awaitable, 0);
}

static int awaitable_outcome(const fm_when *when)
{
    return when->kind->result != NULL ? when->kind->result(when) : 0;
}

static void awaitable_looked(struct fm__watcher *watcher)
{
    struct fm__awaitable *awaitable =
        FM__CONTAINER(watcher, struct fm__awaitable, watcher);
    const fm_when *when = awaitable->when;
    const struct fm__task *owner = awaitable->owner;
    if (FM__UNLIKELY(owner->home != fm__home))
        fm__die("an awaitable of task %s (%s): what it waits for was changed "
                "on another thread",
                owner->name, fm__site(owner));
    awaitable_check(awaitable);
    if (!when->kind->ready(when))
        return;
    fm__list_cut(&watcher->link);
    awaitable_end(awaitable, awaitable_outcome(when));
}

void fm__awaitable_withdraw(struct fm__awaitable *awaitable)
{
    if (awaitable->watched)
        fm__list_cut(&awaitable->watcher.link);
    else
        fm__timer_disarm(&awaitable->owner->home->loop, &awaitable->timer);
    awaitable_end(awaitable, -ECANCELED);
}

/* ---- Beginning ----------------------------------------------------------- */

static struct fm__awaitable *awaitable_of(const fm_awaitable *record)
{
    return (struct fm__awaitable *)(uintptr_t)record;
}

/* In the frame of each verb, which the check is about. */
FM__INLINE struct fm__awaitable *awaitable_begin(fm_awaitable *record,
                                                 const char *caller)
{
    struct fm__task *self = fm__task_self(caller);
    struct fm__awaitable *awaitable = awaitable_of(record);
    fm__awaitables_check(self);
    if (FM__UNLIKELY(awaitable->pending))
        fm__die("%s in task %s (%s): the record is pending already, or was "
                "not zero",
                caller, self->name, fm__site(self));
    awaitable->owner = self;
    awaitable->awaited = false;
    awaitable->pending = true;
    fm__list_init(&awaitable->link);
    if (self->awaitables != NULL)
        fm__list_push(self->awaitables, &awaitable->link);
    self->awaitables = &awaitable->link;
    return awaitable;
}

static void awaitable_arm(struct fm__awaitable *awaitable, int64_t span)
{
    awaitable->watched = false;
    fm__timer_init(&awaitable->timer, awaitable_fire);
    if (span != FM__NEVER)
        fm__timer_arm(&awaitable->owner->home->loop, &awaitable->timer, span);
}

static void awaitable_arm_at(struct fm__awaitable *awaitable, int64_t moment)
{
    awaitable->watched = false;
    fm__timer_init(&awaitable->timer, awaitable_fire);
    fm__timer_arm_at(&awaitable->owner->home->loop, &awaitable->timer, moment);
}

static void awaitable_watch(struct fm__awaitable *awaitable,
                            const fm_when *when)
{
    awaitable->watched = true;
    awaitable->when = when;
    awaitable->watcher.look = awaitable_looked;
    fm__watch(when->kind->watchers(when), &awaitable->watcher);
}

/* 1: an object that is ready; 0: it has to be waited for; or -errno. */
static int awaitable_glance(const fm_when *when)
{
    const struct fm__when_kind *kind = when->kind;
    if (kind == NULL)
        return -ENOENT;
    if (kind == &fm__when_span)
        return when->number == FM__WHEN_NO_SPAN ? -EINVAL : 0;
    if (kind == &fm__when_moment)
        return 0;
    if (kind->watchers == NULL)
        return -EOPNOTSUPP;
    if (when->object == NULL)
        return -ENOMEM;
    return kind->ready(when);
}

int fm_awaitable_sleep(fm_awaitable *record, double seconds)
{
    struct fm__awaitable *awaitable =
        awaitable_begin(record, "fm_awaitable_sleep");
    int64_t span;
    int rc = fm__span(seconds, &span);
    if (rc == 0)
        awaitable_arm(awaitable, span);
    else
        awaitable_end(awaitable, rc);
    return rc;
}

int fm_awaitable_sleep_until(fm_awaitable *record, int64_t moment)
{
    awaitable_arm_at(awaitable_begin(record, "fm_awaitable_sleep_until"),
                     moment);
    return 0;
}

int fm_awaitable_begin(fm_awaitable *record, const fm_when *when)
{
    struct fm__awaitable *awaitable =
        awaitable_begin(record, "fm_awaitable_begin");
    int rc = awaitable_glance(when);
    if (rc != 0)
        awaitable_end(awaitable, rc > 0 ? awaitable_outcome(when) : rc);
    else if (when->kind == &fm__when_span)
        awaitable_arm(awaitable, when->number);
    else if (when->kind == &fm__when_moment)
        awaitable_arm_at(awaitable, when->number);
    else
        awaitable_watch(awaitable, when);
    return rc < 0 ? rc : 0;
}

/* ---- Looking, and ending it ---------------------------------------------- */

bool fm_awaitable_cancel(fm_awaitable *record)
{
    struct fm__awaitable *awaitable = awaitable_of(record);
    if (!awaitable->pending)
        return false;
    if (FM__UNLIKELY(awaitable->owner->home != fm__home))
        fm__die("fm_awaitable_cancel: the awaitable belongs to another loop");
    fm__awaitable_withdraw(awaitable);
    return true;
}

bool fm_awaitable_done(const fm_awaitable *record)
{
    return !awaitable_of(record)->pending;
}

int fm_awaitable_result(const fm_awaitable *record)
{
    const struct fm__awaitable *awaitable = awaitable_of(record);
    return awaitable->pending ? -EAGAIN : awaitable->result;
}

struct fm__awaitables fm__awaitables_scope(fm_awaitable *array, size_t count)
{
    memset(array, 0, count * sizeof *array);
    return (struct fm__awaitables){array, count};
}

void fm__awaitables_scope_end(struct fm__awaitables *scope)
{
    for (size_t i = 0; i < scope->count; i++)
        fm_awaitable_cancel(&scope->array[i]);
}

/* The function has returned: no frame below this one is alive. All are looked
 * at before one is touched, for the touched have neighbours. */
void fm__awaitables_end(struct fm__task *self)
{
    const char *frame = FM__FRAME_END;
    const struct fm__list *link = self->awaitables;
    do {
        const char *record = (const char *)link;
        if (record < frame && record > fm__task_stack(self)->bottom)
            fm__awaitable_left(self);
        link = link->next;
    } while (link != self->awaitables);
    while (self->awaitables != NULL)
        fm__awaitable_withdraw(
            FM__CONTAINER(self->awaitables, struct fm__awaitable, link));
}
