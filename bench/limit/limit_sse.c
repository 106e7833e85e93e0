/*
 * limit_sse.c - one event for many clients, and nothing but send(2)
 *
 * A loop on epoll. Who asks for /events gets a head and is kept; /tick sends
 * the same bytes, a chunk with an event, to each by one call. Clients wait for
 * all of them to have it before they ask again: there is room.
 */
#include "bare_server.h"
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EPOLL_EVENTS = 512,
    SSE_CLIENTS = 65536
};

static const char head[] = "HTTP/1.1 200 OK\r\n"
                           "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                           "Content-Type: text/event-stream\r\n"
                           "Cache-Control: no-store\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";
static const char done[] = "HTTP/1.1 204 No Content\r\n"
                           "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";

static int poller, listener;
static int clients[SSE_CLIENTS];
static size_t count;
static char event[96];
static size_t event_size;

/* The chunk is of "data: ", 64 times 'f', and two line ends. */
static void sse_event(void)
{
    char data[65] = "";

    memset(data, 'f', sizeof data - 1);
    event_size =
        (size_t)snprintf(event, sizeof event, "%zx\r\ndata: %s\n\n\r\n",
                         sizeof data - 1 + 8, data);
}

static void sse_accept(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        struct epoll_event watched = {EPOLLIN | EPOLLRDHUP | EPOLLET,
                                      {.fd = fd}};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &watched) < 0)
            bare_fail("epoll_ctl");
    }
}

static void sse_leave(int fd)
{
    for (size_t i = 0; i < count; i++)
        if (clients[i] == fd)
            clients[i--] = clients[--count];
    close(fd);
}

static void sse_send(int fd, const char *bytes, size_t size)
{
    if (send(fd, bytes, size, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        bare_fail("send");
}

/* A request comes at once. */
static void sse_ready(int fd)
{
    static const char asks[] = "GET /events ", ticks[] = "GET /tick ";
    char request[4096];
    ssize_t rc = recv(fd, request, sizeof request, 0);

    if (rc < 0 && errno == EAGAIN)
        return;
    if (rc > 0 && memcmp(request, asks, sizeof asks - 1) == 0 &&
        count < SSE_CLIENTS) {
        clients[count++] = fd;
        sse_send(fd, head, sizeof head - 1);
    } else if (rc > 0 && memcmp(request, ticks, sizeof ticks - 1) == 0) {
        for (size_t i = 0; i < count; i++)
            sse_send(clients[i], event, event_size);
        sse_send(fd, done, sizeof done - 1);
    } else {
        sse_leave(fd);
    }
}

int main(void)
{
    struct epoll_event ready[EPOLL_EVENTS];
    struct epoll_event watched = {.events = EPOLLIN | EPOLLET, .data.fd = -1};

    sse_event();
    listener = bare_listen();
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &watched);
    for (;;) {
        int found = epoll_wait(poller, ready, EPOLL_EVENTS, -1);
        for (int i = 0; i < found; i++) {
            if (ready[i].data.fd < 0)
                sse_accept();
            else
                sse_ready(ready[i].data.fd);
        }
    }
}
