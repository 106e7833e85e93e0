/*
 * future.c - a result that is brought once, from wherever, and read by many
 *
 * Invariant: who sets it is counted into the mailbox of its loop from before
 * it claims the future until the loop has the node that brings the news. So
 * a claim is never followed by a refusal, and the news needs no room: the
 * node lies in the future, which it keeps by a share of its own.
 *
 * The result is there for everybody once `state` says so. Waiters, calls and
 * watchers are the loop's thread's alone, and told there.
 */
#include <fermata/future.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"
#include "loop/floor.h"
#include "loop/mailbox.h"
#include "task/record.h"
#include "task/watcher.h"

#include <errno.h>

enum future_state {
    FUTURE_OPEN,
    FUTURE_CLAIMED, /* somebody writes the result */
    FUTURE_SET
};

struct fm_future {
    struct fm__atomic_word users;
    struct fm__atomic_word state;
    struct fm__mailbox *mailbox; /* which loop's it is; a quiet share */
    struct fm__loop *loop;       /* for its own thread */
    struct fm__work work;        /* the news, on its way to the loop */
    int result;                  /* once it is set, and not written again */
    void *value;
    bool told;               /* waiters and calls have been woken */
    struct fm__list waiters; /* struct future_waiter */
    struct fm__list calls;
    struct fm__watchers watchers;
};

/* On the stack of the task that waits. It takes the value with it: woken, it
 * needs the future no more. */
struct future_waiter {
    struct fm__queued queued;
    void *value;
};

/* ---- Shares ------------------------------------------------------------- */

fm_future *fm_loop_future(fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_future");
    fm_future *future = fm__memory_new(sizeof *future);
    if (future == NULL)
        return NULL;
    future->mailbox = fm__mailbox_get_quiet(loop);
    if (future->mailbox == NULL)
        goto free_future;
    future->users.value = 1;
    future->loop = loop;
    fm__list_init(&future->waiters);
    fm__list_init(&future->calls);
    return future;

free_future:
    fm__memory_free(future);
    return NULL;
}

fm_future *fm_future_new(void)
{
    if (fm__home == NULL)
        fm__task_none("fm_future_new");
    return fm_loop_future(&fm__home->loop);
}

fm_future *fm_future_get(fm_future *future)
{
    if (future != NULL)
        fm__atomic_add(&future->users, 1);
    return future;
}

void fm_future_put(fm_future *future)
{
    if (future == NULL || fm__atomic_add(&future->users, UINT64_MAX) > 1)
        return;
    if (!fm__list_empty(&future->waiters))
        fm__die("fm_future_put: a task waits for this future, and nobody is "
                "left to set it");
    if (!fm__list_empty(&future->calls))
        fm__die("fm_future_put: a call waits for this future, and nobody is "
                "left to set it");
    if (fm__watched(&future->watchers))
        fm__die("fm_future_put: a task still selects this future");
    fm__mailbox_put_quiet(future->mailbox);
    fm__memory_free(future);
}

/* ---- Bringing it -------------------------------------------------------- */

static bool future_is_set(const fm_future *future)
{
    struct fm__atomic_word *state = &((fm_future *)(uintptr_t)future)->state;
    return fm__atomic_load(state) == FUTURE_SET;
}

/* The value of a result that is not negative. */
static int future_read(const fm_future *future, void **value)
{
    if (future->result >= 0 && value != NULL)
        *value = future->value;
    return future->result;
}

/* On the loop's thread, once. */
static void future_tell(fm_future *future)
{
    struct fm__list *link;
    future->told = true;
    while ((link = fm__list_shift(&future->waiters)) != NULL) {
        struct future_waiter *waiter =
            FM__CONTAINER(link, struct future_waiter, queued.link);
        waiter->value = future->value;
        fm__wake(&waiter->queued.waiter, future->result);
    }
    fm__calls_due(future->loop, &future->calls);
    fm__watchers_tell(&future->watchers);
}

static void future_arrive(struct fm__work *work)
{
    fm_future *future = FM__CONTAINER(work, fm_future, work);
    future_tell(future);
    fm_future_put(future);
}

static bool future_claim(fm_future *future, int result, void *value)
{
    uint64_t open = FUTURE_OPEN;
    if (!fm__atomic_replace(&future->state, &open, FUTURE_CLAIMED))
        return false;
    future->result = result;
    future->value = value;
    fm__atomic_store(&future->state, FUTURE_SET);
    return true;
}

/* From inside of the mailbox; the news has a share, so that it finds the
 * future when whoever set it has put the last other one. */
static void future_bring(fm_future *future, struct fm__loop *loop)
{
    if (loop->thread == fm__thread_mark) {
        future_tell(future);
        return;
    }
    fm_future_get(future);
    future->work.run = future_arrive;
    fm__loop_post(loop, &future->work);
}

/* The first may be between its claim and its word: a few stores. */
static int future_late(fm_future *future)
{
    while (!future_is_set(future))
        fm__thread_yield();
    return -EALREADY;
}

int fm_future_set(fm_future *future, int result, void *value)
{
    if (future == NULL)
        return -ENOMEM;
    if (fm_future_done(future))
        return -EALREADY;
    struct fm__mailbox *mailbox = future->mailbox;
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL)
        return -ESHUTDOWN;
    bool mine = future_claim(future, result, value);
    if (mine)
        future_bring(future, loop);
    fm__mailbox_leave(mailbox);
    return mine ? 0 : future_late(future);
}

int fm_future_cancel(fm_future *future)
{
    return fm_future_set(future, -ECANCELED, NULL);
}

/* ---- Waiting for it ----------------------------------------------------- */

/* A loop that has ended has no mailbox, and the future keeps its own: so no
 * later loop is taken for it. */
static void future_check(const fm_future *future, const char *caller)
{
    if (FM__UNLIKELY(fm__home == NULL ||
                     fm__home->loop.mailbox != future->mailbox))
        fm__die("%s: the future belongs to another loop", caller);
}

static const struct fm__wait_kind future_kind = {
    .cut = fm__park_cut,
    .name = "future",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(fm_future, waiters),
};

int fm_future_wait(fm_future *future, void **value)
{
    int rc = fm__checkpoint(fm__current, "fm_future_wait");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__UNLIKELY(future == NULL))
        return -ENOMEM;
    future_check(future, "fm_future_wait");
    if (future_is_set(future))
        return future_read(future, value);
    struct future_waiter self = {.value = NULL};
    rc = fm__park_in(&future->waiters, &self.queued, &future_kind);
    if (rc >= 0 && value != NULL)
        *value = self.value;
    return rc;
}

bool fm_future_done(const fm_future *future)
{
    return future == NULL || future_is_set(future);
}

int fm_future_result(const fm_future *future, void **value)
{
    if (future == NULL)
        return -ENOMEM;
    return future_is_set(future) ? future_read(future, value) : -EAGAIN;
}

/* What was set, but is not told yet, has calls before this one to make. */
int fm_future_call(fm_future *future, fm_call *call)
{
    if (future == NULL)
        return -ENOMEM;
    struct fm__loop *loop = fm__mailbox_enter(future->mailbox);
    if (loop == NULL)
        return -ESHUTDOWN;
    fm__loop_check(loop, "fm_future_call");
    if (future->told)
        fm_loop_soon(loop, call);
    else
        fm__call_wait(loop, call, &future->calls);
    fm__mailbox_leave(future->mailbox);
    return 0;
}

static bool future_ready(const fm_when *when)
{
    return fm_future_done(when->object);
}

static int future_outcome(const fm_when *when)
{
    return fm_future_result(when->object, NULL);
}

static struct fm__watchers *future_watchers(const fm_when *when)
{
    fm_future *future = when->object;
    future_check(future, "fm_select");
    return &future->watchers;
}

fm_when fm_when_done(fm_future *future)
{
    static const struct fm__when_kind kind = {
        .ready = future_ready,
        .watchers = future_watchers,
        .result = future_outcome,
        .wait = &future_kind,
    };
    return (fm_when){.kind = &kind, .object = future};
}
