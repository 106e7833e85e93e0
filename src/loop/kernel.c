/*
 * kernel.c - what needs no world but the kernel's own
 */
#include "loop/kernel.h"

#include "base/sys.h"

int64_t fm__kernel_now(struct fm__loop *loop)
{
    (void)loop;
    return fm__sys_clock();
}

int fm__kernel_listen(struct fm__loop *loop, int fd,
                      const struct sockaddr *addr, socklen_t size)
{
    (void)loop;
    return fm__sys_listen(fd, addr, size);
}

int fm__kernel_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                       socklen_t *size)
{
    (void)loop;
    return fm__sys_socket_name(fd, addr, size);
}

int fm__kernel_peer(struct fm__loop *loop, int fd, struct sockaddr *addr,
                    socklen_t *size)
{
    (void)loop;
    return fm__sys_peer_name(fd, addr, size);
}

int fm__kernel_credentials(struct fm__loop *loop, int fd, struct ucred *who)
{
    (void)loop;
    return fm__sys_credentials(fd, who);
}

int fm__kernel_option(struct fm__loop *loop, int fd,
                      const struct fm__socket_option *option)
{
    (void)loop;
    return fm__sys_option(fd, option->level, option->name, option->value);
}

int fm__kernel_events(struct fm__loop *loop, int fd, uint32_t asked)
{
    (void)loop;
    return fm__sys_poll(fd, (int)asked, 0);
}

int fm__kernel_shutdown(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_shutdown(fd);
}

int fm__kernel_sink(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_sink(fd);
}

int fm__kernel_linger(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_linger(fd);
}
