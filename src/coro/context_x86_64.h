/*
 * context_x86_64.h - the inline half of switch_x86_64.S
 */
#ifndef FM_CORO_CONTEXT_X86_64_H
#define FM_CORO_CONTEXT_X86_64_H

#include "base/compiler.h"

/* Valid while suspended; switch_x86_64.S knows the offsets. */
struct fm__context {
    void *sp;
    void *fp; /* rbp */
    void *pc;
};

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
