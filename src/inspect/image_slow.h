/*
 * image_slow.h - reading a process where process_vm_readv(2) is denied
 *
 * So do sandboxes, and emulators do not know it. A process reads itself
 * through a pipe, and others by /proc/PID/mem: a call or two for each piece.
 */
#ifndef FM_INSPECT_IMAGE_SLOW_H
#define FM_INSPECT_IMAGE_SLOW_H

#include "inspect/image.h"

struct fm__slow {
    int fds[2]; /* -1: none; the second: of a pipe */
};

/* 0, -EPERM, or what kept it. */
int fm__slow_open(struct fm__slow *slow, int pid);
void fm__slow_close(struct fm__slow *slow);
void fm__slow_gather(struct fm__slow *slow, struct fm__extent *extents,
                     size_t count);

#endif
