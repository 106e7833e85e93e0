/*
 * test_sanitize.c - what AddressSanitizer finds on the stacks of tasks
 *
 * Built where it is asked for: it must know of every stack and every switch,
 * or else it would find nothing here, or find what is not there elsewhere.
 */
#include "harness.h"

#include "base/sys.h"

#include <fermata.h>
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static int sanitize_main(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

static void sanitize_run(void *body)
{
    fm_run(sanitize_main, body);
}

static void check_found(void (*body)(void), const char *what)
{
    char output[16384];
    int status = test_child(sanitize_run, &body, output, sizeof output);
    CHECK(status != 0);
    CHECK(strstr(output, what) != NULL);
    if (strstr(output, what) == NULL)
        printf("said: %s\n", output);
}

struct add {
    int *sum;
};

static int add(struct add *self)
{
    int rc = fm_sleep(0.001);
    *self->sum += 1;
    return rc;
}

static void borrow_inside_the_block(void)
{
    int rc;
    FM_GROUP(group, rc) {
        int sum = 0;
        rc = fm_group_go(group, add, &sum);
    }
}

TEST(a_borrowed_local_of_a_group_block_is_found)
{
    check_found(borrow_inside_the_block, "stack-use-after-scope");
}

static void borrow_before_the_block(void)
{
    int rc, sum = 0;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, add, &sum);
    }
    CHECK_INT(sum, 1);
}

TEST(what_is_declared_before_the_block_is_lent_in_peace)
{
    void (*body)(void) = borrow_before_the_block;
    sanitize_run(&body);
}

struct fill {
    size_t size;
};

static int fill(struct fill *self)
{
    char bytes[32];
    memset(bytes, 0, self->size);
    return bytes[0] + fm_yield();
}

static void write_past_the_end(void)
{
    fm_await(fm_go(fill, 32));
    fm_await(fm_go(fill, 33));
}

TEST(a_write_past_the_end_of_a_tasks_local_is_found)
{
    check_found(write_past_the_end, "stack-buffer-overflow");
}

/* What one task leaves poisoned is good memory for the next on its stack. */
static void reuse_stacks(void)
{
    for (size_t i = 0; i < 200; i++)
        CHECK_INT(fm_await(fm_go(fill, i % 32 + 1)), 0);
}

TEST(stacks_are_used_again_without_false_alarms)
{
    void (*body)(void) = reuse_stacks;
    sanitize_run(&body);
}

static int sanitize_nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* The trial's process shares our memory and ends in the midst of its stack,
 * which is unmapped. */
TEST(a_trial_leaves_no_poison_for_whatever_is_mapped_next)
{
    char *pages[16];
    CHECK_INT(fm__sys_try(sanitize_nothing, NULL), 0);
    for (size_t i = 0; i < 16; i++) {
        pages[i] = fm__sys_map(4096);
        CHECK(__asan_region_is_poisoned(pages[i], 4096) == NULL);
    }
    for (size_t i = 0; i < 16; i++)
        fm__sys_unmap(pages[i], 4096);
}
