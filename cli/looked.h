/*
 * looked.h - the program that a verb looks into: one that runs, or a core file
 */
#ifndef CLI_LOOKED_H
#define CLI_LOOKED_H

#include <fermata.h>

struct looked {
    fm_inspect *inspect;
    int pid;          /* or 0 */
    const char *core; /* or NULL */
};

/* By a word of the command line, a pid or the path of a core file. Returns 0,
 * or why not, which it has told. */
int looked_open(struct looked *self, const char *word);
void looked_close(struct looked *self);

/* Returns 0, or why there is no picture, which it has told. */
int looked_look(struct looked *self, const fm_picture **picture);

#endif
