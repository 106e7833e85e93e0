/*
 * descriptor.c - descriptors of the loop's world, for the public loop
 */
#include "loop/floor.h"

int fm_loop_socket(fm_loop *loop, int family)
{
    fm__loop_check(loop, "fm_loop_socket");
    return loop->backend->socket(loop, family, SOCK_STREAM);
}

int fm_loop_listen(fm_loop *loop, const fm_address *address)
{
    const struct sockaddr *addr = (const struct sockaddr *)&address->storage;
    int fd = fm_loop_socket(loop, addr->sa_family);
    if (fd < 0)
        return fd;
    int rc = loop->backend->listen(loop, fd, addr, address->size);
    if (rc == 0)
        return fd;
    fm__loop_close_fd(loop, fd);
    return rc;
}

int fm_loop_pair(fm_loop *loop, int fds[2])
{
    fm__loop_check(loop, "fm_loop_pair");
    return loop->backend->pair(loop, FM__PAIR_SOCKET, fds);
}

int fm_loop_address(fm_loop *loop, int fd, fm_address *address)
{
    struct sockaddr *addr = (struct sockaddr *)&address->storage;
    fm__loop_check(loop, "fm_loop_address");
    address->size = sizeof address->storage;
    return loop->backend->address(loop, fd, addr, &address->size);
}

int fm_loop_peer(fm_loop *loop, int fd, fm_address *address)
{
    struct sockaddr *addr = (struct sockaddr *)&address->storage;
    fm__loop_check(loop, "fm_loop_peer");
    address->size = sizeof address->storage;
    return loop->backend->peer(loop, fd, addr, &address->size);
}

int fm_loop_adopt(fm_loop *loop, int fd)
{
    fm__loop_check(loop, "fm_loop_adopt");
    return loop->backend->adopt(loop, fd);
}

void fm_loop_forget(fm_loop *loop, int fd)
{
    fm__loop_check(loop, "fm_loop_forget");
    loop->backend->forget(loop, fd);
}

int fm_loop_shutdown(fm_loop *loop, int fd)
{
    fm__loop_check(loop, "fm_loop_shutdown");
    return loop->backend->shutdown(loop, fd);
}

int fm_loop_close_fd(fm_loop *loop, int fd)
{
    fm__loop_check(loop, "fm_loop_close_fd");
    if (fm__watches_close_fd(loop, fd))
        return 0;
    return fm__loop_close_fd(loop, fd);
}
