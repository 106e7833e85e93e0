/*
 * edges.c - who waits for whom
 *
 * Those that are waited for say by whom: their reaper or lookout is an address
 * that the waiting one's kind leads to. A lock says who holds it.
 */
#include "inspect/sight.h"

#include <errno.h>

static uint8_t edges_what(const struct fm_inspect *self,
                          const struct fm__task_seen *task)
{
    const struct fm__kind_seen *kind = fm__sight_kind(self, task);
    return kind != NULL ? kind->what : FM__WAIT_NOTHING;
}

/* What the task is known by to those who look for it: 0 is none. */
static uint64_t edges_key(const struct fm_inspect *self,
                          const struct fm__task_seen *task)
{
    switch (edges_what(self, task)) {
    case FM__WAIT_REAPER:
    case FM__WAIT_MEMBERS:
    case FM__WAIT_LOOKOUT:
        return task->object;
    default:
        return 0;
    }
}

/* Those that wait for tasks, by the reaper or the lookout. */
static int edges_waiters(struct fm_inspect *self)
{
    const struct fm__task_seen *seen = fm__sight_seen(self);
    int rc = 0;
    fm__places_clear(&self->known);
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        uint64_t key = edges_key(self, &seen[i]);
        if (key != 0)
            rc = fm__places_put(&self->known, key, (uint32_t)i);
    }
    return rc;
}

/* Who waits for the end of this one; FM__NO_PLACE: nobody. */
static uint32_t edges_reaper(const struct fm_inspect *self,
                             const struct fm__task_seen *task)
{
    uint32_t place = FM__NO_PLACE;
    if (task->state == 0 && task->reaper != 0)
        place = fm__places_find(&self->known, task->reaper);
    if (place == FM__NO_PLACE)
        return place;
    uint8_t what = edges_what(self, &fm__sight_seen(self)[place]);
    return what != FM__WAIT_LOOKOUT ? place : FM__NO_PLACE;
}

static uint32_t edges_lookout(const struct fm_inspect *self,
                              const struct fm__task_seen *task)
{
    uint32_t place = FM__NO_PLACE;
    if (task->state == 0 && task->lookout != 0)
        place = fm__places_find(&self->known, task->lookout);
    if (place == FM__NO_PLACE)
        return place;
    uint8_t what = edges_what(self, &fm__sight_seen(self)[place]);
    return what == FM__WAIT_LOOKOUT ? place : FM__NO_PLACE;
}

/* The one task that a wait names: a lock's holder, or who is to go on. */
static uint64_t edges_name(const struct fm_inspect *self,
                           const struct fm__task_seen *task)
{
    uint8_t what = edges_what(self, task);
    if (what == FM__WAIT_LOCK)
        return task->holder;
    return what == FM__WAIT_TASK ? task->object : 0;
}

static void edges_count(struct fm_inspect *self)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    size_t sum = 0;
    for (size_t i = 0; i < self->seen_count; i++) {
        uint32_t reaper = edges_reaper(self, &seen[i]);
        uint32_t lookout = edges_lookout(self, &seen[i]);
        if (reaper != FM__NO_PLACE)
            seen[reaper].edges++;
        if (lookout != FM__NO_PLACE)
            seen[lookout].edges++;
        seen[i].edges += edges_name(self, &seen[i]) != 0;
    }
    for (size_t i = 0; i < self->seen_count; i++) {
        seen[i].edge = sum;
        sum += seen[i].edges;
        seen[i].edges = 0;
    }
    self->edge_count = sum;
}

static void edges_add(struct fm_inspect *self, uint32_t from, uint32_t to)
{
    size_t *edges = self->edges.data;
    struct fm__task_seen *seen = fm__sight_seen(self);
    if (from != FM__NO_PLACE && to != FM__NO_PLACE)
        edges[seen[from].edge + seen[from].edges++] = to;
}

/* What they are called by waits that name one of them. */
static int edges_index(struct fm_inspect *self, uint8_t what)
{
    const struct fm__task_seen *seen = fm__sight_seen(self);
    int rc = 0;
    fm__places_clear(&self->known);
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        uint64_t name = what == FM__WAIT_LOCK ? seen[i].handle : seen[i].record;
        rc = fm__places_put(&self->known, name, (uint32_t)i);
    }
    return rc;
}

/* Waits of this kind. */
static int edges_named(struct fm_inspect *self, uint8_t what)
{
    const struct fm__task_seen *seen = fm__sight_seen(self);
    bool known = false;
    int rc = 0;
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        if (edges_what(self, &seen[i]) != what)
            continue;
        if (!known)
            rc = edges_index(self, what);
        known = true;
        if (rc == 0)
            edges_add(
                self, (uint32_t)i,
                fm__places_find(&self->known, edges_name(self, &seen[i])));
    }
    return rc;
}

/* Tasks that are selected are named by their handles. */
static int edges_choices(struct fm_inspect *self)
{
    struct fm__choice_seen *choices = fm__sight_choices(self);
    const struct fm__kind_seen *kinds = self->kinds.data;
    bool known = false;
    int rc = 0;
    for (size_t i = 0; i < self->choice_count && rc == 0; i++) {
        if (kinds[choices[i].kind].what != FM__WAIT_TASK)
            continue;
        if (!known)
            rc = edges_index(self, FM__WAIT_LOCK);
        known = true;
        choices[i].task = fm__places_find(&self->known, choices[i].object);
        choices[i].object = 0;
    }
    return rc;
}

int fm__edges_look(struct fm_inspect *self)
{
    const struct fm__task_seen *seen = fm__sight_seen(self);
    int rc = edges_waiters(self);
    if (rc < 0)
        return rc;
    edges_count(self);
    rc = fm__kept_fit(&self->edges, self->edge_count + 1, sizeof(size_t));
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < self->seen_count; i++) {
        edges_add(self, edges_reaper(self, &seen[i]), (uint32_t)i);
        edges_add(self, edges_lookout(self, &seen[i]), (uint32_t)i);
    }
    rc = edges_named(self, FM__WAIT_LOCK);
    if (rc == 0)
        rc = edges_choices(self);
    return rc == 0 ? edges_named(self, FM__WAIT_TASK) : rc;
}
