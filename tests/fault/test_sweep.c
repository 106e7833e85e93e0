/*
 * test_sweep.c - everything goes wrong once, and from then on
 *
 * Each scenario in each way: the k-th malloc, system call or operation fails,
 * for every k; whoever passes the k-th cancel point is cancelled, or main, or
 * any other task. The tests take a share by a fixed seed; FERMATA_SWEEP=full
 * takes all. FERMATA_REPLAY=scenario:kind:k:mode takes one.
 */
#include "harness.h"

#include "coro/guard.h"
#include "fault/injection.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

struct tally {
    unsigned scenarios;
    unsigned long injections;
};

static uint64_t chance = 1;

/* Under tools that make every step dear. */
static bool slow(void)
{
    return test_under_tsan() || test_under_valgrind();
}

/* The next scenario to be swept, or NULL. */
static const struct scenario *next(size_t *index)
{
    const struct scenario *scenario = injection_scenario((*index)++);
    while (scenario != NULL && scenario->dear && slow())
        scenario = injection_scenario((*index)++);
    return scenario;
}

/* Whether this one belongs to the share: of all, or of one in so many. */
static bool taken(const struct scenario *scenario, unsigned one_in)
{
    uint64_t of = slow() ? one_in * UINT64_C(20) : one_in;
    if (scenario->dear)
        of *= 100;
    return test_full_sweep() || test_random(&chance) % of == 0;
}

/* Once and for all: what is loaded or probed at first use must not count, and
 * no sleep be longer than it says. */
static void warm_up(void)
{
    static bool warm;
    struct injection nothing = {.scenario = injection_scenario(0),
                                .mode = injection_faults};
    struct injection_outcome outcome;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    chance = test_seed(1);
    if (!warm)
        injection_run(&nothing, &outcome);
    warm = true;
}

static void print(const char *what, const struct tally *tally)
{
    printf("# %s: %u scenarios, %lu injections\n", what, tally->scenarios,
           tally->injections);
}

/* Runs only the one to be replayed, if it is of this kind. */
static bool replays(const char *kind)
{
    struct injection injection;
    struct injection_outcome outcome;
    if (getenv("FERMATA_REPLAY") == NULL)
        return false;
    warm_up();
    if (!injection_replay(&injection))
        test_fail(__FILE__, __LINE__, "FERMATA_REPLAY names no injection");
    else if (strcmp(kind, injection.mode->kind) == 0)
        injection_run(&injection, &outcome);
    return true;
}

static bool inject(struct injection *injection, struct tally *tally,
                   struct injection_outcome *outcome)
{
    tally->injections++;
    return injection_run(injection, outcome);
}

/* ---- Nothing goes wrong ------------------------------------------------- */

static void undisturbed(struct tally *tally)
{
    struct injection injection = {.mode = injection_faults};
    struct injection_outcome outcome;
    for (size_t i = 0; (injection.scenario = injection_scenario(i)); i++) {
        tally->scenarios++;
        inject(&injection, tally, &outcome);
    }
}

TEST(undisturbed_each_scenario_ends_as_it_says)
{
    struct tally tally = {0, 0};
    if (getenv("FERMATA_REPLAY") != NULL)
        return;
    warm_up();
    undisturbed(&tally);
    CHECK(tally.scenarios >= 25);
    print("undisturbed", &tally);
}

static void interrupt(int number)
{
    (void)number;
}

/* EINTR never leaves the door. */
TEST(signals_may_interrupt_any_system_call)
{
    struct tally tally = {0, 0};
    long span = slow() ? 2000000 : 50000;
    const struct itimerspec often = {{0, span}, {0, span}};
    struct sigaction action = {.sa_handler = interrupt}, before;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGUSR1};
    timer_t timer;
    if (getenv("FERMATA_REPLAY") != NULL)
        return;
    warm_up();
    sigaction(SIGUSR1, &action, &before);
    CHECK_INT(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    timer_settime(timer, 0, &often, NULL);
    undisturbed(&tally);
    timer_delete(timer);
    sigaction(SIGUSR1, &before, NULL);
    print("interrupted", &tally);
}

/* ---- Doors -------------------------------------------------------------- */

/* Counts, then lets each passage fail, also those that only a failure before
 * them has made. */
static void fail_each(struct injection *injection, unsigned one_in,
                      struct tally *tally)
{
    struct injection_outcome outcome;
    injection->k = 0;
    if (!injection_run(injection, &outcome))
        return;
    uint64_t count = outcome.passed;
    for (injection->k = 1; injection->k <= count; injection->k++) {
        if (!taken(injection->scenario, one_in))
            continue;
        if (!inject(injection, tally, &outcome))
            return;
        if (outcome.passed > count && !injection->mode->from_then_on)
            count = outcome.passed;
    }
}

static void sweep_door(const char *kind, unsigned one_in)
{
    struct tally tally = {0, 0};
    struct injection injection;
    const struct scenario *scenario;
    if (replays(kind))
        return;
    warm_up();
    for (size_t i = 0; (scenario = next(&i)) != NULL;) {
        const struct injection_mode *mode = injection_faults;
        tally.scenarios++;
        for (; mode->kind != NULL; mode++) {
            injection = (struct injection){.scenario = scenario, .mode = mode};
            if (strcmp(mode->kind, kind) == 0)
                fail_each(&injection, one_in, &tally);
        }
    }
    print(kind, &tally);
    alarm(0);
}

TEST(every_malloc_may_fail_once_or_from_then_on)
{
    sweep_door("memory", 1);
}

TEST(every_system_call_may_fail_once_or_from_then_on)
{
    sweep_door("system", 1);
}

TEST(every_operation_may_fail_or_be_short)
{
    sweep_door("operation", 1);
}

/* On io_uring: elsewhere nobody passes these doors. */
TEST(every_request_may_find_a_full_queue_and_every_cancel_be_late)
{
    sweep_door("request", 1);
    sweep_door("cancel", 1);
}

/* Also what the first run of a process probes: without markers the guards are
 * protected pages, and the program runs all the same. */
TEST(the_probing_of_guards_may_fail)
{
    struct tally tally = {0, 0};
    struct injection injection = {.scenario = injection_scenario(0),
                                  .mode = &injection_faults[4]};
    struct injection_outcome outcome;
    enum fm__guard_kind kind = fm__guard_probe();
    if (getenv("FERMATA_REPLAY") != NULL)
        return;
    fm__guard_force(FM__GUARD_UNKNOWN);
    injection_run(&injection, &outcome);
    for (uint64_t count = outcome.passed; injection.k < count;) {
        injection.k++;
        fm__guard_force(FM__GUARD_UNKNOWN);
        inject(&injection, &tally, &outcome);
    }
    fm__guard_force(kind);
    CHECK(tally.injections > 10);
    alarm(0);
}

/* ---- Cancels ------------------------------------------------------------ */

/* At each of the points that an undisturbed run passes. */
static void cancel_each(struct injection *injection, uint64_t count,
                        unsigned one_in, struct tally *tally)
{
    struct injection_outcome outcome;
    for (injection->k = 1; injection->k <= count; injection->k++) {
        if (taken(injection->scenario, one_in) &&
            !inject(injection, tally, &outcome))
            return;
    }
}

static void sweep_cancels(const char *kind)
{
    struct tally tally = {0, 0};
    struct injection injection = {.mode = injection_cancels};
    struct injection_outcome outcome;
    if (replays(kind))
        return;
    warm_up();
    while (strcmp(injection.mode->kind, kind) != 0)
        injection.mode++;
    for (size_t i = 0; (injection.scenario = next(&i)) != NULL;) {
        tally.scenarios++;
        injection.k = 0;
        injection_run(&injection, &outcome);
        injection.victim = INJECTION_SELF;
        cancel_each(&injection, outcome.passed, 1, &tally);
        injection.victim = 0;
        cancel_each(&injection, outcome.passed, 1, &tally);
    }
    print(kind, &tally);
    alarm(0);
}

TEST(who_passes_a_cancel_point_or_main_may_be_cancelled_before_it)
{
    sweep_cancels("before");
}

TEST(who_waits_or_main_may_be_cancelled_meanwhile)
{
    sweep_cancels("parked");
}

TEST(who_is_woken_or_main_may_be_cancelled_before_it_runs)
{
    sweep_cancels("woken");
}

/* Every task, in every phase: the points are those of all tasks. */
TEST(any_task_may_be_cancelled_at_any_point_of_another)
{
    struct tally tally = {0, 0};
    struct injection injection;
    struct injection_outcome outcome;
    const struct scenario *scenario;
    if (getenv("FERMATA_REPLAY") != NULL)
        return;
    warm_up();
    for (size_t i = 0; (scenario = next(&i)) != NULL;) {
        const struct injection_mode *mode = injection_cancels;
        tally.scenarios++;
        for (; mode->kind != NULL; mode++) {
            injection = (struct injection){.scenario = scenario, .mode = mode};
            injection_run(&injection, &outcome);
            uint32_t stride = scenario->dear ? 499 : 1;
            for (uint32_t task = 1; task < outcome.tasks; task += stride) {
                injection.victim = task;
                cancel_each(&injection, outcome.passed, 3, &tally);
            }
        }
    }
    print("others", &tally);
    alarm(0);
}
