/*
 * model_check.c - compares two logs, and makes a failing program small
 */
#include "sim/model_check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_AROUND 6 /* events shown before the first difference */

struct check {
    struct model_log real;
    struct model_log predicted;
};

/* The one that runs, to be told when the process dies of it. */
static const struct model_program *check_running;
static uint64_t check_seed;

/* Only the sanitizers' runtime has it. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void check_died(void)
{
    const struct model_program *program = check_running;
    check_running = NULL;
    if (program == NULL)
        return;
    printf("FAIL the_process: died of this program, under seed %llu\n",
           (unsigned long long)check_seed);
    model_print(program);
    fflush(stdout);
}

static void check_aborted(int number)
{
    check_died();
    signal(number, SIG_DFL);
    raise(number);
}

static void check_watch(const struct model_program *program, uint64_t seed)
{
    check_running = program;
    check_seed = seed;
    signal(SIGABRT, check_aborted);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(check_died);
}

static bool check_same_event(const struct model_event *a,
                             const struct model_event *b)
{
    return a->second == b->second && a->task == b->task && a->step == b->step &&
           a->value == b->value;
}

/* The first event that differs; where both logs end if none does. */
static int check_first(const struct check *check)
{
    const struct model_log *a = &check->real, *b = &check->predicted;
    int i = 0;
    while (i < a->count && i < b->count &&
           check_same_event(&a->events[i], &b->events[i]))
        i++;
    return i;
}

static bool check_same(const struct check *check)
{
    const struct model_log *a = &check->real, *b = &check->predicted;
    return a->count == b->count && check_first(check) == a->count &&
           a->result == b->result && a->unconsumed == b->unconsumed &&
           a->detached_failed == b->detached_failed;
}

bool model_comparable(const struct model_program *program)
{
    static const struct model_log nothing;
    static struct model_log log;
    return model_predict(program, &nothing, &log);
}

/* 1: as predicted; 0: different; -1: not to be compared. */
static int check_run(const struct model_program *program, uint64_t seed,
                     struct check *check)
{
    if (!model_comparable(program))
        return -1;
    check_watch(program, seed);
    model_run(program, seed, &check->real);
    check_running = NULL;
    if (!model_predict(program, &check->real, &check->predicted))
        return -1;
    return check_same(check);
}

/* Takes out whatever step the difference does not need. */
static void check_shrink(struct model_program *program, uint64_t seed,
                         struct check *check)
{
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (int i = 0; i < program->step_count; i++) {
            enum model_kind kind = program->steps[i].kind;
            program->steps[i].kind = MODEL_NOTHING;
            if (kind == MODEL_NOTHING)
                continue;
            if (check_run(program, seed, check) == 0)
                smaller = true;
            else
                program->steps[i].kind = kind;
        }
    }
    check_run(program, seed, check);
}

static void check_print_log(const struct model_program *program,
                            const struct model_log *log, int around)
{
    int first = around > CHECK_AROUND ? around - CHECK_AROUND : 0;
    for (int i = first; i < log->count && i < around + 3; i++) {
        printf("%s", i == around ? "->" : "  ");
        model_print_event(program, &log->events[i]);
    }
    printf("  ends with %d, %d unconsumed, %d detached failed\n", log->result,
           log->unconsumed, log->detached_failed);
}

static void check_tell(const struct model_program *program,
                       const struct check *check)
{
    int first = check_first(check);
    printf("the smallest program that differs:\n");
    model_print(program);
    printf("in reality:\n");
    check_print_log(program, &check->real, first);
    printf("predicted:\n");
    check_print_log(program, &check->predicted, first);
}

bool model_differs(const struct model_program *program, uint64_t seed)
{
    static struct check check;
    return check_run(program, seed, &check) == 0;
}

bool model_check(const struct model_program *program, uint64_t seed,
                 struct model_tally *tally)
{
    struct model_program small = *program;
    struct check *check = calloc(1, sizeof *check);
    if (check == NULL)
        abort();
    int same = check_run(program, seed, check);
    tally->programs += same >= 0;
    tally->left_out += same < 0;
    tally->events += (unsigned long)check->real.count;
    if (same == 0) {
        check_shrink(&small, seed, check);
        check_tell(&small, check);
    }
    free(check);
    return same != 0;
}

bool model_check_seed(uint64_t seed, struct model_tally *tally)
{
    struct model_program program;
    struct model_source source = {.seed = seed};
    model_draw(&program, &source);
    return model_check(&program, seed, tally);
}
