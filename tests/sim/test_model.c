/*
 * test_model.c - random programs, each beside what the interpreter says of it
 *
 * FERMATA_SEED=N runs the one program of that seed; with FERMATA_SWEEP=share
 * or full too, it is where ten or a hundred thousand begin.
 */
#include "harness.h"

#include "base/fault.h"
#include "sim/model_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t programs(uint64_t otherwise)
{
    if (test_full_sweep())
        return 100000;
    if (getenv("FERMATA_SEED") != NULL && getenv("FERMATA_SWEEP") == NULL)
        return 1;
    bool slow = test_under_tsan() || test_under_valgrind();
    return slow ? otherwise / 20 : otherwise;
}

/* The replay that follows is of this seed alone. */
static void fail(uint64_t seed, const char *what)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    setenv("FERMATA_SEED", text, 1);
    unsetenv("FERMATA_SWEEP");
    test_fail(__FILE__, __LINE__, "seed %s: %s", text, what);
}

static uint64_t held(void)
{
    uint64_t sum = 0;
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++)
        sum += fm__atomic_load(&fm__ledger[kind]);
    return sum;
}

TEST(random_programs_do_what_the_reference_interpreter_says)
{
    struct model_tally tally = {0};
    uint64_t first = test_seed(1), before = held();
    uint64_t last = first + programs(10000) - 1;
    for (uint64_t seed = first; seed <= last; seed++) {
        bool same = model_check_seed(seed, &tally);
        if (same && held() == before)
            continue;
        fail(seed, same ? "something is left" : "not as predicted");
        break;
    }
    printf("# %u programs, %lu events; %u left out, where timers meet\n",
           tally.programs, tally.events, tally.left_out);
}

static bool same_logs(const struct model_log *a, const struct model_log *b)
{
    size_t size = (size_t)a->count * sizeof a->events[0];
    return a->trace == b->trace && a->result == b->result &&
           a->count == b->count && memcmp(a->events, b->events, size) == 0;
}

TEST(equal_seeds_give_equal_logs_and_equal_traces)
{
    static struct model_log logs[2];
    uint64_t first = test_seed(1);
    uint64_t last = first + programs(10000) / 10;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct model_program program;
        struct model_source source = {.seed = seed};
        model_draw(&program, &source);
        if (!model_comparable(&program))
            continue;
        for (int i = 0; i < 2; i++)
            model_run(&program, seed, &logs[i]);
        if (!same_logs(&logs[0], &logs[1]))
            fail(seed, "two runs differ");
    }
}

static struct model_step step(enum model_kind kind, int task, int next)
{
    return (struct model_step){
        .kind = kind,
        .seconds = kind == MODEL_TIMEOUT ? 10 : 100,
        .task = task,
        .first = MODEL_NONE,
        .next = next,
    };
}

/* Eight tasks asleep, gathered, and cut by one timeout. */
static void draw_sleepers(struct model_program *program)
{
    *program = (struct model_program){.step_count = 18, .task_count = 9};
    program->tasks[0].parent = program->tasks[0].member_of = MODEL_NONE;
    for (int i = 0; i < 8; i++) {
        program->steps[i] = step(MODEL_START, i + 1, i + 1);
        program->steps[10 + i] = step(MODEL_SLEEP, MODEL_NONE, MODEL_NONE);
        program->tasks[i + 1].first = 10 + i;
        program->tasks[i + 1].member_of = MODEL_NONE;
    }
    program->steps[8] = step(MODEL_TIMEOUT, MODEL_NONE, MODEL_NONE);
    program->steps[8].first = 9;
    program->steps[9] = step(MODEL_GATHER, MODEL_NONE, MODEL_NONE);
}

TEST(other_seeds_shuffle_what_one_moment_wakes)
{
    static struct model_log first, other;
    struct model_program program;
    unsigned differ = 0;
    draw_sleepers(&program);
    model_run(&program, 1, &first);
    CHECK_INT(first.result, -ETIMEDOUT);
    for (uint64_t seed = 2; seed < 12; seed++) {
        model_run(&program, seed, &other);
        CHECK_INT(other.count, first.count);
        differ += !same_logs(&first, &other);
    }
    CHECK(differ >= 9);
}
