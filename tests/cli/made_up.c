/*
 * made_up.c - pictures of a program that there is not
 */
#include "made_up.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t made_cook = MADE_COOK, made_waiter = MADE_WAITER;

static const fm_picture_task made_tasks[MADE_CLIENTS + 1] = {
    [MADE_CONDUCTOR] = {.name = "conductor",
                        .site = "kitchen/main.c:9",
                        .state = FM_TASK_WAITING,
                        .wait = {.kind = FM_WAIT_TASKS, .name = "close"}},
    [MADE_SERVER] = {.name = "server",
                     .site = "kitchen/serve.c:20",
                     .state = FM_TASK_WAITING,
                     .wait = {.kind = FM_WAIT_OPERATION,
                              .name = "accept",
                              .fd = 5,
                              .local = "127.0.0.1:8080"}},
    [MADE_COOK] = {.name = "cook",
                   .site = "kitchen/stove.c:12",
                   .state = FM_TASK_WAITING,
                   .circle = 1,
                   .wait = {.kind = FM_WAIT_LOCK,
                            .name = "lock",
                            .object = 0x5000,
                            .tasks = &made_waiter,
                            .task_count = 1}},
    [MADE_WAITER] = {.name = "waiter",
                     .site = "kitchen/stove.c:13",
                     .state = FM_TASK_WAITING,
                     .circle = 1,
                     .wait = {.kind = FM_WAIT_LOCK,
                              .name = "lock",
                              .object = 0x5040,
                              .tasks = &made_cook,
                              .task_count = 1}},
    [MADE_RUNNER] = {.name = "runner",
                     .site = "kitchen/work.c:7",
                     .state = FM_TASK_RUNNING},
    [MADE_READY] = {.name = "bereit für alles",
                    .site = "kitchen/work.c:8",
                    .state = FM_TASK_READY},
    [MADE_SLEEPER] = {.name = "grüße",
                      .site = "kitchen/bed.c:3",
                      .state = FM_TASK_WAITING,
                      .cancelled = true,
                      .wait = {.kind = FM_WAIT_TIMER,
                               .name = "sleep",
                               .left = 3.5}},
    [MADE_ENDED] = {.name = "餐具",
                    .site = "kitchen/stove.c:30",
                    .state = FM_TASK_ENDED},
    [MADE_CLIENTS] = {.name = "client",
                      .site = "kitchen/serve.c:44",
                      .state = FM_TASK_WAITING,
                      .wait = {.kind = FM_WAIT_OPERATION,
                               .name = "receive",
                               .fd = 10,
                               .peer = "192.0.2.7:50123"}},
};

static void made_task(const struct made_up *self, size_t i, size_t number,
                      fm_picture_task *task)
{
    size_t kind = number < MADE_CLIENTS ? number : MADE_CLIENTS;
    *task = made_tasks[kind];
    task->id = UINT64_C(0x100000000) + number;
    task->parent = i == 0                 ? FM_PICTURE_NONE
                   : kind == MADE_CLIENTS ? MADE_SERVER
                                          : MADE_CONDUCTOR;
    task->loop = kind == MADE_RUNNER ? 1 : 0;
    task->timeout = -1;
    task->cpu = -1;
    task->stack_size = (size_t)64 * 1024;
    task->stack_used = (size_t)4096 * (1 + number % 7);
    task->turns = (uint32_t)(self->looks * (number % 5) * 10);
    task->wait.seconds = (double)(number * 37 % 101) + self->looks * self->step;
    if (task->wait.kind != FM_WAIT_TIMER)
        task->wait.left = -1;
    if (task->wait.fd == 0)
        task->wait.fd = -1;
    else if (kind == MADE_CLIENTS)
        task->wait.fd = (int)number + 10;
}

static void made_loops(struct made_up *self, fm_picture_loop *loops,
                       size_t alive)
{
    loops[0] = (fm_picture_loop){.backend = "uring",
                                 .thread = 4242,
                                 .waiting = true,
                                 .whole = true,
                                 .polls = self->looks * 340 + 1,
                                 .started = self->looks * 12,
                                 .alive = alive};
    loops[1] = (fm_picture_loop){.backend = "epoll",
                                 .thread = 4243,
                                 .polls = self->looks * 2,
                                 .started = 1,
                                 .alive = 1};
}

static void made_picture(struct made_up *self, unsigned which)
{
    size_t count = MADE_CLIENTS;
    fm_picture_task *tasks = self->tasks[which];
    for (size_t i = 0; i < MADE_CLIENTS; i++)
        made_task(self, i, i, &tasks[i]);
    for (size_t i = self->gone; i < self->clients; i++, count++)
        made_task(self, count, MADE_CLIENTS + i, &tasks[count]);
    made_loops(self, self->loops[which], count - 1);
    self->pictures[which] = (fm_picture){.pid = 4242,
                                         .program = "/usr/bin/kitchen",
                                         .version = "0.1.0",
                                         .loops = self->loops[which],
                                         .loop_count = 2,
                                         .tasks = tasks,
                                         .task_count = count,
                                         .circles = 1};
}

static int made_look(struct top_source *source, struct top_look *look)
{
    struct made_up *self = (struct made_up *)source;
    if (self->fails < 0)
        return self->fails;
    if (self->file != NULL && access(self->file, F_OK) < 0)
        return -ESRCH;
    unsigned which = self->looks++ % 2;
    made_picture(self, which);
    *look = (struct top_look){.picture = &self->pictures[which],
                              .moment = self->looks * self->step,
                              .cost = 0.012,
                              .memory = INT64_C(12) << 20,
                              .descriptors = 14,
                              .cpu = INT64_C(250000000) * self->looks};
    for (size_t i = 0; i < TOP_LOOPS; i++)
        look->threads[i] = INT64_C(100000000) * (int64_t)(i + 1) * self->looks;
    return 0;
}

static const char *made_wait(const fm_picture *picture,
                             const fm_picture_task *task, char *text,
                             size_t size)
{
    const fm_picture_wait *wait = &task->wait;
    if (wait->kind == FM_WAIT_LOCK)
        snprintf(text, size, "lock, held by %s",
                 picture->tasks[wait->tasks[0]].name);
    else if (wait->peer != NULL)
        snprintf(text, size, "%s %d from %s", wait->name, wait->fd, wait->peer);
    else
        snprintf(text, size, "%s", wait->name);
    return text;
}

static int made_stack(struct top_source *source, const fm_picture_task *task,
                      FILE *out)
{
    (void)source;
    fprintf(out, "%s at kitchen.c:7, in fm_sleep\nmain at kitchen.c:99\n",
            task->name);
    return 0;
}

void made_up_init(struct made_up *self, size_t clients)
{
    *self = (struct made_up){.source = {made_look, made_wait, made_stack},
                             .clients = clients,
                             .step = 1};
    for (int i = 0; i < 2; i++) {
        self->tasks[i] =
            malloc((MADE_CLIENTS + clients) * sizeof *self->tasks[i]);
        if (self->tasks[i] == NULL)
            abort();
    }
}

void made_up_fini(struct made_up *self)
{
    free(self->tasks[0]);
    free(self->tasks[1]);
}
