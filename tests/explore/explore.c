/*
 * explore.c - all schedules within a bound, depth first
 *
 * Invariant: a schedule is the list of its choices, and nothing else decides
 * what a run does. So a run that repeats the first choices of another gets as
 * far as they go, and takes the first of each kind from there on: the next
 * run differs in the last choice that has something left to offer.
 *
 * A schedule is written as the choices that are not the first, by place:
 * "18:1,43:2". No choice at all is "-". The places are those where there is
 * something to choose, be it within the bound or not: so it does not matter
 * to a schedule within which bound it was found.
 */
#include "explore_thread.h"

#include "base/fault.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXPLORE_CHOICES = 20000
};

struct explore_choice {
    uint8_t taken;
    uint8_t offered; /* 0: not known yet, in a replay */
};

static struct {
    struct explore_choice choices[EXPLORE_CHOICES];
    unsigned known; /* that this run repeats */
    unsigned depth; /* it has made */
    bool failed;
} path;

struct explore_finding explore_found;

unsigned explore_choose(unsigned count, unsigned offered)
{
    if (count <= 1 || explorer.still)
        return 0;
    if (path.depth == EXPLORE_CHOICES)
        explore_fail(__FILE__, __LINE__, "a run that makes no end");
    unsigned place = path.depth++;
    struct explore_choice *choice = &path.choices[place];
    if (place >= path.known)
        *choice = (struct explore_choice){0, (uint8_t)offered};
    if (choice->offered == 0)
        choice->offered = (uint8_t)offered;
    if (choice->offered != offered || choice->taken >= offered)
        explore_fail(__FILE__, __LINE__, "the same choices lead elsewhere");
    return choice->taken;
}

void explore_still(bool still)
{
    explorer.still = still;
}

/* The next schedule; false: that was the last one. */
static bool explore_next(void)
{
    path.known = path.depth;
    while (path.known > 0) {
        unsigned last = path.known - 1;
        if (++path.choices[last].taken < path.choices[last].offered)
            return true;
        path.known--;
    }
    return false;
}

static void explore_write(char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "-");
    for (unsigned i = 0; i < path.depth && used < size; i++) {
        if (path.choices[i].taken > 0)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%u:%u",
                                 used > 0 ? "," : "", i, path.choices[i].taken);
    }
}

/* False: that is no schedule. */
static bool explore_read(const char *text)
{
    memset(&path, 0, sizeof path);
    while (*text != '\0' && strcmp(text, "-") != 0) {
        char *end;
        unsigned long place = strtoul(text, &end, 10);
        if (*end != ':' || place < path.known || place >= EXPLORE_CHOICES)
            return false;
        path.choices[place].taken = (uint8_t)strtoul(end + 1, &end, 10);
        path.known = (unsigned)place + 1;
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

/* wide: explore_fail's, as they come */
FM__FORMAT(3, 0)
static void explore_find(const char *file, int line, const char *format,
                         va_list args)
{
    if (path.failed)
        return;
    vsnprintf(explore_found.reason, sizeof explore_found.reason, format, args);
    explore_found.file = file;
    explore_found.line = line;
    explore_write(explore_found.schedule, sizeof explore_found.schedule);
    path.failed = true;
}

void explore_note(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    explore_find(file, line, format, args);
    va_end(args);
}

void explore_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    explore_find(file, line, format, args);
    va_end(args);
    explore_leave();
}

/* What crashes takes the explorer with it: say how it came to that. */
static void explore_crashed(int number)
{
    char schedule[256];
    explore_write(schedule, sizeof schedule);
    printf("crashes: FERMATA_SCHEDULE=%s\n", schedule);
    fflush(stdout);
    signal(number, SIG_DFL);
    raise(number);
}

static void explore_note_crashes(void)
{
    if (test_under_asan())
        return;
    signal(SIGSEGV, explore_crashed);
    signal(SIGABRT, explore_crashed);
}

struct explore_program {
    void (*program)(void *self);
    void *self;
    size_t size;
};

static void *explore_program_run(void *arg)
{
    const struct explore_program *first = arg;
    first->program(first->self);
    return NULL;
}

/* What the ledger counts must be again what it was; and is made so where
 * something else failed: threads that never go on give nothing back. */
static void explore_count(const uint64_t *before)
{
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++) {
        uint64_t held = fm__atomic_load(&fm__ledger[kind]) - before[kind];
        if (held != 0)
            explore_note(__FILE__, __LINE__, "leaks %lld %s", (long long)held,
                         fm__held_name((enum fm__held)kind));
        fm__atomic_store(&fm__ledger[kind], before[kind]);
    }
}

/* False: something does not hold. */
static bool explore_once(const struct explore_program *first, unsigned bound)
{
    uint64_t before[FM__HELD_KINDS];
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++)
        before[kind] = fm__atomic_load(&fm__ledger[kind]);
    memset(first->self, 0, first->size);
    path.depth = 0;
    path.failed = false;
    explore_run(explore_program_run, (void *)(uintptr_t)first, bound);
    explore_bury();
    explore_count(before);
    return !path.failed;
}

/* What the library does once in a process, it does here. */
static bool explore_rehearse(const struct explore_program *first)
{
    path.known = 0;
    return explore_once(first, 0);
}

/* wide: what a test gives, and the bound */
unsigned long explore_within(unsigned bound, void (*program)(void *self),
                             void *self, size_t size)
{
    struct explore_program first = {program, self, size};
    unsigned long schedules = 0;
    explore_note_crashes();
    explore_open();
    bool holds = explore_rehearse(&first);
    path.known = 0;
    while (holds && (schedules == 0 || explore_next())) {
        schedules++;
        holds = explore_once(&first, bound);
    }
    explore_close();
    return holds ? schedules : 0;
}

static void explore_report(void)
{
    test_fail(explore_found.file, explore_found.line, "%s; FERMATA_SCHEDULE=%s",
              explore_found.reason, explore_found.schedule);
}

static void explore_again(const char *schedule,
                          const struct explore_program *first)
{
    explore_open();
    explore_rehearse(first);
    if (!explore_read(schedule))
        test_fail(__FILE__, __LINE__, "\"%s\" is no schedule", schedule);
    else if (!explore_once(first, UINT8_MAX))
        explore_report();
    else
        printf("  all holds by this schedule\n");
    explore_close();
}

static unsigned explore_bound(void)
{
    const char *wanted = getenv("FERMATA_PREEMPTIONS");
    if (wanted != NULL)
        return (unsigned)strtoul(wanted, NULL, 10);
    if (test_under_tsan() || test_under_valgrind())
        return 1;
    return test_full_sweep() ? 3 : 2;
}

void explore(void (*program)(void *self), void *self, size_t size)
{
    const char *schedule = getenv("FERMATA_SCHEDULE");
    struct explore_program first = {program, self, size};
    unsigned long schedules = 0;
    if (schedule != NULL) {
        explore_again(schedule, &first);
        return;
    }
    for (unsigned bound = 0; bound <= explore_bound(); bound++) {
        schedules = explore_within(bound, program, self, size);
        if (schedules == 0) {
            explore_report();
            return;
        }
    }
    printf("  %lu schedules, of at most %u preemptions each\n", schedules,
           explore_bound());
    if (schedules < 2)
        test_fail(__FILE__, __LINE__, "there was no choice");
}
