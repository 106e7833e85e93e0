/*
 * call.c - functions that are to be called: soon, later, at a moment
 *
 * Invariant: `loop` is set while a call is pending. Then its link is in the
 * list of what is due, or in that of the timed ones, which are what a loop
 * drops when it closes. Among these are calls that wait for something else,
 * in a list of that.
 */
#include "base/die.h"
#include "loop/floor.h"
#include "loop/span.h"

#define CALL_NO_MOMENT INT64_MIN /* it waits for something else */

struct call {
    void (*fn)(void *arg);
    void *arg;
    struct fm__due due;
    struct fm__timer timer;
    struct fm__loop *loop;
};

_Static_assert(sizeof(struct call) <= sizeof(fm_call), "grow the record");
_Static_assert(offsetof(struct call, fn) == offsetof(fm_call, fn) &&
                   offsetof(struct call, arg) == offsetof(fm_call, arg),
               "the same fields in front");

static struct call *call_of(const fm_call *record)
{
    return (struct call *)(uintptr_t)record;
}

static void call_run(struct fm__due *due)
{
    struct call *call = FM__CONTAINER(due, struct call, due);
    call->loop = NULL;
    call->fn(call->arg);
}

static void call_fire(struct fm__timer *timer)
{
    struct call *call = FM__CONTAINER(timer, struct call, timer);
    fm__list_remove(&call->due.link);
    fm__callbacks_due(call->loop, &call->due);
}

static bool call_take_back(struct call *call)
{
    struct fm__loop *loop = call->loop;
    if (loop == NULL)
        return false;
    fm__list_remove(&call->due.link);
    fm__timer_disarm(loop, &call->timer);
    call->loop = NULL;
    return true;
}

/* NULL: the loop closes, and makes no more calls. */
static struct call *call_renew(struct fm__loop *loop, fm_call *record,
                               const char *caller)
{
    struct call *call = call_of(record);
    fm__loop_check(loop, caller);
    if (call->loop != NULL && call->loop != loop)
        fm__die("%s: the call is pending on another loop", caller);
    call_take_back(call);
    if (loop->callbacks.closing)
        return NULL;
    call->loop = loop;
    call->due.run = call_run;
    fm__list_init(&call->due.link);
    fm__timer_init(&call->timer, call_fire);
    return call;
}

void fm_loop_soon(fm_loop *loop, fm_call *record)
{
    struct call *call = call_renew(loop, record, "fm_loop_soon");
    if (call == NULL)
        return;
    call->timer.when = -1;
    fm__callbacks_due(loop, &call->due);
}

int fm_loop_later(fm_loop *loop, fm_call *record, double seconds)
{
    int64_t span;
    int rc = fm__span(seconds, &span);
    if (rc < 0)
        return rc;
    struct call *call = call_renew(loop, record, "fm_loop_later");
    if (call == NULL)
        return 0;
    fm__list_push(&loop->callbacks.timed, &call->due.link);
    call->timer.when = FM__NEVER;
    if (span != FM__NEVER)
        fm__timer_arm(loop, &call->timer, span);
    return 0;
}

void fm_loop_at(fm_loop *loop, fm_call *record, int64_t moment)
{
    struct call *call = call_renew(loop, record, "fm_loop_at");
    if (call == NULL)
        return;
    fm__list_push(&loop->callbacks.timed, &call->due.link);
    fm__timer_arm_at(loop, &call->timer, moment);
}

/* The timer's link is that of the list: no call waits for both. */
void fm__call_wait(struct fm__loop *loop, fm_call *record,
                   struct fm__list *list)
{
    struct call *call = call_renew(loop, record, "fm_future_call");
    if (call == NULL)
        return;
    fm__list_push(&loop->callbacks.timed, &call->due.link);
    call->timer.when = CALL_NO_MOMENT;
    fm__list_push(list, &call->timer.link);
}

void fm__calls_due(struct fm__loop *loop, struct fm__list *list)
{
    struct fm__list *link;
    while ((link = fm__list_shift(list)) != NULL) {
        struct call *call = FM__CONTAINER(link, struct call, timer.link);
        fm__list_remove(&call->due.link);
        fm__callbacks_due(loop, &call->due);
    }
}

bool fm_call_cancel(fm_call *record)
{
    struct call *call = call_of(record);
    if (call->loop == NULL)
        return false;
    fm__loop_check(call->loop, "fm_call_cancel");
    return call_take_back(call);
}

bool fm_call_pending(const fm_call *record)
{
    return call_of(record)->loop != NULL;
}

/* Armed with a negative moment it is still a span: see fm__timer_arm. */
int64_t fm_call_when(const fm_call *record)
{
    const struct call *call = call_of(record);
    if (call->loop == NULL || call->timer.when == CALL_NO_MOMENT)
        return -1;
    if (call->timer.when >= 0 || fm__list_empty(&call->timer.link))
        return call->timer.when;
    int64_t moment, span = -(call->timer.when + 1);
    if (__builtin_add_overflow(fm__loop_now(call->loop), span, &moment))
        return FM__NEVER;
    return moment;
}

void fm__calls_drop(struct fm__loop *loop)
{
    struct fm__callbacks *callbacks = &loop->callbacks;
    struct fm__list *lists[] = {&callbacks->timed, &callbacks->due};
    for (size_t i = 0; i < FM__COUNT(lists); i++) {
        struct fm__list *link = lists[i]->next;
        while (link != lists[i]) {
            struct fm__due *due = FM__CONTAINER(link, struct fm__due, link);
            link = link->next;
            if (due->run == call_run)
                call_take_back(FM__CONTAINER(due, struct call, due));
        }
    }
}
