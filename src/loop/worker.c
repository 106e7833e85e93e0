/*
 * worker.c - a pool of threads for one loop
 *
 * Invariant: under the lock, there are as many idle workers as queued calls,
 * or the pool is at its limit; and while calls are queued and workers sleep,
 * one is on its way. Only one at a time: who takes a call sends the next, so
 * short calls do not wake a herd, and long ones have a worker each. Idle is
 * who looks at the queue without delay: also a worker that is about to begin,
 * or has its result to post.
 *
 * The pool is the loop's and each thread's: one that is still in an abandoned
 * call when the loop closes goes on alone, and the last one out frees it. So
 * nothing that a worker touches after an abandoned call is the loop's.
 */
#include "loop/worker.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"

#include <errno.h>
#include <stdio.h>

struct fm__worker {
    struct fm__workers *pool;
    struct fm__thread thread;
    unsigned number;            /* from 1 */
    bool abandoned;             /* what it runs */
    void (*release)(void *arg); /* if so */
};

struct fm__workers {
    struct fm__guest guest;
    struct fm__mutex lock;
    struct fm__condition queued;
    struct fm__list queue;
    unsigned waiting; /* calls in the queue */
    unsigned idle;
    unsigned asleep; /* of these */
    bool waking;     /* one of them is on its way */
    unsigned users;  /* the loop, and the threads */
    bool closing;
    struct fm__loop *loop;
    size_t calls;       /* in flight; the loop's thread alone */
    uint64_t submitted; /* since there is a pool; likewise */
    size_t lingering;   /* of these */
    unsigned count;     /* of threads; the loop's thread alone */
    unsigned limit;
    struct fm__worker workers[];
};

/* ---- On a worker -------------------------------------------------------- */

/* Whether one is to be woken, which is up to the caller then. */
static bool worker_is_wanted(struct fm__workers *pool)
{
    if (pool->waiting == 0 || pool->asleep == 0 || pool->waking)
        return false;
    pool->waking = true;
    return true;
}

/* The next call; NULL: the pool closes. The worker counts as idle. */
static struct fm__call *worker_next(struct fm__workers *pool)
{
    while (fm__list_empty(&pool->queue) && !pool->closing) {
        pool->asleep++;
        fm__condition_wait(&pool->queued, &pool->lock);
        pool->asleep--;
        pool->waking = false;
    }
    struct fm__list *first = fm__list_shift(&pool->queue);
    if (first == NULL)
        return NULL;
    pool->waiting--;
    pool->idle--;
    if (worker_is_wanted(pool))
        fm__condition_wake_one(&pool->queued);
    return FM__CONTAINER(first, struct fm__call, link);
}

/* Once it is posted the call is the loop's, and may be gone. Idle by then:
 * whoever is woken by it and calls again shall find this worker. */
static void worker_return(struct fm__workers *pool, struct fm__call *call,
                          int result)
{
    call->result = result;
    call->state = FM__CALL_RETURNED;
    pool->idle++;
    fm__mutex_unlock(&pool->lock);
    fm__loop_post(call->loop, &call->work);
    fm__mutex_lock(&pool->lock);
}

static void worker_release(struct fm__worker *self, void *arg)
{
    void (*release)(void *arg) = self->release;
    fm__mutex_unlock(&self->pool->lock);
    release(arg);
    fm__mutex_lock(&self->pool->lock);
    self->abandoned = false;
    self->pool->idle++;
}

static void worker_run_call(struct fm__worker *self, struct fm__call *call)
{
    struct fm__workers *pool = self->pool;
    int (*fn)(void *arg) = call->fn;
    void *arg = call->arg;
    call->state = FM__CALL_RUNNING;
    call->worker = self;
    fm__mutex_unlock(&pool->lock);
    int result = fn(arg);
    fm__mutex_lock(&pool->lock);
    if (self->abandoned)
        worker_release(self, arg);
    else
        worker_return(pool, call, result);
}

/* The last of its users takes the lock with it. */
static void worker_leave(struct fm__workers *pool)
{
    bool last = --pool->users == 0;
    fm__mutex_unlock(&pool->lock);
    if (!last)
        return;
    fm__condition_fini(&pool->queued);
    fm__mutex_fini(&pool->lock);
    fm__memory_free(pool);
}

static void *worker_main(void *arg)
{
    struct fm__worker *self = arg;
    struct fm__workers *pool = self->pool;
    char name[16];
    snprintf(name, sizeof name, "fm-worker-%u", self->number % 100000);
    fm__thread_name(name);
    fm__mutex_lock(&pool->lock);
    struct fm__call *call;
    while ((call = worker_next(pool)) != NULL)
        worker_run_call(self, call);
    worker_leave(pool);
    return NULL;
}

/* ---- On the loop's thread ----------------------------------------------- */

static void worker_over(struct fm__call *call)
{
    call->loop->workers->calls--;
    call->loop->workers->lingering -= call->lingers;
    call->loop->remote_expected--;
}

static void worker_done(struct fm__work *work)
{
    struct fm__call *call = FM__CONTAINER(work, struct fm__call, work);
    worker_over(call);
    call->done(call);
}

/* Each of them is idle, or in an abandoned call, about which nobody can say
 * how long it takes, or in one that lingers. */
static void worker_close(struct fm__guest *guest)
{
    struct fm__workers *pool = FM__CONTAINER(guest, struct fm__workers, guest);
    if (pool->calls > pool->lingering)
        fm__die("a loop was closed with %zu calls on its threads", pool->calls);
    fm__mutex_lock(&pool->lock);
    pool->closing = true;
    for (unsigned i = 0; i < pool->count; i++) {
        struct fm__worker *worker = &pool->workers[i];
        if (!worker->abandoned)
            continue;
        fm__thread_detach(&worker->thread);
        worker->number = 0;
    }
    fm__mutex_unlock(&pool->lock);
    fm__condition_wake_all(&pool->queued);
    for (unsigned i = 0; i < pool->count; i++) {
        if (pool->workers[i].number > 0)
            fm__thread_join(&pool->workers[i].thread);
    }
    if (pool->lingering > 0)
        fm__loop_finish(pool->loop);
    fm__mutex_lock(&pool->lock);
    worker_leave(pool);
}

static unsigned worker_limit(const struct fm__loop *loop)
{
    unsigned few = fm__thread_cpus() + FM__WORKERS_SPARE;
    unsigned limit = loop->workers_limit;
    if (limit == 0)
        limit = few < FM__WORKERS_DEFAULT ? few : FM__WORKERS_DEFAULT;
    return limit < FM__WORKERS_MAX ? limit : FM__WORKERS_MAX;
}

static struct fm__workers *worker_pool(struct fm__loop *loop)
{
    if (loop->workers != NULL)
        return loop->workers;
    unsigned limit = worker_limit(loop);
    struct fm__workers *pool =
        fm__memory_new(sizeof *pool + limit * sizeof(struct fm__worker));
    if (pool == NULL)
        return NULL;
    fm__mutex_init(&pool->lock);
    fm__condition_init(&pool->queued);
    fm__list_init(&pool->queue);
    pool->loop = loop;
    pool->users = 1;
    pool->limit = limit;
    pool->guest.leave = worker_close;
    fm__loop_guest(loop, &pool->guest);
    loop->workers = pool;
    return pool;
}

int fm__worker_prepare(struct fm__loop *loop)
{
    return worker_pool(loop) != NULL ? 0 : -ENOMEM;
}

static int worker_start(struct fm__workers *pool)
{
    struct fm__worker *worker = &pool->workers[pool->count];
    worker->pool = pool;
    worker->number = pool->count + 1;
    int rc = fm__thread_start(&worker->thread, worker_main, worker);
    pool->count += rc == 0;
    return rc;
}

/* The thread it was to have did not start: there are others, or there is
 * nobody who could have taken it. */
static int worker_refused(struct fm__workers *pool, struct fm__call *call,
                          int rc)
{
    fm__mutex_lock(&pool->lock);
    pool->idle--;
    pool->users--;
    if (pool->count == 0) {
        fm__list_remove(&call->link);
        pool->waiting--;
    }
    fm__mutex_unlock(&pool->lock);
    return pool->count == 0 ? rc : 0;
}

int fm__worker_call(struct fm__loop *loop, struct fm__call *call)
{
    struct fm__workers *pool = worker_pool(loop);
    if (pool == NULL)
        return -ENOMEM;
    call->loop = loop;
    call->work.run = worker_done;
    call->state = FM__CALL_QUEUED;
    call->lingers = false;
    fm__mutex_lock(&pool->lock);
    fm__list_push(&pool->queue, &call->link);
    bool more = ++pool->waiting > pool->idle && pool->count < pool->limit;
    pool->idle += more;
    pool->users += more;
    bool wake = !more && worker_is_wanted(pool);
    fm__mutex_unlock(&pool->lock);
    if (wake)
        fm__condition_wake_one(&pool->queued);
    int rc = more ? worker_start(pool) : 0;
    if (rc < 0)
        rc = worker_refused(pool, call, rc);
    pool->calls += rc == 0;
    pool->submitted += rc == 0;
    loop->remote_expected += rc == 0;
    return rc;
}

bool fm__worker_withdraw(struct fm__call *call)
{
    struct fm__workers *pool = call->loop->workers;
    fm__mutex_lock(&pool->lock);
    bool queued = call->state == FM__CALL_QUEUED;
    if (queued) {
        fm__list_remove(&call->link);
        pool->waiting--;
    }
    fm__mutex_unlock(&pool->lock);
    if (queued)
        worker_over(call);
    return queued;
}

void fm__worker_linger(struct fm__call *call)
{
    call->lingers = true;
    call->loop->workers->lingering++;
}

bool fm__worker_abandon(struct fm__call *call, void (*release)(void *arg))
{
    struct fm__workers *pool = call->loop->workers;
    fm__mutex_lock(&pool->lock);
    bool running = call->state == FM__CALL_RUNNING;
    if (running) {
        call->worker->release = release;
        call->worker->abandoned = true;
    }
    fm__mutex_unlock(&pool->lock);
    if (running)
        worker_over(call);
    return running;
}

struct fm__workers_count fm__workers_count(const struct fm__loop *loop)
{
    const struct fm__workers *pool = loop->workers;
    if (pool == NULL)
        return (struct fm__workers_count){0};
    return (struct fm__workers_count){
        .threads = pool->count,
        .calls = pool->calls,
        .submitted = pool->submitted,
    };
}
