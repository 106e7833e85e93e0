/*
 * installed.h - where the headers and the libraries of this command are
 */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

#include <fermata.h>
#include <stdbool.h>

struct installed {
    char include[FM_PATH_SIZE];   /* has fermata.h */
    char libraries[FM_PATH_SIZE]; /* has libfermata */
    char library[FM_PATH_SIZE];   /* that one: shared where there is such */
    char words[512];              /* for the linker, in their order */
};

/* Finds them, beside the command or where it was to be installed; returns 0, or
 * a failure that it has told. */
FM_SUSPENDS int installed_find(struct installed *self);

#endif
