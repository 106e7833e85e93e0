/*
 * limit_httpclient.c - COUNT connections on epoll that ask by a fixed request
 *
 * limit_httpclient COUNT PORT
 *
 * An answer has come when 13 bytes have, behind an empty line.
 */
#include "bare_http.h"
#include "bare_server.h"
#include "fetching.h"
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CLIENT_EVENTS = 512,
    CLIENT_ROOM = 4096
};

struct conn {
    int fd;
    size_t size;
    char bytes[CLIENT_ROOM];
};

static const char request[] = "GET /plaintext HTTP/1.1\r\n"
                              "Host: 127.0.0.1\r\n\r\n";
static struct conn *conns;
static size_t count;
static int poller;

static void conn_ask(struct conn *conn)
{
    ssize_t size = (ssize_t)(sizeof request - 1);

    conn->size = 0;
    if (send(conn->fd, request, (size_t)size, MSG_NOSIGNAL) != size)
        bare_fail("send");
}

static void conn_open(struct conn *conn, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {EPOLLIN | EPOLLET, {conn}};
    int on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(conn->fd, (struct sockaddr *)&at, sizeof at) < 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, conn->fd, &event) < 0)
        bare_fail("connect");
}

/* Whether all of an answer is there. */
static bool conn_answered(struct conn *conn)
{
    ssize_t rc = recv(conn->fd, conn->bytes + conn->size,
                      CLIENT_ROOM - conn->size, MSG_DONTWAIT);

    if (rc <= 0) {
        if (rc < 0 && errno == EAGAIN)
            return false;
        bare_fail("recv");
    }
    conn->size += (size_t)rc;
    return conn->size > FETCHING_SIZE &&
           memcmp(conn->bytes, "HTTP/1.1 200", 12) == 0 &&
           bare_http_count(conn->bytes, conn->size - FETCHING_SIZE) == 1;
}

static size_t conn_fetches(int64_t end)
{
    struct epoll_event events[CLIENT_EVENTS];
    size_t answers = 0, asking = count;

    for (size_t i = 0; i < count; i++)
        conn_ask(&conns[i]);
    while (asking > 0) {
        int ready = epoll_wait(poller, events, CLIENT_EVENTS, -1);
        bool over = measure_now() >= end;
        for (int i = 0; i < ready; i++) {
            struct conn *conn = events[i].data.ptr;
            if (!conn_answered(conn))
                continue;
            answers++;
            if (over)
                asking--;
            else
                conn_ask(conn);
        }
    }
    return answers;
}

int main(int argc, char **argv)
{
    count = measure_argument(argc, argv, 1, 64);
    conns = calloc(count, sizeof *conns);
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < count; i++)
        conn_open(&conns[i], (uint16_t)measure_argument(argc, argv, 2, 80));
    fetching_measure(conn_fetches);
    return 0;
}
