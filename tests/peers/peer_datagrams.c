/*
 * peer_datagrams.c - datagrams for peers that others wrote
 *
 *     peer_datagrams serve         says "listening on ADDRESS", and echoes
 *     peer_datagrams ask ADDRESS   asks an echo server, again where it must
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    PEER_TRIES = 10
};

static int peer_echo(fm_udp *udp)
{
    static char bytes[FM_UDP_SIZE];
    fm_address from;
    int rc = 0;
    while (rc == 0) {
        ssize_t n = fm_udp_receive(udp, bytes, sizeof bytes, &from);
        rc = n < 0 ? (int)n : fm_udp_send(udp, bytes, (size_t)n, &from);
    }
    return rc;
}

static int peer_serve(void)
{
    char text[FM_ADDRESS_TEXT];
    fm_address own;
    fm_udp *udp;
    int rc = fm_udp_open("127.0.0.1:0", &udp);
    if (rc < 0)
        return rc;
    rc = fm_udp_local(udp, &own);
    printf("listening on %s\n", fm_address_format(&own, text));
    fflush(stdout);
    if (rc == 0)
        rc = peer_echo(udp);
    fm_udp_close(udp);
    return rc;
}

/* Late answers to what was asked before are passed over. */
static int peer_hear(fm_udp *udp, const char *sent, size_t size)
{
    static char heard[FM_UDP_SIZE];
    ssize_t n;
    do
        n = fm_udp_receive(udp, heard, sizeof heard, NULL);
    while (n >= 0 && ((size_t)n != size || memcmp(heard, sent, size) != 0));
    return n < 0 ? (int)n : 0;
}

static int peer_ask(fm_udp *udp, const char *sent, size_t size)
{
    int rc = -ETIMEDOUT;
    for (int i = 0; i < PEER_TRIES && rc == -ETIMEDOUT; i++) {
        FM_TIMEOUT(2, rc) {
            rc = fm_udp_send(udp, sent, size, NULL);
            if (rc == 0)
                rc = peer_hear(udp, sent, size);
        }
    }
    return rc;
}

static int peer_ask_all(const char *text)
{
    static const size_t sizes[] = {1, 2, 100, 1472, 1473, 8000, 60000};
    static char sent[FM_UDP_SIZE];
    fm_address address;
    fm_udp *udp = NULL;
    int rc = fm_address_parse(text, &address);
    if (rc == 0)
        rc = fm_udp_open(NULL, &udp);
    if (rc < 0)
        return rc;
    rc = fm_udp_connect(udp, &address);
    for (size_t i = 0; rc == 0 && i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(sent, 'a' + (int)i, sizes[i]);
        rc = peer_ask(udp, sent, sizes[i]);
    }
    fm_udp_close(udp);
    return rc;
}

static int peer_main(void *arg)
{
    char **argv = arg;
    return argv[1] != NULL && argv[2] != NULL ? peer_ask_all(argv[2])
                                              : peer_serve();
}

int main(int argc, char **argv)
{
    (void)argc;
    int rc = fm_run(peer_main, argv);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "peer_datagrams: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
