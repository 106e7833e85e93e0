/*
 * test_observer.c - who hears of the steps of tasks: each once, in order
 */
#include "loop/observer.h"
#include "task/dense_kit.h"
#include "task/record.h"

#include <errno.h>
#include <string.h>

enum told_state {
    TOLD_NONE,
    TOLD_READY,
    TOLD_RUNS,
    TOLD_WAITS,
    TOLD_OVER
};

#define TOLD_TASKS 4096 /* by serial */

static struct {
    struct fm__observer observer;
    uint8_t states[TOLD_TASKS];
    uint32_t running; /* its serial, or UINT32_MAX */
    uint64_t wrong;
    enum fm__event first_wrong;
    uint64_t submitted, completed, polls, polled;
} told;

static void told_wrong(enum fm__event event)
{
    if (told.wrong++ == 0)
        told.first_wrong = event;
}

/* One of `from`, a bit each, becomes `to`. */
static void told_goes(const struct fm__task *task, enum fm__event event,
                      unsigned from, enum told_state to)
{
    uint8_t *state = &told.states[task->serial % TOLD_TASKS];
    if ((1U << *state & from) == 0)
        told_wrong(event);
    *state = (uint8_t)to;
}

static void told_turn(const struct fm__task *task, enum fm__event event)
{
    bool begins = event == FM__EVENT_RUN;
    if (told.running != (begins ? UINT32_MAX : task->serial))
        told_wrong(event);
    told.running = begins ? task->serial : UINT32_MAX;
    if (begins && (task->waiter != NULL || task->state == FM__TASK_ENDED))
        told_wrong(event);
}

static void told_task(const struct fm__task *task, enum fm__event event)
{
    switch (event) {
    case FM__EVENT_START:
        told_goes(task, event, 1U << TOLD_NONE, TOLD_READY);
        break;
    case FM__EVENT_WAKE:
        told_goes(task, event, 1U << TOLD_WAITS, TOLD_READY);
        break;
    case FM__EVENT_RUN:
        told_goes(task, event, 1U << TOLD_READY, TOLD_RUNS);
        told_turn(task, event);
        break;
    case FM__EVENT_LEAVE:
        told_goes(task, event, 1U << TOLD_RUNS,
                  task->waiter != NULL ? TOLD_WAITS : TOLD_READY);
        told_turn(task, event);
        break;
    default:
        told_goes(task, event, 1U << TOLD_RUNS, TOLD_OVER);
        told_turn(task, event);
    }
}

static void told_notice(struct fm__observer *observer, enum fm__event event,
                        const void *subject)
{
    (void)observer;
    told.submitted += event == FM__EVENT_SUBMIT;
    told.completed += event == FM__EVENT_COMPLETE;
    told.polls += event == FM__EVENT_POLL;
    told.polled += event == FM__EVENT_POLLED;
    if (event == FM__EVENT_POLL && told.running != UINT32_MAX)
        told_wrong(event);
    if (event <= FM__EVENT_END && event != FM__EVENT_NAME)
        told_task(subject, event);
}

/* ---- Lives --------------------------------------------------------------- */

static fm_event opened;

static int naps(void)
{
    return fm_sleep(0.001);
}

static int sleeps_long(void)
{
    return fm_sleep(1000);
}

static int waits_for_event(void *arg)
{
    (void)arg;
    return fm_event_wait(&opened);
}

struct counts {
    int to;
};

static int counts(struct counts *args)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < args->to; i++)
        rc = fm_gen_yield(&i);
    return rc;
}

struct yields {
    int times;
};

static int yields(struct yields *args)
{
    for (int i = 0; i < args->times; i++)
        fm_yield();
    return args->times;
}

static int starts_and_leaves(void)
{
    fm_detach(fm_go(naps));
    fm_detach(fm_go(yields, 3));
    return 0;
}

static void generators(void)
{
    int value;
    {
        FM_GEN early = fm_gen_go(counts, 100);
        for (int i = 0; i < 3; i++)
            CHECK_INT(fm_gen_next(early, &value), 1);
        fm_yield();
        CHECK_INT(fm_gen_next(early, &value), 1);
    }
    FM_GEN whole = fm_gen_go(counts, 3);
    while (fm_gen_next(whole, &value) == 1)
        fm_yield();
}

static void dense_ones(void)
{
    const fm_task_options options = {.stack_size = dense_size()};
    fm_task *tasks[8];
    for (int i = 0; i < 8; i++)
        tasks[i] = fm_start(waits_for_event, NULL, &options);
    fm_yield();
    fm_cancel(tasks[3]);
    fm_event_set(&opened);
    CHECK_INT(fm_settle(tasks, 8, NULL), 1);
    fm_event_clear(&opened);
}

static void cancelled_ones(void)
{
    fm_task *asleep = fm_go(sleeps_long), *unborn = fm_go(yields, 500);
    CHECK_INT(fm_stop(unborn), 500);
    fm_yield();
    CHECK_INT(fm_stop(asleep), -ECANCELED);
}

static void bytes(void)
{
    fm_stream *ends[2];
    char byte = 'x';
    CHECK_INT(fm_pipe(ends), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fm_write(ends[1], &byte, 1), 1);
        CHECK_INT(fm_read(ends[0], &byte, 1), 1);
    }
    fm_close(ends[0]);
    fm_close(ends[1]);
}

static int lives(void *arg)
{
    (void)arg;
    int rc;
    generators();
    dense_ones();
    cancelled_ones();
    bytes();
    FM_GROUP(group, rc, .policy = FM_COLLECT) {
        for (int i = 0; i < 5; i++)
            CHECK_INT(fm_group_go(group, yields, i), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_await(fm_go(starts_and_leaves)), 0);
    return 0;
}

/* ---- The run ------------------------------------------------------------- */

/* It is there before the main task's first turn. */
static fm_loop *told_open(int (*fn)(void *))
{
    fm_loop *loop = NULL;
    memset(&told, 0, sizeof told);
    told.observer.notice = told_notice;
    told.running = UINT32_MAX;
    CHECK_INT(fm_run_open(&loop, fn, NULL), 0);
    fm__loop_observe(&fm__home->loop, &told.observer);
    struct fm__task *first =
        FM__CONTAINER(fm__home->root.members.next, struct fm__task, link);
    first->marks |= FM__MARK_OBSERVED;
    told.states[first->serial] = TOLD_READY;
    return loop;
}

static unsigned told_left(enum told_state state)
{
    unsigned count = 0;
    for (size_t i = 0; i < TOLD_TASKS; i++)
        count += told.states[i] == state;
    return count;
}

static void told_close(fm_loop *loop, int result)
{
    CHECK_INT(fm_run_close(loop), result);
    CHECK_INT(told.wrong, 0);
    CHECK_INT(told.first_wrong, FM__EVENT_START);
    CHECK_INT(told.running, UINT32_MAX);
    CHECK_INT(told_left(TOLD_OVER), TOLD_TASKS - told_left(TOLD_NONE));
    CHECK_INT(told.submitted, told.completed);
    CHECK_INT(told.polls, told.polled);
}

TEST(each_step_is_told_once_and_in_order)
{
    fm_loop *loop = told_open(lives);
    fm_loop_run(loop);
    CHECK(told.submitted > 0);
    told_close(loop, 0);
}

static int leaves_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        fm_detach(fm_go(yields, 500));
        fm_detach(fm_go(naps));
    }
    return fm_sleep(1000);
}

TEST(a_run_that_is_closed_early_tells_how_each_of_its_tasks_ends)
{
    fm_loop *loop = told_open(leaves_many);
    fm_loop_step(loop);
    CHECK(told_left(TOLD_WAITS) + told_left(TOLD_READY) >= 4);
    told_close(loop, -ECANCELED);
}

TEST(a_run_that_is_closed_before_it_runs_tells_its_only_turn)
{
    told_close(told_open(leaves_many), -ECANCELED);
}
