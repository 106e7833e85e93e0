/*
 * bare_server.h - a listening socket, as all limits that serve need one
 */
#ifndef BENCH_BARE_SERVER_H
#define BENCH_BARE_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static inline _Noreturn void bare_fail(const char *what)
{
    perror(what);
    exit(1);
}

/*
 * Listens on a port of 127.0.0.1 that the kernel chooses, and says which.
 * What accept gives inherits TCP_NODELAY.
 */
static inline int bare_listen(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, any, size) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, any, &size) < 0)
        bare_fail("listen");
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* The same under an abstract name that the kernel chooses. */
static inline int bare_listen_local(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof(sa_family_t);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (bind(fd, any, size) < 0 || listen(fd, 1024) < 0)
        bare_fail("listen");
    size = sizeof address;
    if (getsockname(fd, any, &size) < 0)
        bare_fail("listen");
    printf("listening @%.*s\n", (int)size - (int)sizeof(sa_family_t) - 1,
           address.sun_path + 1);
    fflush(stdout);
    return fd;
}

/* Local where the last of the arguments says so. */
static inline int bare_listen_as(int argc, char **argv)
{
    bool local = argc > 1 && strcmp(argv[argc - 1], "local") == 0;

    return local ? bare_listen_local() : bare_listen();
}

/* A datagram socket at such a port, which it says. */
static inline int bare_bind(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, any, size) < 0 || getsockname(fd, any, &size) < 0)
        bare_fail("bind");
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

#endif
