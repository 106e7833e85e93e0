/*
 * sys_libc.h - what one C library has and another has not
 *
 * One of two files implements it: sys_glibc.c, or sys_posix.c with what all
 * of them have; of these musl is the one that the tests run with.
 */
#ifndef FM_BASE_SYS_LIBC_H
#define FM_BASE_SYS_LIBC_H

#include "base/compiler.h"

#include <sys/resource.h>
#include <sys/socket.h>

/* What an errno says: NULL where it is none. */
const char *fm__libc_error(int error);

/* getrlimit(2), whatever type its first parameter has. */
int fm__libc_limit(int resource, struct rlimit *limit);

/* sendmsg(2) and sendmmsg(2), as the kernel has them. All that no name is for
 * is 0, also in control data. */
ssize_t fm__libc_send(int fd, const struct msghdr *message, int flags);
int fm__libc_send_many(int fd, struct mmsghdr *messages, unsigned count,
                       int flags);

/* The bytes of stack that a thread must ask for; 0: what it gets is enough. */
size_t fm__libc_thread_stack(void);

/* Who calls whom, the caller first: the number of frames; 0 where nobody
 * knows. For handlers of signals too, once it has been called. */
int fm__libc_frames(void **frames, int limit);
/* A line for each of them. */
void fm__libc_print_frames(void *const *frames, int count, int fd);

#endif
