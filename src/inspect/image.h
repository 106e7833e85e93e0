/*
 * image.h - the memory of a program: of this one, of another, or of one that
 * has crashed
 *
 * Nothing read from it is to be trusted: an address of it is only ever given
 * to the functions here, which say where nothing is.
 */
#ifndef FM_INSPECT_IMAGE_H
#define FM_INSPECT_IMAGE_H

#include "base/compiler.h"
#include "inspect/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fm__image;

/* One of many reads: got is how much of it was there. */
struct fm__extent {
    uint64_t address;
    void *buf;
    size_t size;
    size_t got;
};

/* Open: as fm_inspect_open and fm_inspect_open_core. */
int fm__image_open(struct fm__image **image, int pid);
int fm__image_open_core(struct fm__image **image, const char *path);
void fm__image_close(struct fm__image *image);

/* Where the root is, and what it says; -ENOENT, -EPROTO. */
int fm__image_root(struct fm__image *image, uint64_t *address,
                   struct fm__root *root);

/* How many bytes, or -EFAULT. */
ssize_t fm__image_read(struct fm__image *image, uint64_t address, void *buf,
                       size_t size);
/* Reads all that can be read, with few system calls; -ESRCH: the program has
 * ended. */
int fm__image_gather(struct fm__image *image, struct fm__extent *extents,
                     size_t count);

/* Its clock now, ns: the machine's; of a core file -1: the loop's own. */
int64_t fm__image_clock(const struct fm__image *image);

/* The pid, and the path of the program or "?". */
int fm__image_pid(const struct fm__image *image);
const char *fm__image_program(const struct fm__image *image);

/* The addresses of a socket, as "127.0.0.1:80" or "unix:/path", or NULL;
 * borrowed until the next fm__image_refresh. */
void fm__image_socket(struct fm__image *image, int fd, const char **local,
                      const char **peer);
/* What was read of sockets and pages is old. */
void fm__image_refresh(struct fm__image *image);

/* Bytes from the lowest page between the two that is there to `top`; 0: not
 * known, as where the kernel does not say. */
size_t fm__image_depth(struct fm__image *image, uint64_t bottom, uint64_t top);

#endif
