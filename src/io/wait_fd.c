/*
 * wait_fd.c - readiness of descriptors that others read and write
 */
#include <fermata/fd.h>

#include "task/operation.h"

#include <errno.h>
#include <sys/epoll.h>

#define WAIT_BOTH (FM_READABLE | FM_WRITABLE)
#define WAIT_WRONG (EPOLLERR | EPOLLHUP)

_Static_assert(FM_READABLE == EPOLLIN && FM_WRITABLE == EPOLLOUT,
               "events are the kernel's");

int fm_wait_fd(int fd, int events)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_wait_fd");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (events == 0 || (events & ~WAIT_BOTH) != 0)
        return -EINVAL;
    fm__blocks_check(self);
    struct fm__operation wait = {
        .op = {.kind = FM__OP_POLL, .fd = fd, .events = (uint32_t)events},
    };
    ssize_t ready = fm__operate(&wait);
    if (ready < 0)
        return (int)ready;
    /* poll(2) tells of what is wrong instead of what was asked. */
    return (ready & WAIT_WRONG) != 0 ? events : (int)ready & events;
}
