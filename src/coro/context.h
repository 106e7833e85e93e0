/*
 * context.h - where a suspended stack goes on
 *
 * One of two files implements it: switch_x86_64.S where there is assembly for
 * the machine, switch_ucontext.c (built with FM__UCONTEXT) elsewhere. Kept
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

#ifdef FM__UCONTEXT
#include <ucontext.h>
struct fm__context {
    ucontext_t saved;
};
#else
/* Valid while suspended; switch_x86_64.S knows the offsets. */
struct fm__context {
    void *sp;
    void *bp;
    void *pc;
};
#endif

/* Suspends the caller in `from`, goes on where `to` was suspended. */
void fm__switch(struct fm__context *from, struct fm__context *to);

#ifdef FM__UCONTEXT
#define fm__switch_inline fm__switch
/* entry(arg) runs at the first switch to it, on the stack that grows down
 * from top, and must not return. wide: what makecontext asks for. */
void fm__context_make(struct fm__context *context, void *bottom, void *top,
                      void (*entry)(void *arg), void *arg);

#else

/* The first frame: takes entry and arg from the stack. */
void fm__switch_entry(void);

/* entry(arg) runs at the first switch to it, on the stack that grows down
 * from top, and must not return. wide: what makecontext asks for. */
FM__INLINE void fm__context_make(struct fm__context *context, void *bottom,
                                 void *top, void (*entry)(void *arg), void *arg)
{
    uintptr_t *frame = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 2;
    (void)bottom;
    frame[0] = (uintptr_t)entry;
    frame[1] = (uintptr_t)arg;
    context->sp = frame;
    context->bp = NULL;
    context->pc = (void *)(uintptr_t)fm__switch_entry;
}

#ifdef __CET__
#define FM__SWITCH_JUMP "notrack jmp"
#else
#define FM__SWITCH_JUMP "jmp"
#endif

#ifdef __AVX512F__
#define FM__SWITCH_AVX512                                                      \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",  \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",         \
        "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define FM__SWITCH_AVX512
#endif

/* The compiler saves what it needs itself: all else is clobbered, except rbp,
 * which it may not be told of and which is kept in the context. */
FM__INLINE void fm__switch_inline(struct fm__context *from,
                                  struct fm__context *to)
{
    __asm__ volatile(
        "leaq 1f(%%rip), %%rax\n\t"
        "movq %%rsp, 0(%%rdi)\n\t"
        "movq %%rbp, 8(%%rdi)\n\t"
        "movq %%rax, 16(%%rdi)\n\t"
        "movq 0(%%rsi), %%rsp\n\t"
        "movq 8(%%rsi), %%rbp\n\t" FM__SWITCH_JUMP " *16(%%rsi)\n\t"
        ".p2align 4\n"
        "1:"
        : "+D"(from), "+S"(to)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",
          "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
          "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
          "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
          "st(7)", "memory", "cc" FM__SWITCH_AVX512);
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
