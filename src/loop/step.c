/*
 * step.c - a loop that somebody else waits for
 *
 * Between two steps the loop is asleep as far as other threads can see: who
 * posts rings, and the bell is heard through the descriptor. What only a poll
 * can do, and no descriptor tells of, makes the timeout 0.
 */
#include "loop/floor.h"
#include "loop/mailbox.h"

#define STEP_PATIENCE INT64_C(1000000) /* ns for threads, simulated */

/* The simulator's time stands still while somebody looks without waiting. */
static void step_enough(struct fm__timer *timer)
{
    (void)timer;
}

static void step_quiet(struct fm__loop *loop)
{
    if (!loop->callbacks.queued)
        fm__loop_ready(loop, &loop->callbacks.work);
    loop->callbacks.queued = true;
}

/* Whether another thread, or a signal, may still say something. */
static bool step_expects(const struct fm__loop *loop)
{
    return fm__mailbox_expects(loop) || !fm__list_empty(&loop->listeners);
}

/* Its waits take no time, unless they are for another thread. */
static void step_pass_virtual(struct fm__loop *loop)
{
    void (*deadlocked)(struct fm__loop *loop) = loop->deadlocked;
    struct fm__timer enough;
    loop->deadlocked = step_quiet;
    fm__timer_init(&enough, step_enough);
    if (step_expects(loop))
        fm__timer_arm(loop, &enough, STEP_PATIENCE);
    fm__loop_turn(loop);
    fm__timer_disarm(loop, &enough);
    loop->deadlocked = deadlocked;
}

static void step_pass(struct fm__loop *loop)
{
    bool stopping = loop->stopping;
    loop->stopping = true; /* a look that does not wait */
    fm__loop_turn(loop);
    loop->stopping = stopping;
}

static bool step_virtual(const struct fm__loop *loop)
{
    return loop->backend->random != NULL;
}

static void step_once(struct fm__loop *loop)
{
    if (step_virtual(loop))
        step_pass_virtual(loop);
    else
        step_pass(loop);
    fm__callbacks_run_ready(loop);
}

bool fm_loop_step(fm_loop *loop)
{
    fm__callbacks_outside(loop, "fm_loop_step");
    fm__loop_awake(loop);
    loop->callbacks.running = true;
    step_once(loop);
    loop->callbacks.running = false;
    fm__loop_rest(loop);
    return !loop->stopping;
}

int fm_loop_fd(fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_fd");
    return loop->backend->descriptor(loop);
}

static bool step_are_due(struct fm__loop *loop)
{
    bool quiet = loop->ready.first == NULL && loop->batch.first == NULL &&
                 fm__list_empty(&loop->arming) && fm__list_empty(&loop->corks);
    return !quiet || loop->stopping || loop->backend->restless(loop) ||
           fm__loop_called(loop);
}

int64_t fm_loop_timeout(fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_timeout");
    if (step_are_due(loop))
        return 0;
    int64_t next = fm__wheel_next(&loop->wheel);
    if (step_virtual(loop))
        return next == FM__NEVER && !step_expects(loop) ? -1 : 0;
    int64_t span = next - fm__loop_now(loop);
    if (next == FM__NEVER)
        return -1;
    return span > 0 ? span : 0;
}
