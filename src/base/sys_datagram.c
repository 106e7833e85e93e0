/*
 * sys_datagram.c - system calls on datagrams
 *
 * One by sendto(2) and recvfrom(2), which cost less, several by sendmmsg(2)
 * and recvmmsg(2).
 */
#include "base/sys.h"

#include "base/sys_call.h"
#include "base/sys_libc.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>

int fm__sys_bind(int fd, const struct sockaddr *addr, socklen_t size)
{
    int rc;
    FM__SYS_CALL(rc, bind(fd, addr, size));
    return rc;
}

static int sys_set(int fd, const int name[2], const void *value, socklen_t size)
{
    int rc;
    FM__SYS_CALL(rc, setsockopt(fd, name[0], name[1], value, size));
    return rc;
}

int fm__sys_membership(int fd, const struct group_req *group, int name)
{
    bool v6 = group->gr_group.ss_family == AF_INET6;
    const int option[] = {v6 ? IPPROTO_IPV6 : IPPROTO_IP, name};
    return sys_set(fd, option, group, sizeof *group);
}

int fm__sys_multicast_by(int fd, const struct group_req *group)
{
    static const int v4[] = {IPPROTO_IP, IP_MULTICAST_IF};
    static const int v6[] = {IPPROTO_IPV6, IPV6_MULTICAST_IF};
    int index = (int)group->gr_interface;
    const struct ip_mreqn by = {.imr_ifindex = index};
    return group->gr_group.ss_family == AF_INET6
               ? sys_set(fd, v6, &index, sizeof index)
               : sys_set(fd, v4, &by, sizeof by);
}

int fm__sys_send_many(int fd, struct mmsghdr *messages, size_t count)
{
    ssize_t rc;
    if (count > 1) {
        FM__SYS_CALL(rc, fm__libc_send_many(fd, messages, (unsigned)count,
                                            MSG_NOSIGNAL));
        return (int)rc;
    }
    const struct msghdr *header = &messages->msg_hdr;
    const struct iovec *part = header->msg_iov;
    FM__SYS_CALL(rc, sendto(fd, part->iov_base, part->iov_len, MSG_NOSIGNAL,
                            header->msg_name, header->msg_namelen));
    if (rc < 0)
        return (int)rc;
    messages->msg_len = (unsigned)rc;
    return 1;
}

int fm__sys_receive_many(int fd, struct mmsghdr *messages, size_t count)
{
    ssize_t rc;
    if (count > 1) {
        FM__SYS_CALL(rc,
                     recvmmsg(fd, messages, (unsigned)count, MSG_TRUNC, NULL));
        return (int)rc;
    }
    struct msghdr *header = &messages->msg_hdr;
    const struct iovec *part = header->msg_iov;
    FM__SYS_CALL(rc, recvfrom(fd, part->iov_base, part->iov_len, MSG_TRUNC,
                              header->msg_name, &header->msg_namelen));
    if (rc < 0)
        return (int)rc;
    messages->msg_len = (unsigned)rc;
    return 1;
}

/* What the error queue tells of one: ip(7), IP_RECVERR. */
static int sys_datagram_error(struct msghdr *told)
{
    struct sock_extended_err error;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(told); part != NULL;
         part = CMSG_NXTHDR(told, part)) {
        bool v4 =
            part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
        bool v6 =
            part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
        if (!v4 && !v6)
            continue;
        memcpy(&error, CMSG_DATA(part), sizeof error);
        if (error.ee_errno != 0)
            return fm__sys_code((int)error.ee_errno);
    }
    return -EPROTO;
}

int fm__sys_datagram_refused(int fd, struct sockaddr *to, socklen_t *size)
{
    union {
        struct cmsghdr align;
        char bytes[128];
    } control = {.bytes = {0}};
    struct msghdr told = {
        .msg_name = to,
        .msg_namelen = *size,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t rc;
    FM__SYS_CALL(rc, recvmsg(fd, &told, MSG_ERRQUEUE));
    if (rc < 0)
        return (int)rc;
    *size = told.msg_namelen;
    return sys_datagram_error(&told);
}
