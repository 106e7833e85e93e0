/*
 * pictures.h - pictures made by hand, and what is written of them
 */
#ifndef TESTS_INSPECT_PICTURES_H
#define TESTS_INSPECT_PICTURES_H

#include "harness.h"

#include <errno.h>
#include <fermata/inspect.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE FM_PICTURE_NONE
/* What all of them say. */
#define TASK(handle, called, place, above)                                     \
    .id = (handle), .name = (called), .site = (place), .parent = (above),      \
    .cpu = -1, .stack_size = 65536

/* What a writer has written; freed by the caller. */
static inline char *written(const fm_picture *picture,
                            int (*write)(const fm_picture *, FILE *,
                                         const fm_picture_options *),
                            const fm_picture_options *options)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK_INT(write(picture, out, options), 0);
    fclose(out);
    return text;
}

static inline void check_text(const char *file, int line, char *text,
                              const char *expected)
{
    if (strcmp(text, expected) != 0)
        test_fail(file, line, "it is\n%snot\n%s", text, expected);
    free(text);
}

#define CHECK_WRITTEN(text, expected)                                          \
    check_text(__FILE__, __LINE__, (text), (expected))

static inline void use_utf8(void)
{
    setenv("LC_ALL", "C.UTF-8", 1);
}

static inline void use_ascii(void)
{
    setenv("LC_ALL", "C", 1);
}

/* ---- A server at work --------------------------------------------------- */

static const size_t conn_places[] = {2, 3};
static const size_t lock_place[] = {3};

static const fm_picture_loop server_loops[] = {
    {.backend = "uring",
     .thread = 4711,
     .waiting = true,
     .whole = true,
     .polls = 41,
     .started = 12,
     .alive = 6,
     .now = 12.5},
};

static const fm_picture_task server_tasks[] = {
    {TASK(0x100000000, "serve", "server.c:88", NONE), .state = FM_TASK_WAITING,
     .timeout = -1, .stack_used = 8192, .turns = 3,
     .wait = {.kind = FM_WAIT_TASKS,
              .name = "group close",
              .seconds = 12.04,
              .left = -1,
              .fd = -1,
              .tasks = conn_places,
              .task_count = 2}},
    {TASK(0x100000001, "accept_all", "server.c:70", 0),
     .state = FM_TASK_WAITING, .timeout = -1, .stack_used = 8192,
     .turns = 1234567,
     .wait = {.kind = FM_WAIT_OPERATION,
              .name = "accept",
              .seconds = 0.0042,
              .left = -1,
              .fd = 5,
              .local = "127.0.0.1:8080"}},
    {TASK(0x700000002, "conn", "server.c:40", 0), .state = FM_TASK_WAITING,
     .timeout = 55, .stack_used = 12288, .turns = 7,
     .wait = {.kind = FM_WAIT_OPERATION,
              .name = "receive",
              .seconds = 5,
              .left = -1,
              .fd = 9,
              .local = "127.0.0.1:8080",
              .peer = "127.0.0.1:51234"}},
    {TASK(0x200000003, "conn", "server.c:40", 0), .state = FM_TASK_READY,
     .cancelled = true, .timeout = -1, .turns = 0, .stack_used = 0},
    {TASK(0x100000004, "log", "server.c:12", 2), .state = FM_TASK_WAITING,
     .timeout = -1, .stack_used = 8192, .turns = 2,
     .wait = {.kind = FM_WAIT_LOCK,
              .name = "lock",
              .seconds = 3725,
              .left = 1.25,
              .fd = -1,
              .object = 0x7f0012345678,
              .tasks = lock_place,
              .task_count = 1}},
};

static const fm_picture server = {
    .pid = 4711,
    .program = "/usr/bin/server",
    .version = "0.1.0",
    .loops = server_loops,
    .loop_count = 1,
    .tasks = server_tasks,
    .task_count = 5,
};

/* ---- Circles, crowds, many loops ---------------------------------------- */

static const fm_picture_loop crowd_loops[] = {
    {.backend = "epoll", .thread = 70, .alive = 9, .whole = false},
    {.backend = "epoll", .thread = 71, .alive = 1, .whole = true},
};

#define CROWD_WAITERS 5
#define CROWD_TASKS (CROWD_WAITERS * 2 + 5)

/* main has three that wait in a circle, then five of which each has a child;
 * on another loop lies one that has ended. */
struct crowd {
    fm_picture picture;
    fm_picture_task tasks[CROWD_TASKS];
    size_t waits[4];
};

static inline fm_picture_task *crowd_add(struct crowd *crowd, const char *name,
                                         size_t parent)
{
    size_t place = crowd->picture.task_count++;
    fm_picture_task *task = &crowd->tasks[place];
    *task = (fm_picture_task){
        TASK(UINT64_C(0x100000000) + place, name, "crowd.c:7", parent),
        .state = FM_TASK_WAITING, .timeout = -1,
        .wait = {.kind = FM_WAIT_TIMER,
                 .name = "sleep",
                 .seconds = 1 + (double)place,
                 .left = 10,
                 .fd = -1}};
    return task;
}

static inline void crowd_lock(struct crowd *crowd, const char *name,
                              size_t holder)
{
    size_t place = crowd->picture.task_count;
    fm_picture_task *task = crowd_add(crowd, name, 0);
    crowd->waits[place] = holder;
    task->circle = 1;
    task->wait.kind = FM_WAIT_LOCK;
    task->wait.name = "lock";
    task->wait.left = -1;
    task->wait.tasks = &crowd->waits[place];
    task->wait.task_count = 1;
}

static const fm_picture *crowd_make(struct crowd *crowd)
{
    *crowd = (struct crowd){.picture = {.pid = 70,
                                        .program = "?",
                                        .version = "0.1.0",
                                        .loops = crowd_loops,
                                        .loop_count = 2,
                                        .tasks = crowd->tasks,
                                        .circles = 1,
                                        .skipped = 3}};
    crowd_add(crowd, "main", NONE)->state = FM_TASK_RUNNING;
    crowd_lock(crowd, "fork", 2);
    crowd_lock(crowd, "fork", 3);
    crowd_lock(crowd, "spoon", 1);
    for (int i = 0; i < CROWD_WAITERS; i++) {
        crowd_add(crowd, "waiter", 0);
        crowd_add(crowd, "help", crowd->picture.task_count - 1);
    }
    crowd_add(crowd, "other", NONE)->loop = 1;
    crowd->tasks[CROWD_TASKS - 1].state = FM_TASK_ENDED;
    crowd->tasks[CROWD_TASKS - 1].cpu = 1500000;
    return &crowd->picture;
}

#endif
