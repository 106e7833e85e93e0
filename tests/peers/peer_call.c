/*
 * peer_call.c - clients of an echo server that others wrote
 *
 *     peer_call ADDRESS BYTES [CLIENTS [PROXY]]
 *
 * Each client sends so many bytes, half-closes, and must read the same ones
 * and then the end. Over a proxy, which knows no half of a connection, it only
 * has to read them. Exits with 0 if each does; tells why not.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_PATTERN 251 /* a prime */
#define CALL_LIMIT 30    /* seconds */

static const char *call_address;
static size_t call_size;
static long call_clients = 1;
static fm_connect_options call_options;

static void call_fill(char *bytes, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)((offset + i) % CALL_PATTERN);
}

struct call_send {
    fm_stream *server;
};

static int call_send(struct call_send *self)
{
    char bytes[7000];
    ssize_t n = 0;
    for (size_t sent = 0; n >= 0 && sent < call_size; sent += (size_t)n) {
        size_t left = call_size - sent;
        size_t size = left < sizeof bytes ? left : sizeof bytes;
        call_fill(bytes, size, sent);
        n = fm_write(self->server, bytes, size);
    }
    if (n < 0)
        return (int)n;
    return call_options.proxy != NULL ? fm_flush(self->server)
                                      : fm_write_eof(self->server);
}

static int call_hear(fm_stream *server)
{
    char bytes[9000], expected[9000];
    size_t got = 0;
    ssize_t n = 1;
    while (n > 0 && (call_options.proxy == NULL || got < call_size)) {
        n = fm_read(server, bytes, sizeof bytes);
        if (n <= 0)
            break;
        call_fill(expected, (size_t)n, got);
        if (memcmp(bytes, expected, (size_t)n) != 0)
            return -EBADMSG;
        got += (size_t)n;
    }
    if (n < 0)
        return (int)n;
    return got == call_size ? 0 : -FM_EEOF;
}

static int call_client(void)
{
    fm_stream *server;
    int rc = fm_connect(call_address, &server, &call_options);
    if (rc < 0)
        return rc;
    fm_task *sender = fm_go(call_send, server);
    rc = call_hear(server);
    int sent = rc < 0 ? fm_stop(sender) : fm_await(sender);
    int closed = fm_close(server);
    if (rc == 0)
        rc = sent;
    return rc < 0 ? rc : closed;
}

static int call_all(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(CALL_LIMIT, rc) {
        FM_GROUP(group, rc) {
            for (long i = 0; rc == 0 && i < call_clients; i++)
                rc = fm_group_go(group, call_client);
        }
    }
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: peer_call ADDRESS BYTES [CLIENTS [PROXY]]\n");
        return 2;
    }
    call_address = argv[1];
    call_size = strtoul(argv[2], NULL, 10);
    if (argc > 3)
        call_clients = strtol(argv[3], NULL, 10);
    if (argc > 4)
        call_options.proxy = argv[4];
    int rc = fm_run(call_all, NULL);
    if (rc < 0)
        fprintf(stderr, "peer_call: %s\n", fm_strerror(rc));
    return rc < 0;
}
