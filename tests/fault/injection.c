/*
 * injection.c - runs one scenario with one thing going wrong
 */
#include "fault/injection.h"

#include "harness.h"

#include "base/fault.h"
#include "loop/sim.h"
#include "task/record.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct injection_mode injection_faults[] = {
    {"memory", "once", 0, false, false},
    {"memory", "on", 0, true, false},
    {"system", "emfile", -EMFILE, false, false},
    {"system", "emfile-on", -EMFILE, true, false},
    {"system", "enomem", -ENOMEM, false, false},
    {"system", "enomem-on", -ENOMEM, true, false},
    {"operation", "reset", -ECONNRESET, false, false},
    {"operation", "pipe", -EPIPE, false, false},
    {"operation", "pipe-on", -EPIPE, true, false},
    {"operation", "io", -EIO, false, false},
    {"operation", "nobufs", -ENOBUFS, false, false},
    {"operation", "short", 0, false, true},
    {"operation", "short-on", 0, true, true},
    {"request", "full", 0, false, false},
    {"cancel", "late", 0, false, false},
    {.kind = NULL},
};

const struct injection_mode injection_seeds[] = {
    {.kind = "seed", .name = "kind"},
    {.kind = "seed", .name = "unkind", .error = 50},
    {.kind = NULL},
};

const struct injection_mode injection_cancels[] = {
    {.kind = "before"},
    {.kind = "parked"},
    {.kind = "woken"},
    {.kind = NULL},
};

static const char *const injection_doors[FM__DOORS] = {
    [FM__DOOR_MEMORY] = "memory",       [FM__DOOR_SYSTEM] = "system",
    [FM__DOOR_OPERATION] = "operation", [FM__DOOR_REQUEST] = "request",
    [FM__DOOR_CANCEL] = "cancel",
};

/* What is going on, for whoever finds the process dead. */
static const struct injection *injection_running;
static long injection_victim;
static uint32_t injection_tasks; /* that were started */

static void injection_name(const struct injection *injection, char *name,
                           size_t size)
{
    char victim[24] = "self";
    if (injection->victim != INJECTION_SELF)
        snprintf(victim, sizeof victim, "%ld", injection->victim);
    const char *mode = injection->mode->name;
    snprintf(name, size, "%s:%s:%llu:%s", injection->scenario->name,
             injection->mode->kind, (unsigned long long)injection->k,
             mode != NULL ? mode : victim);
}

/* The command that does exactly this again. */
static void injection_print_replay(const struct injection *injection)
{
    char name[128];
    const char *seed = getenv("FERMATA_SEED");
    injection_name(injection, name, sizeof name);
    printf("  replay: FERMATA_BACKEND=%s ", test_backend());
    if (seed != NULL)
        printf("FERMATA_SEED=%s ", seed);
    printf("FERMATA_REPLAY=%s %s\n", name, program_invocation_name);
    fflush(stdout);
}

static void injection_died(void)
{
    char name[128];
    const struct injection *injection = injection_running;
    injection_running = NULL;
    if (injection == NULL)
        return;
    injection_name(injection, name, sizeof name);
    printf("FAIL the_process: died or hung in %s\n", name);
    injection_print_replay(injection);
}

static void injection_signalled(int number)
{
    injection_died();
    signal(number, SIG_DFL);
    raise(number == SIGALRM ? SIGABRT : number);
}

/* Only the sanitizers' runtime has it. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void injection_watch(const struct injection *injection)
{
    injection_running = injection;
    signal(SIGABRT, injection_signalled);
    signal(SIGALRM, injection_signalled);
    alarm(test_many(50) < 50 ? 300 : 100);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(injection_died);
}

/* ---- The plan ----------------------------------------------------------- */

static void injection_find(struct fm__task *task, void *found)
{
    if (task->serial == (uint32_t)injection_victim)
        *(struct fm__task **)found = task;
}

static struct fm__task *injection_choose(struct fm__task *passing)
{
    struct fm__task *found = NULL;
    (void)passing;
    fm__each_task(fm__home, injection_find, &found);
    return found;
}

static bool injection_cancelling(const struct injection_mode *mode)
{
    return mode->name == NULL;
}

static bool injection_seeding(const struct injection_mode *mode)
{
    return strcmp(mode->kind, "seed") == 0;
}

/* All that a run is disturbed by; on the stack of the run. */
struct injection_plan {
    fm_run_options options;
    struct fm__sim_options world;
    struct fm__fault_plan faults;
    struct fm__probe probe;
};

static void injection_plan_cancel(const struct injection *injection,
                                  struct fm__probe *probe)
{
    ptrdiff_t phase = injection->mode - injection_cancels;
    probe->phase = (enum fm__probe_phase)phase;
    probe->cancel_at = injection->k;
    injection_victim = injection->victim;
    if (injection->victim != INJECTION_SELF)
        probe->victim = injection_choose;
    fm__probe = probe;
}

static enum fm__door injection_door(const struct injection_mode *mode)
{
    unsigned door = 0;
    while (door + 1 < FM__DOORS &&
           strcmp(mode->kind, injection_doors[door]) != 0)
        door++;
    return (enum fm__door)door;
}

static void injection_plan_fault(const struct injection *injection,
                                 struct fm__fault_plan *plan)
{
    const struct injection_mode *mode = injection->mode;
    plan->fail_at[injection_door(mode)] = injection->k;
    plan->from_then_on = mode->from_then_on;
    plan->error = mode->error;
    plan->shorten = mode->shorten;
    plan->spare_waits = true;
    fm__fault_plan = plan;
}

static void injection_begin(const struct injection *injection,
                            struct injection_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    memset(&sweep_state, 0, sizeof sweep_state);
    injection_tasks = 0;
    if (injection_cancelling(injection->mode)) {
        injection_plan_cancel(injection, &plan->probe);
    } else if (injection_seeding(injection->mode)) {
        plan->options.seed = injection->k;
        plan->world.errors = (unsigned)injection->mode->error;
        fm__sim_options = &plan->world;
    } else {
        injection_plan_fault(injection, &plan->faults);
    }
}

static void injection_end(void)
{
    injection_running = NULL;
    fm__probe = NULL;
    fm__fault_plan = NULL;
    fm__sim_options = NULL;
}

static uint64_t injection_passed(const struct injection *injection,
                                 const struct injection_plan *plan)
{
    if (injection_cancelling(injection->mode))
        return plan->probe.passed[plan->probe.phase];
    if (injection_seeding(injection->mode))
        return 0;
    return plan->faults.passed[injection_door(injection->mode)];
}

/* ---- What must hold ----------------------------------------------------- */

struct injection_before {
    uint64_t held[FM__HELD_KINDS];
    struct sigaction actions[4];
    uint32_t tasks;
};

static const int injection_signals[4] = {SIGINT, SIGSEGV, SIGBUS, SIGPIPE};

static void injection_look(struct injection_before *before)
{
    for (unsigned i = 0; i < FM__HELD_KINDS; i++)
        before->held[i] = fm__atomic_load(&fm__ledger[i]);
    for (unsigned i = 0; i < 4; i++)
        sigaction(injection_signals[i], NULL, &before->actions[i]);
}

/* What a peer may do of its own accord. */
static bool injection_bad_luck(int rc)
{
    static const int errors[] = {
        -ECONNRESET,   -EPIPE,           -ENODATA,      -EMFILE,  -ECONNABORTED,
        -ECONNREFUSED, -FM_EPEERTIMEOUT, -EHOSTUNREACH, -FM_EEOF,
    };
    for (size_t i = 0; i < FM__COUNT(errors); i++) {
        if (rc == errors[i])
            return true;
    }
    return false;
}

static bool injection_allows(const struct injection *injection, int rc)
{
    const struct scenario *scenario = injection->scenario;
    const struct injection_mode *mode = injection->mode;
    if (rc == scenario->result)
        return true;
    bool troubled =
        injection_seeding(mode) ? mode->error > 0 : injection->k > 0;
    if (!troubled)
        return false;
    for (int i = 0; i < 3; i++) {
        if (rc == 0 || rc == scenario->also[i])
            return true;
    }
    if (injection_seeding(mode))
        return injection_bad_luck(rc);
    if (injection_cancelling(mode))
        return rc == -ECANCELED;
    bool memory = strcmp(mode->kind, "operation") != 0;
    return (rc == mode->error && rc < 0) || (memory && rc == -ENOMEM);
}

static bool injection_held_as(const struct injection_before *before)
{
    for (unsigned i = 0; i < FM__HELD_KINDS; i++) {
        if (fm__atomic_load(&fm__ledger[i]) != before->held[i])
            return false;
    }
    return true;
}

/* A thread that was abandoned gives back what it has a moment later. */
static void injection_settle(const struct injection_before *before)
{
    const struct timespec moment = {.tv_nsec = 100000};
    for (int i = 0; i < 5000 && !injection_held_as(before); i++)
        nanosleep(&moment, NULL);
}

static const char *injection_wrong(const struct injection *injection,
                                   const struct injection_before *before,
                                   int rc)
{
    struct injection_before now;
    injection_settle(before);
    injection_look(&now);
    for (unsigned i = 0; i < FM__HELD_KINDS; i++) {
        if (now.held[i] != before->held[i])
            return fm__held_name((enum fm__held)i);
    }
    for (unsigned i = 0; i < 4; i++) {
        if (now.actions[i].sa_sigaction != before->actions[i].sa_sigaction)
            return "a signal's disposition is not as before";
    }
    if (sweep_state.alive != 0 || sweep_state.begun != sweep_state.ended)
        return "a task began and did not end";
    if (!injection_allows(injection, rc))
        return "the result is none that it may have";
    return injection->scenario->wrong != NULL ? injection->scenario->wrong(rc)
                                              : NULL;
}

static void injection_report(const fm_report *report, void *arg)
{
    (void)report;
    (void)arg;
}

static int injection_main(void *arg)
{
    const struct scenario *scenario = arg;
    int rc = scenario->main(NULL);
    injection_tasks = (uint32_t)fm__home->serials;
    return rc;
}

static void injection_tell(const struct injection *injection, int rc,
                           const char *wrong)
{
    char name[128];
    injection_name(injection, name, sizeof name);
    test_fail(__FILE__, __LINE__, "%s returned %d, wrong: %s", name, rc, wrong);
    injection_print_replay(injection);
}

bool injection_run(const struct injection *injection,
                   struct injection_outcome *outcome)
{
    struct injection_plan plan;
    struct injection_before before;
    injection_look(&before);
    injection_watch(injection);
    injection_begin(injection, &plan);
    plan.options.on_report = injection_report;
    int rc = fm_run(injection_main, (void *)(uintptr_t)injection->scenario,
                    &plan.options);
    injection_end();
    *outcome = (struct injection_outcome){
        .passed = injection_passed(injection, &plan),
        .tasks = injection_tasks,
        .result = rc,
    };
    const char *wrong = injection_wrong(injection, &before, rc);
    if (wrong != NULL)
        injection_tell(injection, rc, wrong);
    return wrong == NULL;
}

/* ---- Names -------------------------------------------------------------- */

const struct scenario *injection_scenario(size_t index)
{
    static const struct scenario *const tables[] = {
        sweep_tasks,      sweep_waits,      sweep_blocks,     sweep_groups,
        sweep_operations, sweep_queues,     sweep_threads,    sweep_net,
        sweep_streams,    sweep_floor,      sweep_queue_ends, sweep_broadcasts,
        sweep_locks,      sweep_meetings,   sweep_futures,    sweep_select,
        sweep_pace,       sweep_udp,        sweep_verbs,      sweep_names,
        sweep_tls,        sweep_races,      sweep_local,      sweep_awaitables,
        sweep_dense,      sweep_files,      sweep_paths,      sweep_processes,
        sweep_http,       sweep_http_files, sweep_json,       sweep_gone,
        sweep_client,     sweep_ws,         sweep_h2,         sweep_coding,
        sweep_events,     sweep_multipart,  sweep_cookies,    sweep_image,
        sweep_looks};
    for (size_t i = 0; i < FM__COUNT(tables); i++) {
        for (size_t j = 0; tables[i] != NULL && tables[i][j].name != NULL;
             j++) {
            if (index-- == 0)
                return &tables[i][j];
        }
    }
    return NULL;
}

static const struct injection_mode *
injection_mode(const struct injection_mode *modes, const char *kind,
               const char *name)
{
    for (; modes->kind != NULL; modes++) {
        bool named = modes->name == NULL || strcmp(modes->name, name) == 0;
        if (named && strcmp(modes->kind, kind) == 0)
            return modes;
    }
    return NULL;
}

static bool injection_read_mode(struct injection *injection, const char *kind,
                                const char *mode)
{
    char *end;
    const struct injection_mode *const tables[] = {
        injection_faults, injection_cancels, injection_seeds};
    for (size_t i = 0; i < FM__COUNT(tables) && injection->mode == NULL; i++)
        injection->mode = injection_mode(tables[i], kind, mode);
    injection->victim = strtol(mode, &end, 10);
    if (end == mode)
        injection->victim = INJECTION_SELF;
    return injection->mode != NULL;
}

bool injection_replay(struct injection *injection)
{
    char scenario[64], kind[32], mode[32];
    unsigned long long k;
    const char *text = getenv("FERMATA_REPLAY");
    if (text == NULL || sscanf(text, "%63[^:]:%31[^:]:%llu:%31s", scenario,
                               kind, &k, mode) != 4)
        return false;
    *injection = (struct injection){.k = k};
    const struct scenario *found;
    for (size_t i = 0; (found = injection_scenario(i)) != NULL; i++) {
        if (strcmp(found->name, scenario) == 0)
            injection->scenario = found;
    }
    return injection->scenario != NULL &&
           injection_read_mode(injection, kind, mode);
}
