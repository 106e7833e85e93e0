/*
 * test_gdb.c - gdb's bt inside a task shows its frames and stops
 */
#include "harness.h"

#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int gdb_depth;

__attribute__((noinline)) void gdb_stop_here(void);
__attribute__((noinline)) void gdb_stop_here(void)
{
    gdb_depth = gdb_depth + 1;
}

__attribute__((noinline)) static int gdb_inner(int depth)
{
    if (depth == 0) {
        gdb_stop_here();
        return 0;
    }
    return gdb_inner(depth - 1) + gdb_depth;
}

struct gdb_task {
    int depth;
};

static int gdb_task(struct gdb_task *self)
{
    int rc = fm_yield();
    return rc + gdb_inner(self->depth);
}

static int gdb_main(void *arg)
{
    (void)arg;
    return fm_await(fm_go(gdb_task, 3));
}

/* The program that gdb runs is this one, with this test's name. */
TEST(a_task_for_gdb_to_look_at)
{
    gdb_depth = 0;
    CHECK(fm_run(gdb_main, NULL) >= 0);
    CHECK_INT(gdb_depth, 1);
}

static void gdb_run(void *program)
{
    unsetenv("LD_PRELOAD");
    execlp("gdb", "gdb", "-nx", "-batch", "-ex", "set confirm off", "-ex",
           "break gdb_stop_here", "-ex", "run", "-ex", "bt", "-ex", "kill",
           "--args", (char *)program, "a_task_for_gdb_to_look_at", NULL);
    _exit(127);
}

static bool shows_in_order(const char *said, const char *const *names,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        said = strstr(said, names[i]);
        if (said == NULL)
            return false;
        said += strlen(names[i]);
    }
    return true;
}

TEST(gdbs_bt_inside_a_task_shows_the_tasks_frames_and_stops)
{
    static const char *const frames[] = {
        "#0 ",       "gdb_stop_here", "#1 ",      "gdb_inner",     "gdb_inner",
        "gdb_inner", "gdb_inner",     "gdb_task", "fm__task_main",
    };
    char program[4096], output[32768];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    CHECK(size > 0);
    program[size > 0 ? size : 0] = '\0';
    int status = test_child(gdb_run, program, output, sizeof output);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        test_skip("gdb is not there");
    if (strstr(output, "ptrace") != NULL)
        test_skip("gdb may not trace here");
    bool shown =
        shows_in_order(output, frames, sizeof frames / sizeof frames[0]);
    CHECK(shown);
    CHECK(strstr(output, "Backtrace stopped") == NULL);
    CHECK(strstr(output, "fm_loop_run") == NULL);
    CHECK(strstr(output, "#12 ") == NULL);
    if (!shown)
        printf("gdb said: %s\n", output);
}
