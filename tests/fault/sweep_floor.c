/*
 * sweep_floor.c - scenarios: callbacks beside tasks
 */
#include "fault/sweep.h"

#include <string.h>

/* What is going on beside the task, until nothing is. */
struct beside {
    unsigned pending;
    fm_call calls[3];
    fm_op op;
    fm_watch watch;
    fm_job job;
    char byte;
};

/* Sleeps until all has ended; the cut that came first is handed on. */
static int beside_wait(struct beside *beside)
{
    int rc = 0;
    for (int i = 0; rc == 0 && beside->pending > 0 && i < 1000; i++)
        rc = sweep_sleep(1);
    return rc;
}

/* What was not waited for to its end. */
static void beside_end(struct beside *beside)
{
    for (int i = 0; i < 3; i++)
        beside->pending -= fm_call_cancel(&beside->calls[i]);
    fm_op_cancel(&beside->op);
    fm_job_cancel(&beside->job);
    FM_SHIELD(1e9) {
        beside_wait(beside);
    }
    sweep_state.noted += beside->pending > 0;
}

static void beside_called(void *arg)
{
    struct beside *beside = arg;
    beside->pending--;
}

static int calls_beside(void *arg)
{
    struct beside beside = {.pending = 3};
    fm_loop *loop = fm_loop_current();
    (void)arg;
    for (int i = 0; i < 3; i++)
        beside.calls[i] = (fm_call){.fn = beside_called, .arg = &beside};
    fm_loop_soon(loop, &beside.calls[0]);
    fm_loop_later(loop, &beside.calls[1], sweep_ticks(1));
    fm_loop_at(loop, &beside.calls[2], fm_now());
    int rc = beside_wait(&beside);
    beside_end(&beside);
    return rc;
}

static void beside_operated(fm_op *op)
{
    struct beside *beside = op->arg;
    beside->pending--;
}

static int operate_beside(struct beside *beside, int fd)
{
    beside->op = (fm_op){.kind = FM_OP_READ,
                         .fd = fd,
                         .buf = &beside->byte,
                         .size = 1,
                         .done = beside_operated,
                         .arg = beside};
    beside->pending++;
    fm_op_start(fm_loop_current(), &beside->op);
    return beside_wait(beside);
}

static int operation_beside(void *arg)
{
    struct beside beside = {.pending = 0};
    int fds[2];
    (void)arg;
    int rc = sweep_pair(false, fds);
    if (rc < 0)
        return rc;
    rc = sweep_write_all(fds[1], "x", 1);
    if (rc == 0)
        rc = operate_beside(&beside, fds[0]);
    beside_end(&beside);
    if (rc == 0 && beside.op.result < 0)
        rc = (int)beside.op.result;
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

static void beside_watched(void *arg, int events)
{
    struct beside *beside = arg;
    beside->pending--;
    beside->op.result = events;
    fm_watch_close(&beside->watch);
}

static int watch_beside(void *arg)
{
    struct beside beside = {.pending = 0};
    int fds[2];
    (void)arg;
    int rc = sweep_pair(false, fds);
    if (rc < 0)
        return rc;
    beside.watch = (fm_watch){.fd = fds[0],
                              .events = FM_WRITABLE,
                              .fn = beside_watched,
                              .arg = &beside};
    rc = fm_watch_open(fm_loop_current(), &beside.watch);
    beside.pending = rc == 0;
    if (rc == 0)
        rc = beside_wait(&beside);
    fm_watch_close(&beside.watch);
    if (rc == 0 && beside.op.result < 0)
        rc = (int)beside.op.result;
    fm_loop_close_fd(fm_loop_current(), fds[0]);
    sweep_close(fds[1]);
    return rc;
}

static int beside_works(void *arg)
{
    (void)arg;
    return 0;
}

static void beside_worked(void *arg, int result)
{
    struct beside *beside = arg;
    (void)result;
    beside->pending--;
}

static int job_beside(void *arg)
{
    struct beside beside = {.pending = 0};
    (void)arg;
    beside.job =
        (fm_job){.fn = beside_works, .done = beside_worked, .arg = &beside};
    int rc = fm_job_start(fm_loop_current(), &beside.job);
    beside.pending = rc == 0;
    if (rc == 0)
        rc = beside_wait(&beside);
    beside_end(&beside);
    return rc;
}

static const char *nothing_is_pending(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a callback never came" : NULL;
}

const struct scenario sweep_floor[] = {
    {.name = "calls-beside", .main = calls_beside, .wrong = nothing_is_pending},
    {.name = "operation-beside",
     .main = operation_beside,
     .wrong = nothing_is_pending},
    {.name = "watch-beside", .main = watch_beside},
    {.name = "job-beside", .main = job_beside, .wrong = nothing_is_pending},
    {.name = NULL},
};
