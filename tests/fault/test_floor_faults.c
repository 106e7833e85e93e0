/*
 * test_floor_faults.c - the public loop when memory, calls or operations fail:
 * the k-th, for every k, once and from then on
 *
 * A story returns what went wrong or 0. Whatever it was, nothing hangs, each
 * function that was promised a call gets one, and the ledger is as before.
 */
#include "harness.h"

#include "base/fault.h"

#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

enum {
    PATIENCE = 20000 /* steps, of which most see nothing */
};

static int open_loop(fm_loop **loop, bool debug)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1),
                                     .debug = debug,
                                     .slow_turn = debug ? 60 : 0};
    return fm_loop_open(loop, &options);
}

/* ---- Stories ------------------------------------------------------------ */

static void called(void *arg)
{
    ++*(int *)arg;
}

static int calls_story(void)
{
    fm_loop *loop;
    int made = 0;
    int rc = open_loop(&loop, false);
    if (rc < 0)
        return rc;
    fm_call soon = {.fn = called, .arg = &made};
    fm_call later = {.fn = called, .arg = &made};
    fm_loop_soon(loop, &soon);
    CHECK_INT(fm_loop_later(loop, &later, 0), 0);
    while (fm_call_pending(&soon) || fm_call_pending(&later))
        fm_loop_step(loop);
    CHECK_INT(made, 2);
    fm_loop_close(loop);
    return 0;
}

static int debug_story(void)
{
    fm_loop *loop;
    int rc = open_loop(&loop, true);
    if (rc < 0)
        return rc;
    fm_loop_step(loop);
    fm_loop_close(loop);
    return 0;
}

struct talk {
    fm_loop *loop;
    fm_op in, out;
    int done;
};

static void talked(fm_op *op)
{
    struct talk *talk = op->arg;
    talk->done++;
    if (op->kind == FM_OP_RECEIVE && op->result > 0)
        fm_buffer_put(talk->loop, op->buffer);
}

/* Until both are done; where one has failed, the other may never be. */
static int talk_settle(struct talk *talk)
{
    while (talk->done < 2) {
        if (talk->done == 1) {
            fm_op_cancel(&talk->in);
            fm_op_cancel(&talk->out);
        }
        fm_loop_step(talk->loop);
    }
    if (talk->out.result < 0)
        return (int)talk->out.result;
    return talk->in.result < 0 ? (int)talk->in.result : 0;
}

static int talk_on(struct talk *talk)
{
    static char first[] = "hold ", second[] = "here";
    struct iovec parts[] = {{first, 5}, {second, 4}};
    int fds[2];
    int rc = fm_loop_pair(talk->loop, fds);
    if (rc < 0)
        return rc;
    talk->in = (fm_op){
        .kind = FM_OP_RECEIVE, .fd = fds[0], .done = talked, .arg = talk};
    talk->out = (fm_op){.kind = FM_OP_WRITEV,
                        .fd = fds[1],
                        .buf = parts,
                        .size = 2,
                        .done = talked,
                        .arg = talk};
    fm_op_start(talk->loop, &talk->in);
    fm_op_start(talk->loop, &talk->out);
    rc = talk_settle(talk);
    fm_loop_close_fd(talk->loop, fds[0]);
    fm_loop_close_fd(talk->loop, fds[1]);
    return rc == -ECANCELED ? 0 : rc;
}

static int talk_story(void)
{
    struct talk talk = {.done = 0};
    int rc = open_loop(&talk.loop, false);
    if (rc < 0)
        return rc;
    rc = talk_on(&talk);
    fm_loop_close(talk.loop);
    return rc;
}

struct look {
    fm_watch watch;
    int events;
};

static void looked(void *arg, int events)
{
    struct look *look = arg;
    look->events = events;
    fm_watch_close(&look->watch);
}

static int watch_on(fm_loop *loop)
{
    struct look look = {.events = 0};
    int fds[2];
    int rc = fm_loop_pair(loop, fds);
    if (rc < 0)
        return rc;
    look.watch = (fm_watch){
        .fd = fds[0], .events = FM_WRITABLE, .fn = looked, .arg = &look};
    rc = fm_watch_open(loop, &look.watch);
    for (int i = 0; rc == 0 && look.events == 0 && i < PATIENCE; i++)
        fm_loop_step(loop);
    fm_watch_close(&look.watch);
    fm_loop_close_fd(loop, fds[0]);
    fm_loop_close_fd(loop, fds[1]);
    return look.events < 0 ? look.events : rc;
}

static int watch_story(void)
{
    fm_loop *loop;
    int rc = open_loop(&loop, false);
    if (rc < 0)
        return rc;
    rc = watch_on(loop);
    fm_loop_close(loop);
    return rc;
}

static int worked(void *arg)
{
    (void)arg;
    return 3;
}

static void work_done(void *arg, int result)
{
    CHECK_INT(result, 3);
    *(bool *)arg = true;
}

static void trapped(void *arg, int number)
{
    *(int *)arg = number;
}

static int job_on(fm_loop *loop)
{
    bool done = false;
    int number = 0;
    fm_job job = {.fn = worked, .done = work_done, .arg = &done};
    fm_trap trap = {.number = SIGUSR1, .fn = trapped, .arg = &number};
    fm_remote *remote = fm_loop_remote(loop);
    int rc = remote != NULL ? fm_trap_open(loop, &trap) : -ENOMEM;
    if (rc == 0) {
        raise(SIGUSR1);
        while (number == 0)
            fm_loop_step(loop);
        fm_trap_close(&trap);
        rc = fm_job_start(loop, &job);
    }
    while (rc == 0 && !done)
        fm_loop_step(loop);
    fm_remote_put(remote);
    return rc;
}

static int job_story(void)
{
    fm_loop *loop;
    int rc = open_loop(&loop, false);
    if (rc < 0)
        return rc;
    rc = job_on(loop);
    fm_loop_close(loop);
    return rc;
}

/* ---- The sweep ---------------------------------------------------------- */

struct door {
    enum fm__door door;
    int error;
};

/* Returns whether there was a k-th passage. */
static bool tell(int (*story)(void), const struct door *door, uint64_t k,
                 bool on)
{
    struct fm__fault_plan plan = {
        .from_then_on = on, .spare_waits = true, .error = door->error};
    plan.fail_at[door->door] = k;
    fm__fault_plan = &plan;
    int rc = story();
    fm__fault_plan = NULL;
    if (rc != 0 && rc != door->error && rc != -ENOMEM)
        test_fail(__FILE__, __LINE__, "door %d:%llu%s returns %d",
                  (int)door->door, (unsigned long long)k, on ? " on" : "", rc);
    return plan.passed[door->door] >= k;
}

static void sweep(int (*story)(void))
{
    static const struct door doors[] = {{FM__DOOR_MEMORY, -ENOMEM},
                                        {FM__DOOR_SYSTEM, -EMFILE},
                                        {FM__DOOR_OPERATION, -ECONNRESET}};
    CHECK_INT(story(), 0);
    for (size_t i = 0; i < 3; i++) {
        for (uint64_t k = 1; tell(story, &doors[i], k, false); k++)
            tell(story, &doors[i], k, true);
    }
}

TEST(calls_are_made_whatever_fails)
{
    sweep(calls_story);
}

TEST(a_watchdog_starts_or_the_loop_does_not_open)
{
    sweep(debug_story);
}

TEST(operations_end_once_whatever_fails)
{
    sweep(talk_story);
}

TEST(watches_see_or_tell_whatever_fails)
{
    sweep(watch_story);
}

TEST(jobs_and_traps_end_whatever_fails)
{
    sweep(job_story);
}
