/*
 * unwind_x86_64.c - registers and calls of x86-64
 */
#include "unwind_parts.h"

#include <string.h>

const struct unwind_registers unwind_registers = {.fp = 6, .sp = 7};

/* Through the linkage table: jmp *offset(%rip), perhaps behind a landing pad
 * and with a prefix. */
static uint64_t unwind_x86_linked(struct unwind *unwind, uint64_t address)
{
    static const unsigned char pad[] = {0xf3, 0x0f, 0x1e, 0xfa};
    unsigned char code[11];
    int32_t offset;
    uint64_t target;
    if (!unwind_peek(unwind, address, code, sizeof code))
        return 0;
    size_t at = memcmp(code, pad, sizeof pad) == 0 ? sizeof pad : 0;
    if (code[at] == 0xf2)
        at++;
    if (code[at] != 0xff || code[at + 1] != 0x25)
        return 0;
    memcpy(&offset, code + at + 2, sizeof offset);
    uint64_t slot = address + at + 6 + (uint64_t)(int64_t)offset;
    return unwind_peek(unwind, slot, &target, sizeof target) ? target : 0;
}

/* call offset, or call *offset(%rip) */
uint64_t unwind_target(struct unwind *unwind, uint64_t behind)
{
    unsigned char code[6];
    int32_t offset;
    uint64_t target;
    if (!unwind_peek(unwind, behind - sizeof code, code, sizeof code))
        return 0;
    memcpy(&offset, code + 2, sizeof offset);
    uint64_t there = behind + (uint64_t)(int64_t)offset;
    if (code[0] == 0xff && code[1] == 0x15)
        return unwind_peek(unwind, there, &target, sizeof target) ? target : 0;
    if (code[1] != 0xe8)
        return 0;
    target = unwind_x86_linked(unwind, there);
    return target != 0 ? target : there;
}
