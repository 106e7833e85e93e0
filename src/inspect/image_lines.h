/*
 * image_lines.h - a file of /proc, line by line
 */
#ifndef FM_INSPECT_IMAGE_LINES_H
#define FM_INSPECT_IMAGE_LINES_H

#include "base/compiler.h"

struct fm__lines;

/* 0, or -errno as open(2). */
int fm__lines_open(struct fm__lines **lines, const char *path);
void fm__lines_close(struct fm__lines *lines);

/* 1: a line without its end, until the next call, and cut where it is longer
 * than any of them is; 0: there are no more; or -errno. */
int fm__lines_next(struct fm__lines *lines, char **line);

/* The next word of a line, which is moved behind it; "" at its end. */
char *fm__lines_word(char **line);

/* Of /proc/PID. */
#define FM__LINES_PATH 64
const char *fm__lines_path(char path[FM__LINES_PATH], int pid,
                           const char *name);

#endif
