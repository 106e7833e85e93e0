/*
 * sim_rig.h - a rig that is in the imagined world
 */
#ifndef TESTS_SIM_SIM_RIG_H
#define TESTS_SIM_SIM_RIG_H

#include "loop/rig.h"

static inline void sim_open(struct rig *rig, uint64_t seed,
                            const struct fm__sim_options *options)
{
    memset(rig, 0, sizeof *rig);
    fm__sim_options = options;
    CHECK_INT(fm__loop_open(&rig->loop, "sim", seed), 0);
    fm__sim_options = NULL;
}

/* In a kind world nothing takes time, and all is done that can be. */
static inline const struct fm__sim_options *sim_kind(void)
{
    static const struct fm__sim_options kind = {.prompt = true, .whole = true};
    return &kind;
}

static inline int64_t sim_clock(struct rig *rig)
{
    return fm__loop_now(&rig->loop);
}

/* Until everything that can happen by itself has happened. */
static inline void sim_rest(struct rig *rig)
{
    rig_sleep(rig, 20000000);
}

#endif
