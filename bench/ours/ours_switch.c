/*
 * ours_switch.c - Fermata: from one stack to another, without its scheduler
 *
 * The library's own two switches, as bench/limit has them: `called` is a
 * function, `inline` is expanded in place, where a task gives way. Neither is
 * in the public API; `yield` is the switch that users see.
 */
#include "bare.h"
#include "coro/context.h"
#include "measure.h"

enum {
    SWITCHES = 1000000
};

static struct fm__context here, there;

static void switch_called_other(void *arg)
{
    (void)arg;
    for (;;)
        fm__switch(&there, &here);
}

/* There and back: two switches. */
static void switch_called(void)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        fm__switch(&here, &there);
}

static void switch_inline_other(void *arg)
{
    (void)arg;
    for (;;)
        fm__switch_inline(&there, &here);
}

static void switch_inline(void)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        fm__switch_inline(&here, &there);
}

int main(void)
{
    char *stack = bare_stacks(1);
    char *top = bare_top(stack, 0);

    fm__context_make(&there, stack, top, switch_called_other, NULL);
    measure("switch", "called", SWITCHES, switch_called);
    fm__context_make(&there, stack, top, switch_inline_other, NULL);
    measure("switch", "inline", SWITCHES, switch_inline);
    return 0;
}
