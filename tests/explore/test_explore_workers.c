/*
 * test_explore_workers.c - calls on a pool of threads, in every schedule
 *
 * An errand is a call and what has become of it. Once it was let go its call
 * is gone, and once the loop has closed so is that.
 */
#include "explore_loop.h"

#include "loop/worker.h"

#include <errno.h>

enum {
    ERRANDS = 4,
    RESULT = 17
};

struct errand {
    struct fm__call call;
    struct errand_life *life;
};

/* Outlives the call where that was abandoned. */
struct errand_life {
    struct fm__atomic_word begun;
    struct fm__atomic_word released;
    unsigned done;
    bool withdrawn;
    bool abandoned;
    unsigned order;             /* of beginning, from 1 */
    struct errand_life *friend; /* without whom it does not return */
};

static struct {
    struct fm__loop loop;
    struct errand errands[ERRANDS];
    struct errand_life lives[ERRANDS];
    struct fm__mutex lock;
    struct fm__condition met;
    unsigned begun;
} town;

static void errand_meet(struct errand_life *life)
{
    fm__mutex_lock(&town.lock);
    life->order = ++town.begun;
    fm__condition_wake_all(&town.met);
    while (life->friend != NULL && life->friend->order == 0)
        fm__condition_wait(&town.met, &town.lock);
    fm__mutex_unlock(&town.lock);
}

static int errand_run(void *arg)
{
    struct errand_life *life = arg;
    HOLDS(fm__atomic_add(&life->begun, 1) == 0);
    HOLDS(!life->withdrawn);
    errand_meet(life);
    HOLDS(life->done == 0 && !life->withdrawn);
    return RESULT;
}

static void errand_done(struct fm__call *call)
{
    struct errand_life *life = FM__CONTAINER(call, struct errand, call)->life;
    HOLDS(life->done++ == 0);
    HOLDS(!life->withdrawn && !life->abandoned);
    HOLDS(call->result == RESULT && life->order > 0);
}

static void errand_release(void *arg)
{
    struct errand_life *life = arg;
    HOLDS(life->order > 0 && life->done == 0);
    HOLDS(fm__atomic_add(&life->released, 1) == 0);
}

static void town_open(unsigned workers)
{
    loop_open(&town.loop);
    town.loop.workers_limit = workers;
    for (unsigned i = 0; i < ERRANDS; i++) {
        struct errand *errand = &town.errands[i];
        errand->life = &town.lives[i];
        errand->call.fn = errand_run;
        errand->call.arg = errand->life;
        errand->call.done = errand_done;
    }
}

static void errand_send(unsigned number)
{
    HOLDS(fm__worker_call(&town.loop, &town.errands[number].call) == 0);
}

static void errand_wait(unsigned number)
{
    while (town.lives[number].done == 0)
        loop_turn(&town.loop);
}

static void errand_withdraw(unsigned number)
{
    if (fm__worker_withdraw(&town.errands[number].call))
        town.lives[number].withdrawn = true;
    else
        errand_wait(number);
}

/* As a task does it that is cut. */
static void errand_let_go(unsigned number)
{
    struct fm__call *call = &town.errands[number].call;
    struct errand_life *life = &town.lives[number];
    life->withdrawn = fm__worker_withdraw(call);
    life->abandoned =
        !life->withdrawn && fm__worker_abandon(call, errand_release);
    if (life->withdrawn || life->abandoned)
        explore_gone(call, sizeof *call);
    else
        errand_wait(number);
}

/* What was abandoned is released whenever its thread has returned. */
static void town_close(unsigned errands)
{
    loop_close(&town.loop);
    for (unsigned i = 0; i < errands; i++) {
        struct errand_life *life = &town.lives[i];
        while (life->abandoned && fm__atomic_load(&life->released) == 0)
            fm__thread_yield();
        HOLDS(life->done + life->withdrawn + life->abandoned == 1);
        HOLDS((life->order > 0) == !life->withdrawn);
    }
}

/* ---- Calls -------------------------------------------------------------- */

static void call_one(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_wait(0);
    town_close(1);
}

TEST(a_call_returns_exactly_once)
{
    explore(call_one, &town, sizeof town);
}

static void call_two_on_one(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_send(1);
    errand_wait(1);
    HOLDS(town.lives[0].order == 1 && town.lives[0].done == 1);
    town_close(2);
}

TEST(two_calls_on_one_worker_return_in_order)
{
    explore(call_two_on_one, &town, sizeof town);
}

static void errand_befriend(unsigned one, unsigned other)
{
    town.lives[one].friend = &town.lives[other];
    town.lives[other].friend = &town.lives[one];
}

static void call_two(void *self)
{
    (void)self;
    town_open(2);
    errand_befriend(0, 1);
    errand_send(0);
    errand_send(1);
    errand_wait(0);
    errand_wait(1);
    town_close(2);
}

TEST(two_calls_that_need_each_other_have_a_worker_each)
{
    explore(call_two, &town, sizeof town);
}

static void call_two_again(void *self)
{
    (void)self;
    explore_still(true);
    town_open(2);
    errand_befriend(0, 1);
    errand_befriend(2, 3);
    errand_send(0);
    errand_send(1);
    errand_wait(0);
    errand_wait(1);
    explore_still(false);
    errand_send(2);
    errand_send(3);
    errand_wait(2);
    errand_wait(3);
    town_close(4);
}

TEST(two_calls_that_need_each_other_wake_a_worker_each)
{
    explore(call_two_again, &town, sizeof town);
}

static void call_one_without_thread(void *self)
{
    (void)self;
    town_open(2);
    errand_send(0);
    explore_refuse_threads();
    errand_send(1);
    errand_wait(0);
    errand_wait(1);
    town_close(2);
}

TEST(a_call_whose_thread_is_refused_waits_for_another)
{
    explore(call_one_without_thread, &town, sizeof town);
}

/* ---- Cuts --------------------------------------------------------------- */

static void withdraw_one(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_withdraw(0);
    town_close(1);
}

TEST(a_call_that_is_withdrawn_never_runs)
{
    explore(withdraw_one, &town, sizeof town);
}

static void withdraw_behind(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_send(1);
    errand_send(2);
    errand_withdraw(1);
    errand_wait(2);
    errand_wait(0);
    town_close(3);
}

TEST(a_call_that_is_withdrawn_lets_the_next_one_run)
{
    explore(withdraw_behind, &town, sizeof town);
}

static void abandon_one(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_let_go(0);
    town_close(1);
}

TEST(a_call_that_is_abandoned_is_released_once_and_touches_no_loop)
{
    explore(abandon_one, &town, sizeof town);
}

static void abandon_before(void *self)
{
    (void)self;
    town_open(1);
    errand_send(0);
    errand_send(1);
    errand_let_go(0);
    errand_wait(1);
    town_close(2);
}

TEST(a_worker_that_was_abandoned_takes_the_next_call)
{
    explore(abandon_before, &town, sizeof town);
}

/* Both wait for a third, which is no call. */
static void abandon_two(void *self)
{
    (void)self;
    explore_still(true);
    town_open(2);
    town.lives[0].friend = &town.lives[2];
    town.lives[1].friend = &town.lives[2];
    errand_send(0);
    errand_send(1);
    while (town.begun < 2)
        fm__thread_yield();
    explore_still(false);
    errand_meet(&town.lives[2]);
    errand_let_go(0);
    errand_let_go(1);
    town_close(2);
}

TEST(the_last_of_two_abandoned_workers_frees_the_pool)
{
    explore(abandon_two, &town, sizeof town);
}
