/*
 * script.h - a program as its author wrote it
 */
#ifndef CLI_SCRIPT_H
#define CLI_SCRIPT_H

#include <fermata.h>

struct script {
    const char *path;          /* as it was named; "-": standard input */
    char name[256];            /* of the program; without a dot */
    char folder[FM_PATH_SIZE]; /* whose headers it includes; absolute */
    char *text;
    size_t size;
};

/* Loads one; returns 0, or a failure that it has told. */
FM_SUSPENDS int script_load(struct script *self, const char *path);

/* What messages call it. */
const char *script_shown(const struct script *self);

/* Writes what a compiler is to read: without the line of "#!", and with one
 * that tells where all the others come from. Returns 0 or a failure. */
FM_SUSPENDS int script_save(const struct script *self, const char *path);

#endif
