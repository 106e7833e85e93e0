/*
 * sweep_threads.c - calls on threads, posts, and signals
 *
 * What is abandoned ends before its scenario does, so that each run starts
 * with nobody about.
 */
#include "fault/sweep.h"

#include "base/memory.h"

#include <math.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

/* ---- Calls -------------------------------------------------------------- */

static int answer_there(void *arg)
{
    sched_yield();
    return *(int *)arg;
}

struct caller {
    int answer;
    int times;
};

static int caller(struct caller *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc >= 0 && i < self->times; i++) {
        rc = fm_thread_run(answer_there, &self->answer);
        sweep_state.noted += rc >= 0 && rc != self->answer;
    }
    return sweep_end(block, rc < 0 ? rc : 0);
}

static int calls(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(caller, 1, 2), fm_go(caller, 2, 1),
                     fm_go(caller, 3, 1), fm_go(caller, 4, 1));
}

static int calls_in_time(void *arg)
{
    int rc, answer = 7;
    (void)arg;
    FM_TIMEOUT(60, rc) {
        rc = fm_thread_run(answer_there, &answer);
        sweep_state.noted += rc >= 0 && rc != 7;
    }
    return rc < 0 ? rc : 0;
}

static const char *right_answers(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a call returned another's result" : NULL;
}

/* ---- Abandoned ---------------------------------------------------------- */

static unsigned owned; /* arguments that nobody has freed */

static void *own(void)
{
    void *block = fm__memory_new(64);
    if (block != NULL)
        __atomic_add_fetch(&owned, 1, __ATOMIC_SEQ_CST);
    return block;
}

static void disown(void *block)
{
    fm__memory_free(block);
    __atomic_sub_fetch(&owned, 1, __ATOMIC_SEQ_CST);
}

static int use_block(void *arg)
{
    volatile char *block = arg;
    for (int i = 0; i < 64; i++) {
        block[i] = (char)i;
        sched_yield();
    }
    return 0;
}

static int abandoner(void)
{
    static const fm_thread_options options = {.abandon = disown};
    void *block;
    int rc = sweep_begin(&block);
    void *argument = rc == 0 ? own() : NULL;
    if (rc == 0 && argument == NULL)
        rc = -ENOMEM;
    if (rc == 0)
        rc = fm_thread_run(use_block, argument, &options);
    if (argument != NULL && rc != -ECANCELED && rc != -ETIMEDOUT)
        disown(argument);
    return sweep_end(block, rc);
}

static int abandons(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(1), rc) {
        rc = fm_gather(fm_go(abandoner), fm_go(abandoner));
    }
    while (__atomic_load_n(&owned, __ATOMIC_SEQ_CST) > 0)
        sched_yield();
    return rc == -ETIMEDOUT ? 0 : rc;
}

/* ---- Posts -------------------------------------------------------------- */

static void count_post(void *arg)
{
    ++*(int *)arg;
}

struct postman {
    fm_remote *remote;
    int heard;
    int said;
};

static int post_three(void *arg)
{
    struct postman *self = arg;
    for (int i = 0; i < 3; i++)
        self->said += fm_post(self->remote, count_post, &self->heard) == 0;
    return 0;
}

static struct postman postman;

static int posts(void *arg)
{
    (void)arg;
    postman = (struct postman){.remote = fm_remote_get()};
    if (postman.remote == NULL)
        return -ENOMEM;
    int rc = fm_thread_run(post_three, &postman);
    post_three(&postman);
    fm_remote_put(postman.remote);
    return rc;
}

static const char *all_posts_were_run(int rc)
{
    (void)rc;
    return postman.heard != postman.said ? "a post was lost" : NULL;
}

/* ---- Signals ------------------------------------------------------------ */

/* Ours while a scenario runs: where a block cannot be opened, this hears. */
static volatile sig_atomic_t heard_outside;

static void hear_outside(int number)
{
    (void)number;
    heard_outside = heard_outside + 1;
}

static int with_own_handler(int (*scenario)(void))
{
    struct sigaction own = {.sa_handler = hear_outside}, before, after;
    heard_outside = 0;
    sigaction(SIGUSR2, &own, &before);
    int rc = scenario();
    sigaction(SIGUSR2, &before, &after);
    sweep_state.noted += after.sa_handler != hear_outside;
    return rc;
}

static int listener(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_signal_wait(SIGUSR2, SIGWINCH);
    return sweep_end(block, rc < 0 ? rc : 0);
}

/* With the timeout, for a task that was cancelled leaves its signal to the
 * block's end. */
static int hears(void)
{
    int rc, late;
    FM_SIGMASK(rc, SIGUSR2) {
        fm_task *task = fm_go(listener);
        rc = fm_yield();
        raise(SIGUSR2);
        FM_TIMEOUT(60, late) {
            late = fm_await(task);
        }
        rc = rc < 0 ? rc : late;
    }
    return rc;
}

static int hears_a_signal(void *arg)
{
    (void)arg;
    return with_own_handler(hears);
}

static int leaves_a_signal(void)
{
    int rc, inner = 0;
    bool raised = false;
    FM_SIGMASK(rc, SIGUSR2, SIGINT) {
        raised = true;
        FM_SIGMASK(inner, SIGUSR2) {
            inner = fm_yield();
            raise(SIGUSR2);
        }
        raise(SIGUSR2);
        sweep_state.noted += heard_outside > 0;
        rc = fm_yield();
    }
    sweep_state.noted += raised != (heard_outside == 1);
    return rc < 0 ? rc : inner;
}

static int raises_again(void *arg)
{
    (void)arg;
    return with_own_handler(leaves_a_signal);
}

static const char *dispositions_are_kept(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a signal went astray" : NULL;
}

const struct scenario sweep_threads[] = {
    {"thread-calls", calls, .wrong = right_answers},
    {"thread-in-time", calls_in_time, .wrong = right_answers},
    {"thread-abandon", abandons, .result = 0},
    {"posts", posts, .wrong = all_posts_were_run},
    {"signal-wait", hears_a_signal, .wrong = dispositions_are_kept},
    {"signal-block", raises_again, .wrong = dispositions_are_kept},
    {.name = NULL},
};
