/*
 * switch_x86_64.S - one stack, one switch, System V ABI
 *
 * A context is sp, rbp and the address to go on at; whoever suspends has saved
 * the rest on its stack. Going on is an indirect jump: a `ret` after a change
 * of stacks is always mispredicted (2.4 times slower, Zen 4). The unwind
 * tables end at fm__switch_entry, so that gdb, sanitizers and backtraces stop
 * at the task's first frame. Of what the compiler was asked for, cet.h notes
 * landing pads and no shadow stack: that is refused.
 */
#ifdef __CET__
#include <cet.h>
#define SWITCH_LAND endbr64
#define SWITCH_JUMP notrack jmp
#else
#define SWITCH_LAND
#define SWITCH_JUMP jmp
#endif

    .text

/*
 * void fm__switch(from, to)
 *
 * Where `to` was suspended by this function too, it goes on below without a
 * jump: the address is compared, not jumped to. from and to differ.
 */
    .p2align 4
    .globl fm__switch
    .hidden fm__switch
    .type fm__switch, @function
fm__switch:
    .cfi_startproc
    SWITCH_LAND
    movq 0(%rsi), %rdx
    movq 8(%rsi), %rcx
    movq 16(%rsi), %r8
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    pushq %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    pushq %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    leaq 1f(%rip), %rax
    movq %rsp, 0(%rdi)
    movq %rbp, 8(%rdi)
    movq %rax, 16(%rdi)
    movq %rdx, %rsp
    movq %rcx, %rbp
    cmpq %rax, %r8
    jne 2f
1:
    .cfi_remember_state
    popq %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    popq %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    popq %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    popq %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    popq %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    popq %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %rcx
    SWITCH_JUMP *%rcx
2:
    .cfi_restore_state
    SWITCH_JUMP *%r8
    .cfi_endproc
    .size fm__switch, . - fm__switch

/* void fm__switch_call(top, fn, arg) */
    .p2align 4
    .globl fm__switch_call
    .hidden fm__switch_call
    .type fm__switch_call, @function
fm__switch_call:
    .cfi_startproc
    SWITCH_LAND
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    movq %rdi, %rsp
    andq $-16, %rsp
    movq %rdx, %rdi
    call *%rsi
    movq %rbp, %rsp
    popq %rbp
    .cfi_def_cfa %rsp, 8
    .cfi_restore %rbp
    ret
    .cfi_endproc
    .size fm__switch_call, . - fm__switch_call

/* The first frame of a stack: on it lie the entry and its argument. */
    .p2align 4
    .globl fm__switch_entry
    .hidden fm__switch_entry
    .type fm__switch_entry, @function
fm__switch_entry:
    .cfi_startproc
    .cfi_undefined %rip
    SWITCH_LAND
    popq %rax
    popq %rdi
    leaq 1f(%rip), %rcx
    pushq %rcx              /* a call would leave the return predictor off */
    SWITCH_JUMP *%rax
1:
    ud2
    .cfi_endproc
    .size fm__switch_entry, . - fm__switch_entry

    .section .note.GNU-stack, "", @progbits
