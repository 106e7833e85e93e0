/*
 * trap.c - signals that users of the public loop trap
 *
 * Invariant: `loop` is set while a trap is open: then its link is in the list
 * of traps, the signal is held for it, and it either listens or is due.
 */
#include "base/die.h"
#include "loop/floor.h"
#include "loop/signals.h"

#include <errno.h>

struct trap {
    int number;
    void (*fn)(void *arg, int number);
    void *arg;
    struct fm__due due;
    struct fm__list link;
    struct fm__loop *loop;
    struct fm__listener listener;
};

_Static_assert(sizeof(struct trap) <= sizeof(fm_trap), "grow the record");
_Static_assert(offsetof(struct trap, due) == offsetof(fm_trap, reserved),
               "the same fields in front");

static struct trap *trap_of(fm_trap *record)
{
    return (struct trap *)(void *)record;
}

static void trap_heard(struct fm__listener *listener, int number)
{
    struct trap *trap = FM__CONTAINER(listener, struct trap, listener);
    (void)number;
    fm__callbacks_due(trap->loop, &trap->due);
}

/* It listens again before: the function may close it, or free it. */
static void trap_call(struct fm__due *due)
{
    struct trap *trap = FM__CONTAINER(due, struct trap, due);
    fm__signals_listen(trap->loop, &trap->listener);
    trap->fn(trap->arg, trap->number);
}

int fm_trap_open(fm_loop *loop, fm_trap *record)
{
    struct trap *trap = trap_of(record);
    fm__loop_check(loop, "fm_trap_open");
    if (trap->loop != NULL)
        fm__die("fm_trap_open: the trap is open already");
    uint64_t set = fm__signals_set(&trap->number, 1);
    if (set == 0)
        return -EINVAL;
    int rc = fm__signals_hold(loop, set);
    if (rc < 0)
        return rc;
    trap->loop = loop;
    trap->due.run = trap_call;
    trap->listener.set = set;
    trap->listener.heard = trap_heard;
    fm__list_init(&trap->due.link);
    fm__list_init(&trap->listener.link);
    fm__list_push(&loop->callbacks.traps, &trap->link);
    fm__signals_listen(loop, &trap->listener);
    return 0;
}

static void trap_close(struct trap *trap)
{
    struct fm__loop *loop = trap->loop;
    fm__signals_unlisten(&trap->listener);
    fm__list_remove(&trap->due.link);
    fm__list_remove(&trap->link);
    trap->loop = NULL;
    fm__signals_release(loop, trap->listener.set);
}

void fm_trap_close(fm_trap *record)
{
    struct trap *trap = trap_of(record);
    if (trap->loop == NULL)
        return;
    fm__loop_check(trap->loop, "fm_trap_close");
    trap_close(trap);
}

void fm__traps_end(struct fm__loop *loop)
{
    struct fm__list *traps = &loop->callbacks.traps;
    while (!fm__list_empty(traps))
        trap_close(FM__CONTAINER(traps->next, struct trap, link));
}
