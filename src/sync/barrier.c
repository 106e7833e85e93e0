/*
 * barrier.c - tasks that wait for each other
 *
 * Invariant: fewer wait than there are parties, and nobody while the barrier
 * is broken. The last of a round gives each of it its place and wakes it, so
 * a round has left the barrier at once, before the next one may begin.
 */
#include <fermata/barrier.h>

#include <fermata/error.h>

#include "base/die.h"
#include "sync/line.h"

#include <limits.h>

struct barrier {
    unsigned parties; /* 0: it was never made one */
    unsigned waiting;
    bool broken;
    struct fm__list line; /* struct barrier_waiter */
};

_Static_assert(sizeof(struct barrier) <= sizeof(fm_barrier), "grow the record");

struct barrier_waiter {
    struct fm__queued queued;
    struct barrier *barrier;
};

void fm_barrier_init(fm_barrier *record, unsigned parties)
{
    if (parties == 0 || parties > INT_MAX)
        fm__die("fm_barrier_init: %u is no number of parties", parties);
    *(struct barrier *)record = (struct barrier){.parties = parties};
}

static void barrier_cut(struct fm__waiter *waiter, int reason)
{
    struct fm__queued *queued =
        FM__CONTAINER(waiter, struct fm__queued, waiter);
    FM__CONTAINER(queued, struct barrier_waiter, queued)->barrier->waiting--;
    fm__list_remove(&queued->link);
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind barrier_kind = {
    .cut = barrier_cut,
    .name = "barrier",
    .what = FM__WAIT_OBJECT,
    .at = FM__WAIT_AT(struct barrier_waiter, queued, barrier),
};

/* The round is over: each has its place, or they all have a code. */
static void barrier_open(struct barrier *barrier, int rc, const char *caller)
{
    struct fm__queued *queued;
    int place = 0;
    barrier->waiting = 0;
    while ((queued = fm__line_shift(&barrier->line, caller)) != NULL)
        fm__wake(&queued->waiter, rc < 0 ? rc : place++);
}

int fm_barrier_wait(fm_barrier *record)
{
    static const char caller[] = "fm_barrier_wait";
    struct barrier *barrier = (struct barrier *)record;
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__UNLIKELY(barrier->parties == 0))
        fm__die("%s: fm_barrier_init made it no barrier", caller);
    if (barrier->broken)
        return -FM_EBROKEN;
    if (barrier->waiting + 1 == barrier->parties) {
        barrier_open(barrier, 0, caller);
        return (int)barrier->parties - 1;
    }
    struct barrier_waiter self = {.queued = {.waiter = {.kind = &barrier_kind}},
                                  .barrier = barrier};
    fm__line_first(&barrier->line, caller);
    fm__line_join(&barrier->line, &self.queued);
    barrier->waiting++;
    return fm__park(&self.queued.waiter);
}

void fm_barrier_reset(fm_barrier *record)
{
    struct barrier *barrier = (struct barrier *)record;
    barrier->broken = false;
    barrier_open(barrier, -FM_EBROKEN, "fm_barrier_reset");
}

void fm_barrier_abort(fm_barrier *record)
{
    struct barrier *barrier = (struct barrier *)record;
    barrier->broken = true;
    barrier_open(barrier, -FM_EBROKEN, "fm_barrier_abort");
}

unsigned fm_barrier_parties(const fm_barrier *record)
{
    return ((const struct barrier *)record)->parties;
}

unsigned fm_barrier_waiting(const fm_barrier *record)
{
    return ((const struct barrier *)record)->waiting;
}

bool fm_barrier_broken(const fm_barrier *record)
{
    return ((const struct barrier *)record)->broken;
}
