/*
 * test_arena.c - stacks: cut, warm, cold, and counted
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys.h"
#include "coro/arena.h"
#include "coro/guard.h"

#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_SECOND INT64_C(1000000000)

/* So many stacks of one class, to be taken and given back. */
struct stacks {
    struct fm__arena arena;
    struct fm__stack **list;
    size_t count;
};

static void stacks_get(struct stacks *stacks, unsigned class, size_t count)
{
    stacks->list = calloc(count, sizeof stacks->list[0]);
    stacks->count = count;
    for (size_t i = 0; i < count; i++) {
        stacks->list[i] = fm__arena_get(&stacks->arena, class);
        CHECK(stacks->list[i] != NULL);
        if (stacks->list[i] != NULL)
            memset(stacks->list[i]->bottom, 1, 1);
    }
}

static void stacks_put(struct stacks *stacks)
{
    for (size_t i = 0; i < stacks->count; i++)
        fm__arena_put(&stacks->arena, stacks->list[i]);
    free(stacks->list);
}

static void check_classes(void)
{
    static const size_t sizes[] = {16 * 1024, 64 * 1024, 256 * 1024};
    size_t page = fm__sys_page();
    struct fm__arena arena;
    fm__arena_init(&arena);
    for (unsigned class = 0; class < FM__STACK_GUARDED; class ++) {
        struct fm__stack *stack = fm__arena_get(&arena, class);
        size_t room = (size_t)((char *)stack - stack->bottom);
        CHECK(room < sizes[class] - FM__PAGE + page);
        CHECK(room >= sizes[class] - 2 * FM__PAGE);
        memset(stack->bottom, 0xa5, room);
        CHECK_INT((uintptr_t)stack->bottom % FM__PAGE, 0);
        fm__arena_put(&arena, stack);
    }
    fm__arena_close(&arena);
}

TEST(each_class_has_the_room_that_its_name_says)
{
    check_classes();
}

/* As AArch64 may have them; not smaller than those of this machine. */
static const size_t large_pages[] = {16 * 1024, 64 * 1024};

TEST(each_class_has_that_room_also_where_pages_are_large)
{
    for (size_t i = 0; i < FM__COUNT(large_pages); i++) {
        struct fm__fault_plan plan = {.page = large_pages[i]};
        if (large_pages[i] % fm__sys_page() != 0)
            continue;
        fm__fault_plan = &plan;
        check_classes();
        fm__fault_plan = NULL;
    }
}

static int task_on_large_pages(void *arg)
{
    volatile char frame[2048];
    frame[0] = 1;
    (void)arg;
    return fm_yield() + frame[0];
}

TEST(tasks_run_where_pages_are_large)
{
    for (size_t i = 0; i < FM__COUNT(large_pages); i++) {
        struct fm__fault_plan plan = {.page = large_pages[i]};
        if (large_pages[i] % fm__sys_page() != 0)
            continue;
        fm__fault_plan = &plan;
        CHECK_INT(fm_run(task_on_large_pages, NULL), 1);
        fm__fault_plan = NULL;
    }
}

static void ask_for_one_byte_more(void *arg)
{
    (void)arg;
    (void)fm__arena_class(256 * 1024 + 1);
}

TEST(a_size_above_the_largest_class_aborts_with_a_sentence)
{
    CHECK_DIES(ask_for_one_byte_more, NULL, "a stack_size of 262145 bytes");
}

TEST(a_size_is_rounded_up_to_a_class)
{
    CHECK_INT(fm__arena_class(0), FM__STACK_MEDIUM);
    CHECK_INT(fm__arena_class(1), FM__STACK_SMALL);
    CHECK_INT(fm__arena_class(16 * 1024), FM__STACK_SMALL);
    CHECK_INT(fm__arena_class(16 * 1024 + 1), FM__STACK_MEDIUM);
    CHECK_INT(fm__arena_class(64 * 1024), FM__STACK_MEDIUM);
    CHECK_INT(fm__arena_class(64 * 1024 + 1), FM__STACK_LARGE);
    CHECK_INT(fm__arena_class(256 * 1024), FM__STACK_LARGE);
}

TEST(the_stack_that_was_given_back_last_is_used_first)
{
    struct fm__arena arena;
    fm__arena_init(&arena);
    struct fm__stack *one = fm__arena_get(&arena, FM__STACK_MEDIUM);
    struct fm__stack *two = fm__arena_get(&arena, FM__STACK_MEDIUM);
    CHECK(one != two);
    fm__arena_put(&arena, one);
    fm__arena_put(&arena, two);
    CHECK(fm__arena_get(&arena, FM__STACK_MEDIUM) == two);
    CHECK(fm__arena_get(&arena, FM__STACK_MEDIUM) == one);
    CHECK_INT(fm__arena_in_use(&arena), 2);
    fm__arena_put(&arena, one);
    fm__arena_put(&arena, two);
    CHECK_INT(fm__arena_in_use(&arena), 0);
    fm__arena_close(&arena);
}

TEST(no_two_stacks_share_a_byte)
{
    struct stacks stacks;
    fm__arena_init(&stacks.arena);
    stacks_get(&stacks, FM__STACK_SMALL, 600);
    for (size_t i = 0; i < 600; i++)
        memset(stacks.list[i]->bottom, (int)i, 4096);
    for (size_t i = 0; i < 600; i++) {
        const char *bottom = stacks.list[i]->bottom;
        CHECK(bottom[0] == (char)i && bottom[4095] == (char)i);
    }
    stacks_put(&stacks);
    fm__arena_close(&stacks.arena);
}

TEST(stacks_are_coloured_inside_the_top_page)
{
    struct stacks stacks;
    bool seen[FM__PAGE / 64] = {false};
    size_t colours = 0;
    fm__arena_init(&stacks.arena);
    stacks_get(&stacks, FM__STACK_MEDIUM, 64);
    for (size_t i = 0; i < 64; i++) {
        size_t line = (uintptr_t)stacks.list[i] % FM__PAGE / 64;
        colours += !seen[line];
        seen[line] = true;
    }
    CHECK(colours >= 8);
    stacks_put(&stacks);
    fm__arena_close(&stacks.arena);
}

static size_t count_mappings(void)
{
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    for (int c; maps != NULL && (c = fgetc(maps)) != EOF;)
        count += c == '\n';
    if (maps != NULL)
        fclose(maps);
    return count;
}

TEST(a_hundred_thousand_guarded_stacks_cost_few_mappings)
{
    struct stacks stacks;
    if (fm__guard_probe() != FM__GUARD_MARKER || test_under_valgrind())
        return; /* whose own mappings would be counted too */
    size_t before = count_mappings();
    fm__arena_init(&stacks.arena);
    stacks_get(&stacks, FM__STACK_SMALL, test_many(100000));
    CHECK(count_mappings() - before <= 60);
    stacks_put(&stacks);
    fm__arena_close(&stacks.arena);
}

/* Of the lowest pages of these stacks. */
static size_t count_resident(char *const *bottoms, size_t count)
{
    size_t resident = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char page = 0;
        CHECK_INT(mincore(bottoms[i], FM__PAGE, &page), 0);
        resident += page & 1;
    }
    return resident;
}

TEST(stacks_that_were_not_needed_for_a_while_give_their_pages_back)
{
    static char *bottoms[1000];
    struct stacks stacks;
    fm__arena_init(&stacks.arena);
    stacks_get(&stacks, FM__STACK_MEDIUM, 1000);
    for (size_t i = 0; i < 1000; i++)
        bottoms[i] = stacks.list[i]->bottom;
    CHECK_INT(count_resident(bottoms, 1000), 1000);
    stacks_put(&stacks);
    int64_t now = fm__sys_clock() + ARENA_SECOND;
    fm__arena_trim(&stacks.arena, now);
    size_t after_one = count_resident(bottoms, 1000);
    fm__arena_trim(&stacks.arena, now + 1);
    CHECK_INT(count_resident(bottoms, 1000), after_one);
    for (int i = 1; i < 5; i++)
        fm__arena_trim(&stacks.arena, now + i * ARENA_SECOND);
    CHECK(count_resident(bottoms, 1000) <= 128);
    stacks_get(&stacks, FM__STACK_MEDIUM, 1000);
    CHECK_INT(fm__arena_in_use(&stacks.arena), 1000);
    stacks_put(&stacks);
    fm__arena_close(&stacks.arena);
}

TEST(without_memory_or_address_there_is_no_stack_and_nothing_is_lost)
{
    for (unsigned door = FM__DOOR_MEMORY; door <= FM__DOOR_SYSTEM; door++) {
        struct fm__fault_plan plan = {.from_then_on = true};
        struct fm__arena arena;
        fm__guard_probe();
        fm__arena_init(&arena);
        plan.fail_at[door] = 1;
        fm__fault_plan = &plan;
        CHECK(fm__arena_get(&arena, FM__STACK_MEDIUM) == NULL);
        fm__fault_plan = NULL;
        CHECK_INT(fm__arena_in_use(&arena), 0);
        struct fm__stack *stack = fm__arena_get(&arena, FM__STACK_MEDIUM);
        CHECK(stack != NULL);
        fm__arena_put(&arena, stack);
        fm__arena_close(&arena);
    }
}

static void close_in_use(void *arg)
{
    struct fm__arena *arena = arg;
    fm__arena_init(arena);
    CHECK(fm__arena_get(arena, FM__STACK_SMALL) != NULL);
    fm__arena_close(arena);
}

TEST(an_arena_with_stacks_in_use_is_not_closed)
{
    struct fm__arena arena;
    CHECK_DIES(close_in_use, &arena, "closed with 1 stacks in use");
}

TEST(an_address_in_a_guard_is_told_from_one_in_a_stack)
{
    struct fm__arena arena;
    char *bottom = NULL;
    size_t size = 0;
    fm__arena_init(&arena);
    struct fm__stack *stack = fm__arena_get(&arena, FM__STACK_MEDIUM);
    size_t page = fm__sys_page();
    const char *guard = stack->bottom - page;
    CHECK(fm__arena_guards(&arena, stack->bottom - 1, &bottom, &size));
    CHECK(bottom == stack->bottom);
    CHECK_INT(size, (64 * 1024 - FM__PAGE + page - 1) / page * page);
    CHECK(fm__arena_guards(&arena, guard, &bottom, &size));
    CHECK(!fm__arena_guards(&arena, guard - 1, &bottom, &size));
    CHECK(!fm__arena_guards(&arena, stack->bottom, &bottom, &size));
    CHECK(!fm__arena_guards(&arena, stack, &bottom, &size));
    CHECK(!fm__arena_guards(&arena, &arena, &bottom, &size));
    fm__arena_put(&arena, stack);
    fm__arena_close(&arena);
}
