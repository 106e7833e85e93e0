/*
 * test_edges.c - C's own edges: jumps, records, and calls from nowhere
 */
#include "story.h"

#include "base/fault.h"

#include <pthread.h>
#include <setjmp.h>

/* tidy flags a break inside a block inside a loop, as it should. */
#define LEAVE_THE_BLOCK break
#define LEAVE_THE_BLOCK_TOO continue

STORY(break_and_continue_leave_the_block_only)
{
    int rc, rounds = 0, rest = 0;
    for (int i = 0; i < 3; i++) {
        FM_TIMEOUT(1000, rc) {
            LEAVE_THE_BLOCK;
        }
        FM_SHIELD(1) {
            LEAVE_THE_BLOCK_TOO;
        }
        FM_GROUP(group, rc) {
            LEAVE_THE_BLOCK;
        }
        rounds++;
    }
    while (rounds < 5) {
        rounds++;
        FM_GROUP(group, rc) {
            LEAVE_THE_BLOCK_TOO;
        }
        rest++;
    }
    CHECK_INT(rounds, 5);
    CHECK_INT(rest, 2);
    CHECK_INT(fm_yield(), 0);
}

#ifndef __clang__ /* which refuses these three when it compiles them */
static volatile bool jump = true;

static void jump_into_a_timeout(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_TIMEOUT(1, rc) {
inside:
        rc = fm_yield();
    }
}

static void jump_into_a_shield(void)
{
    if (jump)
        goto inside;
    FM_SHIELD(1) {
inside:
        fm_yield();
    }
}

static void jump_into_a_group(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_GROUP(group, rc) {
inside:
        rc = fm_yield();
    }
}

TEST(goto_into_a_block_is_caught)
{
    CHECK_DOOMED(jump_into_a_timeout, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_shield, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_group, "jumped into by goto");
}

/* The second time its record holds what the first time left there. */
static void jump_in_after_a_visit(void (*block)(void))
{
    jump = false;
    block();
    jump = true;
    block();
}

static void jump_into_a_used_timeout(void)
{
    jump_in_after_a_visit(jump_into_a_timeout);
}

static void jump_into_a_used_group(void)
{
    jump_in_after_a_visit(jump_into_a_group);
}

TEST(goto_into_a_block_is_caught_also_where_it_was_open_before)
{
    CHECK_DOOMED(jump_into_a_used_timeout, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_used_group, "jumped into by goto");
}
#endif

static jmp_buf way_out;

__attribute__((noinline)) static void jump_out_of_a_timeout(void)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        longjmp(way_out, 1);
    }
}

__attribute__((noinline)) static void jump_out_of_a_group(void)
{
    int rc;
    FM_GROUP(group, rc) {
        longjmp(way_out, 1);
    }
}

__attribute__((noinline)) static void jump_out_of_a_shield(void)
{
    FM_SHIELD(1) {
        longjmp(way_out, 1);
    }
}

static void (*jump_out)(void);

static void jump_out_and_return(void)
{
    if (setjmp(way_out) == 0)
        jump_out();
}

static void jump_out_and_wait(void)
{
    if (setjmp(way_out) == 0)
        jump_out();
    fm_sleep(story_span(1));
}

static void jump_out_inside_a_block(void)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        if (setjmp(way_out) == 0)
            jump_out();
    }
}

TEST(longjmp_out_of_a_block_is_caught)
{
    void (*blocks[])(void) = {jump_out_of_a_timeout, jump_out_of_a_group,
                              jump_out_of_a_shield};
    for (int i = 0; i < 3; i++) {
        jump_out = blocks[i];
        CHECK_DOOMED(jump_out_and_return, "longjmp");
        CHECK_DOOMED(jump_out_and_wait, "longjmp");
        CHECK_DOOMED(jump_out_inside_a_block, "longjmp");
    }
}

STORY(longjmp_inside_a_block_is_allowed)
{
    int rc;
    volatile int jumps = 0;
    FM_TIMEOUT(1000, rc) {
        if (setjmp(way_out) == 0)
            longjmp(way_out, 1);
        jumps = jumps + 1;
        rc = fm_yield();
    }
    CHECK_INT(rc, 0);
    CHECK_INT(jumps, 1);
}

static void close_out_of_order(void)
{
    fm_timeout one, two;
    fm_timeout_open(&one, 1);
    fm_timeout_open(&two, 1);
    fm_timeout_close(&one, 0);
}

static void close_across_kinds(void)
{
    fm_timeout timeout;
    fm_shield shield;
    fm_timeout_open(&timeout, 1);
    fm_shield_open(&shield, 1);
    fm_timeout_close(&timeout, 0);
}

static void close_twice(void)
{
    fm_group group;
    fm_group_open(&group, NULL);
    fm_group_close(&group);
    fm_group_close(&group);
}

TEST(blocks_are_closed_in_reverse_order_and_once)
{
    CHECK_DOOMED(close_out_of_order, "not the innermost open block");
    CHECK_DOOMED(close_across_kinds, "not the innermost open block");
    CHECK_DOOMED(close_twice, "not the innermost open block");
}

STORY(the_records_are_the_callers_so_opening_a_block_cannot_fail)
{
    int rc;
    struct fm__fault_plan plan = {.from_then_on = true};
    for (unsigned door = 0; door < FM__DOORS; door++)
        plan.fail_at[door] = 1;
    fm__fault_plan = &plan;
    FM_TIMEOUT(1000, rc) {
        FM_SHIELD(1) {
            fm_group group;
            fm_group_open(&group, NULL);
            CHECK_INT(fm_group_close(&group), 0);
        }
    }
    fm__fault_plan = NULL;
    CHECK_INT(rc, 0);
    CHECK_INT(plan.passed[FM__DOOR_MEMORY] + plan.passed[FM__DOOR_SYSTEM], 0);
}

static int close_for_another(void *arg)
{
    return fm_timeout_close(arg, 0);
}

static void close_by_a_stranger(void)
{
    fm_timeout timeout;
    fm_timeout_open(&timeout, 1);
    fm_await(fm_start(close_for_another, &timeout));
}

static void leave_one_open(void)
{
    static fm_timeout timeout;
    fm_timeout_open(&timeout, 1);
}

TEST(a_block_is_closed_by_the_task_that_opened_it_before_it_returns)
{
    CHECK_DOOMED(close_by_a_stranger, "not the innermost open block");
    CHECK_DOOMED(leave_one_open, "a block that is still open");
}

static void group_under_the_root(void)
{
    int rc;
    FM_GROUP(group, rc, .under_root = true) {
        rc = fm_yield();
    }
}

TEST(fm_group_refuses_to_be_under_the_root)
{
    CHECK_DOOMED(group_under_the_root, "is no block of a task");
}

static void run_inside(void)
{
    void (*body)(void) = leave_one_open;
    fm_run(story_main, &body);
}

TEST(fm_run_inside_a_task_aborts)
{
    CHECK_DOOMED(run_inside, "fm_run was called inside a task");
}

static void outside_yield(void *arg)
{
    (void)arg;
    fm_yield();
}

static void outside_sleep(void *arg)
{
    (void)arg;
    fm_sleep(1);
}

static void outside_sleep_until(void *arg)
{
    (void)arg;
    fm_sleep_until(1);
}

static void outside_go(void *arg)
{
    (void)arg;
    fm_task *task = fm_go(forever);
    (void)task;
}

static void outside_await(void *arg)
{
    fm_await(arg);
}

static void outside_cancel(void *arg)
{
    (void)arg;
    static char garbage;
    fm_cancel((fm_task *)(void *)&garbage);
}

static void outside_timeout(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(1, rc) {
        rc = 1;
    }
}

static void outside_shield(void *arg)
{
    fm_shield shield;
    (void)arg;
    fm_shield_open(&shield, 1);
}

static void outside_group(void *arg)
{
    fm_group group;
    (void)arg;
    fm_group_open(&group, NULL);
}

static void outside_now(void *arg)
{
    (void)arg;
    fm_now();
}

static void outside_self(void *arg)
{
    (void)arg;
    fm_self();
}

static void outside_cancelled(void *arg)
{
    (void)arg;
    fm_cancelled();
}

static void outside_local(void *arg)
{
    static fm_local key;
    (void)arg;
    fm_local_get(&key);
}

static void outside_gather(void *arg)
{
    (void)arg;
    fm_gather(NULL);
}

TEST(what_needs_a_task_aborts_with_its_name_outside_one)
{
    static const struct {
        void (*call)(void *arg);
        const char *name;
    } calls[] = {
        {outside_yield, "fm_yield"},
        {outside_sleep, "fm_sleep"},
        {outside_sleep_until, "fm_sleep_until"},
        {outside_go, "fm_go"},
        {outside_await, "fm_await"},
        {outside_cancel, "handle"},
        {outside_timeout, "fm_timeout_open"},
        {outside_shield, "fm_shield_open"},
        {outside_group, "fm_group_open"},
        {outside_now, "fm_now"},
        {outside_self, "fm_self"},
        {outside_cancelled, "fm_cancelled"},
        {outside_local, "fm_local_get"},
        {outside_gather, "fm_gather"},
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        CHECK_DIES(calls[i].call, NULL, calls[i].name);
        CHECK_DIES(calls[i].call, NULL, "was called outside a task");
    }
}

static void *cancel_from_a_thread(void *arg)
{
    fm_group_cancel(arg);
    return NULL;
}

static void cancel_a_group_from_a_thread(void)
{
    int rc;
    pthread_t thread;
    FM_GROUP(group, rc) {
        pthread_create(&thread, NULL, cancel_from_a_thread, group);
        pthread_join(thread, NULL);
    }
}

TEST(a_group_is_cancelled_by_its_own_loop_only)
{
    CHECK_DOOMED(cancel_a_group_from_a_thread, "fm_group_cancel");
}
