/*
 * fuzz_model.c - any bytes are a program of tasks, and do what was predicted
 */
#include "fuzz.h"

#include "base/fault.h"
#include "sim/model_check.h"

/* The simulator's: from all of the bytes, so that each may change the order
 * of what becomes ready together. */
static uint64_t model_seed(const uint8_t *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct model_program program;
    struct model_source source = {.bytes = bytes, .size = size};
    struct model_tally tally = {0};
    model_draw(&program, &source);
    if (!model_check(&program, model_seed(bytes, size), &tally))
        fuzz_fail("not as predicted");
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++) {
        if (fm__atomic_load(&fm__ledger[kind]) != 0)
            fuzz_fail("something is left when the loop has closed");
    }
    return 0;
}
