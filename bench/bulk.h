/*
 * bulk.h - somebody who takes whatever is sent, and how fast it was
 *
 * The taker is a process of its own and the same for everybody: it reads until
 * the end and closes. Rows are `bulk CARRIER VALUE`, thousands of MB a second.
 */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include "measure.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BULK_CHUNK = 256 * 1024,
    BULK_COUNT = 4096 /* 1 GiB */
};

struct bulk {
    const char *carrier;
    struct sockaddr_storage address;
    socklen_t size;
    int64_t since;
};

static const char *const bulk_carriers[] = {"tcp", "local"};

static char bulk_bytes[BULK_CHUNK];

static inline _Noreturn void bulk_take(int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = accept(listener, NULL, NULL);
    while (read(fd, bulk_bytes, sizeof bulk_bytes) > 0)
        ;
    _exit(0);
}

/* A taker that waits for one connection; the time runs. */
static inline struct bulk bulk_begin(const char *carrier)
{
    struct bulk bulk = {.carrier = carrier};
    struct sockaddr *address = (struct sockaddr *)&bulk.address;
    bool local = strcmp(carrier, "local") == 0;
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    memcpy(address, &here, sizeof here);
    address->sa_family = local ? AF_UNIX : AF_INET;
    bulk.size = local ? sizeof(sa_family_t) : sizeof here;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(fd, address, bulk.size);
    bulk.size = sizeof bulk.address;
    if (listen(fd, 1) < 0 || getsockname(fd, address, &bulk.size) < 0)
        exit(1);
    fflush(stdout);
    if (fork() == 0)
        bulk_take(fd);
    close(fd);
    bulk.since = measure_now();
    return bulk;
}

/* The taker has closed. */
static inline void bulk_end(const struct bulk *bulk)
{
    double spent = (double)(measure_now() - bulk->since);

    printf("bulk %s %.4f\n", bulk->carrier,
           (double)BULK_CHUNK * BULK_COUNT / spent);
}

#endif
