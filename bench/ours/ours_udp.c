/*
 * ours_udp.c - Fermata: datagrams are sent back, by one task
 *
 * ours_udp BACKEND [one]: by batches; one: each by itself
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    BUFFER = 2048
};

static int echo_batches(fm_udp *udp)
{
    static char buffers[FM_UDP_BATCH][BUFFER];
    static fm_datagram list[FM_UDP_BATCH];
    ssize_t count = 0;

    for (int i = 0; i < FM_UDP_BATCH; i++)
        list[i] = (fm_datagram){.buf = buffers[i], .room = BUFFER};
    while (count >= 0) {
        count = fm_udp_receive_batch(udp, list, FM_UDP_BATCH);
        if (count > 0)
            count = fm_udp_send_batch(udp, list, (size_t)count);
    }
    return (int)count;
}

static int echo_one_by_one(fm_udp *udp)
{
    char buffer[BUFFER];
    fm_address from;
    ssize_t size = 0;

    while (size >= 0) {
        size = fm_udp_receive(udp, buffer, sizeof buffer, &from);
        if (size >= 0)
            size = fm_udp_send(udp, buffer, (size_t)size, &from);
    }
    return (int)size;
}

static int echo_main(void *one)
{
    fm_address own;
    fm_udp *udp;
    int rc = fm_udp_open("127.0.0.1:0", &udp);

    if (rc < 0)
        return rc;
    fm_udp_local(udp, &own);
    printf("listening %d\n", fm_address_port(&own));
    fflush(stdout);
    rc = one != NULL ? echo_one_by_one(udp) : echo_batches(udp);
    fm_udp_close(udp);
    return rc;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    return fm_run(echo_main, argc > 2 ? argv[2] : NULL, &options) < 0;
}
