/*
 * signal_wait.c - a task waits for a signal
 */
#include <fermata/signal.h>

#include "loop/signals.h"
#include "task/record.h"

#include <errno.h>

struct signal_wait {
    struct fm__listener listener;
    struct fm__waiter waiter;
    int number; /* that it took; 0: none so far */
};

static void signal_heard(struct fm__listener *listener, int number)
{
    struct signal_wait *wait =
        FM__CONTAINER(listener, struct signal_wait, listener);
    wait->number = number;
    if (wait->waiter.task != NULL)
        fm__wake(&wait->waiter, number);
}

static void signal_cut(struct fm__waiter *waiter, int reason)
{
    struct signal_wait *wait =
        FM__CONTAINER(waiter, struct signal_wait, waiter);
    fm__signals_unlisten(&wait->listener);
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind signal_kind = {
    .cut = signal_cut,
    .name = "signal",
};

static int signal_take(struct fm__loop *loop, uint64_t set)
{
    struct signal_wait wait = {
        .listener = {.set = set, .heard = signal_heard},
        .waiter = {.kind = &signal_kind},
    };
    fm__signals_listen(loop, &wait.listener);
    return wait.number > 0 ? wait.number : fm__park(&wait.waiter);
}

int fm_signal_wait_array(const int *numbers, size_t count)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_signal_wait");
    if (rc < 0)
        return rc;
    struct fm__loop *loop = &self->home->loop;
    uint64_t set = fm__signals_set(numbers, count);
    if (set == 0)
        return -EINVAL;
    rc = fm__signals_hold(loop, set);
    if (rc < 0)
        return rc;
    rc = signal_take(loop, set);
    fm__signals_release(loop, set);
    return rc;
}
