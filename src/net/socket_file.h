/*
 * socket_file.h - the file of a local socket that has a path
 */
#ifndef FM_NET_SOCKET_FILE_H
#define FM_NET_SOCKET_FILE_H

#include "base/sys.h"
#include "loop/loop_core.h"

#include <fermata/address.h>

/* Of a listener or a datagram socket; all zero where it has none. */
struct fm__socket_file {
    unsigned mode;  /* that was asked for; 0: what the umask leaves */
    bool datagrams; /* it is named, and does not listen */
    struct fm__sys_file made;
};

/*
 * Listens on an address of any family, or with .datagrams gives the socket
 * that name. A file that a socket of before has left is removed first, never
 * that of one that is open, nor what is no socket. 0, or -errno and no file is
 * left.
 */
int fm__socket_file_open(struct fm__loop *loop, int fd,
                         const fm_address *address,
                         struct fm__socket_file *file);

/* Removes the file, unless another has taken its place. */
void fm__socket_file_remove(const fm_address *address,
                            const struct fm__socket_file *file);

#endif
