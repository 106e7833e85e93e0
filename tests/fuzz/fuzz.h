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
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the process, as a fuzzer wants to see it. */
static inline void fuzz_fail(const char *complaint)
{
    fprintf(stderr, "%s\n", complaint);
    abort();
}

/* In memory of exactly that size, so that a sanitizer sees a byte too many. To
 * be given to free(). */
static inline void *fuzz_copy(const void *bytes, size_t size)
{
    void *copy = calloc(1, size > 0 ? size : 1);
    if (copy == NULL)
        exit(0);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

#endif
