/*
 * homes.c - the loops of a program
 *
 * A loop that waits in the kernel has an odd count of polls: where that is the
 * same after all was read, nothing has run meanwhile. Another one is read a
 * few times, and then with care.
 */
#include "inspect/sight.h"

#include "base/sys_thread.h"

#include <errno.h>

enum {
    HOMES_MOST = 16384, /* that are read */
    HOMES_WALKS = 32,   /* along their list */
    HOMES_TRIES = 3     /* for all of a loop at one moment */
};

/* What of the image goes where. */
static int homes_gather(struct fm_inspect *self, struct fm__extent *extents,
                        size_t count)
{
    int rc = fm__image_gather(self->image, extents, count);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = extents[i].got == extents[i].size ? 0 : -EPROTO;
    return rc;
}

/* Two pointers: to the task that runs, by where the thread has it; and to the
 * name of the backend. */
static int homes_read_behind(struct fm_inspect *self,
                             struct fm__home_seen *home)
{
    const struct fm__layout *layout = fm__sight_layout(self);
    uint64_t current = home->current, name = 0;
    struct fm__extent extents[] = {
        {home->backend + layout->backend_name, &name, 8, 0},
        {current, &home->current, 8, 0},
    };
    home->current = 0;
    int rc = homes_gather(self, extents, current != 0 ? 2 : 1);
    if (rc < 0)
        return rc;
    rc = fm__naming_read(self, name, &home->name);
    return rc == 0 && home->name.size == 0 ? -EPROTO : rc;
}

/* -EPROTO: there is no loop. */
static int homes_read(struct fm_inspect *self, struct fm__home_seen *home)
{
    const struct fm__layout *layout = fm__sight_layout(self);
    uint64_t address = home->address, loop = address + layout->home_loop;
    struct fm__extent extents[] = {
        {address + layout->home_next, &home->next, 8, 0},
        {address + layout->home_handles, &home->handles, 8, 0},
        {address + layout->home_current, &home->current, 8, 0},
        {address + layout->home_alive, &home->alive, 8, 0},
        {address + layout->home_started, &home->started, 4, 0},
        {address + layout->home_meters, &home->meters, 8, 0},
        {loop + layout->loop_now, &home->now, 8, 0},
        {loop + layout->loop_polls, &home->polls, 8, 0},
        {loop + layout->loop_backend, &home->backend, 8, 0},
        {loop + layout->loop_thread, &home->thread, sizeof(int), 0},
        {loop + layout->loop_process, &home->process, sizeof(int), 0},
    };
    int rc = homes_gather(self, extents, FM__COUNT(extents));
    return rc == 0 ? homes_read_behind(self, home) : rc;
}

/* Of a core file, or of the thread that looks. */
static bool homes_still(const struct fm_inspect *self,
                        const struct fm__home_seen *home)
{
    if (fm__image_clock(self->image) < 0)
        return true;
    return self->own && home->thread == fm__thread_number();
}

/* The loop as it is now, and all its tasks; -EAGAIN: it went on. */
static int homes_try(struct fm_inspect *self, struct fm__home_seen *home)
{
    int rc = homes_read(self, home);
    self->seen_count = home->first;
    if (rc < 0)
        return rc;
    home->still = homes_still(self, home);
    if (!home->still && home->polls % 2 == 0)
        return -EAGAIN;
    return fm__slots_look(self, home, false);
}

/* What was read of a loop that has ended meanwhile is of no use. */
static int homes_careful(struct fm_inspect *self, struct fm__home_seen *home)
{
    int rc = homes_read(self, home);
    self->seen_count = home->first;
    struct fm__home_seen before = *home;
    if (rc == 0)
        rc = fm__slots_look(self, home, true);
    if (rc == 0)
        rc = homes_read(self, home);
    if (rc == 0 &&
        (home->handles != before.handles || home->backend != before.backend ||
         home->thread != before.thread))
        rc = -EPROTO;
    home->current = before.current;
    return rc;
}

static int homes_tasks(struct fm_inspect *self, struct fm__home_seen *home)
{
    int rc = -EAGAIN;
    size_t skipped = self->skipped;
    home->first = self->seen_count;
    for (int i = 0; i < HOMES_TRIES && rc == -EAGAIN; i++) {
        self->skipped = skipped;
        rc = homes_try(self, home);
    }
    home->whole = rc == 0;
    if (rc == -EAGAIN) {
        self->skipped = skipped;
        rc = homes_careful(self, home);
    }
    home->count = self->seen_count - home->first;
    return rc;
}

/* ---- Which there are ----------------------------------------------------- */

/* The next in the list, at `place`; whether that is another one than before. */
static int homes_note(struct fm_inspect *self, size_t place, uint64_t address,
                      bool *other)
{
    int rc =
        fm__kept_fit(&self->homes, place + 1, sizeof(struct fm__home_seen));
    if (rc == 0)
        rc = fm__places_put(&self->known, address, (uint32_t)place);
    if (rc < 0)
        return rc;
    struct fm__home_seen *home = &fm__sight_homes(self)[place];
    *other = place >= self->listed || home->address != address;
    *home = (struct fm__home_seen){.address = address};
    return 0;
}

/* Follows the list: 1: it is other than it was, or has no end; 0 or -errno. */
static int homes_walk(struct fm_inspect *self)
{
    const struct fm__layout *layout = fm__sight_layout(self);
    uint64_t address = 0, at = self->root_at + offsetof(struct fm__root, first);
    size_t place = 0;
    bool changed = false, other;
    fm__places_clear(&self->known);
    for (;;) {
        struct fm__extent link = {at, &address, 8, 0};
        int rc = fm__image_gather(self->image, &link, 1);
        if (rc < 0 || (place == 0 && link.got < 8))
            return rc < 0 ? rc : -EPROTO;
        bool end = link.got < 8 || address == 0 || place == HOMES_MOST;
        if (end || fm__places_find(&self->known, address) != FM__NO_PLACE)
            break;
        rc = homes_note(self, place++, address, &other);
        if (rc < 0)
            return rc;
        changed = changed || other;
        at = address + layout->home_next;
    }
    changed = changed || place != self->listed || address != 0;
    self->listed = place;
    return changed;
}

/* One that is taken from the list meanwhile leads astray, so it is followed
 * until it was twice the same. */
static int homes_list(struct fm_inspect *self)
{
    int rc = 1;
    self->listed = 0;
    for (int i = 0; i < HOMES_WALKS && rc > 0; i++)
        rc = homes_walk(self);
    return rc < 0 ? rc : 0;
}

/* ---- All of them --------------------------------------------------------- */

/* Those in the list; -EPROTO: some are none, or have just ended. */
static int homes_each(struct fm_inspect *self)
{
    struct fm__home_seen *homes = fm__sight_homes(self);
    int result = 0;
    self->home_count = self->seen_count = self->skipped = 0;
    for (size_t i = 0; i < self->listed; i++) {
        struct fm__home_seen *home = &homes[self->home_count];
        size_t before = self->seen_count;
        *home = (struct fm__home_seen){.address = homes[i].address};
        int rc = homes_tasks(self, home);
        if (rc < 0 && rc != -EPROTO)
            return rc;
        if (rc < 0)
            self->seen_count = before;
        else
            self->home_count++;
        result = rc < 0 ? rc : result;
    }
    return self->home_count == 0 ? result : 0;
}

int fm__homes_look(struct fm_inspect *self)
{
    int rc = -EPROTO;
    for (int i = 0; i < HOMES_TRIES && rc == -EPROTO; i++) {
        rc = homes_list(self);
        if (rc == 0)
            rc = homes_each(self);
    }
    return rc;
}
