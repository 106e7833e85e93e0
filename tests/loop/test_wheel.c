/*
 * test_wheel.c - timers: in order, never early, none forgotten
 */
#include "harness.h"
#include "wheel_model.h"

static struct model model;

static void check_agrees(void)
{
    if (model.complaint != NULL)
        test_fail(__FILE__, __LINE__, "%s", model.complaint);
}

TEST(timers_fire_in_order_of_time_then_of_adding)
{
    static const int64_t times[] = {70, 3, 70, 4096, 3, 64, 63, 65, 4095};
    model_init(&model, 0);
    for (int i = 0; i < (int)FM__COUNT(times); i++)
        model_add(&model, i, times[i], -1);
    model_advance(&model, 5000);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(a_timer_does_not_fire_before_its_nanosecond)
{
    for (int bit = 0; bit < 62; bit++) {
        int64_t when = (INT64_C(1) << bit) + 1;
        model_init(&model, 1);
        model_add(&model, 0, when, -1);
        model_advance(&model, when - 1);
        CHECK_INT(model.count, 1);
        model_advance(&model, when);
        CHECK_INT(model.count, 0);
        check_agrees();
    }
}

TEST(a_moment_that_has_passed_is_due_at_once)
{
    static const int64_t passed[] = {99, 100, 0, -1, INT64_MIN};
    model_init(&model, 100);
    for (int i = 0; i < (int)FM__COUNT(passed); i++)
        model_add(&model, i, passed[i], -1);
    CHECK(model_next(&model) <= 100);
    model_advance(&model, 100);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(the_end_of_time_is_reached_without_overflow)
{
    model_init(&model, INT64_MAX - 5);
    for (int i = 0; i < 6; i++)
        model_add(&model, i, INT64_MAX - i, -1);
    model_add(&model, 6, INT64_MAX, -1);
    CHECK_INT(model_next(&model), INT64_MAX - 5);
    model_advance(&model, INT64_MAX - 1);
    CHECK_INT(model.count, 2);
    model_advance(&model, INT64_MAX);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(one_jump_over_all_levels_fires_everything_in_order)
{
    model_init(&model, 0);
    for (int i = 0; i < 62; i++)
        model_add(&model, i, INT64_C(1) << (i * 37 % 62), -1);
    model_advance(&model, INT64_MAX - 1);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(a_removed_timer_never_fires)
{
    model_init(&model, 0);
    for (int i = 0; i < 60; i++)
        model_add(&model, i, INT64_C(3) << i, -1);
    for (int i = 0; i < 60; i += 2)
        model_remove(&model, i);
    model_advance(&model, INT64_MAX - 1);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(a_timer_may_remove_others_that_are_due_with_it)
{
    model_init(&model, 0);
    model_add(&model, 0, 100, 2);
    model_add(&model, 1, 100, 3);
    model_add(&model, 2, 100, -1);
    model_add(&model, 3, 101, 4);
    model_add(&model, 4, 100, -1);
    model_advance(&model, 200);
    CHECK_INT(model.count, 0);
    check_agrees();
}

TEST(what_was_removed_does_not_hold_up_the_next_moment)
{
    model_init(&model, 0);
    model_add(&model, 0, 10, -1);
    model_add(&model, 1, 1000, -1);
    model_add(&model, 2, 1000000, -1);
    model_remove(&model, 0);
    CHECK_INT(model_next(&model), 1000);
    model_remove(&model, 1);
    CHECK_INT(model_next(&model), 1000000);
    model_remove(&model, 2);
    CHECK_INT(model_next(&model), FM__NEVER);
    check_agrees();
}

TEST(an_empty_wheel_has_no_next_moment)
{
    model_init(&model, 12345);
    CHECK_INT(model_next(&model), FM__NEVER);
    model_advance(&model, INT64_MAX);
    CHECK_INT(model_next(&model), FM__NEVER);
    check_agrees();
}

TEST(the_next_moment_is_exact_where_few_timers_are_near)
{
    model_init(&model, 0);
    for (int i = 0; i < 30; i++)
        model_add(&model, i, (INT64_C(1) << 40) + 1000 - i, -1);
    CHECK_INT(model_next(&model), (INT64_C(1) << 40) + 971);
    check_agrees();
}

TEST(many_timers_far_away_are_reached_in_few_steps)
{
    model_init(&model, 1);
    for (int i = 0; i < MODEL_TIMERS; i++)
        model_add(&model, i, (INT64_C(1) << 61) + i, -1);
    for (int i = 0; i < MODEL_TIMERS; i++)
        model_follow(&model);
    CHECK_INT(model.count, 0);
    check_agrees();
}

static void run_program(uint64_t seed)
{
    uint64_t state = seed;
    uint64_t start = test_random(&state);
    model_init(&model, (int64_t)(start >> 1 >> (start % 64)));
    for (int step = 0; step < 300; step++) {
        unsigned verb = (unsigned)(test_random(&state) >> 32);
        model_step(&model, verb, test_random(&state) >> (start % 40));
    }
    while (model_first(&model) != NULL && model.complaint == NULL)
        model_follow(&model);
}

TEST(random_programs_agree_with_a_search_of_all_timers)
{
    uint64_t seed = test_seed(1);
    size_t programs = test_many(test_full_sweep() ? 200000 : 4000);
    for (size_t i = 0; i < programs; i++) {
        run_program(seed + i);
        if (model.complaint == NULL)
            continue;
        test_fail(__FILE__, __LINE__, "seed %llu: %s",
                  (unsigned long long)(seed + i), model.complaint);
        return;
    }
}
