/*
 * sys_glibc.c - as glibc has it
 */
#include "base/sys_libc.h"

#include <execinfo.h>
#include <string.h>

const char *fm__libc_error(int error)
{
    return strerrordesc_np(error);
}

int fm__libc_limit(int resource, struct rlimit *limit)
{
    return getrlimit((__rlimit_resource_t)resource, limit);
}

ssize_t fm__libc_send(int fd, const struct msghdr *message, int flags)
{
    return sendmsg(fd, message, flags);
}

int fm__libc_send_many(int fd, struct mmsghdr *messages, unsigned count,
                       int flags)
{
    return sendmmsg(fd, messages, count, flags);
}

/* RLIMIT_STACK when the program began. */
size_t fm__libc_thread_stack(void)
{
    return 0;
}

int fm__libc_frames(void **frames, int limit)
{
    return backtrace(frames, limit);
}

void fm__libc_print_frames(void *const *frames, int count, int fd)
{
    backtrace_symbols_fd(frames, count, fd);
}
