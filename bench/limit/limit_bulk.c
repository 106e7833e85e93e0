/*
 * limit_bulk.c - a blocking loop that sends as fast as it can, one way
 */
#include "bulk.h"

static void bulk_send(const char *carrier)
{
    struct bulk bulk = bulk_begin(carrier);
    const struct sockaddr *address = (const struct sockaddr *)&bulk.address;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char end;

    if (connect(fd, address, bulk.size) < 0)
        exit(1);
    for (size_t i = 0; i < BULK_COUNT; i++) {
        size_t sent = 0;
        while (sent < sizeof bulk_bytes) {
            ssize_t n = write(fd, bulk_bytes + sent, sizeof bulk_bytes - sent);
            if (n < 0)
                exit(1);
            sent += (size_t)n;
        }
    }
    shutdown(fd, SHUT_WR);
    if (read(fd, &end, 1) != 0)
        exit(1);
    bulk_end(&bulk);
    close(fd);
}

int main(void)
{
    for (size_t i = 0; i < 2; i++)
        bulk_send(bulk_carriers[i]);
}
