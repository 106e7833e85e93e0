/*
 * limit_echo_epoll.c - an echo server that is nothing but epoll
 *
 * Every socket is registered once, edge-triggered for both directions, and
 * never again. It is read first and asked about later: a receive that does not
 * fill its buffer has emptied the socket. One buffer serves all connections,
 * for hardly ever is anything left over; then it moves to a buffer of the
 * connection's own, and nothing is read until that is sent.
 */
#include "bare_server.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EPOLL_EVENTS = 512,
    EPOLL_BUFFER = 64 * 1024
};

struct conn {
    int fd;
    size_t begin, end; /* of what is unsent in left */
    char *left;        /* NULL until it was needed */
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
    free(conn->left);
    free(conn);
}

/* What could not be sent; -1 where the connection is broken. */
static ssize_t conn_send(struct conn *conn, const char *bytes, size_t size)
{
    ssize_t rc = send(conn->fd, bytes, size, MSG_NOSIGNAL);

    if (rc < 0)
        return errno == EAGAIN ? (ssize_t)size : -1;
    return (ssize_t)size - rc;
}

static bool conn_keep(struct conn *conn, size_t size, size_t left)
{
    if (conn->left == NULL)
        conn->left = malloc(EPOLL_BUFFER);
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
static bool conn_ready(struct conn *conn, bool hung_up)
{
    bool broken = false;

    if (!conn_flush(conn, &broken))
        return !broken;
    for (;;) {
        ssize_t size = recv(conn->fd, buffer, sizeof buffer, 0);
        if (size <= 0)
            return size < 0 && errno == EAGAIN;
        ssize_t left = conn_send(conn, buffer, (size_t)size);
        if (left < 0)
            return false;
        if (left > 0)
            return conn_keep(conn, (size_t)size, (size_t)left);
        if ((size_t)size < sizeof buffer && !hung_up)
            return true;
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EPOLL_EVENTS];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    listener = bare_listen_as(argc, argv);
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
