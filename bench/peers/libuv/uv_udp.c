/*
 * uv_udp.c - libuv: datagrams are sent back
 *
 * Received several at once, as UV_UDP_RECVMMSG has it; sends try first.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <uv.h>

enum {
    BUFFER = 20 * 64 * 1024 /* in pieces of 64 KiB: as many at once */
};

static char buffer[BUFFER];

static void udp_lend(uv_handle_t *handle, size_t wanted, uv_buf_t *lent)
{
    (void)handle;
    (void)wanted;
    *lent = uv_buf_init(buffer, sizeof buffer);
}

/* wide: as libuv calls it */
static void udp_came(uv_udp_t *udp, ssize_t size, const uv_buf_t *bytes,
                     const struct sockaddr *from, unsigned flags)
{
    (void)flags;
    if (size < 0 || from == NULL)
        return;
    uv_buf_t part = uv_buf_init(bytes->base, (unsigned)size);
    uv_udp_try_send(udp, &part, 1, from);
}

int main(void)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in address;
    int size = sizeof address;
    uv_udp_t udp;

    uv_udp_init_ex(loop, &udp, AF_INET | UV_UDP_RECVMMSG);
    uv_ip4_addr("127.0.0.1", 0, &address);
    if (uv_udp_bind(&udp, (struct sockaddr *)&address, 0) < 0)
        return 1;
    uv_udp_getsockname(&udp, (struct sockaddr *)&address, &size);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    uv_udp_recv_start(&udp, udp_lend, udp_came);
    return uv_run(loop, UV_RUN_DEFAULT);
}
