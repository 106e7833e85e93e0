/*
 * bulk.h - what those in C send that run beside load/swallowing.c, and where to
 */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    BULK_CHUNK = 256 * 1024,
    BULK_COUNT = 4096, /* 1 GiB */
    BULK_PLACES = 3    /* the last arguments: PORT @NAME TLS-PORT */
};

static char bulk_bytes[BULK_CHUNK];

/* A connected socket that blocks, for who has no such call. */
static inline int bulk_connect(const char *place)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr *address = (const struct sockaddr *)&here;
    socklen_t size = sizeof here;

    here.sin_port = htons((uint16_t)strtoul(place, NULL, 10));
    if (place[0] == '@') {
        address = (const struct sockaddr *)&local;
        size = (socklen_t)offsetof(struct sockaddr_un, sun_path);
        size += (socklen_t)snprintf(local.sun_path, sizeof local.sun_path, "%s",
                                    place);
        local.sun_path[0] = '\0';
    }
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, address, size) < 0) {
        perror(place);
        exit(1);
    }
    return fd;
}

#endif
