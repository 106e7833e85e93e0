/*
 * udp_group.c - multicast groups
 */
#include "base/sys.h"
#include "net/udp_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fm__udp_interface(const char *text)
{
    if (text == NULL)
        return 0;
    char *end;
    long number = strtol(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0')
        return number > 0 && number <= INT32_MAX ? (int)number : -ENODEV;
    return fm__sys_interface(text);
}

static int udp_group(fm_udp *udp, enum fm__multicast what,
                     const fm_address *group, const char *interface)
{
    int index = fm__udp_interface(interface);
    if (index < 0)
        return index;
    if (group->storage.ss_family != AF_INET &&
        group->storage.ss_family != AF_INET6)
        return -EINVAL;
    struct group_req request;
    memset(&request, 0, sizeof request); /* also what lies between */
    request.gr_interface = (uint32_t)index;
    request.gr_group = group->storage;
    return udp->loop->backend->multicast(udp->loop, udp->fd, what, &request);
}

int fm_udp_join(fm_udp *udp, const fm_address *group, const char *interface)
{
    fm__udp_check(udp, "fm_udp_join");
    return udp_group(udp, FM__MULTICAST_JOIN, group, interface);
}

int fm_udp_leave(fm_udp *udp, const fm_address *group, const char *interface)
{
    fm__udp_check(udp, "fm_udp_leave");
    return udp_group(udp, FM__MULTICAST_LEAVE, group, interface);
}
