/*
 * test_pieces.c - small stacks side by side: shared by none, and given back
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys.h"
#include "coro/arena.h"

#include <stdlib.h>
#include <string.h>

#define PIECES_SECOND INT64_C(1000000000)

struct smalls {
    struct fm__arena arena;
    struct fm__stack **list;
    size_t count;
};

static void smalls_get(struct smalls *smalls, size_t count)
{
    smalls->list = calloc(count, sizeof smalls->list[0]);
    smalls->count = count;
    for (size_t i = 0; i < count; i++) {
        smalls->list[i] = fm__arena_get(&smalls->arena, FM__STACK_DENSE);
        CHECK(smalls->list[i] != NULL && fm__stack_whole(smalls->list[i]));
    }
}

static void smalls_put(struct smalls *smalls)
{
    for (size_t i = 0; i < smalls->count; i++)
        fm__arena_put(&smalls->arena, smalls->list[i]);
    free(smalls->list);
}

/* From above its canary up to its head. */
static char *small_from(const struct fm__stack *stack)
{
    return stack->bottom + sizeof(uint64_t);
}

static size_t small_size(const struct fm__stack *stack)
{
    return (size_t)((const char *)stack - small_from(stack));
}

TEST(no_two_small_stacks_share_a_byte)
{
    struct smalls smalls;
    fm__arena_init(&smalls.arena);
    smalls_get(&smalls, 5000);
    for (size_t i = 0; i < 5000; i++)
        memset(small_from(smalls.list[i]), (int)(i % 251),
               small_size(smalls.list[i]));
    for (size_t i = 0; i < 5000; i++) {
        const struct fm__stack *stack = smalls.list[i];
        const char *from = small_from(stack);
        CHECK(from[0] == (char)(i % 251));
        CHECK(from[small_size(stack) - 1] == (char)(i % 251));
        CHECK(fm__stack_whole(stack));
    }
    smalls_put(&smalls);
    CHECK_INT(fm__arena_in_use(&smalls.arena), 0);
    fm__arena_close(&smalls.arena);
}

TEST(small_stacks_are_aligned_and_spread_over_the_sets_of_the_cache)
{
    struct smalls smalls;
    bool seen[64] = {false};
    size_t sets = 0;
    fm__arena_init(&smalls.arena);
    smalls_get(&smalls, 64);
    for (size_t i = 0; i < 64; i++) {
        size_t line = (uintptr_t)smalls.list[i] / 64 % 64;
        CHECK_INT((uintptr_t)smalls.list[i] % 64, 0);
        sets += !seen[line];
        seen[line] = true;
    }
    CHECK_INT(sets, 64);
    smalls_put(&smalls);
    fm__arena_close(&smalls.arena);
}

TEST(the_small_stack_that_was_given_back_last_is_used_first)
{
    struct fm__arena arena;
    fm__arena_init(&arena);
    struct fm__stack *one = fm__arena_get(&arena, FM__STACK_DENSE);
    struct fm__stack *two = fm__arena_get(&arena, FM__STACK_DENSE);
    fm__arena_put(&arena, one);
    fm__arena_put(&arena, two);
    CHECK(fm__arena_get(&arena, FM__STACK_DENSE) == two);
    CHECK(fm__arena_get(&arena, FM__STACK_DENSE) == one);
    CHECK_INT(fm__arena_in_use(&arena), 2);
    fm__arena_put(&arena, one);
    fm__arena_put(&arena, two);
    fm__arena_close(&arena);
}

static uint64_t pieces_mapped(void)
{
    return fm__atomic_load(&fm__ledger[FM__HELD_MAPPINGS]);
}

TEST(pieces_that_were_not_needed_for_a_while_are_given_back)
{
    struct smalls smalls;
    uint64_t before = pieces_mapped();
    size_t many = (size_t)FM__DENSE_STACKS * 20;
    fm__arena_init(&smalls.arena);
    smalls_get(&smalls, many);
    CHECK_INT(pieces_mapped() - before, 20);
    smalls_put(&smalls);
    int64_t now = fm__sys_clock() + PIECES_SECOND;
    for (int i = 0; i < 3; i++)
        fm__arena_trim(&smalls.arena, now + i * PIECES_SECOND);
    CHECK_INT(pieces_mapped() - before, 0);
    smalls_get(&smalls, many);
    for (int i = 3; i < 6; i++)
        fm__arena_trim(&smalls.arena, now + i * PIECES_SECOND);
    CHECK_INT(pieces_mapped() - before, 20);
    smalls_put(&smalls);
    fm__arena_close(&smalls.arena);
    CHECK_INT(pieces_mapped(), before);
}

/* A place in any piece is found again, whatever went and came. */
TEST(small_stacks_that_come_and_go_at_random_stay_whole)
{
    struct fm__stack *held[3000] = {NULL};
    uint64_t seed = test_seed(1);
    struct fm__arena arena;
    size_t count = 0;
    fm__arena_init(&arena);
    for (size_t i = 0; i < test_many(200000); i++) {
        struct fm__stack **place = &held[test_random(&seed) % 3000];
        if (*place != NULL) {
            CHECK(*small_from(*place) == (char)((uintptr_t)place / 8));
            fm__arena_put(&arena, *place);
            *place = NULL;
            count--;
        } else {
            *place = fm__arena_get(&arena, FM__STACK_DENSE);
            *small_from(*place) = (char)((uintptr_t)place / 8);
            count++;
        }
    }
    CHECK_INT(fm__arena_in_use(&arena), count);
    for (size_t i = 0; i < 3000; i++) {
        if (held[i] != NULL)
            fm__arena_put(&arena, held[i]);
    }
    fm__arena_close(&arena);
}

TEST(without_address_space_there_is_no_small_stack_and_nothing_is_lost)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    struct fm__arena arena;
    fm__arena_init(&arena);
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    CHECK(fm__arena_get(&arena, FM__STACK_DENSE) == NULL);
    fm__fault_plan = NULL;
    CHECK_INT(fm__arena_in_use(&arena), 0);
    struct fm__stack *stack = fm__arena_get(&arena, FM__STACK_DENSE);
    CHECK(stack != NULL);
    fm__arena_put(&arena, stack);
    fm__arena_close(&arena);
}
