/*
 * switch_aarch64.S - one stack, one switch, AAPCS64
 *
 * A context is sp, x29 and the address to go on at; whoever suspends has saved
 * the rest on its stack. Going on is `br x16`, which with branch target
 * identification lands on `bti c`. Only the way back to the caller must be a
 * `ret` then: no compiler puts a landing pad behind a call. Where return
 * addresses are signed, the saved one is. The unwind tables end at
 * fm__switch_entry, so that gdb, sanitizers and backtraces stop at the task's
 * first frame. No note of a guarded control stack: that is refused.
 */
#ifdef __ARM_FEATURE_BTI_DEFAULT
#define SWITCH_LAND hint 34             /* bti c */
#define SWITCH_RETURN ret
#define SWITCH_BTI 1
#else
#define SWITCH_LAND
#define SWITCH_RETURN mov x16, x30; br x16
#define SWITCH_BTI 0
#endif

#ifndef __ARM_FEATURE_PAC_DEFAULT
#define SWITCH_SIGN
#define SWITCH_CHECK
#define SWITCH_PAC 0
#elif __ARM_FEATURE_PAC_DEFAULT & 2
#define SWITCH_SIGN .cfi_b_key_frame; hint 27; .cfi_negate_ra_state
#define SWITCH_CHECK hint 31; .cfi_negate_ra_state /* autibsp */
#define SWITCH_PAC 2
#else
#define SWITCH_SIGN hint 25; .cfi_negate_ra_state  /* paciasp */
#define SWITCH_CHECK hint 29; .cfi_negate_ra_state /* autiasp */
#define SWITCH_PAC 2
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
    .type fm__switch, %function
fm__switch:
    .cfi_startproc
    SWITCH_LAND
    SWITCH_SIGN
    stp x29, x30, [sp, #-160]!
    .cfi_def_cfa_offset 160
    .cfi_offset x29, -160
    .cfi_offset x30, -152
    stp x19, x20, [sp, #16]
    .cfi_offset x19, -144
    .cfi_offset x20, -136
    stp x21, x22, [sp, #32]
    .cfi_offset x21, -128
    .cfi_offset x22, -120
    stp x23, x24, [sp, #48]
    .cfi_offset x23, -112
    .cfi_offset x24, -104
    stp x25, x26, [sp, #64]
    .cfi_offset x25, -96
    .cfi_offset x26, -88
    stp x27, x28, [sp, #80]
    .cfi_offset x27, -80
    .cfi_offset x28, -72
    stp d8, d9, [sp, #96]
    .cfi_offset d8, -64
    .cfi_offset d9, -56
    stp d10, d11, [sp, #112]
    .cfi_offset d10, -48
    .cfi_offset d11, -40
    stp d12, d13, [sp, #128]
    .cfi_offset d12, -32
    .cfi_offset d13, -24
    stp d14, d15, [sp, #144]
    .cfi_offset d14, -16
    .cfi_offset d15, -8
    ldp x11, x12, [x1]
    ldr x16, [x1, #16]
    adr x9, 1f
    mov x10, sp
    stp x10, x29, [x0]
    str x9, [x0, #16]
    mov x29, x12
    mov sp, x11
    cmp x16, x9
    b.ne 2f
1:
    .cfi_remember_state
    SWITCH_LAND
    ldp d14, d15, [sp, #144]
    ldp d12, d13, [sp, #128]
    ldp d10, d11, [sp, #112]
    ldp d8, d9, [sp, #96]
    ldp x27, x28, [sp, #80]
    ldp x25, x26, [sp, #64]
    ldp x23, x24, [sp, #48]
    ldp x21, x22, [sp, #32]
    ldp x19, x20, [sp, #16]
    ldp x29, x30, [sp], #160
    .cfi_def_cfa_offset 0
    .cfi_restore x19
    .cfi_restore x20
    .cfi_restore x21
    .cfi_restore x22
    .cfi_restore x23
    .cfi_restore x24
    .cfi_restore x25
    .cfi_restore x26
    .cfi_restore x27
    .cfi_restore x28
    .cfi_restore x29
    .cfi_restore x30
    .cfi_restore d8
    .cfi_restore d9
    .cfi_restore d10
    .cfi_restore d11
    .cfi_restore d12
    .cfi_restore d13
    .cfi_restore d14
    .cfi_restore d15
    SWITCH_CHECK
    SWITCH_RETURN
2:
    .cfi_restore_state
    br x16
    .cfi_endproc
    .size fm__switch, . - fm__switch

/* The first frame of a stack: on it lie the entry and its argument. */
    .p2align 4
    .globl fm__switch_entry
    .hidden fm__switch_entry
    .type fm__switch_entry, %function
fm__switch_entry:
    .cfi_startproc
    .cfi_undefined x30
    SWITCH_LAND
    ldp x16, x0, [sp], #16
    .cfi_def_cfa_offset -16
    adr x30, 1f
    br x16
1:
    brk #1
    .cfi_endproc
    .size fm__switch_entry, . - fm__switch_entry

    .section .note.GNU-stack, "", %progbits

#if SWITCH_BTI + SWITCH_PAC > 0
/* GNU_PROPERTY_AARCH64_FEATURE_1_AND: what this file keeps to. */
    .section .note.gnu.property, "a"
    .p2align 3
    .word 4, 16, 5
    .asciz "GNU"
    .word 0xc0000000, 4, SWITCH_BTI | SWITCH_PAC, 0
#endif
