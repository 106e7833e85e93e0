/*
 * sweep_awaitables.c - scenarios: records that are awaited
 */
#include "fault/sweep.h"

#include "task/bell.h"
#include "task/record.h"

enum {
    NAPS = 6
};

/* Whatever happened, nothing is pending, armed or watched any more. */
static const char *all_is_over(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "something was left pending" : NULL;
}

static void notes(const fm_awaitable *awaitables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sweep_state.noted += !fm_awaitable_done(&awaitables[i]);
    sweep_state.noted += fm__current->awaitables != NULL;
}

static void naps(fm_awaitable *awaitables, double step)
{
    for (int i = 0; i < NAPS; i++)
        (void)fm_awaitable_sleep(&awaitables[i], sweep_ticks(step * i));
}

static int gathers_naps(void *arg)
{
    int rc = 0;
    FM_AWAITABLES(some, NAPS);
    (void)arg;
    for (int i = 0; rc == 0 && i < 3; i++) {
        naps(some, i);
        rc = fm_awaitable_gather(some, NAPS, NULL);
        notes(some, NAPS);
    }
    return rc;
}

static int settles_naps(void *arg)
{
    int results[NAPS];
    FM_AWAITABLES(some, NAPS);
    (void)arg;
    naps(some, 1);
    int rc = fm_awaitable_settle(some, NAPS, results);
    for (int i = 0; i < NAPS; i++)
        sweep_state.noted += results[i] != fm_awaitable_result(&some[i]);
    notes(some, NAPS);
    return rc;
}

static int names_naps(void *arg)
{
    int rc = 0, named = 0;
    FM_AWAITABLES(some, NAPS);
    (void)arg;
    naps(some, 0.5);
    while (rc >= 0) {
        rc = fm_awaitable_first(some, NAPS);
        named += rc >= 0;
    }
    if (rc == -ENOENT)
        sweep_state.noted += named != NAPS;
    return rc == -ENOENT ? 0 : rc;
}

static int is_out_of_time(void *arg)
{
    int rc;
    FM_AWAITABLES(some, NAPS);
    (void)arg;
    naps(some, 1000);
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = fm_awaitable_gather(some, NAPS, NULL);
    }
    notes(some, NAPS);
    return rc == -ETIMEDOUT ? 0 : rc;
}

/* ---- Things ------------------------------------------------------------- */

struct ringer {
    struct bell *bells;
};

static int ringer(struct ringer *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < NAPS; i++) {
        bell_ring(&self->bells[i % 2]);
        rc = i % 2 ? fm_yield() : sweep_sleep(1);
    }
    return sweep_end(block, rc);
}

/* Two bells, each awaited three times, and a time for when nobody rings. */
static int waits_for_bells(struct bell *bells)
{
    int which = 0;
    fm_when whens[2] = {when_bell(&bells[0]), when_bell(&bells[1])};
    FM_AWAITABLES(some, NAPS + 1);
    for (int i = 0; i < NAPS; i++)
        (void)fm_awaitable_begin(&some[i], &whens[i % 2]);
    (void)fm_awaitable_sleep(&some[NAPS], sweep_ticks(50));
    while (which >= 0 && which < NAPS)
        which = fm_awaitable_first(some, NAPS + 1);
    if (which < 0)
        return which;
    return fm_awaitable_settle(&some[NAPS], 1, NULL);
}

static int gathers_bells(void *arg)
{
    int rc = 0;
    struct bell bells[2] = {{.rings = 0}};
    (void)arg;
    fm_task *task = fm_go(ringer, bells);
    for (int i = 0; rc == 0 && i < 2; i++) {
        bells[0].rings = bells[1].rings = 0;
        rc = waits_for_bells(bells);
    }
    int result = rc < 0 ? fm_stop(task) : fm_await(task);
    for (int i = 0; i < 2; i++)
        sweep_state.noted += fm__watched(&bells[i].watchers);
    notes(NULL, 0);
    return rc < 0 ? rc : result;
}

/* ---- Futures ------------------------------------------------------------ */

struct setter {
    fm_future *future;
    int result;
};

static int setter(struct setter *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(1);
    (void)fm_future_set(self->future, rc < 0 ? rc : self->result, NULL);
    return sweep_end(block, rc);
}

static int waits_for_future(int result)
{
    fm_future *future = fm_future_new();
    fm_when when = fm_when_done(future);
    FM_AWAITABLES(some, 3);
    (void)fm_awaitable_begin(&some[0], &when);
    (void)fm_awaitable_begin(&some[1], &when);
    (void)fm_awaitable_sleep(&some[2], sweep_ticks(2));
    fm_task *task = fm_go(setter, future, result);
    if (task == NULL)
        (void)fm_future_set(future, -ENOMEM, NULL);
    int rc = fm_awaitable_gather(some, 3, NULL);
    int failed = fm_await(task);
    notes(some, 3);
    fm_future_put(future);
    return rc < 0 ? rc : failed;
}

static int a_future_comes(void *arg)
{
    (void)arg;
    return waits_for_future(3);
}

static int a_future_fails(void *arg)
{
    (void)arg;
    return waits_for_future(-EPROTO);
}

/* ---- Several tasks ------------------------------------------------------ */

struct member {
    int share;
    fm_awaitable *awaitables;
};

static int member(struct member *self)
{
    void *block;
    int rc = sweep_begin(&block);
    naps(self->awaitables, self->share);
    if (rc == 0 && self->share % 2 == 0)
        rc = fm_awaitable_gather(self->awaitables, NAPS, NULL);
    /* The others leave theirs pending. */
    else if (rc == 0)
        rc = sweep_sleep(1);
    return sweep_end(block, rc);
}

static int members(void *arg)
{
    int rc;
    fm_awaitable all[4][NAPS] = {0};
    (void)arg;
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 4; i++)
            rc = fm_group_go(group, member, i, all[i]);
        if (rc < 0)
            fm_group_cancel(group);
    }
    notes(all[0], 4 * NAPS);
    return rc;
}

const struct scenario sweep_awaitables[] = {
    {"awaitables-gather", gathers_naps, .wrong = all_is_over},
    {"awaitables-settle", settles_naps, .wrong = all_is_over},
    {"awaitables-first", names_naps, .wrong = all_is_over},
    {"awaitables-timeout", is_out_of_time, .wrong = all_is_over},
    {"awaitables-bells", gathers_bells, .wrong = all_is_over},
    {"awaitables-future", a_future_comes, .wrong = all_is_over},
    {"awaitables-failure", a_future_fails, .result = -EPROTO,
     .wrong = all_is_over},
    {"awaitables-members", members, .wrong = all_is_over},
    {.name = NULL},
};
