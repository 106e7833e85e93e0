/*
 * fuzz_wheel.c - any bytes are a program for the wheel and its model
 *
 * Eight bytes are where time begins; then each verb takes one byte, and its
 * word as many of the next eight as there are.
 */
#include "fuzz.h"

#include "loop/wheel_model.h"

static uint64_t wheel_word(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size && i < sizeof word; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct model model;
    model_init(&model, (int64_t)(wheel_word(bytes, size) >> 1));
    for (size_t i = 8; i < size; i += 9)
        model_step(&model, bytes[i], wheel_word(bytes + i + 1, size - i - 1));
    while (model_first(&model) != NULL && model.complaint == NULL)
        model_follow(&model);
    if (model.complaint != NULL)
        fuzz_fail(model.complaint);
    return 0;
}
