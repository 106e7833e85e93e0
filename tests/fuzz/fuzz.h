/*
 * fuzz.h - what a fuzz target is: one function that any bytes must survive
 *
 * Built with clang's -fsanitize=fuzzer a target is a fuzzer; built with
 * driver.c it is a test that runs over a kept corpus.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the process, as a fuzzer wants to see it. */
static inline void fuzz_fail(const char *complaint)
{
    fprintf(stderr, "%s\n", complaint);
    abort();
}

#endif
