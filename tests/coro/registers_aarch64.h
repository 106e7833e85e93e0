/*
 * registers_aarch64.h - what AAPCS64 makes a callee keep
 */
#ifndef TESTS_CORO_REGISTERS_AARCH64_H
#define TESTS_CORO_REGISTERS_AARCH64_H

enum {
    REGISTERS_KEPT = 19 /* x19 to x29, d8 to d15 */
};

/* Whoever is switched to may use every register. */
FM__INLINE void registers_spoil(void)
{
    __asm__ volatile("mov x19, #0\n\t"
                     "mov x20, #0\n\t"
                     "mov x21, #0\n\t"
                     "mov x22, #0\n\t"
                     "mov x23, #0\n\t"
                     "mov x24, #0\n\t"
                     "mov x25, #0\n\t"
                     "mov x26, #0\n\t"
                     "mov x27, #0\n\t"
                     "mov x28, #0\n\t"
                     "movi v8.2d, #0\n\t"
                     "movi v9.2d, #0\n\t"
                     "movi v10.2d, #0\n\t"
                     "movi v11.2d, #0\n\t"
                     "movi v12.2d, #0\n\t"
                     "movi v13.2d, #0\n\t"
                     "movi v14.2d, #0\n\t"
                     "movi v15.2d, #0" ::
                         : "x19", "x20", "x21", "x22", "x23", "x24", "x25",
                           "x26", "x27", "x28", "v8", "v9", "v10", "v11", "v12",
                           "v13", "v14", "v15");
}

/* Sets what must be kept, goes there and back, and notes what is left. */
FM__INLINE void registers_carry(const uint64_t *kept, uint64_t *seen,
                                struct fm__context *from,
                                struct fm__context *to)
{
    register struct fm__context *x0 __asm__("x0") = from;
    register struct fm__context *x1 __asm__("x1") = to;
    register const uint64_t *x2 __asm__("x2") = kept;
    register uint64_t *x3 __asm__("x3") = seen;
    __asm__ volatile(
        "stp x29, x3, [sp, #-16]!\n\t"
        "ldp x19, x20, [x2, #0]\n\t"
        "ldp x21, x22, [x2, #16]\n\t"
        "ldp x23, x24, [x2, #32]\n\t"
        "ldp x25, x26, [x2, #48]\n\t"
        "ldp x27, x28, [x2, #64]\n\t"
        "ldr x29, [x2, #80]\n\t"
        "ldp d8, d9, [x2, #88]\n\t"
        "ldp d10, d11, [x2, #104]\n\t"
        "ldp d12, d13, [x2, #120]\n\t"
        "ldp d14, d15, [x2, #136]\n\t"
        "bl fm__switch\n\t"
        "mov x10, x29\n\t"
        "ldp x29, x3, [sp], #16\n\t"
        "stp x19, x20, [x3, #0]\n\t"
        "stp x21, x22, [x3, #16]\n\t"
        "stp x23, x24, [x3, #32]\n\t"
        "stp x25, x26, [x3, #48]\n\t"
        "stp x27, x28, [x3, #64]\n\t"
        "str x10, [x3, #80]\n\t"
        "stp d8, d9, [x3, #88]\n\t"
        "stp d10, d11, [x3, #104]\n\t"
        "stp d12, d13, [x3, #120]\n\t"
        "stp d14, d15, [x3, #136]"
        : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8",
          "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18",
          "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
          "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",
          "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19",
          "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",
          "v30", "v31", "memory", "cc");
}

#endif
