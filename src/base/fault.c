/*
 * fault.c - the plan of a fault sweep, and the ledger
 */
#include "base/fault.h"

FM__PER_THREAD struct fm__fault_plan *fm__fault_plan;
struct fm__atomic_word fm__ledger[FM__HELD_KINDS];

static bool fault_by_chance(struct fm__fault_plan *plan, unsigned often)
{
    plan->chance = plan->chance * UINT64_C(6364136223846793005) + 1;
    return (plan->chance >> 33) % 1000 < often;
}

bool fm__fault_count(struct fm__fault_plan *plan, enum fm__door door)
{
    if (plan->often[door] > 0 && fault_by_chance(plan, plan->often[door]))
        return true;
    uint64_t k = ++plan->passed[door];
    uint64_t at = plan->fail_at[door];
    return at != 0 && (k == at || (k > at && plan->from_then_on));
}

const char *fm__held_name(enum fm__held kind)
{
    static const char *const names[FM__HELD_KINDS] = {
        "bytes", "blocks", "descriptors", "mappings", "threads",
    };
    return names[kind];
}
