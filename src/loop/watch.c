/*
 * watch.c - descriptors that are watched: one poll after the other
 *
 * The poll in flight outlives the watch for a moment, when that is closed, so
 * it lies in memory of the loop's. Each poll asks anew what the descriptor is
 * ready for, and the next one is started after the function was called: so
 * a watch is level-triggered, and calls once in a turn.
 */
#include "base/die.h"
#include "base/memory.h"
#include "loop/floor.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>

enum watch_state {
    WATCH_POLLING,
    WATCH_DUE,
    WATCH_CALLING
};

struct watch {
    struct fm__op op;
    struct fm__due due;
    struct fm__list link; /* in the loop's watches, or the parting ones */
    struct fm__loop *loop;
    fm_watch *record; /* NULL: closed */
    enum watch_state state;
    bool closes; /* the descriptor, when it ends */
};

_Static_assert(FM_READABLE == EPOLLIN && FM_WRITABLE == EPOLLOUT,
               "no translation");

#define WATCH_EVENTS (FM_READABLE | FM_WRITABLE)

static struct watch *watch_of(const fm_watch *record)
{
    return (struct watch *)record->reserved[0];
}

bool fm__watches_close_fd(struct fm__loop *loop, int fd)
{
    struct fm__list *parting = &loop->callbacks.parting;
    struct fm__list *link = parting->next;
    for (; link != parting; link = link->next) {
        struct watch *watch = FM__CONTAINER(link, struct watch, link);
        if (watch->op.fd == fd && watch->state == WATCH_POLLING) {
            watch->closes = true;
            return true;
        }
    }
    return false;
}

/* Another one that is closed may still keep the descriptor. */
static void watch_free(struct watch *watch)
{
    fm__list_remove(&watch->link);
    if (watch->closes && !fm__watches_close_fd(watch->loop, watch->op.fd))
        fm__loop_close_fd(watch->loop, watch->op.fd);
    fm__memory_free(watch);
}

static void watch_due(struct watch *watch)
{
    watch->state = WATCH_DUE;
    fm__callbacks_due(watch->loop, &watch->due);
}

static void watch_polled(struct fm__op *op)
{
    watch_due(FM__CONTAINER(op, struct watch, op));
}

static void watch_poll(struct watch *watch)
{
    watch->state = WATCH_POLLING;
    if (fm__op_submit(watch->loop, &watch->op))
        watch_due(watch);
}

/* What was asked for: an end or an error is for both. */
static int watch_events(const struct watch *watch)
{
    int asked = (int)watch->op.events;
    int seen = (int)watch->op.result;
    return (seen & ~WATCH_EVENTS) != 0 ? asked : seen & asked;
}

static void watch_end(struct watch *watch, int code)
{
    fm_watch *record = watch->record;
    watch_free(watch);
    record->reserved[0] = 0;
    record->fn(record->arg, code);
}

static void watch_call(struct fm__due *due)
{
    struct watch *watch = FM__CONTAINER(due, struct watch, due);
    const fm_watch *record = watch->record;
    if (record == NULL) {
        watch_free(watch);
        return;
    }
    if (watch->op.result < 0) {
        watch_end(watch, (int)watch->op.result);
        return;
    }
    watch->state = WATCH_CALLING;
    record->fn(record->arg, watch_events(watch));
    if (watch->record == NULL)
        watch_free(watch);
    else
        watch_poll(watch);
}

int fm_watch_open(fm_loop *loop, fm_watch *record)
{
    fm__loop_check(loop, "fm_watch_open");
    if (watch_of(record) != NULL)
        fm__die("fm_watch_open: the watch is open already");
    if (record->events == 0 || (record->events & ~WATCH_EVENTS) != 0)
        return -EINVAL;
    struct watch *watch = fm__memory_new(sizeof *watch);
    if (watch == NULL)
        return -ENOMEM;
    watch->op.kind = FM__OP_POLL;
    watch->op.fd = record->fd;
    watch->op.events = (uint32_t)record->events;
    watch->op.done = watch_polled;
    watch->due.run = watch_call;
    watch->loop = loop;
    watch->record = record;
    record->reserved[0] = (uintptr_t)watch;
    fm__list_push(&loop->callbacks.watches, &watch->link);
    watch_poll(watch);
    return 0;
}

static void watch_close(struct watch *watch)
{
    assert(watch->record != NULL);
    watch->record->reserved[0] = 0;
    watch->record = NULL;
    fm__list_remove(&watch->link);
    fm__list_push(&watch->loop->callbacks.parting, &watch->link);
    if (watch->state == WATCH_POLLING)
        fm__op_cancel(watch->loop, &watch->op);
}

void fm_watch_close(fm_watch *record)
{
    struct watch *watch = watch_of(record);
    if (watch == NULL)
        return;
    fm__loop_check(watch->loop, "fm_watch_close");
    watch_close(watch);
}

void fm__watches_end(struct fm__loop *loop)
{
    struct fm__list *watches = &loop->callbacks.watches;
    while (!fm__list_empty(watches))
        watch_close(FM__CONTAINER(watches->next, struct watch, link));
}
