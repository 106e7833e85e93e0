/*
 * semaphore.c - permits
 *
 * Invariant: nobody is in line while a permit is free. A permit that is
 * released while somebody waits never becomes free: the first in line has it
 * before it is woken.
 */
#include <fermata/semaphore.h>

#include "base/die.h"
#include "sync/hold.h"
#include "sync/line.h"
#include "task/watcher.h"

#include <errno.h>

struct semaphore {
    size_t count;         /* of free permits */
    size_t most;          /* 0: as many as can be counted */
    struct fm__list line; /* struct fm__queued */
    struct fm__watchers watchers;
};

_Static_assert(sizeof(struct semaphore) <= sizeof(fm_semaphore),
               "grow the record");

void fm_semaphore_init(fm_semaphore *record, size_t permits, size_t most)
{
    struct semaphore *semaphore = (struct semaphore *)record;
    if (most != 0 && permits > most)
        fm__die("fm_semaphore_init: %zu permits are more than the most, %zu",
                permits, most);
    *semaphore = (struct semaphore){.count = permits, .most = most};
}

static bool semaphore_take(struct semaphore *semaphore)
{
    if (semaphore->count == 0)
        return false;
    semaphore->count--;
    return true;
}

static const struct fm__wait_kind semaphore_kind = {
    .cut = fm__park_cut,
    .name = "semaphore",
    .what = FM__WAIT_LISTED | FM__WAIT_COUNTED,
    .at = FM__WAIT_BACK(struct semaphore, line),
    .first = offsetof(struct semaphore, count),
    .second = offsetof(struct semaphore, most),
};

int fm_semaphore_acquire(fm_semaphore *record)
{
    struct semaphore *semaphore = (struct semaphore *)record;
    int rc = fm__checkpoint(fm__current, "fm_semaphore_acquire");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__LIKELY(semaphore_take(semaphore)))
        return 0;
    fm__line_first(&semaphore->line, "fm_semaphore_acquire");
    return fm__line_wait(&semaphore->line, &semaphore_kind);
}

int fm_semaphore_acquire_try(fm_semaphore *record)
{
    return semaphore_take((struct semaphore *)record) ? 0 : -EAGAIN;
}

void fm_semaphore_release(fm_semaphore *record)
{
    struct semaphore *semaphore = (struct semaphore *)record;
    struct fm__queued *next =
        fm__line_shift(&semaphore->line, "fm_semaphore_release");
    if (FM__UNLIKELY(next != NULL)) {
        fm__wake(&next->waiter, 0);
        return;
    }
    size_t most = semaphore->most != 0 ? semaphore->most : SIZE_MAX;
    if (FM__UNLIKELY(semaphore->count == most))
        fm__die("fm_semaphore_release: all its permits are free, %zu", most);
    semaphore->count++;
    fm__watchers_tell(&semaphore->watchers);
}

size_t fm_semaphore_count(const fm_semaphore *record)
{
    return ((const struct semaphore *)record)->count;
}

static bool semaphore_ready(const fm_when *when)
{
    return fm_semaphore_count(when->object) > 0;
}

static struct fm__watchers *semaphore_watchers(const fm_when *when)
{
    return &((struct semaphore *)when->object)->watchers;
}

static const struct fm__when_kind semaphore_when = {
    .ready = semaphore_ready,
    .watchers = semaphore_watchers,
    .wait = &semaphore_kind,
};

fm_when fm_when_permit(fm_semaphore *semaphore)
{
    return (fm_when){.kind = &semaphore_when, .object = semaphore};
}

struct fm__hold *fm__semaphore_enter(struct fm__hold *hold,
                                     fm_semaphore *semaphore, int *rc)
{
    *rc = fm_semaphore_acquire(semaphore);
    return fm__hold_enter(hold, semaphore, *rc);
}

void fm__semaphore_leave(struct fm__hold *hold)
{
    fm_semaphore *semaphore = fm__hold_leave(hold, "FM_PERMIT");
    if (semaphore != NULL)
        fm_semaphore_release(semaphore);
}
