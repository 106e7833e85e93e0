/*
 * limit_http_tls.c - a fixed answer of HTTP, by nothing but epoll and OpenSSL
 *
 * limit_http_tls [plaintext|json|file]; the certificate and its key are in
 * BENCH_CERTIFICATE
 *
 * As limit_http_epoll.c, where OpenSSL reads and writes the sockets itself.
 */
#include "bare_http.h"
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
    char joint[BARE_HTTP_JOINT];
    size_t owed; /* bytes */
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
    free(conn);
}

/* Whether it has to wait, after a call that returned 0 or less. */
static bool conn_waits(struct conn *conn, int rc)
{
    int error = SSL_get_error(conn->ssl, rc);

    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* False when the connection is broken. */
static bool conn_send(struct conn *conn)
{
    while (conn->owed > 0) {
        size_t size;
        const char *bytes = bare_http_owed(conn->owed, &size);
        int rc = SSL_write(conn->ssl, bytes, (int)size);
        if (rc <= 0)
            return conn_waits(conn, rc);
        conn->owed -= (size_t)rc;
    }
    return true;
}

/* False when the connection has ended. */
static bool conn_ready(struct conn *conn)
{
    if (!conn_send(conn))
        return false;
    while (conn->owed == 0) {
        int size = SSL_read(conn->ssl, buffer, sizeof buffer);
        if (size <= 0)
            return conn_waits(conn, size);
        conn->owed =
            bare_http_size * bare_http_heads(buffer, (size_t)size, conn->joint);
        if (!conn_send(conn))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct epoll_event events[TLS_EVENTS];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    bare_http_answer(argc, argv);
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
