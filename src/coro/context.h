/*
 * context.h - where a suspended stack goes on
 *
 * A machine is two files: switch_MACHINE.S and context_MACHINE.h. Where there
 * are none, the build sets FM__UCONTEXT and the C library switches. Kept
 * across a switch: the registers that the ABI makes a callee keep. Not kept:
 * the rounding mode and the signal mask, which belong to the thread.
 *
 * fm__switch is a call. fm__switch_inline is the same in place, for the few
 * hot spots: a call whose return comes from another stack leaves the return
 * predictor one off, and each `ret` after it is mispredicted.
 */
#ifndef FM_CORO_CONTEXT_H
#define FM_CORO_CONTEXT_H

#include "base/compiler.h"

struct fm__context;

/* Suspends the caller in `from`, goes on where `to` was suspended. */
void fm__switch(struct fm__context *from, struct fm__context *to);

#if defined(FM__UCONTEXT)
#include "coro/context_ucontext.h"
#elif defined(__x86_64__)
#include "coro/context_x86_64.h"
#elif defined(__aarch64__)
#include "coro/context_aarch64.h"
#elif defined(__riscv)
#include "coro/context_riscv64.h"
#else
#error "no switch for this machine: build it with FERMATA_UCONTEXT=ON"
#endif

#ifdef FM__UCONTEXT
/* entry(arg) runs at the first switch to it, on the stack that grows down
 * from top, and must not return. wide: what makecontext asks for. */
void fm__context_make(struct fm__context *context, void *bottom, void *top,
                      void (*entry)(void *arg), void *arg);
#else
/* The first frame: takes entry and arg from the stack. */
void fm__switch_entry(void);

/* The same, in place. wide: what makecontext asks for. */
FM__INLINE void fm__context_make(struct fm__context *context, void *bottom,
                                 void *top, void (*entry)(void *arg), void *arg)
{
    uintptr_t *frame = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 2;
    (void)bottom;
    frame[0] = (uintptr_t)entry;
    frame[1] = (uintptr_t)arg;
    context->sp = frame;
    context->fp = NULL;
    context->pc = (void *)(uintptr_t)fm__switch_entry;
}
#endif

/* Calls fn(arg) on a stack that is suspended, below what lies there: what fn
 * leaves is overwritten, and it must not switch. */
#if defined(__x86_64__) && !defined(FM__UCONTEXT)
#define FM__CONTEXT_CALLS true
#define FM__RED_ZONE 128 /* what a function may use below its stack pointer */
void fm__switch_call(void *top, void (*fn)(void *arg), void *arg);

FM__INLINE void fm__context_call(const struct fm__context *context,
                                 void (*fn)(void *arg), void *arg)
{
    fm__switch_call((char *)context->sp - FM__RED_ZONE, fn, arg);
}
#else
#define FM__CONTEXT_CALLS false
#define fm__context_call(context, fn, arg) ((void)(context), (fn)(arg))
#endif

#endif
