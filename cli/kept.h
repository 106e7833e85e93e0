/*
 * kept.h - programs that were compiled before
 */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

#include "cc.h"

struct kept {
    char folder[FM_PATH_SIZE];  /* of all of them; "": nothing is kept */
    char entry[FM_PATH_SIZE];   /* the folder of this one, in that */
    char scratch[FM_PATH_SIZE]; /* its folder until it is whole; "": none */
    char program[FM_PATH_SIZE]; /* in the entry */
    char *key;                  /* all that the program is made of */
    size_t size;
    int fd; /* of a program that is not kept, when it is made; or -1 */
    const struct script *script;
};

/* Says what a program is made of: the text, the compiler, its words, and the
 * library. Finds where it is kept, if anything can be. Returns 0, or a failure
 * that it has told. */
FM_SUSPENDS int kept_open(struct kept *self, const struct script *script,
                          const struct cc *cc,
                          const struct installed *installed);

/* Whether the program is there, and what it includes is as it was: 1, 0, or a
 * cut. */
FM_SUSPENDS int kept_find(const struct kept *self);

/* Makes the scratch folder, where the program is to be made. Returns 0, or a
 * failure that it has told. */
FM_SUSPENDS int kept_begin(struct kept *self, struct cc *cc);

/* The program is whole: keeps it, and removes those that nobody has run for
 * the longest time. Returns 0, or a failure that it has told. */
FM_SUSPENDS int kept_end(struct kept *self, const struct cc *cc);

/* Removes the scratch folder. */
FM_SETTLES void kept_drop(struct kept *self);

#endif
