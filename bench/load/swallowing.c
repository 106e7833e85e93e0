/*
 * swallowing.c - runs a program beside somebody who takes what it sends
 *
 *   swallowing PROGRAM ARGUMENT...
 *
 * The program is told PORT @NAME TLS-PORT, as arguments more: it connects to
 * them one after the other, as far as it has such a thing, sends 1 GiB, closes,
 * and ends. At the last it is the TLS server of its connection, as who is
 * asked for a file would be, so that we say which ciphers there are.
 *
 * Prints `bulk CARRIER/rate`, thousands of MB a second, and `bulk
 * CARRIER/sender`, milliseconds of the program's processor for one of them.
 */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAKE_WHOLE ((size_t)1 << 30)

enum {
    TAKE_CHUNK = 256 * 1024,
    TAKE_CARRIERS = 3,
    TAKE_PLACE = 64, /* bytes of a place's name */
    TAKE_WORDS = 32
};

static const char *const carriers[TAKE_CARRIERS] = {"tcp", "local", "tls"};
static char places[TAKE_CARRIERS][TAKE_PLACE];

static _Noreturn void take_fail(const char *what)
{
    fprintf(stderr, "swallowing: %s\n", what);
    exit(1);
}

/* Where the kernel likes: a port of 127.0.0.1, or an abstract name. */
static int take_listen(sa_family_t family, char *place)
{
    struct sockaddr_un address = {.sun_family = family};
    struct sockaddr *any = (struct sockaddr *)&address;
    struct sockaddr_in *here = (struct sockaddr_in *)&address;
    bool local = family == AF_UNIX;
    socklen_t size = local ? sizeof family : sizeof *here;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (!local)
        here->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, any, size) < 0 || listen(fd, 1) < 0)
        take_fail(strerror(errno));
    size = sizeof address;
    getsockname(fd, any, &size);
    if (local)
        snprintf(place, TAKE_PLACE, "@%s", address.sun_path + 1);
    else
        snprintf(place, TAKE_PLACE, "%d", ntohs(here->sin_port));
    return fd;
}

static SSL *take_begin_tls(int fd)
{
    SSL *ssl = load_tls_open(fd, NULL);

    SSL_set_default_read_buffer_len(ssl, TAKE_CHUNK);
    SSL_set_read_ahead(ssl, 1);
    if (SSL_do_handshake(ssl) != 1)
        take_fail("no handshake");
    return ssl;
}

static size_t take_all(int fd, SSL *ssl)
{
    static char bytes[TAKE_CHUNK];
    size_t size = 0;
    ssize_t count;

    do {
        count = ssl != NULL ? load_tls_receive(ssl, bytes, sizeof bytes)
                            : read(fd, bytes, sizeof bytes);
        size += count > 0 ? (size_t)count : 0;
    } while (count > 0);
    return size;
}

/* From the first byte until the end. */
static void take_one(const char *carrier, int listener, pid_t sender)
{
    int fd = accept(listener, NULL, NULL);
    SSL *ssl = strcmp(carrier, "tls") == 0 ? take_begin_tls(fd) : NULL;
    int64_t begin = measure_now(), used = load_server_time(sender);

    if (take_all(fd, ssl) != TAKE_WHOLE)
        take_fail("not all came");
    double spent = (double)(measure_now() - begin);
    double busy = (double)(load_server_time(sender) - used);
    printf("bulk %s/rate %.4f\n", carrier, TAKE_WHOLE / spent);
    printf("bulk %s/sender %.4f\n", carrier, 1e3 * busy / TAKE_WHOLE);
    if (ssl != NULL)
        load_tls_close(ssl, false);
    close(fd);
}

/* As each sender connects, until there is none any more. */
static int take_serve(const int *listeners, pid_t sender)
{
    struct pollfd polls[TAKE_CARRIERS + 1];
    int status;

    for (int i = 0; i < TAKE_CARRIERS; i++)
        polls[i] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
    polls[TAKE_CARRIERS] = (struct pollfd){
        .fd = (int)syscall(SYS_pidfd_open, sender, 0), .events = POLLIN};
    while (polls[TAKE_CARRIERS].revents == 0) {
        poll(polls, TAKE_CARRIERS + 1, -1);
        for (int i = 0; i < TAKE_CARRIERS; i++)
            if (polls[i].revents != 0)
                take_one(carriers[i], listeners[i], sender);
    }
    waitpid(sender, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    int listeners[TAKE_CARRIERS];
    char *words[TAKE_WORDS] = {NULL};

    if (argc < 2 || argc > TAKE_WORDS - TAKE_CARRIERS) {
        fprintf(stderr, "usage: swallowing PROGRAM ARGUMENT...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        words[i - 1] = argv[i];
    for (int i = 0; i < TAKE_CARRIERS; i++) {
        listeners[i] = take_listen(i == 1 ? AF_UNIX : AF_INET, places[i]);
        words[argc - 1 + i] = places[i];
    }
    load_server_pin_us();
    pid_t sender = fork();
    if (sender == 0)
        load_server_become(words, STDOUT_FILENO);
    return take_serve(listeners, sender);
}
