/*
 * awaited.c - a task waits for records: for one, for all, for the first
 *
 * Invariant: when a wait returns, no record is marked as awaited by it. What
 * is to be withdrawn is withdrawn by the task itself, when it runs: who tells
 * of an end may be in the middle of a list of such.
 */
#include "task/awaiting.h"

#include "base/die.h"

#include <errno.h>
#include <limits.h>

_Static_assert(sizeof(struct fm__awaitable) <= sizeof(fm_awaitable),
               "grow the record");

static struct fm__awaitable *awaited_at(fm_awaitable *records, size_t i)
{
    return (struct fm__awaitable *)&records[i];
}

static void awaited_cut(struct fm__waiter *waiter, int reason)
{
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind awaited_kind = {
    .cut = awaited_cut,
    .name = "awaitable",
};

static void awaited_check(const struct fm__awaitable *awaitable,
                          const char *caller)
{
    const struct fm__task *self = fm__current;
    if (FM__UNLIKELY(awaitable->owner != self))
        fm__die("%s in task %s (%s): the awaitable was begun by another task, "
                "or is not zero",
                caller, self->name, fm__site(self));
}

/* Marks those that are pending, and counts the failures of the others. */
static void awaited_mark(struct fm__awaiting *wait, fm_awaitable *records,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fm__awaitable *awaitable = awaited_at(records, i);
        awaitable->kept = false;
        if (awaitable->pending) {
            awaited_check(awaitable, wait->caller);
            awaitable->awaited = true;
            wait->left++;
        } else if (awaitable->result < 0) {
            wait->failed++;
            if (wait->failure == 0)
                wait->failure = awaitable->result;
        }
    }
}

/* Until none is left, one has failed where that counts, or it is cut: why. */
static int awaited_park(struct fm__awaiting *wait)
{
    struct fm__task *self = fm__current;
    int reason = self->cut ? fm__cut_reason(self) : 0;
    if (reason != 0 || (wait->failure < 0 && !wait->settle))
        return reason;
    wait->waiter.kind = &awaited_kind;
    return fm__park(&wait->waiter);
}

static void awaited_take(fm_awaitable *records, size_t count, int *results)
{
    for (size_t i = 0; i < count; i++) {
        struct fm__awaitable *awaitable = awaited_at(records, i);
        if (awaitable->pending)
            fm__awaitable_withdraw(awaitable);
        awaitable->kept = false;
        if (results != NULL)
            results[i] = awaitable->result;
    }
}

/* In the frame of each verb, which the check is about. */
FM__INLINE struct fm__awaiting awaited_begin(const char *caller)
{
    fm__charge(fm__current, caller);
    fm__awaitables_check(fm__current);
    return (struct fm__awaiting){.caller = caller};
}

/* Waits for all: 0, or why it was cut. */
static int awaited_all(struct fm__awaiting *wait, fm_awaitable *records,
                       size_t count, int *results)
{
    awaited_mark(wait, records, count);
    int reason = wait->left > 0 ? awaited_park(wait) : 0;
    awaited_take(records, count, results);
    return reason;
}

int fm_awaitable_await(fm_awaitable *record)
{
    struct fm__awaiting wait = awaited_begin("fm_awaitable_await");
    int result;
    int reason = awaited_all(&wait, record, 1, &result);
    return reason != 0 ? reason : result;
}

int fm_awaitable_gather(fm_awaitable *records, size_t count, int *results)
{
    struct fm__awaiting wait = awaited_begin("fm_awaitable_gather");
    int reason = awaited_all(&wait, records, count, results);
    return reason != 0 ? reason : wait.failure;
}

int fm_awaitable_settle(fm_awaitable *records, size_t count, int *results)
{
    struct fm__awaiting wait = awaited_begin("fm_awaitable_settle");
    wait.settle = true;
    int reason = awaited_all(&wait, records, count, results);
    if (reason != 0)
        return reason;
    return wait.failed < INT_MAX ? (int)wait.failed : INT_MAX;
}

/* ---- The first ----------------------------------------------------------- */

/* One that is done and not taken: its index; -EAGAIN where only pending ones
 * are left, which are marked as awaited; else -ENOENT. */
static int awaited_look(fm_awaitable *records, size_t count)
{
    int none = -ENOENT;
    for (size_t i = 0; i < count; i++) {
        struct fm__awaitable *awaitable = awaited_at(records, i);
        if (awaitable->kept)
            return (int)i;
        if (!awaitable->pending)
            continue;
        awaited_check(awaitable, "fm_awaitable_first");
        awaitable->awaited = true;
        none = -EAGAIN;
    }
    return none;
}

/* Behind what is named there may be more that are marked. */
static void awaited_unmark(fm_awaitable *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        awaited_at(records, i)->awaited = false;
}

static int awaited_wait(fm_awaitable *records, size_t count)
{
    int index = awaited_look(records, count);
    while (index == -EAGAIN) {
        struct fm__awaiting wait = {.waiter = {.kind = &awaited_kind},
                                    .left = 1};
        index = fm__park(&wait.waiter);
        if (index == 0)
            index = awaited_look(records, count);
    }
    awaited_unmark(records, count);
    return index;
}

int fm_awaitable_first(fm_awaitable *records, size_t count)
{
    int rc = fm__checkpoint(fm__current, "fm_awaitable_first");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (count > INT_MAX)
        return -EINVAL;
    fm__awaitables_check(fm__current);
    int index = awaited_wait(records, count);
    if (index >= 0)
        awaited_at(records, (size_t)index)->kept = false;
    return index;
}
