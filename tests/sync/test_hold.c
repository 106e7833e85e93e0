/*
 * test_hold.c - jumps into and out of the blocks that hold
 */
#include "line_kit.h"

#include <setjmp.h>

static fm_lock lock;
static fm_semaphore semaphore;
static fm_rwlock rwlock;

#ifndef __clang__ /* which refuses these when it compiles them */
static volatile bool jump = true;

static void jump_into_a_lock(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_LOCKED(&lock, rc) {
inside:
        rc = fm_yield();
    }
}

static void jump_into_a_permit(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_PERMIT(&semaphore, rc) {
inside:
        rc = fm_yield();
    }
}

static void jump_into_a_reading(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_READING(&rwlock, rc) {
inside:
        rc = fm_yield();
    }
}

static void jump_into_a_writing(void)
{
    int rc = 0;
    if (jump)
        goto inside;
    FM_WRITING(&rwlock, rc) {
inside:
        rc = fm_yield();
    }
}

TEST(goto_into_a_block_that_holds_is_caught)
{
    CHECK_DOOMED(jump_into_a_lock, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_permit, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_reading, "jumped into by goto");
    CHECK_DOOMED(jump_into_a_writing, "jumped into by goto");
}

static void jump_into_a_used_lock(void)
{
    jump = false;
    jump_into_a_lock();
    jump = true;
    jump_into_a_lock();
}

TEST(goto_into_a_block_that_held_before_is_caught)
{
    CHECK_DOOMED(jump_into_a_used_lock, "jumped into by goto");
}
#endif

static jmp_buf way_out;

__attribute__((noinline)) static void jump_out_of_a_lock(void)
{
    int rc;
    FM_LOCKED(&lock, rc) {
        longjmp(way_out, 1);
    }
}

__attribute__((noinline)) static void jump_out_of_a_reading(void)
{
    int rc;
    FM_READING(&rwlock, rc) {
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

TEST(longjmp_out_of_a_block_that_holds_is_caught)
{
    void (*blocks[])(void) = {jump_out_of_a_lock, jump_out_of_a_reading};
    for (int i = 0; i < 2; i++) {
        jump_out = blocks[i];
        CHECK_DOOMED(jump_out_and_return, "longjmp");
        CHECK_DOOMED(jump_out_and_wait, "longjmp");
    }
}

static int enters_all(void)
{
    int rc, inner, innermost;
    FM_LOCKED(&lock, rc) {
        FM_PERMIT(&semaphore, inner) {
            FM_WRITING(&rwlock, innermost) {
                innermost = fm_yield();
            }
            inner = innermost;
        }
        rc = inner;
    }
    return rc;
}

STORY(blocks_that_hold_nest_and_close_in_reverse)
{
    fm_task *tasks[8];
    fm_semaphore_init(&semaphore, 1, 1);
    for (int i = 0; i < 8; i++)
        tasks[i] = fm_go(enters_all);
    CHECK_INT(fm_gather_array(tasks, 8, NULL), 0);
    CHECK(!fm_lock_held(&lock));
    CHECK_INT(fm_semaphore_count(&semaphore), 1);
    CHECK_INT(fm_rwlock_write_try(&rwlock), 0);
    fm_rwlock_release(&rwlock);
}
