/*
 * test_model_mutants.c - random programs notice what is done otherwise
 *
 * The interpreter is wrong on purpose, in one thing each time: before long a
 * program must do something else than it says.
 */
#include "harness.h"

#include "sim/model_check.h"
#include "sim/model_reference.h"

/* The programs it takes, or 0: nobody noticed. */
static uint64_t noticed_after(enum ref_mutant mutant)
{
    uint64_t most = 10000, found = 0;
    ref_mutant = mutant;
    for (uint64_t seed = 1; seed <= most && found == 0; seed++) {
        struct model_program program;
        struct model_source source = {.seed = seed};
        model_draw(&program, &source);
        if (model_differs(&program, seed))
            found = seed;
    }
    ref_mutant = REF_RIGHT;
    return found;
}

TEST(a_hand_over_to_who_came_last_would_be_noticed)
{
    CHECK(noticed_after(REF_NEWEST_WAITER) > 0);
}

TEST(a_queue_that_forgets_its_order_would_be_noticed)
{
    CHECK(noticed_after(REF_OTHER_ORDER) > 0);
}

TEST(a_queue_that_holds_one_item_more_would_be_noticed)
{
    CHECK(noticed_after(REF_OVERFULL) > 0);
}

TEST(a_queue_that_takes_items_after_its_end_would_be_noticed)
{
    CHECK(noticed_after(REF_OPEN_AFTER_ALL) > 0);
}

TEST(an_event_that_wakes_one_task_alone_would_be_noticed)
{
    CHECK(noticed_after(REF_ONE_OF_THEM) > 0);
}

TEST(a_lock_for_whoever_comes_first_would_be_noticed)
{
    CHECK(noticed_after(REF_BARGE) > 0);
}

TEST(a_condition_that_is_cut_and_forgets_its_lock_would_be_noticed)
{
    CHECK(noticed_after(REF_NO_LOCK_REGAINED) > 0);
}

TEST(a_select_that_does_not_look_again_would_be_noticed)
{
    CHECK(noticed_after(REF_LOOKS_ONCE) > 0);
}
