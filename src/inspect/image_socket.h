/*
 * image_socket.h - what the descriptors of a process are
 */
#ifndef FM_INSPECT_IMAGE_SOCKET_H
#define FM_INSPECT_IMAGE_SOCKET_H

#include "base/compiler.h"

#include <limits.h>

struct fm__socket;
struct fm__socket_text;

/* By inode: a power of 2 of slots, half of them free. */
struct fm__socket_table {
    struct fm__socket *slots;
    size_t room;
    size_t count;
};

/* All that there are in the network of a process. */
struct fm__sockets {
    int pid;
    unsigned reads;   /* of all lists, since what was known was forgotten */
    uint64_t missing; /* the last that was in none; of some kinds there is no
                       * list */
    struct fm__socket_table table;
    struct fm__socket_text *texts;
    char link[PATH_MAX]; /* that was read last */
};

void fm__sockets_init(struct fm__sockets *sockets, int pid);
/* Ends what was given out. */
void fm__sockets_forget(struct fm__sockets *sockets);
/* As fm__image_socket. */
void fm__sockets_find(struct fm__sockets *sockets, int fd, const char **local,
                      const char **peer);

#endif
