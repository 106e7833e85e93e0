/*
 * switch_riscv64.S - one stack, one switch, RV64 with doubles (lp64d)
 *
 * A context is sp, s0 and the address to go on at; whoever suspends has saved
 * the rest on its stack. Going on is a jump through t2: to the processor no
 * return, which it would predict wrong, and with landing pads the one jump
 * that needs none. The unwind tables end at fm__switch_entry, so that gdb,
 * sanitizers and backtraces stop at the task's first frame.
 */
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
    addi sp, sp, -208
    .cfi_def_cfa_offset 208
    sd ra, 0(sp)
    .cfi_offset ra, -208
    sd s0, 8(sp)
    .cfi_offset s0, -200
    sd s1, 16(sp)
    .cfi_offset s1, -192
    sd s2, 24(sp)
    .cfi_offset s2, -184
    sd s3, 32(sp)
    .cfi_offset s3, -176
    sd s4, 40(sp)
    .cfi_offset s4, -168
    sd s5, 48(sp)
    .cfi_offset s5, -160
    sd s6, 56(sp)
    .cfi_offset s6, -152
    sd s7, 64(sp)
    .cfi_offset s7, -144
    sd s8, 72(sp)
    .cfi_offset s8, -136
    sd s9, 80(sp)
    .cfi_offset s9, -128
    sd s10, 88(sp)
    .cfi_offset s10, -120
    sd s11, 96(sp)
    .cfi_offset s11, -112
    fsd fs0, 104(sp)
    .cfi_offset fs0, -104
    fsd fs1, 112(sp)
    .cfi_offset fs1, -96
    fsd fs2, 120(sp)
    .cfi_offset fs2, -88
    fsd fs3, 128(sp)
    .cfi_offset fs3, -80
    fsd fs4, 136(sp)
    .cfi_offset fs4, -72
    fsd fs5, 144(sp)
    .cfi_offset fs5, -64
    fsd fs6, 152(sp)
    .cfi_offset fs6, -56
    fsd fs7, 160(sp)
    .cfi_offset fs7, -48
    fsd fs8, 168(sp)
    .cfi_offset fs8, -40
    fsd fs9, 176(sp)
    .cfi_offset fs9, -32
    fsd fs10, 184(sp)
    .cfi_offset fs10, -24
    fsd fs11, 192(sp)
    .cfi_offset fs11, -16
    ld t1, 0(a1)
    ld t2, 16(a1)
    lla t0, 1f
    sd sp, 0(a0)
    sd s0, 8(a0)
    sd t0, 16(a0)
    ld s0, 8(a1)
    mv sp, t1
    bne t2, t0, 2f
1:
    .cfi_remember_state
    ld s0, 8(sp)
    .cfi_restore s0
    ld s1, 16(sp)
    .cfi_restore s1
    ld s2, 24(sp)
    .cfi_restore s2
    ld s3, 32(sp)
    .cfi_restore s3
    ld s4, 40(sp)
    .cfi_restore s4
    ld s5, 48(sp)
    .cfi_restore s5
    ld s6, 56(sp)
    .cfi_restore s6
    ld s7, 64(sp)
    .cfi_restore s7
    ld s8, 72(sp)
    .cfi_restore s8
    ld s9, 80(sp)
    .cfi_restore s9
    ld s10, 88(sp)
    .cfi_restore s10
    ld s11, 96(sp)
    .cfi_restore s11
    fld fs0, 104(sp)
    .cfi_restore fs0
    fld fs1, 112(sp)
    .cfi_restore fs1
    fld fs2, 120(sp)
    .cfi_restore fs2
    fld fs3, 128(sp)
    .cfi_restore fs3
    fld fs4, 136(sp)
    .cfi_restore fs4
    fld fs5, 144(sp)
    .cfi_restore fs5
    fld fs6, 152(sp)
    .cfi_restore fs6
    fld fs7, 160(sp)
    .cfi_restore fs7
    fld fs8, 168(sp)
    .cfi_restore fs8
    fld fs9, 176(sp)
    .cfi_restore fs9
    fld fs10, 184(sp)
    .cfi_restore fs10
    fld fs11, 192(sp)
    .cfi_restore fs11
    ld ra, 0(sp)
    .cfi_restore ra
    addi sp, sp, 208
    .cfi_def_cfa_offset 0
    mv t2, ra
    jr t2
2:
    .cfi_restore_state
    jr t2
    .cfi_endproc
    .size fm__switch, . - fm__switch

/* The first frame of a stack: on it lie the entry and its argument. */
    .p2align 4
    .globl fm__switch_entry
    .hidden fm__switch_entry
    .type fm__switch_entry, @function
fm__switch_entry:
    .cfi_startproc
    .cfi_undefined ra
    ld t2, 0(sp)
    ld a0, 8(sp)
    addi sp, sp, 16
    .cfi_def_cfa_offset -16
    lla ra, 1f
    jr t2
1:
    ebreak
    .cfi_endproc
    .size fm__switch_entry, . - fm__switch_entry

    .section .note.GNU-stack, "", @progbits
