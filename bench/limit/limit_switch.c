/*
 * limit_switch.c - two stacks that switch to each other, and no runtime
 *
 * `called`: through a function that keeps the six registers of the ABI.
 * `inline`: expanded in place, keeping what lives there.
 */
#include "bare.h"
#include "measure.h"

enum {
    SWITCHES = 1000000
};

static struct bare here, there;

static void limit_called_other(void)
{
    for (;;)
        bare_switch(&there, &here);
}

/* There and back: two switches. */
static void limit_called(void)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        bare_switch(&here, &there);
}

static void limit_inline_other(void)
{
    for (;;)
        BARE_JUMP(&there, &here);
}

static void limit_inline(void)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        BARE_JUMP(&here, &there);
}

int main(void)
{
    char *top = bare_top(bare_stacks(1), 0);

    bare_make_called(&there, top, limit_called_other);
    measure("switch", "called", SWITCHES, limit_called);
    bare_make(&there, top, limit_inline_other);
    measure("switch", "inline", SWITCHES, limit_inline);
    return 0;
}
