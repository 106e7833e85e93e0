/*
 * context_riscv64.h - the inline half of switch_riscv64.S
 */
#ifndef FM_CORO_CONTEXT_RISCV64_H
#define FM_CORO_CONTEXT_RISCV64_H

#include "base/compiler.h"

/* Valid while suspended; switch_riscv64.S knows the offsets. */
struct fm__context {
    void *sp;
    void *fp; /* s0 */
    void *pc;
};

#if defined(__riscv_vector) && (defined(__clang__) || __GNUC__ >= 13)
#define FM__SWITCH_VECTOR                                                      \
    , "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10",       \
        "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20",  \
        "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",  \
        "v31", "vl", "vtype"
#else
#define FM__SWITCH_VECTOR
#endif

/* The compiler saves what it needs itself: all else is clobbered, except s0,
 * which it may not be told of and which is kept in the context. */
FM__INLINE void fm__switch_inline(struct fm__context *from,
                                  struct fm__context *to)
{
    register struct fm__context *old __asm__("a0") = from;
    register struct fm__context *new __asm__("a1") = to;
    __asm__ volatile("lla t0, 1f\n\t"
                     "ld t1, 0(%1)\n\t"
                     "ld t2, 16(%1)\n\t"
                     "sd sp, 0(%0)\n\t"
                     "sd s0, 8(%0)\n\t"
                     "sd t0, 16(%0)\n\t"
                     "ld s0, 8(%1)\n\t"
                     "mv sp, t1\n\t"
                     "jr t2\n"
                     "1:"
                     : "+r"(old), "+r"(new)
                     :
                     : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a2",
                       "a3", "a4", "a5", "a6", "a7", "s1", "s2", "s3", "s4",
                       "s5", "s6", "s7", "s8", "s9", "s10", "s11", "ft0", "ft1",
                       "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9",
                       "ft10", "ft11", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
                       "fa6", "fa7", "fs0", "fs1", "fs2", "fs3", "fs4", "fs5",
                       "fs6", "fs7", "fs8", "fs9", "fs10", "fs11",
                       "memory" FM__SWITCH_VECTOR);
}

#endif
