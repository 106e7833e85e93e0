/*
 * switch_ucontext.c - the switch of machines without assembly of their own
 *
 * Correct everywhere and slow: swapcontext asks the kernel for the signal
 * mask each time.
 */
#include "base/die.h"
#include "coro/context.h"

/* makecontext passes ints: a pointer goes in two halves. */
static void switch_entry(unsigned entry_high, unsigned entry_low,
                         unsigned arg_high, unsigned arg_low)
{
    uintptr_t entry = (uintptr_t)entry_high << 32 | entry_low;
    uintptr_t arg = (uintptr_t)arg_high << 32 | arg_low;
    ((void (*)(void *))entry)((void *)arg);
    fm__die("a task's first frame returned");
}

void fm__context_make(struct fm__context *context, void *bottom, void *top,
                      void (*entry)(void *arg), void *arg)
{
    uint64_t entry_word = (uintptr_t)entry;
    uint64_t arg_word = (uintptr_t)arg;
    getcontext(&context->saved);
    context->saved.uc_stack.ss_sp = bottom;
    context->saved.uc_stack.ss_size = (size_t)((char *)top - (char *)bottom);
    context->saved.uc_link = NULL;
    makecontext(&context->saved, (void (*)(void))switch_entry, 4,
                (unsigned)(entry_word >> 32), (unsigned)entry_word,
                (unsigned)(arg_word >> 32), (unsigned)arg_word);
}

void fm__switch(struct fm__context *from, struct fm__context *to)
{
    swapcontext(&from->saved, &to->saved);
}
