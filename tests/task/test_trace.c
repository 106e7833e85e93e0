/*
 * test_trace.c - what a trace is made with: tables, files, and little memory
 */
#include "task/story.h"

#include "base/fault.h"
#include "task/dense_kit.h"
#include "task/trace_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    KEYS = 200 /* few, so that they meet */
};

/* ---- Tables ------------------------------------------------------------- */

static void compare(const struct fm__trace_table *table, const int64_t *model)
{
    size_t count = 0;
    for (uint64_t key = 1; key < KEYS; key++) {
        const struct fm__trace_entry *entry = fm__trace_find(table, key);
        CHECK_INT(entry != NULL ? entry->ready : 0, model[key]);
        count += model[key] != 0;
    }
    CHECK_INT(table->count, count);
}

TEST(what_is_open_is_found_whatever_came_and_went)
{
    struct fm__trace_table table = {0};
    int64_t model[KEYS] = {0};
    uint64_t chance = test_seed(1);
    CHECK(fm__trace_find(&table, 1) == NULL);
    fm__trace_drop(&table, 1);
    for (int64_t i = 1; i < 3000; i++) {
        uint64_t key = 1 + test_random(&chance) % (KEYS - 1);
        bool drops = test_random(&chance) % 3 == 0;
        if (drops)
            fm__trace_drop(&table, key);
        else
            fm__trace_have(&table, key)->ready = i;
        model[key] = drops ? 0 : i;
        compare(&table, model);
    }
    fm__trace_clear(&table);
    CHECK(fm__trace_find(&table, 1) == NULL);
}

/* ---- Files -------------------------------------------------------------- */

static int two_naps(void *arg)
{
    (void)arg;
    fm_trace_mark("two naps");
    return fm_gather(fm_go(nap, 1, 0), fm_go(nap, 2, 0));
}

static int traced(int (*fn)(void *), const char *path)
{
    const fm_run_options options = {.trace = path};
    return fm_run(fn, NULL, &options);
}

/* The whole of a file that is there, and is taken away. */
static void take_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    if (file == NULL)
        return;
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    unlink(path);
}

TEST(an_option_names_the_file)
{
    char path[64];
    static char text[16384];
    snprintf(path, sizeof path, "trace.%d.json", (int)getpid());
    CHECK_INT(traced(two_naps, "trace.%p.json"), 0);
    take_file(path, text, sizeof text);
    CHECK(strstr(text, "\"name\":\"two naps\"") != NULL);
    CHECK(strstr(text, "\"name\":\"nap\"") != NULL);
    CHECK(strstr(text, "\"name\":\"sleep\"") != NULL);
    CHECK(strstr(text, "\n]\n") != NULL);
}

TEST(an_empty_name_is_none_whatever_the_environment_says)
{
    setenv("FERMATA_TRACE", "no/such/place", 1);
    CHECK_INT(traced(two_naps, ""), 0);
    unsetenv("FERMATA_TRACE");
}

/* ---- Loops -------------------------------------------------------------- */

static fm_channel *between;

static int sends(void *arg)
{
    int rc = 0;
    for (int i = 0; i < 300 && rc == 0; i++)
        rc = fm_channel_send(between, arg);
    return rc;
}

static int receives(void *arg)
{
    int rc = 0;
    for (int i = 0; i < 300 && rc == 0; i++)
        rc = fm_channel_receive(between, &arg);
    return rc;
}

static void *receiving_loop(void *path)
{
    CHECK_INT(traced(receives, path), 0);
    return NULL;
}

TEST(what_two_loops_share_is_nothing_to_their_traces)
{
    static char path[64], text[1 << 20];
    pthread_t thread;
    snprintf(path, sizeof path, "trace.%d.shared", (int)getpid());
    between = fm_channel_new(1);
    CHECK_INT(pthread_create(&thread, NULL, receiving_loop, path), 0);
    CHECK_INT(traced(sends, "/dev/null"), 0);
    pthread_join(thread, NULL);
    fm_channel_put(between);
    take_file(path, text, sizeof text);
    CHECK(strstr(text, ",\"limit\":") == NULL);
}

/* ---- Little memory, little room ----------------------------------------- */

/* Whatever cannot be had, the trace is done without, or nothing was run. */
static uint64_t run_short(enum fm__door door, uint64_t fail_at, int error)
{
    struct fm__fault_plan plan = {.error = error, .spare_waits = true};
    plan.fail_at[door] = fail_at;
    fm__fault_plan = &plan;
    int rc = traced(two_naps, "/dev/null");
    fm__fault_plan = NULL;
    CHECK(rc == 0 || rc == error || rc == -ENOMEM);
    return plan.passed[door];
}

static void run_short_everywhere(enum fm__door door, int error)
{
    uint64_t passed = run_short(door, 0, error);
    CHECK(passed > 3);
    for (uint64_t i = 1; i <= passed; i++)
        run_short(door, i, error);
}

TEST(without_memory_for_a_trace_the_program_runs)
{
    run_short_everywhere(FM__DOOR_MEMORY, -ENOMEM);
}

TEST(without_files_or_threads_for_a_trace_the_program_runs)
{
    run_short_everywhere(FM__DOOR_SYSTEM, -EMFILE);
}

static int small(void *arg)
{
    FM_TIMEOUT(60, *(int *)arg) {
        *(int *)arg = fm_sleep(0);
        fm_trace_mark("small");
    }
    return fm_sleep(0);
}

static int dense_main(void *arg)
{
    (void)arg;
    int results[20];
    fm_task *tasks[20];
    const fm_task_options options = {.stack_size = dense_size()};
    for (size_t i = 0; i < 20; i++)
        tasks[i] = fm_start(small, &results[i], &options);
    int rc = 0;
    for (size_t i = 0; i < 20; i++)
        rc = fm_await(tasks[i]) < 0 || results[i] < 0 ? -EIO : rc;
    return rc;
}

TEST(dense_tasks_have_room_for_their_trace)
{
    CHECK_INT(traced(dense_main, "/dev/null"), 0);
}
