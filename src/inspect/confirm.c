/*
 * confirm.c - whether what was read is true of one moment
 *
 * A loop that waits has not polled again since it was read. Of one that goes on
 * nothing is asked but its circles: while its tasks are read, one after the
 * other, a lock goes from hand to hand, so each of two may seem to wait for the
 * other, who had it before and has it after. When all have been read, a task
 * that still is in the wait that it was read in, for a lock that still has the
 * same holder, was in it at this moment.
 */
#include "inspect/sight.h"

enum {
    CONFIRM_PARTS = 5
};

/* What must not have changed. */
struct confirm_task {
    uint64_t record;
    uint64_t handle;
    uint64_t waiter;
    uint64_t holder;
    uint32_t turns;
};

static size_t confirm_extents(const struct fm_inspect *self,
                              const struct fm__task_seen *seen,
                              struct confirm_task *now,
                              struct fm__extent extents[CONFIRM_PARTS])
{
    const struct fm__layout *layout = fm__sight_layout(self);
    const struct fm__kind_seen *kind = fm__sight_kind(self, seen);
    uint64_t record = seen->record;
    extents[0] =
        (struct fm__extent){seen->slot + layout->slot_task, &now->record, 8, 0};
    extents[1] =
        (struct fm__extent){record + layout->task_handle, &now->handle, 8, 0};
    extents[2] =
        (struct fm__extent){record + layout->task_waiter, &now->waiter, 8, 0};
    extents[3] =
        (struct fm__extent){record + layout->task_turns, &now->turns, 4, 0};
    if (kind == NULL || kind->what != FM__WAIT_LOCK)
        return 4;
    extents[4] =
        (struct fm__extent){seen->object + kind->first, &now->holder, 8, 0};
    return 5;
}

/* What cannot be read any more is not the same. */
static bool confirm_same(const struct fm__task_seen *seen,
                         const struct confirm_task *now)
{
    return now->record == seen->record && now->handle == seen->handle &&
           now->waiter == seen->waiter && now->turns == seen->turns &&
           now->holder == seen->holder;
}

int fm__confirm_circles(struct fm_inspect *self, bool *doubts)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    struct fm__extent extents[CONFIRM_PARTS];
    int rc = 0;
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        struct confirm_task now = {.record = 0};
        if (seen[i].circle == 0 || fm__sight_homes(self)[seen[i].home].still)
            continue;
        size_t count = confirm_extents(self, &seen[i], &now, extents);
        rc = fm__image_gather(self->image, extents, count);
        seen[i].doubtful = !confirm_same(&seen[i], &now);
        *doubts = *doubts || seen[i].doubtful;
    }
    return rc;
}

bool fm__confirm_home(struct fm_inspect *self, const struct fm__home_seen *home)
{
    uint64_t polls = 0;
    uint64_t address = home->address + fm__sight_layout(self)->home_loop +
                       fm__sight_layout(self)->loop_polls;
    return fm__image_read(self->image, address, &polls, 8) == 8 &&
           polls == home->polls;
}

int fm__confirm_homes(struct fm_inspect *self)
{
    for (size_t i = 0; i < self->home_count; i++) {
        struct fm__home_seen *home = &fm__sight_homes(self)[i];
        if (home->whole && !home->still)
            home->whole = fm__confirm_home(self, home);
    }
    return 0;
}
