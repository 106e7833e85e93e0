/*
 * sweep_futures.c - scenarios: futures, channels, and tasks that come from
 * other threads
 *
 * Whoever is to bring something brings it, be it bad news: so nobody waits in
 * vain. What goes through a channel is a block of its own: one that is lost
 * shows in the ledger.
 */
#include "fault/sweep.h"

#include "base/memory.h"

#include <sched.h>

static const char *nothing_went_astray(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "something came out wrong" : NULL;
}

/* ---- Futures ------------------------------------------------------------ */

struct bring {
    fm_future *future;
    double ticks; /* before it is brought */
    bool hastily; /* those who wait lose patience, and wait again */
    int value;
};

static int bringer(void *arg)
{
    struct bring *bring = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0 && bring->ticks > 0)
        rc = sweep_sleep(bring->ticks);
    int set = fm_future_set(bring->future, rc, &bring->value);
    sweep_state.noted += set < 0 && bring->future != NULL;
    return sweep_end(block, rc);
}

static int bring_wait(struct bring *bring, void **value)
{
    int rc;
    if (!bring->hastily)
        return fm_future_wait(bring->future, value);
    do {
        FM_TIMEOUT(sweep_ticks(1), rc) {
            rc = fm_future_wait(bring->future, value);
        }
    } while (rc == -ETIMEDOUT);
    return rc;
}

static int taker(void *arg)
{
    struct bring *bring = arg;
    void *block, *value = NULL;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = bring_wait(bring, &value);
    sweep_state.noted += rc == 0 && value != &bring->value;
    return sweep_end(block, rc);
}

static int bring_to(struct bring *bring, int takers)
{
    int rc;
    bring->future = fm_future_new();
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < takers; i++)
            rc = fm_group_start(group, taker, bring);
        if (rc == 0)
            rc = fm_group_start(group, bringer, bring);
        if (rc < 0)
            fm_group_cancel(group);
    }
    fm_future_put(bring->future);
    return rc;
}

static int future_at_once(void *arg)
{
    (void)arg;
    struct bring bring = {.ticks = 0};
    return bring_to(&bring, 3);
}

static int future_later(void *arg)
{
    (void)arg;
    struct bring bring = {.ticks = 2};
    return bring_to(&bring, 3);
}

static int future_hastily(void *arg)
{
    (void)arg;
    struct bring bring = {.ticks = 3, .hastily = true};
    return bring_to(&bring, 2);
}

static int bring_there(void *arg)
{
    struct bring *bring = arg;
    sched_yield();
    return fm_future_set(bring->future, 0, &bring->value);
}

/* It brings what a thread did not. */
static int thread_bringer(void *arg)
{
    struct bring *bring = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_thread_run(bring_there, bring);
    if (rc < 0)
        fm_future_set(bring->future, rc, NULL);
    return sweep_end(block, rc);
}

static int future_of_a_thread(void *arg)
{
    int rc;
    (void)arg;
    struct bring bring = {.future = fm_future_new()};
    FM_GROUP(group, rc) {
        rc = fm_group_start(group, taker, &bring);
        if (rc == 0)
            rc = fm_group_start(group, thread_bringer, &bring);
        if (rc < 0)
            fm_group_cancel(group);
    }
    fm_future_put(bring.future);
    return rc;
}

static void called(void *arg)
{
    ++*(int *)arg;
}

static int future_calls(void *arg)
{
    int calls = 0;
    (void)arg;
    fm_call first = {.fn = called, .arg = &calls};
    fm_call second = {.fn = called, .arg = &calls};
    fm_future *future = fm_future_new();
    int rc = fm_future_call(future, &first);
    if (rc == 0)
        rc = fm_future_call(future, &second);
    if (rc == 0)
        rc = fm_yield();
    if (rc == 0)
        rc = fm_future_set(future, 0, NULL);
    if (rc == 0)
        rc = fm_yield();
    int pending = fm_call_cancel(&first) + fm_call_cancel(&second);
    sweep_state.noted += rc == 0 && calls + pending != 2;
    fm_future_put(future);
    return rc;
}

/* ---- Time that is real -------------------------------------------------- */

/* While a remote is out, or a task waits in a channel, no clock is virtual. */
static double real_ticks(double count)
{
    return count * 20e-6;
}

static int real_sleep(double count)
{
    return fm_sleep(real_ticks(count));
}

/* ---- Channels ----------------------------------------------------------- */

struct canal {
    fm_channel *channel;
    unsigned parcels;
    double send, take; /* ticks between two of them */
    bool hastily;
};

static int canal_send(struct canal *canal, unsigned number)
{
    unsigned *parcel = fm__memory_new(sizeof *parcel);
    if (parcel == NULL)
        return -ENOMEM;
    *parcel = number;
    int rc = fm_channel_send(canal->channel, parcel);
    if (rc < 0)
        fm__memory_free(parcel);
    return rc;
}

/* The end of the sending is told, whatever the reason. */
static int ship(void *arg)
{
    struct canal *canal = arg;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < canal->parcels; i++) {
        rc = canal_send(canal, i);
        if (rc == 0 && canal->send > 0)
            rc = real_sleep(canal->send);
    }
    fm_channel_close(canal->channel);
    return rc;
}

static int shipper(void *arg)
{
    struct canal *canal = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = ship(canal);
    fm_channel_close(canal->channel);
    return sweep_end(block, rc);
}

static int canal_receive(struct canal *canal, void **item)
{
    int rc;
    if (!canal->hastily)
        return fm_channel_receive(canal->channel, item);
    do {
        FM_TIMEOUT(real_ticks(1), rc) {
            rc = fm_channel_receive(canal->channel, item);
        }
    } while (rc == -ETIMEDOUT);
    return rc;
}

static int landing(void *arg)
{
    struct canal *canal = arg;
    void *block, *item;
    int rc = sweep_begin(&block);
    for (unsigned next = 0; rc == 0; next++) {
        rc = canal_receive(canal, &item);
        if (rc < 0)
            break;
        sweep_state.noted += *(unsigned *)item != next;
        fm__memory_free(item);
        if (canal->take > 0)
            rc = real_sleep(canal->take);
    }
    fm_channel_close(canal->channel);
    return sweep_end(block, rc == -ESHUTDOWN ? 0 : rc);
}

/* What nobody took is there. */
static void canal_close(struct canal *canal)
{
    void *item;
    while (fm_channel_receive_try(canal->channel, &item) == 0)
        fm__memory_free(item);
    fm_channel_put(canal->channel);
}

static int canal_run(struct canal *canal, int (*from)(void *arg))
{
    int rc;
    FM_GROUP(group, rc) {
        rc = fm_group_start(group, landing, canal);
        if (rc == 0)
            rc = fm_group_start(group, from, canal);
        if (rc < 0)
            fm_group_cancel(group);
    }
    canal_close(canal);
    return rc == -ESHUTDOWN ? 0 : rc;
}

static int channel_full(void *arg)
{
    (void)arg;
    struct canal canal = {fm_channel_new(2), .parcels = 6, .take = 1};
    return canal_run(&canal, shipper);
}

static int channel_empty(void *arg)
{
    (void)arg;
    struct canal canal = {fm_channel_new(2), .parcels = 6, .send = 1};
    return canal_run(&canal, shipper);
}

static int channel_hands(void *arg)
{
    (void)arg;
    struct canal canal = {fm_channel_new(0), .parcels = 6};
    return canal_run(&canal, shipper);
}

static int channel_hastily(void *arg)
{
    (void)arg;
    struct canal canal = {fm_channel_new(1), .parcels = 4, .send = 2,
                          .hastily = true};
    return canal_run(&canal, shipper);
}

/* A loop of its own, on a thread of the pool: what the sweep counts is not
 * for it. */
static int ship_there(void *arg)
{
    struct canal *canal = arg;
    int rc = fm_run(ship, canal);
    fm_channel_close(canal->channel);
    return rc;
}

static int thread_shipper(void *arg)
{
    struct canal *canal = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_thread_run(ship_there, canal);
    fm_channel_close(canal->channel);
    return sweep_end(block, rc);
}

static int channel_of_two_loops(void *arg)
{
    (void)arg;
    struct canal canal = {fm_channel_new(2), .parcels = 6};
    return canal_run(&canal, thread_shipper);
}

/* ---- Tasks from outside ------------------------------------------------- */

static int nap_there(void *arg)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = real_sleep(*(int *)arg);
    return sweep_end(block, rc);
}

static int await_from(fm_remote *remote, int ticks)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_remote_await(remote, nap_there, &ticks);
    return sweep_end(block, rc);
}

struct awaiter {
    fm_remote *remote;
    int ticks;
};

static int awaiter(struct awaiter *self)
{
    return await_from(self->remote, self->ticks);
}

static int remote_await(void *arg)
{
    (void)arg;
    fm_remote *remote = fm_remote_get();
    int rc = fm_gather(fm_go(awaiter, remote, 1), fm_go(awaiter, remote, 2));
    fm_remote_put(remote);
    return rc;
}

static int remote_in_time(void *arg)
{
    int rc;
    (void)arg;
    fm_remote *remote = fm_remote_get();
    FM_TIMEOUT(real_ticks(1), rc) {
        rc = await_from(remote, 5);
    }
    fm_remote_put(remote);
    return rc == -ETIMEDOUT ? 0 : rc;
}

static int run_there(void *arg)
{
    int ticks = 1;
    return fm_remote_run(arg, nap_there, &ticks);
}

static int remote_run(void *arg)
{
    (void)arg;
    fm_remote *remote = fm_remote_get();
    int rc = fm_thread_run(run_there, remote);
    fm_remote_put(remote);
    return rc;
}

/* A loop on a thread of the pool, that stays until it is told to go. */
struct abroad {
    fm_remote *remote;
    fm_future *open; /* whether it has begun */
    fm_channel *stay;
};

static int abroad_main(void *arg)
{
    struct abroad *abroad = arg;
    void *item;
    abroad->remote = fm_remote_get();
    fm_future_set(abroad->open, abroad->remote != NULL ? 0 : -ENOMEM, NULL);
    int rc = fm_channel_receive(abroad->stay, &item);
    return rc == -ESHUTDOWN ? 0 : rc;
}

static int go_abroad(void *arg)
{
    struct abroad *abroad = arg;
    int rc = fm_run(abroad_main, abroad);
    fm_future_set(abroad->open, rc < 0 ? rc : -ENOENT, NULL);
    return rc;
}

static int emigrant(void *arg)
{
    struct abroad *abroad = arg;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_thread_run(go_abroad, abroad);
    fm_future_set(abroad->open, rc < 0 ? rc : -ENOENT, NULL);
    return sweep_end(block, rc);
}

static int sleep_there(void *arg)
{
    return real_sleep(*(int *)arg);
}

static int visitor(void *arg)
{
    struct abroad *abroad = arg;
    int rc = fm_future_wait(abroad->open, NULL);
    if (rc == 0)
        rc = fm_remote_await(abroad->remote, sleep_there, &(int){1});
    fm_channel_close(abroad->stay);
    return rc;
}

static int abroad_run(struct abroad *abroad)
{
    int rc;
    FM_GROUP(group, rc) {
        rc = fm_group_start(group, visitor, abroad);
        if (rc == 0)
            rc = fm_group_start(group, emigrant, abroad);
        if (rc < 0)
            fm_group_cancel(group);
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}

static int await_abroad(void *arg)
{
    int rc = -ENOMEM;
    (void)arg;
    struct abroad abroad = {.open = fm_future_new(), .stay = fm_channel_new(0)};
    if (abroad.open != NULL && abroad.stay != NULL)
        rc = abroad_run(&abroad);
    fm_remote_put(abroad.remote);
    fm_future_put(abroad.open);
    fm_channel_put(abroad.stay);
    return rc;
}

const struct scenario sweep_futures[] = {
    {"future-at-once", future_at_once, .wrong = nothing_went_astray},
    {"future-later", future_later, .wrong = nothing_went_astray},
    {"future-timeout", future_hastily, .wrong = nothing_went_astray},
    {"future-thread", future_of_a_thread, .wrong = nothing_went_astray},
    {"future-calls", future_calls, .wrong = nothing_went_astray},
    {"channel-full", channel_full, .wrong = nothing_went_astray},
    {"channel-empty", channel_empty, .wrong = nothing_went_astray},
    {"channel-hands", channel_hands, .wrong = nothing_went_astray},
    {"channel-timeout", channel_hastily, .wrong = nothing_went_astray},
    {"channel-loops", channel_of_two_loops, .wrong = nothing_went_astray},
    {"remote-await", remote_await, .wrong = nothing_went_astray},
    {"remote-in-time", remote_in_time, .wrong = nothing_went_astray},
    {"remote-run", remote_run, .wrong = nothing_went_astray},
    {"remote-abroad", await_abroad, .wrong = nothing_went_astray},
    {.name = NULL},
};
