/*
 * recorded.h - all that a look at a small program reads of its memory
 */
#ifndef TESTS_INSPECT_RECORDED_H
#define TESTS_INSPECT_RECORDED_H

#include "inspect/image_bytes.h"

enum {
    RECORDED_MOST = 1024
};

struct recorded {
    struct image_region regions[RECORDED_MOST];
    size_t count;
    uint64_t root;
};

/* Runs tasks of each kind of wait in this process, and looks at them; or NULL
 * where that fails. There is one; it stays for good. */
const struct recorded *recorded_program(void);

#endif
