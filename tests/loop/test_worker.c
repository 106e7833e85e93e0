/*
 * test_worker.c - the pool of threads, without tasks
 */
#include "rig.h"

#include "loop/worker.h"

#include <pthread.h>
#include <semaphore.h>

/* A call that begins and ends when the test says so. */
struct errand {
    struct fm__call call;
    sem_t begun;
    sem_t go;
    sem_t released;
    unsigned done;
    pthread_t done_on;
};

static int errand_run(void *arg)
{
    struct errand *errand = arg;
    sem_post(&errand->begun);
    while (sem_wait(&errand->go) < 0)
        ;
    return 17;
}

static void errand_done(struct fm__call *call)
{
    struct errand *errand = FM__CONTAINER(call, struct errand, call);
    errand->done++;
    errand->done_on = pthread_self();
}

static void errand_release(void *arg)
{
    struct errand *errand = arg;
    sem_post(&errand->released);
}

static void errand_init(struct errand *errand)
{
    memset(errand, 0, sizeof *errand);
    sem_init(&errand->begun, 0, 0);
    sem_init(&errand->go, 0, 0);
    sem_init(&errand->released, 0, 0);
    errand->call.fn = errand_run;
    errand->call.arg = errand;
    errand->call.done = errand_done;
}

static void errand_begin(struct rig *rig, struct errand *errand)
{
    errand_init(errand);
    CHECK_INT(fm__worker_call(&rig->loop, &errand->call), 0);
    while (sem_wait(&errand->begun) < 0)
        ;
}

static void errand_end(struct rig *rig, struct errand *errand)
{
    sem_post(&errand->go);
    while (errand->done == 0)
        rig_turn(rig);
    CHECK_INT(errand->done, 1);
    CHECK_INT(errand->call.result, 17);
}

TEST(a_call_is_done_on_the_loops_thread)
{
    struct rig rig;
    struct errand errand;
    rig_open(&rig);
    errand_begin(&rig, &errand);
    CHECK_INT(rig.loop.remote_expected, 1);
    errand_end(&rig, &errand);
    CHECK(pthread_equal(errand.done_on, pthread_self()));
    CHECK_INT(rig.loop.remote_expected, 0);
    rig_close(&rig);
}

TEST(only_a_call_that_has_not_begun_can_be_withdrawn)
{
    struct rig rig;
    struct errand first, second;
    rig_open(&rig);
    rig.loop.workers_limit = 1;
    errand_begin(&rig, &first);
    errand_init(&second);
    CHECK_INT(fm__worker_call(&rig.loop, &second.call), 0);
    CHECK(!fm__worker_withdraw(&first.call));
    CHECK(!fm__worker_abandon(&second.call, errand_release));
    CHECK(fm__worker_withdraw(&second.call));
    errand_end(&rig, &first);
    CHECK(!fm__worker_withdraw(&first.call));
    CHECK(!fm__worker_abandon(&first.call, errand_release));
    CHECK_INT(second.done, 0);
    rig_close(&rig);
}

TEST(an_abandoned_call_is_released_and_never_done)
{
    struct rig rig;
    struct errand errand, next;
    rig_open(&rig);
    rig.loop.workers_limit = 1;
    errand_begin(&rig, &errand);
    CHECK(fm__worker_abandon(&errand.call, errand_release));
    CHECK_INT(rig.loop.remote_expected, 0);
    errand_init(&next);
    CHECK_INT(fm__worker_call(&rig.loop, &next.call), 0);
    sem_post(&errand.go);
    while (sem_wait(&errand.released) < 0)
        ;
    errand_end(&rig, &next); /* the same thread serves again */
    CHECK_INT(errand.done, 0);
    rig_close(&rig);
}

static void close_amid_a_call(void *arg)
{
    struct rig *rig = arg;
    struct errand errand;
    rig_open(rig);
    errand_begin(rig, &errand);
    fm__loop_close(&rig->loop);
}

TEST(a_loop_does_not_close_with_a_call_on_its_threads)
{
    struct rig rig;
    CHECK_DIES(close_amid_a_call, &rig,
               "a loop was closed with 1 calls on its threads");
}

TEST(a_loop_that_makes_no_calls_has_no_threads)
{
    struct rig rig;
    rig_open(&rig);
    rig_look(&rig);
    CHECK(rig.loop.workers == NULL);
    rig_close(&rig);
}
