/*
 * workers_run.c - a loop on each of several threads, which begin and end as one
 *
 * On each loop a main task waits for the one that runs the program's
 * function: so the cut of a main task is heard at once, and told to the
 * others, whatever that function is about.
 *
 * Invariant, under the lock: `loop` of a member is set while its main task
 * has not returned, so the loop is there; what others say to it is posted
 * under the lock too. Each is told to end once at most, by its own node.
 */
#include <fermata/workers.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"
#include "task/record.h"

#include <errno.h>
#include <stdio.h>

struct workers;

struct workers_member {
    struct workers *workers;
    unsigned index;
    struct fm__thread thread; /* of all but the first */
    struct fm__loop *loop;
    fm_task *main;
    bool told;           /* to end, and not the first to */
    struct fm__work end; /* which is on its way */
    /* Its thread's alone. */
    struct fm__waiter waiter;
    struct fm__reaper reaper;
    int result;
};

enum workers_gate {
    WORKERS_WAIT,
    WORKERS_BEGIN,
    WORKERS_GO_AWAY
};

struct workers {
    struct fm__mutex lock;
    struct fm__condition moved; /* the gate */
    enum workers_gate gate;
    bool ending;          /* everybody was told */
    int result;           /* the first failure */
    unsigned others;      /* members that have not ended, but for the first */
    struct fm__work over; /* tells the first that there are none */
    bool waited_for;      /* by it, who is not woken; its thread's alone */
    unsigned count;
    fm__worker_main main;
    const fm_run_options *options;
    struct workers_member members[];
};

static FM__PER_THREAD const struct workers_member *workers_me;

int fm_worker_index(void)
{
    return workers_me != NULL ? (int)workers_me->index : -1;
}

int fm_worker_count(void)
{
    return workers_me != NULL ? (int)workers_me->workers->count : 0;
}

/* ---- The end ------------------------------------------------------------ */

static void workers_cancel_main(struct fm__work *work)
{
    struct workers_member *member =
        FM__CONTAINER(work, struct workers_member, end);
    (void)fm_cancel(member->main);
}

static void workers_tell(struct workers_member *member)
{
    member->told = true;
    member->end.run = workers_cancel_main;
    if (member->loop != NULL)
        fm__loop_post(member->loop, &member->end);
}

/* Once: later ends, and failures after the first, change nothing. */
static void workers_end(const struct workers_member *first, int result)
{
    struct workers *workers = first->workers;
    fm__mutex_lock(&workers->lock);
    if (workers->result == 0)
        workers->result = result;
    for (unsigned i = 0; i < workers->count && !workers->ending; i++) {
        if (&workers->members[i] != first)
            workers_tell(&workers->members[i]);
    }
    workers->ending = true;
    fm__mutex_unlock(&workers->lock);
}

static void workers_note(struct workers_member *member, int result)
{
    fm__mutex_lock(&member->workers->lock);
    bool obeyed = member->told && result == -ECANCELED;
    fm__mutex_unlock(&member->workers->lock);
    if (result < 0 && !obeyed)
        workers_end(member, result);
}

/* ---- The main task of each ---------------------------------------------- */

/* It begins cut when the others have come to their end before. */
static void workers_arrive(struct workers_member *member)
{
    struct fm__task *self = fm__current;
    fm__mutex_lock(&member->workers->lock);
    member->main = self->handle;
    member->loop = &self->home->loop;
    bool told = member->told;
    fm__mutex_unlock(&member->workers->lock);
    if (told)
        fm__cancel(self);
    self->home->loop.remote_possible += member->workers->count > 1;
}

static void workers_depart(struct workers_member *member)
{
    member->loop->remote_possible -= member->workers->count > 1;
    fm__mutex_lock(&member->workers->lock);
    member->loop = NULL;
    fm__mutex_unlock(&member->workers->lock);
}

static void workers_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct workers_member *member =
        FM__CONTAINER(reaper, struct workers_member, reaper);
    member->result = task->result;
    fm__task_release(task);
    fm__wake(&member->waiter, 0);
}

/* The walk that cuts the main task has its child as well. */
static void workers_pass_on(struct fm__waiter *waiter, int reason)
{
    (void)reason;
    workers_end(FM__CONTAINER(waiter, struct workers_member, waiter), 0);
}

static const struct fm__wait_kind workers_call_kind = {
    .cut = workers_pass_on,
    .name = "await",
    .what = FM__WAIT_REAPER,
    .at = FM__WAIT_AT(struct workers_member, waiter, reaper),
};

static int workers_call(struct workers_member *member)
{
    struct fm__task *self = fm__current;
    const fm__worker_main *main = &member->workers->main;
    const struct fm__start start = {(fm__fn)main->fn, main->arg, FM__SHARED,
                                    main->label, NULL};
    struct fm__task *task = fm__task_new(self->home, &self->children, &start);
    if (task == NULL)
        return -ENOMEM;
    member->reaper.reap = workers_reap;
    task->reaper = &member->reaper;
    member->waiter.kind = &workers_call_kind;
    if (self->cancelled) {
        fm__cancel(task);
        workers_pass_on(&member->waiter, 0);
    }
    fm__park(&member->waiter);
    return member->result;
}

static void workers_are_over(struct fm__work *work)
{
    struct workers *workers = FM__CONTAINER(work, struct workers, over);
    if (workers->waited_for)
        fm__wake(&workers->members[0].waiter, 0);
}

/* Whoever else would wake it may come in the same turn. */
static void workers_wait_no_more(struct fm__waiter *waiter, int reason)
{
    struct workers_member *member =
        FM__CONTAINER(waiter, struct workers_member, waiter);
    member->workers->waited_for = false;
    workers_pass_on(waiter, reason);
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind workers_stay_kind = {
    .cut = workers_wait_no_more,
    .name = "workers",
};

/* The first is who hears SIGINT, for all of them: it stays to the end. */
static void workers_stay(struct workers_member *member)
{
    struct workers *workers = member->workers;
    fm__mutex_lock(&workers->lock);
    bool alone = workers->others == 0 || workers->ending;
    fm__mutex_unlock(&workers->lock);
    if (alone || fm__checkpoint(fm__current, "fm_run_workers") < 0)
        return;
    member->waiter.kind = &workers_stay_kind;
    workers->waited_for = true;
    fm__park(&member->waiter);
}

static int workers_task(void *arg)
{
    struct workers_member *member = arg;
    workers_arrive(member);
    int rc = workers_call(member);
    workers_note(member, rc);
    if (member->index == 0)
        workers_stay(member);
    workers_depart(member);
    return rc;
}

/* ---- Threads ------------------------------------------------------------ */

static void workers_run(struct workers_member *member)
{
    struct workers *workers = member->workers;
    workers_me = member;
    int rc = fm__run(workers_task, member, workers->options,
                     "worker\0fm_run_workers");
    workers_me = NULL;
    workers_note(member, rc);
    if (member->index == 0)
        return;
    fm__mutex_lock(&workers->lock);
    if (--workers->others == 0 && workers->members[0].loop != NULL)
        fm__loop_post(workers->members[0].loop, &workers->over);
    fm__mutex_unlock(&workers->lock);
}

static void *workers_thread(void *arg)
{
    struct workers_member *member = arg;
    struct workers *workers = member->workers;
    char name[16];
    snprintf(name, sizeof name, "fm-loop-%u", member->index % 1000);
    fm__thread_name(name);
    fm__mutex_lock(&workers->lock);
    while (workers->gate == WORKERS_WAIT)
        fm__condition_wait(&workers->moved, &workers->lock);
    bool begin = workers->gate == WORKERS_BEGIN;
    fm__mutex_unlock(&workers->lock);
    if (begin)
        workers_run(member);
    return NULL;
}

static void workers_open_gate(struct workers *workers, enum workers_gate gate)
{
    fm__mutex_lock(&workers->lock);
    workers->gate = gate;
    fm__condition_wake_all(&workers->moved);
    fm__mutex_unlock(&workers->lock);
}

/* Nobody begins before there is a thread for everybody. */
static int workers_start(struct workers *workers, unsigned *started)
{
    int rc = 0;
    for (*started = 1; *started < workers->count; ++*started) {
        struct workers_member *member = &workers->members[*started];
        rc = fm__thread_start(&member->thread, workers_thread, member);
        if (rc < 0)
            break;
    }
    workers_open_gate(workers, rc < 0 ? WORKERS_GO_AWAY : WORKERS_BEGIN);
    return rc;
}

static struct workers *workers_new(unsigned count)
{
    struct workers *workers =
        fm__memory_new(sizeof *workers + count * sizeof(struct workers_member));
    if (workers == NULL)
        return NULL;
    workers->count = count;
    workers->others = count - 1;
    workers->over.run = workers_are_over;
    fm__mutex_init(&workers->lock);
    fm__condition_init(&workers->moved);
    for (unsigned i = 0; i < count; i++) {
        workers->members[i].workers = workers;
        workers->members[i].index = i;
    }
    return workers;
}

static void workers_free(struct workers *workers)
{
    fm__condition_fini(&workers->moved);
    fm__mutex_fini(&workers->lock);
    fm__memory_free(workers);
}

static unsigned workers_cpus(void)
{
    unsigned cpus = fm__thread_cpus();
    return cpus < FM_WORKERS_LIMIT ? cpus : FM_WORKERS_LIMIT;
}

int fm__run_workers(unsigned count, fm__worker_main worker_main,
                    const fm_run_options *options)
{
    unsigned started;
    if (fm__home != NULL)
        fm__die("fm_run_workers was called in a task, or on a thread that has "
                "a run");
    if (count == 0)
        count = workers_cpus();
    if (count > FM_WORKERS_LIMIT)
        return -EINVAL;
    struct workers *workers = workers_new(count);
    if (workers == NULL)
        return -ENOMEM;
    workers->main = worker_main;
    workers->options = options;
    int rc = workers_start(workers, &started);
    if (rc == 0)
        workers_run(&workers->members[0]);
    for (unsigned i = 1; i < started; i++)
        fm__thread_join(&workers->members[i].thread);
    if (rc == 0)
        rc = workers->result;
    workers_free(workers);
    return rc;
}
