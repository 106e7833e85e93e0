/*
 * test_wake.c - other threads and signals wake a loop, and none is missed
 */
#include "rig.h"

#include "base/fault.h"

#include <pthread.h>
#include <signal.h>

enum {
    THREADS = 4
};

static size_t posts_each(void)
{
    return test_many(50000);
}

/* One post after the other, as fast as a thread can. */
struct poster {
    struct flood *flood;
    pthread_t thread;
    struct letter *letters;
    size_t read;
};

struct letter {
    struct fm__work work;
    struct poster *poster;
    size_t number;
};

struct flood {
    struct rig rig;
    struct poster posters[THREADS];
    size_t left;
};

static void letter_read(struct fm__work *work)
{
    struct letter *letter = FM__CONTAINER(work, struct letter, work);
    struct poster *poster = letter->poster;
    CHECK_INT(letter->number, poster->read);
    poster->read++;
    poster->flood->left--;
}

static void *post_all(void *arg)
{
    struct poster *poster = arg;
    for (size_t i = 0; i < posts_each(); i++) {
        struct letter *letter = &poster->letters[i];
        letter->work.run = letter_read;
        letter->poster = poster;
        letter->number = i;
        fm__loop_post(&poster->flood->rig.loop, &letter->work);
    }
    return NULL;
}

TEST(posts_of_each_thread_arrive_all_and_in_order)
{
    static struct flood flood;
    memset(&flood, 0, sizeof flood);
    rig_open(&flood.rig);
    flood.rig.loop.remote_expected = THREADS;
    flood.left = THREADS * posts_each();
    for (int i = 0; i < THREADS; i++) {
        struct poster *poster = &flood.posters[i];
        poster->flood = &flood;
        poster->letters = calloc(posts_each(), sizeof *poster->letters);
        pthread_create(&poster->thread, NULL, post_all, poster);
    }
    while (flood.left > 0)
        rig_turn(&flood.rig);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(flood.posters[i].thread, NULL);
        CHECK_INT(flood.posters[i].read, posts_each());
        free(flood.posters[i].letters);
    }
    rig_close(&flood.rig);
}

/* The thread posts only after the loop has answered, so each post meets a
 * loop that sleeps or is about to: one lost wake-up and both wait for ever. */
struct rally {
    struct rig rig;
    struct fm__work ball;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    size_t played;
    size_t rounds;
};

static void ball_returned(struct fm__work *work)
{
    struct rally *rally = FM__CONTAINER(work, struct rally, ball);
    pthread_mutex_lock(&rally->lock);
    rally->played++;
    pthread_cond_signal(&rally->cond);
    pthread_mutex_unlock(&rally->lock);
}

static void *serve_balls(void *arg)
{
    struct rally *rally = arg;
    for (size_t i = 0; i < rally->rounds; i++) {
        fm__loop_post(&rally->rig.loop, &rally->ball);
        pthread_mutex_lock(&rally->lock);
        while (rally->played <= i)
            pthread_cond_wait(&rally->cond, &rally->lock);
        pthread_mutex_unlock(&rally->lock);
    }
    return NULL;
}

TEST(no_wake_up_is_lost_between_a_look_and_a_sleep)
{
    static struct rally rally;
    pthread_t thread;
    rally = (struct rally){.lock = PTHREAD_MUTEX_INITIALIZER,
                           .cond = PTHREAD_COND_INITIALIZER};
    rally.rounds = test_many(20000);
    rally.ball.run = ball_returned;
    rig_open(&rally.rig);
    rally.rig.loop.remote_expected = 1;
    pthread_create(&thread, NULL, serve_balls, &rally);
    while (rally.played < rally.rounds)
        rig_turn(&rally.rig);
    pthread_join(thread, NULL);
    rig_close(&rally.rig);
}

static size_t interrupts;
static struct fm__work interrupt_work;

static void count_interrupt(struct fm__work *work)
{
    (void)work;
    interrupts++;
}

static void interrupted(struct fm__loop *loop)
{
    interrupt_work.run = count_interrupt;
    fm__loop_ready(loop, &interrupt_work);
}

static void *interrupt_loop(void *arg)
{
    fm__loop_interrupt(arg);
    return NULL;
}

TEST(an_interrupt_of_another_thread_wakes_the_loop)
{
    struct rig rig;
    pthread_t thread;
    rig_open(&rig);
    rig.loop.remote_expected = 1;
    rig.loop.interrupted = interrupted;
    interrupts = 0;
    pthread_create(&thread, NULL, interrupt_loop, &rig.loop);
    while (interrupts == 0)
        rig_turn(&rig);
    pthread_join(thread, NULL);
    CHECK_INT(interrupts, 1);
    rig_close(&rig);
}

static struct fm__loop *signalled;

static void on_signal(int number)
{
    (void)number;
    fm__loop_interrupt(signalled);
}

static void *send_signal(void *arg)
{
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

TEST(a_signal_handler_wakes_the_loop_it_interrupts)
{
    struct rig rig;
    struct sigaction action = {.sa_handler = on_signal}, old;
    pthread_t thread, self = pthread_self();
    rig_open(&rig);
    rig.loop.remote_expected = 1;
    rig.loop.interrupted = interrupted;
    signalled = &rig.loop;
    interrupts = 0;
    sigaction(SIGUSR1, &action, &old);
    pthread_create(&thread, NULL, send_signal, &self);
    while (interrupts == 0)
        rig_turn(&rig);
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &old, NULL);
    rig_close(&rig);
}

static void nothing_run(struct fm__work *work)
{
    (void)work;
}

TEST(a_post_to_a_loop_that_is_awake_makes_no_call)
{
    struct rig rig;
    struct fm__fault_plan plan = {0};
    struct fm__work works[3];
    rig_open(&rig);
    fm__fault_plan = &plan;
    for (int i = 0; i < 3; i++) {
        works[i].run = nothing_run;
        fm__loop_post(&rig.loop, &works[i]);
    }
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 0);
    rig_look(&rig);
    rig_close(&rig);
}

/* However often the bell was rung for nothing, the loop sleeps again. */
TEST(a_bell_that_was_rung_in_vain_does_not_keep_the_loop_awake)
{
    struct rig rig;
    struct fm__fault_plan plan = {0};
    struct fm__work work = {.run = nothing_run};
    rig_open(&rig);
    rig.loop.remote_expected = 1;
    for (int i = 0; i < 5; i++) {
        CHECK(fm__loop_may_sleep(&rig.loop));
        fm__loop_post(&rig.loop, &work);
        fm__loop_awake(&rig.loop);
        rig_turn(&rig);
    }
    fm__fault_plan = &plan;
    rig_sleep(&rig, 5000000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 5);
    rig_close(&rig);
}

static void *post_work(void *arg)
{
    struct rig *rig = arg;
    fm__loop_post(&rig->loop, &rig->work);
    return NULL;
}

static void answered(struct fm__work *work)
{
    struct rig *rig = FM__CONTAINER(work, struct rig, work);
    rig->loop.remote_expected--;
}

/* On the simulator an hour passes at once, but not while somebody may post. */
TEST(time_does_not_jump_over_the_answer_of_another_thread)
{
    struct rig rig;
    pthread_t thread;
    rig_open(&rig);
    rig.loop.remote_expected = 1;
    rig.work.run = answered;
    rig.rang = false;
    fm__timer_init(&rig.timer, rig_rang);
    fm__timer_arm(&rig.loop, &rig.timer, INT64_C(3600000000000));
    pthread_create(&thread, NULL, post_work, &rig);
    while (rig.loop.remote_expected > 0)
        rig_turn(&rig);
    pthread_join(thread, NULL);
    CHECK(!rig.rang);
    fm__timer_disarm(&rig.loop, &rig.timer);
    rig_close(&rig);
}
