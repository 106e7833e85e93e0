/*
 * bare.h - stacks and nothing else: what the limits are measured with
 *
 * bare_switch is called and keeps six registers; BARE_JUMP is expanded in
 * place and lets the compiler keep only what lives; it needs code that is built
 * without a frame pointer.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    BARE_STACK = 64 * 1024
};

/* A suspended stack. bare_switch uses only sp. */
struct bare {
    void *sp;
    void *pc;
};

void bare_switch(struct bare *from, struct bare *to);

#if defined(__x86_64__)
#define BARE_JUMP(from, to)                                                    \
    do {                                                                       \
        struct bare *from_ = (from), *to_ = (to);                              \
        __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"                           \
                         "movq 8(%1), %%rcx\n\t"                               \
                         "movq %%rax, 8(%0)\n\t"                               \
                         "movq %%rsp, (%0)\n\t"                                \
                         "movq (%1), %%rsp\n\t"                                \
                         "jmp *%%rcx\n"                                        \
                         ".p2align 4\n1:"                                      \
                         : "+D"(from_), "+S"(to_)                              \
                         :                                                     \
                         : "rax", "rbx", "rcx", "rdx", "rbp", "r8", "r9",      \
                           "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",   \
                           "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",     \
                           "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",  \
                           "xmm13", "xmm14", "xmm15", "memory", "cc");         \
    } while (0)
#endif

/* entry() runs at the first switch, on the stack below top; never returns. */
static inline void bare_make(struct bare *bare, void *top, void (*entry)(void))
{
    uintptr_t *sp = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 1;

    bare->pc = (void *)(uintptr_t)entry;
    bare->sp = sp; /* as after a call: 8 below a multiple of 16 */
    *sp = 0;
}

/* The same for bare_switch, which finds the registers on the stack. */
static inline void bare_make_called(struct bare *bare, void *top,
                                    void (*entry)(void))
{
    bare_make(bare, top, entry);
    uintptr_t *sp = bare->sp;
    *--sp = (uintptr_t)entry;
    for (int i = 0; i < 6; i++)
        *--sp = 0;
    bare->sp = sp;
}

/* Address space for count stacks; a page of it costs memory when touched. */
static inline char *bare_stacks(size_t count)
{
    size_t size = count * BARE_STACK;
    char *stacks = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (stacks == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    madvise(stacks, size, MADV_NOHUGEPAGE);
    return stacks;
}

/*
 * The top of the i-th stack, coloured: stacks that all began at the same
 * offset in a page would share a few sets of the cache.
 */
static inline char *bare_top(char *stacks, size_t i)
{
    return stacks + (i + 1) * BARE_STACK - i % 24 * 128;
}

#endif
