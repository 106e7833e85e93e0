/*
 * specimen_kit.h - programs that a test starts to look into them
 */
#ifndef TESTS_INSPECT_SPECIMEN_KIT_H
#define TESTS_INSPECT_SPECIMEN_KIT_H

#include "inspect/image.h"

#include <stdio.h>

struct started {
    pid_t pid;
    int input; /* closed, it ends */
    FILE *output;
    char line[256]; /* the first that it said */
};

/* Of the program beside this one; size: PATH_MAX is enough. */
void specimen_path(const char *name, char *path, size_t size);

/* Starts a program with its arguments, and waits until it has said a line:
 * words[0] runs by then. False: it has ended without. */
bool specimen_start(struct started *started, const char *const *words);
/* Waits for its end: its status, as waitpid(2) has it. */
int specimen_end(struct started *started);

/* Copies a program; false: it could not be. */
bool specimen_copy(const char *from, const char *to);
/* Runs a command: its exit status, 127: it is not there. */
int specimen_command(const char *const *words);

/* Reads the version of the library in an image; "" where it cannot be. */
void specimen_version(struct fm__image *image, char version[16]);

#endif
