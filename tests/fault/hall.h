/*
 * hall.h - what the scenarios of locks and meetings take place in
 *
 * Whoever is cut in line must neither take what it was not given nor lose
 * what it was: the others would wait for ever, or two would be inside, or a
 * count would not come out even.
 */
#ifndef TESTS_FAULT_HALL_H
#define TESTS_FAULT_HALL_H

#include "fault/sweep.h"

/* What they meet in. In main's frame, around the group of those who do. */
struct hall {
    fm_group *group;
    fm_lock lock;
    fm_condition changed;
    fm_event event;
    fm_semaphore semaphore;
    fm_rwlock rwlock;
    fm_barrier barrier;
    int inside, writers;
    int brought, taken;
    bool over;
};

/* Who comes; NULL: nobody any more. */
struct plan {
    int (*visit)(struct hall *hall);
};

struct guest {
    struct hall *hall;
    int (*visit)(struct hall *hall);
    bool needed; /* the others cannot end without it */
};

static inline int guest(struct guest *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = self->visit(self->hall);
    if (rc < 0 && self->needed)
        fm_group_cancel(self->hall->group);
    return sweep_end(block, rc);
}

/* The first of them, if `needed`, and each of the others, up to a NULL. */
static inline int hall_run(struct hall *hall, bool needed,
                           const struct plan *visits)
{
    int rc;
    FM_GROUP(group, rc) {
        hall->group = group;
        for (int i = 0; rc == 0 && visits[i].visit != NULL; i++)
            rc = fm_group_go(group, guest, hall, visits[i].visit,
                             needed && i == 0);
        if (rc < 0)
            fm_group_cancel(group);
    }
    return rc;
}

static inline void hall_enter(struct hall *hall, int most)
{
    sweep_state.noted += ++hall->inside > most;
}

static inline const char *none_was_wrong(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "too many were in, or a count is off" : NULL;
}

#endif
