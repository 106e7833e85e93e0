/*
 * test_switch.c - what a switch keeps, and where a stack begins
 */
#include "harness.h"

#include "base/sys_libc.h"
#include "coro/coro.h"

#include <fermata.h>
#include <math.h>
#include <string.h>

static int switch_main(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

static void switch_run(void (*body)(void))
{
    CHECK_INT(fm_run(switch_main, &body), 0);
}

struct carry {
    unsigned seed;
};

/* More values than there are registers, all alive across each switch. */
static int carry(struct carry *self)
{
    uint64_t seed = self->seed;
    uint64_t a = test_random(&seed), b = test_random(&seed);
    uint64_t c = test_random(&seed), d = test_random(&seed);
    uint64_t e = test_random(&seed), f = test_random(&seed);
    uint64_t g = test_random(&seed), h = test_random(&seed);
    double x = (double)a, y = (double)b, z = (double)c;
    long double wide = (long double)d / 3;
    uint64_t sum = a + b + c + d + e + f + g + h;
    double whole = x + y + z;
    long double third = wide;
    for (int i = 0; i < 50; i++) {
        CHECK_INT(fm_yield(), 0);
        a ^= b, b ^= a, a ^= b;
        c ^= h, h ^= c, c ^= h;
        x += 1, y -= 1;
    }
    CHECK(a + b + c + d + e + f + g + h == sum);
    CHECK(fabs(x + y + z - whole) <= fabs(whole) * 1e-12);
    CHECK(wide == third);
    return 0;
}

static void carry_many(void)
{
    int rc;
    FM_GROUP(group, rc) {
        for (unsigned i = 1; i <= 60; i++)
            CHECK_INT(fm_group_go(group, carry, i), 0);
    }
    CHECK_INT(rc, 0);
}

TEST(integers_and_floats_are_kept_across_switches)
{
    switch_run(carry_many);
}

#if !defined(FM__TOOLS) && !defined(FM__UCONTEXT)
#if defined(__x86_64__)
#include "coro/registers_x86_64.h"
#elif defined(__aarch64__)
#include "coro/registers_aarch64.h"
#elif defined(__riscv)
#include "coro/registers_riscv64.h"
#endif

static struct fm__context here, there;
static uintptr_t switch_frame;
static int switch_visits;

static void switch_entry(void *arg)
{
    switch_frame = (uintptr_t)__builtin_frame_address(0);
    for (;;) {
        switch_visits += arg == &switch_visits;
        registers_spoil();
        fm__switch(&there, &here);
    }
}

static char switch_stack[16384];

static void switch_prepare(size_t shift)
{
    char *top = switch_stack + sizeof switch_stack - shift;
    switch_visits = 0;
    fm__context_make(&there, switch_stack, top, switch_entry, &switch_visits);
}

TEST(the_registers_a_callee_must_keep_are_kept)
{
    uint64_t kept[REGISTERS_KEPT];
    for (size_t i = 0; i < REGISTERS_KEPT; i++)
        kept[i] = UINT64_C(0x0101010101010101) * (i + 1);
    switch_prepare(0);
    for (int round = 1; round <= 100; round++) {
        uint64_t seen[REGISTERS_KEPT] = {0};
        registers_carry(kept, seen, &here, &there);
        CHECK(memcmp(seen, kept, sizeof seen) == 0);
        CHECK_INT(switch_visits, round);
    }
}

TEST(the_inline_switch_and_the_called_one_meet)
{
    switch_prepare(0);
    for (int round = 1; round <= 100; round++) {
        if (round % 2 == 0)
            fm__switch(&here, &there);
        else
            fm__switch_inline(&here, &there);
        CHECK_INT(switch_visits, round);
    }
}

TEST(the_first_frame_is_aligned_wherever_the_stack_begins)
{
    for (size_t shift = 0; shift < 64; shift += 8) {
        switch_prepare(shift);
        fm__switch(&here, &there);
        CHECK_INT(switch_frame % 16, 0);
        CHECK(switch_frame <= (uintptr_t)switch_stack + sizeof switch_stack);
    }
}
#endif

static int switch_frames;

struct unwind {
    int depth;
};

__attribute__((noinline)) static int unwind_deep(int depth)
{
    void *frames[64];
    volatile int rest = depth;
    if (rest > 0)
        return unwind_deep(rest - 1) + (rest > 0 ? 0 : 1);
    switch_frames = fm__libc_frames(frames, 64);
    return 0;
}

static int unwind(struct unwind *self)
{
    return unwind_deep(self->depth);
}

static void unwind_two(void)
{
    CHECK_INT(fm_await(fm_go(unwind, 0)), 0);
    int shallow = switch_frames;
    CHECK_INT(fm_await(fm_go(unwind, 20)), 0);
    CHECK_INT(switch_frames - shallow, 20);
    CHECK(shallow >= 2 && shallow <= 8);
}

TEST(a_backtrace_ends_at_the_tasks_first_frame)
{
    if (!test_knows_frames())
        test_skip("this C library knows no backtrace");
    switch_run(unwind_two);
}
