/*
 * cc.h - a C compiler, and what it is told
 */
#ifndef CLI_CC_H
#define CLI_CC_H

#include "installed.h"
#include "script.h"

#define CC_WORDS 256
#define CC_TEXTS 16384

struct cc {
    char path[FM_PATH_SIZE];     /* of the program */
    const char *words[CC_WORDS]; /* ended by NULL */
    size_t count;
    char texts[CC_TEXTS]; /* that they stand in */
    size_t size;
    bool full; /* there was no room for all */
    /* Four of the words, empty until it is known where: */
    char input[FM_PATH_SIZE];
    char output[FM_PATH_SIZE];
    char needs[FM_PATH_SIZE];        /* becomes what make would be told */
    char map[2 * FM_PATH_SIZE + 32]; /* says who the input really is */
};

/* Finds one, and what it is to be told of a program: $CC, $CFLAGS, $LDFLAGS and
 * $LDLIBS are heard. Returns 0, or a failure that it has told. */
FM_SUSPENDS int cc_find(struct cc *self, const struct script *script,
                        const struct installed *installed);

/* Has it compile; what it says goes to standard error. Returns 0, or a failure
 * that it or the compiler has told. */
FM_SUSPENDS int cc_run(struct cc *self);

#endif
