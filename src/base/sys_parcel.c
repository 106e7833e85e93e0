/*
 * sys_parcel.c - system calls of local sockets: who calls, descriptors
 */
#include "base/sys.h"

#include "base/sys_call.h"
#include "base/sys_libc.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SYS_PARCEL_LIMIT 253 /* SCM_MAX_FD */

union sys_control {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(SYS_PARCEL_LIMIT * sizeof(int))];
};

int fm__sys_credentials(int fd, struct ucred *who)
{
    struct ucred found;
    socklen_t size = sizeof found;
    int domain = 0, rc;
    socklen_t width = sizeof domain;
    FM__SYS_CALL(rc, getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &width));
    if (rc == -ENOTSOCK || (rc == 0 && domain != AF_UNIX))
        return -EOPNOTSUPP;
    if (rc == 0)
        FM__SYS_CALL(rc,
                     getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size));
    if (rc == 0)
        *who = found;
    return rc;
}

struct ucred fm__sys_own_credentials(void)
{
    return (struct ucred){getpid(), geteuid(), getegid()};
}

ssize_t fm__sys_send_parcel(int fd, const struct fm__sys_parcel *parcel)
{
    struct iovec part = {parcel->buf, parcel->size};
    size_t size = parcel->count * sizeof(int);
    union sys_control control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(size)};
    ssize_t rc;
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(size),
                                      .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), parcel->fds, size);
    FM__SYS_CALL(rc, fm__libc_send(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
    return rc;
}

/* Those that came with a message. */
static void sys_unpack(struct msghdr *message, struct fm__sys_parcel *parcel)
{
    parcel->count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t size = header->cmsg_len - CMSG_LEN(0);
        memcpy(parcel->fds, CMSG_DATA(header), size);
        parcel->count = size / sizeof(int);
    }
    fm__hold(FM__HELD_DESCRIPTORS, parcel->count);
}

/* The room for control data is exact: rounded up it would take one more. */
ssize_t fm__sys_receive_parcel(int fd, struct fm__sys_parcel *parcel)
{
    struct iovec part = {parcel->buf, parcel->size};
    size_t room =
        parcel->count < SYS_PARCEL_LIMIT ? parcel->count : SYS_PARCEL_LIMIT;
    union sys_control control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t rc;
    if (room > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_LEN(room * sizeof(int));
    }
    FM__SYS_CALL(rc, recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
    parcel->count = 0;
    if (rc >= 0) {
        sys_unpack(&message, parcel);
        parcel->cut = (message.msg_flags & MSG_CTRUNC) != 0;
    }
    return rc;
}
