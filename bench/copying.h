/*
 * copying.h - a file of 1 GiB in memory that is copied, and how fast
 *
 * Rows are `copy 1GiB VALUE`, thousands of MB a second: the best of three, for
 * the first pays for the memory.
 */
#ifndef BENCH_COPYING_H
#define BENCH_COPYING_H

#include "measure.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    COPYING_CHUNK = 1 << 20,
    COPYING_COUNT = 1024,
    COPYING_TIMES = 3
};

static char copying_from[64], copying_to[80];

static inline void copying_begin(void)
{
    static char bytes[COPYING_CHUNK];
    memset(bytes, 7, sizeof bytes);
    snprintf(copying_from, sizeof copying_from, "/dev/shm/fermata-bench-%d",
             (int)getpid());
    snprintf(copying_to, sizeof copying_to, "%s-copy", copying_from);
    int fd = open(copying_from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    for (int i = 0; i < COPYING_COUNT; i++) {
        if (write(fd, bytes, sizeof bytes) != sizeof bytes) {
            unlink(copying_from);
            fprintf(stderr, "no room in /dev/shm\n");
            exit(1);
        }
    }
    close(fd);
}

/* copy returns what is below 0 where it fails. */
static inline int copying_run(int (*copy)(void))
{
    double best = 0;
    int rc = 0;
    for (int i = 0; rc >= 0 && i < COPYING_TIMES; i++) {
        int64_t since = measure_now();
        rc = copy();
        double speed = (double)COPYING_CHUNK * COPYING_COUNT /
                       (double)(measure_now() - since);
        best = speed > best ? speed : best;
        unlink(copying_to);
    }
    unlink(copying_from);
    if (rc >= 0)
        measure_print("copy", "1GiB", best);
    return rc;
}

#endif
