/*
 * context_aarch64.h - the inline half of switch_aarch64.S
 */
#ifndef FM_CORO_CONTEXT_AARCH64_H
#define FM_CORO_CONTEXT_AARCH64_H

#include "base/compiler.h"

/* Valid while suspended; switch_aarch64.S knows the offsets. */
struct fm__context {
    void *sp;
    void *fp; /* x29 */
    void *pc;
};

/* With branch target identification a `br` may only land on a landing pad;
 * this one, bti c, takes those of x16 and x17. */
#ifdef __ARM_FEATURE_BTI_DEFAULT
#define FM__SWITCH_LAND "hint 34"
#else
#define FM__SWITCH_LAND ""
#endif

#ifdef __ARM_FEATURE_SVE
#define FM__SWITCH_SVE                                                         \
    , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10",       \
        "p11", "p12", "p13", "p14", "p15"
#else
#define FM__SWITCH_SVE
#endif

/* The compiler saves what it needs itself: all else is clobbered, except x29,
 * which it may not be told of and which is kept in the context. */
FM__INLINE void fm__switch_inline(struct fm__context *from,
                                  struct fm__context *to)
{
    register struct fm__context *old __asm__("x0") = from;
    register struct fm__context *new __asm__("x1") = to;
    __asm__ volatile("adr x9, 1f\n\t"
                     "mov x10, sp\n\t"
                     "ldp x11, x12, [%1]\n\t"
                     "ldr x16, [%1, #16]\n\t"
                     "stp x10, x29, [%0]\n\t"
                     "str x9, [%0, #16]\n\t"
                     "mov x29, x12\n\t"
                     "mov sp, x11\n\t"
                     "br x16\n"
                     "1:\t" FM__SWITCH_LAND
                     : "+r"(old), "+r"(new)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
                       "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18",
                       "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26",
                       "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5",
                       "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
                       "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",
                       "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",
                       "v30", "v31", "memory", "cc" FM__SWITCH_SVE);
}

#endif
