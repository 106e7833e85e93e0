/*
 * select.c - wait for the first of several things, and take none
 *
 * A first look is all there is where something is ready. Otherwise each thing
 * is watched from the task's stack, and whenever one of them tells, the task
 * looks again: who was faster may have taken it. Then the watchers are still
 * in their places, and the wait goes on.
 *
 * Invariant: nothing is returned while an operation is in flight, because the
 * kernel owns it, and nothing is named that was not ready at the last look,
 * after which nobody else ran.
 */
#include <fermata/select.h>

#include "task/leave.h"
#include "task/source.h"

#define SELECT_FEW 8 /* for whom a small frame will do */

/* 1: it is ready; 0: not so; -ENOENT: it can never be; or another -errno.
 * What has no object is none, a time, or a descriptor, which is not asked. */
FM__INLINE int select_look_at(const fm_when *when,
                              const struct fm__source *source)
{
    if (FM__LIKELY(when->object != NULL))
        return when->kind->ready(when);
    if (fm__when_skipped(when))
        return -ENOENT;
    if (source != NULL && source->fired)
        return 1;
    return fm__when_is_fd(when) ? 0 : fm__when_look(when);
}

/* The first that is ready, descriptors apart: an index; -EAGAIN: none is;
 * -ENOENT: none can be. */
static int select_look_objects(const fm_when *whens, size_t count,
                               const struct fm__source *sources)
{
    int none = -ENOENT;
    for (size_t i = 0; i < count; i++) {
        const struct fm__source *source = sources != NULL ? &sources[i] : NULL;
        int ready = select_look_at(&whens[i], source);
        if (ready == -ENOENT)
            continue;
        if (ready != 0)
            return ready < 0 ? ready : (int)i;
        none = -EAGAIN;
    }
    return none;
}

/* Before anything is watched. Of the descriptors only those that come before
 * what is ready are asked: if nothing is, they will be polled. */
static int select_glance(const fm_when *whens, size_t count)
{
    int index = select_look_objects(whens, count, NULL);
    for (int i = 0; i < index; i++) {
        if (!fm__when_is_fd(&whens[i]))
            continue;
        int ready = fm__when_look_fd(&whens[i]);
        if (ready != 0)
            return ready < 0 ? ready : i;
    }
    return index;
}

/* One that was polled and may be ready: 1, 0 or -errno. If it is not, it will
 * be polled again. */
static int select_look_fd(struct fm__source *source, const fm_when *when)
{
    struct fm__op *op = &source->op;
    if (op->state != FM__OP_DONE)
        return 0;
    if (op->result < 0 && op->result != -ECANCELED)
        return (int)op->result;
    int ready = op->result < 0 ? 0 : fm__when_look_fd(when);
    if (ready == 0)
        op->state = FM__OP_IDLE;
    return ready;
}

static int select_look(struct fm__select *select)
{
    const fm_when *whens = select->whens;
    select->told = false;
    int index = select_look_objects(whens, select->count, select->sources);
    size_t before = index >= 0 ? (size_t)index : select->count;
    for (size_t i = 0; i < before; i++) {
        if (!fm__when_is_fd(&whens[i]))
            continue;
        int ready = select_look_fd(&select->sources[i], &whens[i]);
        if (ready != 0)
            return ready < 0 ? ready : (int)i;
    }
    return index;
}

static void select_cut(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, struct fm__select, waiter)->parked = false;
    fm__wake(waiter, reason);
}

#define SELECT_FROM_WHENS(field)                                               \
    (offsetof(struct fm__select, field) - offsetof(struct fm__select, whens))

_Static_assert(FM_SELECT_MOST <= FM__ROOT_CHOICES && sizeof(fm_when) <= 24,
               "more than readers have room for");

static const struct fm__wait_kind select_kind = {
    .cut = select_cut,
    .name = "select",
    .what = FM__WAIT_CHOICES,
    .at = FM__WAIT_AT(struct fm__select, waiter, whens),
    .first = SELECT_FROM_WHENS(sources),
    .second = SELECT_FROM_WHENS(count),
};

static const struct fm__wait_kind select_drain_kind = {
    .name = "select",
};

/* Polls what is not polled; then waits to be told. */
FM__INLINE int select_park(struct fm__select *select)
{
    struct fm__task *self = fm__current;
    for (size_t i = 0; i < select->count; i++) {
        int rc = fm__when_is_fd(&select->whens[i])
                     ? fm__source_poll(&select->sources[i], &select->whens[i])
                     : 0;
        if (rc < 0)
            return rc;
    }
    if (select->told)
        return 0;
    /* A cut may have come while it looked around. */
    if (self->cut && fm__cut_seen(self, NULL) < 0)
        return fm__cut_reason(self);
    select->parked = true;
    select->waiter.kind = &select_kind;
    return fm__park_here(&select->waiter);
}

/* The operations end before the frame does; whether others ran meanwhile. */
static bool select_drain(struct fm__select *select)
{
    struct fm__loop *loop = &fm__current->home->loop;
    if (select->flying == 0)
        return false;
    for (size_t i = 0; i < select->count; i++) {
        if (fm__when_is_fd(&select->whens[i]))
            fm__op_cancel(loop, &select->sources[i].op);
    }
    select->draining = true;
    select->waiter.kind = &select_drain_kind;
    fm__park(&select->waiter);
    select->draining = false;
    return true;
}

FM__INLINE int select_wait(struct fm__select *select)
{
    int index;
    for (size_t i = 0; i < select->count; i++)
        fm__source_begin(&select->sources[i], &select->whens[i]);
    do {
        index = select_park(select);
        if (index == 0)
            index = select_look(select);
        if (index != -EAGAIN && select_drain(select) && index >= 0)
            index = select_look(select);
    } while (index == -EAGAIN);
    for (size_t i = 0; i < select->count; i++)
        fm__source_end(&select->sources[i], &select->whens[i]);
    return index;
}

static FM__NOINLINE int select_few(const fm_when *whens, size_t count)
{
    FM__UNINITIALIZED struct fm__source sources[SELECT_FEW];
    struct fm__select select = {
        .whens = whens, .sources = sources, .count = count};
    for (size_t i = 0; i < count; i++)
        sources[i].select = &select;
    return select_wait(&select);
}

static FM__NOINLINE int select_many(const fm_when *whens, size_t count)
{
    FM__UNINITIALIZED struct fm__source sources[FM_SELECT_MOST];
    struct fm__select select = {
        .whens = whens, .sources = sources, .count = count};
    for (size_t i = 0; i < count; i++)
        sources[i].select = &select;
    return select_wait(&select);
}

int fm_select_array(const fm_when *whens, size_t count)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_select");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (count > FM_SELECT_MOST)
        return -EINVAL;
    rc = select_glance(whens, count);
    if (rc != -EAGAIN)
        return rc;
    fm__blocks_check(self);
    return count <= SELECT_FEW ? select_few(whens, count)
                               : select_many(whens, count);
}
