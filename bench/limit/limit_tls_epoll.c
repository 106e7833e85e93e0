/*
 * limit_tls_epoll.c - a TLS echo server that is nothing but epoll and OpenSSL
 *
 * limit_tls_epoll; the certificate and its key are in BENCH_CERTIFICATE
 *
 * As limit_echo_epoll.c, but OpenSSL reads and writes the sockets itself:
 * edge-triggered, until it wants more or cannot send. One buffer serves all
 * connections; what cannot be sent moves to one of the connection's own, and
 * nothing is read until that is sent.
 */
#include "bare_tls.h"
#include <openssl/err.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    TLS_EVENTS = 512,
    TLS_BUFFER = 64 * 1024
};

struct conn {
    SSL *ssl;
    size_t begin, end; /* of what is unsent in left */
    char *left;        /* NULL until it was needed */
};

static int poller, listener;
static SSL_CTX *context;
static char buffer[TLS_BUFFER];

static void tls_accept(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        struct conn *conn = calloc(1, sizeof *conn);
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
            .data.ptr = conn,
        };
        conn->ssl = SSL_new(context);
        SSL_set_fd(conn->ssl, fd);
        SSL_set_accept_state(conn->ssl);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
            bare_fail("epoll_ctl");
    }
}

static void conn_close(struct conn *conn)
{
    SSL_shutdown(conn->ssl);
    close(SSL_get_fd(conn->ssl));
    SSL_free(conn->ssl);
    free(conn->left);
    free(conn);
}

/* Whether it has to wait, after a call that returned 0 or less. */
static bool conn_waits(struct conn *conn, int rc)
{
    int error = SSL_get_error(conn->ssl, rc);

    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* What could not be sent; -1 where the connection is broken. */
static ssize_t conn_send(struct conn *conn, const char *bytes, size_t size)
{
    while (size > 0) {
        int rc = SSL_write(conn->ssl, bytes, (int)size);
        if (rc <= 0)
            return conn_waits(conn, rc) ? (ssize_t)size : -1;
        bytes += rc;
        size -= (size_t)rc;
    }
    return 0;
}

static bool conn_keep(struct conn *conn, size_t size, size_t left)
{
    if (conn->left == NULL)
        conn->left = malloc(TLS_BUFFER);
    if (conn->left == NULL)
        return false;
    memcpy(conn->left, buffer + (size - left), left);
    conn->begin = 0;
    conn->end = left;
    return true;
}

/* Sends what was left over; true when nothing is. */
static bool conn_flush(struct conn *conn, bool *broken)
{
    size_t size = conn->end - conn->begin;
    ssize_t left =
        size > 0 ? conn_send(conn, conn->left + conn->begin, size) : 0;

    *broken = left < 0;
    if (left > 0)
        conn->begin = conn->end - (size_t)left;
    else
        conn->begin = conn->end = 0;
    return left == 0;
}

/* False when the connection has ended. */
static bool conn_ready(struct conn *conn)
{
    bool broken = false;

    if (!conn_flush(conn, &broken))
        return !broken;
    for (;;) {
        int size = SSL_read(conn->ssl, buffer, sizeof buffer);
        if (size <= 0)
            return conn_waits(conn, size);
        ssize_t left = conn_send(conn, buffer, (size_t)size);
        if (left < 0)
            return false;
        if (left > 0)
            return conn_keep(conn, (size_t)size, (size_t)left);
    }
}

int main(void)
{
    struct epoll_event events[TLS_EVENTS];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    context = bare_tls(SSL_MODE_ENABLE_PARTIAL_WRITE |
                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    listener = bare_listen();
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, TLS_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct conn *conn = events[i].data.ptr;
            if (conn == NULL)
                tls_accept();
            else if (!conn_ready(conn))
                conn_close(conn);
        }
    }
}
