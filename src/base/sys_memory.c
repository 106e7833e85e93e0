/*
 * sys_memory.c - the memory of another process
 */
#include "base/sys_memory.h"

#include "base/sys_call.h"

#include <errno.h>

ssize_t fm__sys_read_memory(int pid, const struct iovec *to,
                            const struct iovec *from, size_t count)
{
    ssize_t rc;
    FM__SYS_CALL(rc, process_vm_readv(pid, to, count, from, count, 0));
    return rc;
}
