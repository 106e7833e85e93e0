/*
 * sweep_waits.c - scenarios: gathering, settling, sleeping, yielding
 */
#include "fault/sweep.h"

#include "harness.h"

static int gathers(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(napper, .ticks = 3), fm_go(napper, .ticks = 1),
                     fm_go(yielder, 3), fm_go(napper, .ticks = 0),
                     fm_go(napper, .ticks = 2));
}

static const char *all_five(int rc)
{
    return rc == 0 && sweep_over() != 5 ? "not all are done" : NULL;
}

static int gathers_until_a_failure(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(waiter), fm_go(stubborn, 3), fm_go(waiter),
                     fm_go(napper, .ticks = 1, .result = -EPROTO),
                     fm_go(waiter));
}

static int gathers_results(void *arg)
{
    fm_task *tasks[6];
    int results[6];
    (void)arg;
    for (int i = 0; i < 6; i++)
        tasks[i] = fm_go(napper, .ticks = 6 - i, .result = i);
    int rc = fm_gather_array(tasks, 6, results);
    for (int i = 0; i < 6; i++)
        sweep_state.noted += results[i] == i;
    return rc;
}

static const char *each_in_its_place(int rc)
{
    return rc == 0 && sweep_state.noted != 6 ? "a result is lost" : NULL;
}

struct gatherer {
    int depth;
};

static int gatherer(struct gatherer *self)
{
    void *block;
    int rc = sweep_begin(&block);
    int depth = self->depth - 1;
    if (rc == 0 && self->depth == 0)
        rc = sweep_sleep(1);
    else if (rc == 0)
        rc = fm_gather(fm_go(gatherer, depth), fm_go(gatherer, depth));
    return sweep_end(block, rc);
}

static int gathers_gatherers(void *arg)
{
    (void)arg;
    return fm_await(fm_go(gatherer, 3));
}

static int settles(void *arg)
{
    int results[5];
    fm_task *tasks[5] = {
        fm_go(napper, .ticks = 1, .result = -EPROTO),
        fm_go(napper, .ticks = 2, .result = 7),
        fm_go(stubborn, 2),
        fm_go(napper, .result = -EPIPE),
        fm_go(yielder, 2),
    };
    (void)arg;
    int rc = fm_settle(tasks, 5, results);
    for (int i = 0; i < 5 && rc > 0; i++) {
        bool own = results[i] == -EPROTO || results[i] == -EPIPE;
        if (results[i] < 0 && !own)
            return results[i];
    }
    return rc;
}

static int yields(void *arg)
{
    fm_task *tasks[8];
    (void)arg;
    for (int i = 0; i < 8; i++)
        tasks[i] = fm_go(yielder, i);
    return fm_gather_array(tasks, 8, NULL);
}

static int sleeper_until(void *arg)
{
    const int64_t *deadline = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_sleep_until(*deadline);
    sweep_state.noted += rc == 0 && fm_now() < *deadline;
    return sweep_end(block, rc);
}

static int sleeps_until_moments(void *arg)
{
    int64_t deadlines[4];
    fm_task *tasks[4];
    int64_t tick = (int64_t)(sweep_ticks(1) * 1e9);
    (void)arg;
    for (int i = 0; i < 4; i++) {
        deadlines[i] = fm_now() + (2 - i) * tick;
        tasks[i] = fm_start(sleeper_until, &deadlines[i]);
    }
    return fm_gather_array(tasks, 4, NULL);
}

static const char *never_early(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a sleep ended too early" : NULL;
}

/* More calls in a row than a budget has. */
static int talkative(void)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 150; i++)
        rc = fm_await(fm_go(napper, .ticks = 0));
    return sweep_end(block, rc);
}

static int talks_much(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(talkative), fm_go(talkative));
}

/* It ignores its cancel, and still ends. */
static int deaf(void)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 300; i++)
        (void)fm_yield();
    return sweep_end(block, rc);
}

static int stops_the_deaf(void *arg)
{
    (void)arg;
    fm_task *task = fm_go(deaf);
    int rc = fm_yield();
    int result = fm_stop(task);
    return rc < 0 ? rc : result;
}

static int a_thousand(void *arg)
{
    fm_task *tasks[1000];
    (void)arg;
    for (int i = 0; i < 1000; i++)
        tasks[i] = fm_go(napper, .ticks = i % 7);
    return fm_gather_array(tasks, 1000, NULL);
}

static const char *all_thousand(int rc)
{
    return rc == 0 && sweep_over() != 1000 ? "not all are done" : NULL;
}

const struct scenario sweep_waits[] = {
    {"gather", gathers, .wrong = all_five},
    {"gather-failure", gathers_until_a_failure, .result = -EPROTO},
    {"gather-results", gathers_results, .wrong = each_in_its_place},
    {"gather-tree", gathers_gatherers, .result = 0},
    {"settle", settles, .result = 2, .also = {3, 4, 5}},
    {"yields", yields, .result = 0},
    {"until", sleeps_until_moments, .wrong = never_early},
    {"budget", talks_much, .dear = true},
    {"deaf", stops_the_deaf, .result = 0},
    {"thousand", a_thousand, .wrong = all_thousand, .dear = true},
    {.name = NULL},
};
