/*
 * installed.h - where the headers and the libraries of this command are
 */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

#include <fermata.h>
#include <stdbool.h>

#define INSTALLED_FILES 3 /* libraries, at most */

struct installed {
    char include[FM_PATH_SIZE];                /* has fermata.h */
    char libraries[FM_PATH_SIZE];              /* has libfermata */
    bool archives;                             /* there is no shared one */
    char files[INSTALLED_FILES][FM_PATH_SIZE]; /* all of Fermata's there */
    size_t count;                              /* of these */
    char words[512]; /* for the linker, in the order that it needs */
};

/* Finds them, beside the command or where it was to be installed; returns 0, or
 * a failure that it has told. */
FM_SUSPENDS int installed_find(struct installed *self);

#endif
