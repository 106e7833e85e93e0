/*
 * registers_riscv64.h - what the lp64d ABI makes a callee keep
 */
#ifndef TESTS_CORO_REGISTERS_RISCV64_H
#define TESTS_CORO_REGISTERS_RISCV64_H

enum {
    REGISTERS_KEPT = 24 /* s1 to s11, s0, fs0 to fs11 */
};

/* Whoever is switched to may use every register. */
FM__INLINE void registers_spoil(void)
{
    __asm__ volatile("li s1, 0\n\tli s2, 0\n\t"
                     "li s3, 0\n\tli s4, 0\n\t"
                     "li s5, 0\n\tli s6, 0\n\t"
                     "li s7, 0\n\tli s8, 0\n\t"
                     "li s9, 0\n\tli s10, 0\n\t"
                     "li s11, 0\n\tfmv.d.x fs0, zero\n\t"
                     "fmv.d.x fs1, zero\n\tfmv.d.x fs2, zero\n\t"
                     "fmv.d.x fs3, zero\n\tfmv.d.x fs4, zero\n\t"
                     "fmv.d.x fs5, zero\n\tfmv.d.x fs6, zero\n\t"
                     "fmv.d.x fs7, zero\n\tfmv.d.x fs8, zero\n\t"
                     "fmv.d.x fs9, zero\n\tfmv.d.x fs10, zero\n\t"
                     "fmv.d.x fs11, zero" ::
                         : "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",
                           "s10", "s11", "fs0", "fs1", "fs2", "fs3", "fs4",
                           "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11");
}

/* Sets what must be kept, goes there and back, and notes what is left. */
FM__INLINE void registers_carry(const uint64_t *kept, uint64_t *seen,
                                struct fm__context *from,
                                struct fm__context *to)
{
    register struct fm__context *a0 __asm__("a0") = from;
    register struct fm__context *a1 __asm__("a1") = to;
    register const uint64_t *a2 __asm__("a2") = kept;
    register uint64_t *a3 __asm__("a3") = seen;
    __asm__ volatile("addi sp, sp, -16\n\tsd s0, 0(sp)\n\t"
                     "sd a3, 8(sp)\n\tld s1, 0(a2)\n\t"
                     "ld s2, 8(a2)\n\tld s3, 16(a2)\n\t"
                     "ld s4, 24(a2)\n\tld s5, 32(a2)\n\t"
                     "ld s6, 40(a2)\n\tld s7, 48(a2)\n\t"
                     "ld s8, 56(a2)\n\tld s9, 64(a2)\n\t"
                     "ld s10, 72(a2)\n\tld s11, 80(a2)\n\t"
                     "ld s0, 88(a2)\n\tfld fs0, 96(a2)\n\t"
                     "fld fs1, 104(a2)\n\tfld fs2, 112(a2)\n\t"
                     "fld fs3, 120(a2)\n\tfld fs4, 128(a2)\n\t"
                     "fld fs5, 136(a2)\n\tfld fs6, 144(a2)\n\t"
                     "fld fs7, 152(a2)\n\tfld fs8, 160(a2)\n\t"
                     "fld fs9, 168(a2)\n\tfld fs10, 176(a2)\n\t"
                     "fld fs11, 184(a2)\n\t"
                     "call fm__switch\n\tmv t0, s0\n\t"
                     "ld s0, 0(sp)\n\tld a3, 8(sp)\n\t"
                     "addi sp, sp, 16\n\tsd s1, 0(a3)\n\t"
                     "sd s2, 8(a3)\n\tsd s3, 16(a3)\n\t"
                     "sd s4, 24(a3)\n\tsd s5, 32(a3)\n\t"
                     "sd s6, 40(a3)\n\tsd s7, 48(a3)\n\t"
                     "sd s8, 56(a3)\n\tsd s9, 64(a3)\n\t"
                     "sd s10, 72(a3)\n\tsd s11, 80(a3)\n\t"
                     "sd t0, 88(a3)\n\tfsd fs0, 96(a3)\n\t"
                     "fsd fs1, 104(a3)\n\tfsd fs2, 112(a3)\n\t"
                     "fsd fs3, 120(a3)\n\tfsd fs4, 128(a3)\n\t"
                     "fsd fs5, 136(a3)\n\tfsd fs6, 144(a3)\n\t"
                     "fsd fs7, 152(a3)\n\tfsd fs8, 160(a3)\n\t"
                     "fsd fs9, 168(a3)\n\tfsd fs10, 176(a3)\n\t"
                     "fsd fs11, 184(a3)"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3)::"ra", "t0", "t1",
                       "t2", "t3", "t4", "t5", "t6", "a4", "a5", "a6", "a7",
                       "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",
                       "s10", "s11", "ft0", "ft1", "ft2", "ft3", "ft4", "ft5",
                       "ft6", "ft7", "ft8", "ft9", "ft10", "ft11", "fa0", "fa1",
                       "fa2", "fa3", "fa4", "fa5", "fa6", "fa7", "fs0", "fs1",
                       "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9",
                       "fs10", "fs11", "memory");
}

#endif
