/*
 * ucontext_switch.c - glibc: switch between two contexts with swapcontext
 *
 * Each switch also saves the signal mask, with a system call.
 */
#include "measure.h"
#include <ucontext.h>

enum {
    SWITCHES = 200000,
    STACK = 64 * 1024
};

static ucontext_t here, there;

static void ucontext_other(void)
{
    for (;;)
        swapcontext(&there, &here);
}

/* There and back: two switches. */
static void ucontext_batch(void)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        swapcontext(&here, &there);
}

int main(void)
{
    char *stack = malloc(STACK);

    if (stack == NULL || getcontext(&there) < 0)
        return 1;
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = STACK;
    makecontext(&there, ucontext_other, 0);

    measure("switch", "called", SWITCHES, ucontext_batch);
    free(stack);
    return 0;
}
