/*
 * image_socket.h - what the descriptors of a process are
 */
#ifndef FM_INSPECT_IMAGE_SOCKET_H
#define FM_INSPECT_IMAGE_SOCKET_H

#include "base/compiler.h"

struct fm__socket;
struct fm__socket_text;

/* Of its network, all sockets, by inode. */
struct fm__sockets {
    int pid;
    bool read;
    struct fm__socket *slots; /* a power of 2 of them, half of them free */
    size_t room;
    size_t count;
    struct fm__socket_text *texts;
};

void fm__sockets_init(struct fm__sockets *sockets, int pid);
/* Ends what was given out. */
void fm__sockets_forget(struct fm__sockets *sockets);
/* As fm__image_socket. */
void fm__sockets_find(struct fm__sockets *sockets, int fd, const char **local,
                      const char **peer);

#endif
