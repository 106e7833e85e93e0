/*
 * registers_x86_64.h - what the System V ABI makes a callee keep
 */
#ifndef TESTS_CORO_REGISTERS_X86_64_H
#define TESTS_CORO_REGISTERS_X86_64_H

enum {
    REGISTERS_KEPT = 6 /* rbx, rbp, r12 to r15 */
};

/* Whoever is switched to may use every register. */
FM__INLINE void registers_spoil(void)
{
    __asm__ volatile("xorl %%ebx, %%ebx\n\txorl %%r12d, %%r12d\n\t"
                     "xorl %%r13d, %%r13d\n\txorl %%r14d, %%r14d\n\t"
                     "xorl %%r15d, %%r15d" ::
                         : "rbx", "r12", "r13", "r14", "r15");
}

/* Sets what must be kept, goes there and back, and notes what is left. */
FM__INLINE void registers_carry(const uint64_t *kept, uint64_t *seen,
                                struct fm__context *from,
                                struct fm__context *to)
{
    __asm__ volatile("pushq %%rbp\n\tpushq %%rdx\n\t"
                     "movq 0(%%rax), %%rbx\n\tmovq 8(%%rax), %%rbp\n\t"
                     "movq 16(%%rax), %%r12\n\tmovq 24(%%rax), %%r13\n\t"
                     "movq 32(%%rax), %%r14\n\tmovq 40(%%rax), %%r15\n\t"
                     "call fm__switch\n\t"
                     "movq %%rbp, %%rcx\n\tpopq %%rdx\n\tpopq %%rbp\n\t"
                     "movq %%rbx, 0(%%rdx)\n\tmovq %%rcx, 8(%%rdx)\n\t"
                     "movq %%r12, 16(%%rdx)\n\tmovq %%r13, 24(%%rdx)\n\t"
                     "movq %%r14, 32(%%rdx)\n\tmovq %%r15, 40(%%rdx)"
                     : "+a"(kept), "+d"(seen), "+D"(from), "+S"(to)
                     :
                     : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "xmm0", "xmm1", "memory", "cc");
}

#endif
