/*
 * test_memory.c - the door of memory: its ledger and its failures
 */
#include "harness.h"

#include "base/fault.h"
#include "base/memory.h"

#include <string.h>

static uint64_t held(enum fm__held kind)
{
    return fm__atomic_load(&fm__ledger[kind]);
}

TEST(new_memory_is_zeroed_and_in_the_ledger)
{
    uint64_t bytes = held(FM__HELD_BYTES), blocks = held(FM__HELD_BLOCKS);
    unsigned char *block = fm__memory_new(1000);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(block[i], 0);
    CHECK(held(FM__HELD_BYTES) >= bytes + 1000);
    CHECK_INT(held(FM__HELD_BLOCKS), blocks + 1);
    fm__memory_free(block);
    CHECK_INT(held(FM__HELD_BYTES), bytes);
    CHECK_INT(held(FM__HELD_BLOCKS), blocks);
}

TEST(freeing_nothing_is_nothing)
{
    uint64_t blocks = held(FM__HELD_BLOCKS);
    fm__memory_free(NULL);
    CHECK_INT(held(FM__HELD_BLOCKS), blocks);
}

TEST(resizing_keeps_the_bytes_and_the_ledger)
{
    uint64_t bytes = held(FM__HELD_BYTES), blocks = held(FM__HELD_BLOCKS);
    char *block = fm__memory_resize(NULL, 10);
    memcpy(block, "fermata", 8);
    for (size_t size = 10; size < 1000000; size *= 3) {
        block = fm__memory_resize(block, size);
        CHECK(memcmp(block, "fermata", 8) == 0);
        CHECK(held(FM__HELD_BYTES) >= bytes + size);
        CHECK_INT(held(FM__HELD_BLOCKS), blocks + 1);
    }
    block = fm__memory_resize(block, 8);
    CHECK(memcmp(block, "fermata", 8) == 0);
    fm__memory_free(block);
    CHECK_INT(held(FM__HELD_BYTES), bytes);
    CHECK_INT(held(FM__HELD_BLOCKS), blocks);
}

TEST(what_cannot_be_resized_stays_as_it_was)
{
    struct fm__fault_plan plan = {0};
    char *block = fm__memory_new(16);
    uint64_t bytes = held(FM__HELD_BYTES);
    memcpy(block, "fermata", 8);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    CHECK(fm__memory_resize(block, 100000) == NULL);
    fm__fault_plan = NULL;
    CHECK(memcmp(block, "fermata", 8) == 0);
    CHECK_INT(held(FM__HELD_BYTES), bytes);
    fm__memory_free(block);
}

TEST(the_kth_block_fails_once_or_from_then_on)
{
    for (uint64_t k = 1; k <= 4; k++) {
        for (int forever = 0; forever < 2; forever++) {
            struct fm__fault_plan plan = {.from_then_on = forever};
            plan.fail_at[FM__DOOR_MEMORY] = k;
            fm__fault_plan = &plan;
            for (uint64_t i = 1; i <= 4; i++) {
                void *block = fm__memory_new(8);
                bool fails = i == k || (i > k && forever);
                CHECK_INT(block == NULL, fails);
                fm__memory_free(block);
            }
            fm__fault_plan = NULL;
            CHECK_INT(plan.passed[FM__DOOR_MEMORY], 4);
        }
    }
}
