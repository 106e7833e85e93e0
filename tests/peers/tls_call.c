/*
 * tls_call.c - clients of a TLS server that others wrote
 *
 *     tls_call talk|upgrade|drain|bulk ADDRESS DIRECTORY [ROOT]
 *
 * Believes DIRECTORY/ROOT.pem, "root" where that is not said, is alice, and
 * asks for a.example.test.
 *
 * talk: says hello and prints what was agreed on, and the line that comes
 * back; twice, so that the second time resumes the first. upgrade: the same
 * once, after a line "STARTTLS" and one from the server. drain: reads to the
 * end. bulk: sends a lot and must read the same. A failure is printed, and
 * ends it with 1.
 */
#include <errno.h>
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_PATH 512
#define CALL_SIZE 2000000
#define CALL_PATTERN 251 /* a prime */

static const char *call_mode, *call_address;
static fm_tls *call_tls;
static fm_tls_failure call_failure;

/* Says hello, and what both have agreed on. */
static int call_talk(fm_stream *server)
{
    char line[100];
    const char *alpn = fm_tls_alpn(server);
    ssize_t n = fm_write(server, "hello\n", 6);
    if (n >= 0)
        n = fm_read_line(server, line, sizeof line);
    if (n >= 0)
        printf("%s %s %s %s\n", fm_tls_version(server),
               alpn != NULL ? alpn : "-",
               fm_tls_resumed(server) ? "resumed" : "new", line);
    return n < 0 ? (int)n : 0;
}

static int call_drain(fm_stream *server)
{
    char bytes[1000];
    ssize_t n;
    do
        n = fm_read(server, bytes, sizeof bytes);
    while (n > 0);
    return (int)n;
}

struct call_send {
    fm_stream *server;
};

static int call_send(struct call_send *self)
{
    char bytes[CALL_PATTERN * 40];
    ssize_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % CALL_PATTERN);
    for (size_t sent = 0; n >= 0 && sent < CALL_SIZE; sent += (size_t)n) {
        size_t at = sent % CALL_PATTERN, most = sizeof bytes - at;
        size_t left = CALL_SIZE - sent;
        n = fm_write(self->server, bytes + at, left < most ? left : most);
    }
    return n < 0 ? (int)n : 0;
}

static int call_bulk(fm_stream *server)
{
    char bytes[9000];
    size_t got = 0;
    ssize_t n = 1;
    fm_task *sender = fm_go(call_send, server);
    while (n > 0 && got < CALL_SIZE) {
        n = fm_read(server, bytes, sizeof bytes);
        for (ssize_t i = 0; i < n; i++, got++)
            if (bytes[i] != (char)(got % CALL_PATTERN))
                n = -EBADMSG;
    }
    int sent = n > 0 ? fm_await(sender) : fm_stop(sender);
    if (n <= 0)
        return n < 0 ? (int)n : -FM_EEOF;
    return sent;
}

static int call_ask(fm_stream *server)
{
    char line[100];
    ssize_t n = fm_write(server, "STARTTLS\n", 9);
    if (n >= 0)
        n = fm_read_line(server, line, sizeof line);
    return n < 0 ? (int)n : 0;
}

static int call_secure(fm_stream *server)
{
    const fm_tls_start_options options = {.server_name = "a.example.test",
                                          .failure = &call_failure};
    int rc = call_mode[0] == 'u' ? call_ask(server) : 0;
    if (rc == 0)
        rc = fm_start_tls(server, call_tls, &options);
    if (rc < 0)
        return rc;
    if (call_mode[0] == 'd')
        return call_drain(server);
    return call_mode[0] == 'b' ? call_bulk(server) : call_talk(server);
}

static int call_once(void)
{
    fm_stream *server;
    int rc = fm_connect(call_address, &server);
    if (rc < 0)
        return rc;
    rc = call_secure(server);
    int closed = fm_close(server);
    return rc < 0 ? rc : closed;
}

static int call_all(void *arg)
{
    int rc = call_once();
    (void)arg;
    return rc == 0 && call_mode[0] == 't' ? call_once() : rc;
}

static int call_prepare(const char *directory, const char *root)
{
    char certificate[CALL_PATH], key[CALL_PATH], roots[CALL_PATH];
    snprintf(certificate, CALL_PATH, "%s/alice.pem", directory);
    snprintf(key, CALL_PATH, "%s/alice.key", directory);
    snprintf(roots, CALL_PATH, "%s/%s.pem", directory, root);
    return fm_tls_new(&call_tls, FM_TLS_CLIENT,
                      &(fm_tls_options){.certificate = certificate,
                                        .key = key,
                                        .ca_file = roots,
                                        .alpn = "h2,http/1.1",
                                        .handshake_timeout = 600,
                                        .failure = &call_failure});
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: tls_call MODE ADDRESS DIRECTORY [ROOT]\n");
        return 2;
    }
    call_mode = argv[1];
    call_address = argv[2];
    int rc = call_prepare(argv[3], argc > 4 ? argv[4] : "root");
    if (rc == 0)
        rc = fm_run(call_all, NULL);
    if (rc < 0)
        printf("failed: %s (%s)\n", fm_strerror(rc), call_failure.text);
    fm_tls_free(call_tls);
    return rc < 0;
}
