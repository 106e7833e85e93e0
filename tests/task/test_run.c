/*
 * test_run.c - a program on its loop, from the first task to the last
 */
#include "story.h"

#include "base/fault.h"

#include <pthread.h>
#include <stdlib.h>

static int run_square(void *arg)
{
    int value = *(int *)arg;
    int rc = fm_sleep(0);
    return rc < 0 ? rc : value * value;
}

TEST(fm_run_returns_what_the_main_task_returned)
{
    int value = 12;
    CHECK_INT(fm_run(run_square, &value), 144);
    value = 0;
    CHECK_INT(fm_run(run_square, &value), 0);
}

static int run_fail(void *arg)
{
    (void)arg;
    return -EPIPE;
}

TEST(fm_run_returns_the_main_tasks_failure)
{
    CHECK_INT(fm_run(run_fail, NULL), -EPIPE);
}

TEST(options_choose_the_backend)
{
    int value = 3;
    fm_run_options options = {.backend = "sim"};
    CHECK_INT(fm_run(run_square, &value, &options), 9);
    options.backend = "epoll";
    CHECK_INT(fm_run(run_square, &value, &options), 9);
    options.backend = "auto";
    CHECK_INT(fm_run(run_square, &value, &options), 9);
    CHECK_INT(fm_run(run_square, &value, NULL), 9);
}

static void run_unknown(void *arg)
{
    fm_run_options options = {.backend = "abacus"};
    exit(fm_run(run_square, arg, &options) == -EINVAL ? 6 : 1);
}

static void run_unknown_by_environment(void *arg)
{
    setenv("FERMATA_BACKEND", "abacus", 1);
    exit(fm_run(run_square, arg) == -EINVAL ? 6 : 1);
}

TEST(an_unknown_backend_is_einval_and_said_on_stderr)
{
    int value = 1;
    char output[512];
    int status = test_child(run_unknown, &value, output, sizeof output);
    CHECK_INT(status, 6 << 8);
    CHECK(strstr(output, "abacus") != NULL);
    status =
        test_child(run_unknown_by_environment, &value, output, sizeof output);
    CHECK_INT(status, 6 << 8);
    CHECK(strstr(output, "abacus") != NULL);
}

static void run_empty_environment(void *arg)
{
    setenv("FERMATA_BACKEND", "", 1);
    exit(fm_run(run_square, arg) == 4 ? 6 : 1);
}

TEST(an_empty_environment_variable_is_none)
{
    int value = 2;
    char output[512];
    int status =
        test_child(run_empty_environment, &value, output, sizeof output);
    CHECK_INT(status, 6 << 8);
}

TEST(one_run_may_follow_another)
{
    for (int i = 0; i < 20; i++)
        CHECK_INT(fm_run(run_square, &i), i * i);
}

/* Touches that much of its stack; returns what it was told to. */
__attribute__((noinline)) static int run_deep(size_t size)
{
    volatile char frame[1024];
    frame[0] = 1;
    if (size <= sizeof frame)
        return frame[0];
    return run_deep(size - sizeof frame) + frame[0] - 1;
}

static int run_use_stack(void *arg)
{
    return run_deep(*(size_t *)arg);
}

/* The guard and the record are part of it; sanitizers have larger frames. */
static size_t run_some_of(size_t size)
{
    bool plain = !test_under_asan() && !test_under_tsan();
    return plain ? size / 2 : size / 4;
}

STORY(a_stack_has_the_size_that_the_tasks_options_ask_for)
{
    size_t sizes[] = {16 * 1024, 64 * 1024, 256 * 1024};
    for (int i = 0; i < 3; i++) {
        size_t size = run_some_of(sizes[i]);
        fm_task_options options = {.stack_size = sizes[i]};
        CHECK_INT(fm_await(fm_start(run_use_stack, &size, &options)), 1);
    }
}

static void run_use_64(void)
{
    size_t size = run_some_of(64 * 1024);
    CHECK_INT(fm_await(fm_start(run_use_stack, &size)), 1);
}

static void run_use_256(void)
{
    size_t size = run_some_of(256 * 1024);
    CHECK_INT(run_use_stack(&size), 1);
    CHECK_INT(fm_await(fm_start(run_use_stack, &size)), 1);
}

TEST(the_runs_options_say_how_large_stacks_are_otherwise)
{
    CHECK_INT(story_run(run_use_64, (fm_run_options){0}), 0);
    CHECK_INT(
        story_run(run_use_256, (fm_run_options){.stack_size = 200 * 1024}), 0);
}

static void *run_in_a_thread(void *arg)
{
    int value = *(int *)arg;
    CHECK_INT(fm_run(run_square, &value), value * value);
    return NULL;
}

TEST(each_thread_may_run_a_loop_of_its_own)
{
    pthread_t threads[4];
    int values[4] = {2, 3, 4, 5};
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, run_in_a_thread, &values[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void run_a_little(void)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK(fm_group_go(group, nap, 0, 0) <= 0);
    }
    fm_task *task = fm_go(answer, 1);
    rc = fm_await(task);
    CHECK(rc == 1 || rc == -ENOMEM);
}

/* The harness looks at the ledger afterwards. */
static void run_without_memory(fm_run_options options)
{
    uint64_t k = 1;
    for (;; k++) {
        struct fm__fault_plan plan = {.from_then_on = true};
        plan.fail_at[FM__DOOR_MEMORY] = k;
        fm__fault_plan = &plan;
        int rc = story_run(run_a_little, options);
        fm__fault_plan = NULL;
        CHECK(rc == 0 || rc == -ENOMEM);
        if (plan.passed[FM__DOOR_MEMORY] < k)
            break;
    }
    CHECK(k > 3);
}

TEST(a_run_that_cannot_get_memory_returns_enomem_and_leaves_nothing)
{
    run_without_memory((fm_run_options){0});
}

TEST(a_run_that_cannot_be_watched_returns_why_and_leaves_nothing)
{
    run_without_memory((fm_run_options){.debug = true, .dump_on_quit = true});
}

TEST(a_run_that_is_refused_a_descriptor_returns_what_the_kernel_said)
{
    int rc = 0;
    for (uint64_t k = 1; rc == 0 && k < 10; k++) {
        struct fm__fault_plan plan = {.error = -ENFILE};
        plan.fail_at[FM__DOOR_SYSTEM] = k;
        fm__fault_plan = &plan;
        rc = story_run(run_a_little, (fm_run_options){.dump_on_quit = true});
        fm__fault_plan = NULL;
    }
    CHECK_INT(rc, -ENFILE);
}

static void run_with_shadow_stack(void *arg)
{
    struct fm__fault_plan plan = {.shadow_stack = true};
    fm__fault_plan = &plan;
    exit(fm_run(run_square, arg) == -ENOTSUP ? 6 : 1);
}

TEST(an_active_shadow_stack_is_refused_with_a_sentence)
{
    int value = 1;
    char output[512];
    int status =
        test_child(run_with_shadow_stack, &value, output, sizeof output);
    CHECK_INT(status, 6 << 8);
    CHECK(strstr(output, "shadow stack") != NULL);
    CHECK(strstr(output, "GLIBC_TUNABLES") != NULL);
}

static int run_errno(void *arg)
{
    (void)arg;
    return 0;
}

TEST(fm_run_leaves_errno_as_it_was)
{
    errno = 55;
    CHECK_INT(fm_run(run_errno, NULL), 0);
    CHECK_INT(errno, 55);
}
