/*
 * limit_http_epoll.c - a fixed answer of HTTP, and nothing but epoll
 *
 * limit_http_epoll [plaintext|json|file]
 *
 * As limit_echo_epoll.c: registered once, read first and asked about later.
 * What could not be sent is a number of bytes that are owed.
 */
#include "bare_http.h"
#include "bare_server.h"
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EPOLL_EVENTS = 512,
    EPOLL_BUFFER = 64 * 1024
};

struct conn {
    int fd;
    char joint[BARE_HTTP_JOINT];
    size_t owed; /* bytes */
};

static int poller, listener;
static char buffer[EPOLL_BUFFER];

static void epoll_accept(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        struct conn *conn = calloc(1, sizeof *conn);
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
            .data.ptr = conn,
        };
        conn->fd = fd;
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
            bare_fail("epoll_ctl");
    }
}

static void conn_close(struct conn *conn)
{
    close(conn->fd);
    free(conn);
}

/* False when the connection is broken. */
static bool conn_send(struct conn *conn)
{
    while (conn->owed > 0) {
        size_t size;
        const char *bytes = bare_http_owed(conn->owed, &size);
        ssize_t rc = send(conn->fd, bytes, size, MSG_NOSIGNAL);
        if (rc < 0)
            return errno == EAGAIN;
        conn->owed -= (size_t)rc;
    }
    return true;
}

/* False when the connection has ended. */
static bool conn_ready(struct conn *conn, bool hung_up)
{
    if (!conn_send(conn))
        return false;
    while (conn->owed == 0) {
        ssize_t size = recv(conn->fd, buffer, sizeof buffer, 0);
        if (size <= 0)
            return size < 0 && errno == EAGAIN;
        conn->owed =
            bare_http_size * bare_http_heads(buffer, (size_t)size, conn->joint);
        if (!conn_send(conn))
            return false;
        if ((size_t)size < sizeof buffer && !hung_up)
            return true;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EPOLL_EVENTS];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    bare_http_answer(argc, argv);
    listener = bare_listen();
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, EPOLL_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct conn *conn = events[i].data.ptr;
            bool hung_up = (events[i].events & (EPOLLRDHUP | EPOLLHUP)) != 0;
            if (conn == NULL)
                epoll_accept();
            else if (!conn_ready(conn, hung_up))
                conn_close(conn);
        }
    }
}
