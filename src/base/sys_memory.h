/*
 * sys_memory.h - the door's way into the memory of another process
 */
#ifndef FM_BASE_SYS_MEMORY_H
#define FM_BASE_SYS_MEMORY_H

#include "base/compiler.h"

#include <sys/uio.h>

/* As many bytes as are there before the first that is not: -EFAULT: none;
 * -ESRCH: no such process; -EPERM: not for this one; -ENOSYS. */
ssize_t fm__sys_read_memory(int pid, const struct iovec *to,
                            const struct iovec *from, size_t count);

#endif
