/*
 * unwind_aarch64.c - registers and calls of AArch64
 */
#include "unwind_parts.h"

const struct unwind_registers unwind_registers = {.fp = 29, .sp = 31};

/* The bits of a word from `low` on, as a signed number. */
static int64_t unwind_arm_bits(uint32_t word, unsigned low, unsigned count)
{
    uint32_t top = word << (32 - low - count);
    return (int32_t)top >> (32 - count);
}

/* Through the linkage table: adrp x16; ldr x17, [x16, #offset]; perhaps behind
 * a landing pad. */
static uint64_t unwind_arm_linked(struct unwind *unwind, uint64_t address)
{
    uint32_t code[3];
    uint64_t target;
    if (!unwind_peek(unwind, address, code, sizeof code))
        return 0;
    unsigned at = code[0] == 0xd503245f ? 1 : 0;
    uint32_t page = code[at], load = code[at + 1];
    if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
        return 0;
    int64_t pages = unwind_arm_bits(page, 5, 19) * 4 + (page >> 29 & 3);
    uint64_t slot = ((address + 4 * at) & ~UINT64_C(4095)) +
                    (uint64_t)(pages * 4096) + (load >> 10 & 4095) * 8;
    return unwind_peek(unwind, slot, &target, sizeof target) ? target : 0;
}

/* bl offset */
uint64_t unwind_target(struct unwind *unwind, uint64_t behind)
{
    uint32_t code;
    if (!unwind_peek(unwind, behind - sizeof code, &code, sizeof code) ||
        code >> 26 != 0x25)
        return 0;
    uint64_t there =
        behind - sizeof code + (uint64_t)(unwind_arm_bits(code, 0, 26) * 4);
    uint64_t target = unwind_arm_linked(unwind, there);
    return target != 0 ? target : there;
}
