/*
 * sys_posix.c - as every C library has it
 */
#include "base/sys_libc.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYS_THREAD_STACK (8UL * 1024 * 1024)

/* Says something of every number, and the same of all that are none. */
const char *fm__libc_error(int error)
{
    const char *text = strerror(error);
    return strcmp(text, strerror(-1)) != 0 ? text : NULL;
}

int fm__libc_limit(int resource, struct rlimit *limit)
{
    return getrlimit(resource, limit);
}

/* musl's has room for 252 descriptors, one less than Linux sends. */
ssize_t fm__libc_send(int fd, const struct msghdr *message, int flags)
{
    return syscall(SYS_sendmsg, fd, message, flags);
}

/* musl's is a loop of sendmsg. */
int fm__libc_send_many(int fd, struct mmsghdr *messages, unsigned count,
                       int flags)
{
    return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

/* musl gives 128 KiB, and what runs on such a thread is the user's code. */
size_t fm__libc_thread_stack(void)
{
    return SYS_THREAD_STACK;
}

int fm__libc_frames(void **frames, int limit)
{
    (void)frames;
    (void)limit;
    return 0;
}

void fm__libc_print_frames(void *const *frames, int count, int fd)
{
    (void)frames;
    (void)count;
    (void)fd;
}
