/*
 * load_events.c - clients who follow events, and one who asks for the next
 *
 * An event's data is as many times 'f' as the load says: so many in a row are
 * nowhere else, and however a server frames its body, that is looked for. All
 * clients are there before the first event is asked for.
 */
#include "load.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/time.h>

enum {
    EVENTS_AT_ONCE = 512,
    EVENTS_ROOM = 4096
};

static const int64_t events_patience = INT64_C(5000000000);
static const char events_asks[] = "GET /events HTTP/1.1\r\n"
                                  "Host: localhost\r\n"
                                  "Accept: text/event-stream\r\n\r\n";
static const char events_tick[] = "GET /tick HTTP/1.1\r\n"
                                  "Host: localhost\r\n\r\n";

struct follower {
    int fd;
    size_t row; /* of the data, so far */
};

struct load_events {
    struct follower ticker;
    size_t left;      /* who have not had the event */
    bool unanswered;  /* the tick */
    int64_t asked_at; /* the tick */
    struct follower all[];
};

static void events_connect(struct load_clients *clients,
                           struct follower *follower)
{
    const struct load_place *place = &clients->place;
    const struct sockaddr *address = (const struct sockaddr *)&place->address;
    const struct timeval patience = {.tv_sec = 5};
    int on = 1;

    follower->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(follower->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(follower->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof patience);
    if (connect(follower->fd, address, place->size) < 0)
        clients->failed = "a client could not connect";
}

static void events_watch(struct load_clients *clients,
                         struct follower *follower)
{
    struct epoll_event event = {EPOLLIN | EPOLLET, {follower}};

    if (epoll_ctl(clients->epoll, EPOLL_CTL_ADD, follower->fd, &event) < 0)
        clients->failed = "a client could not connect";
}

static void events_follow(struct load_clients *clients,
                          struct follower *follower)
{
    char head[2048];

    events_connect(clients, follower);
    if (clients->failed != NULL)
        return;
    if (!load_http_head(follower->fd, events_asks, head, sizeof head) ||
        strncmp(head, "HTTP/1.1 200 ", 13) != 0 ||
        strcasestr(head, "\r\nContent-Type: text/event-stream") == NULL)
        clients->failed = "a client found no events";
    events_watch(clients, follower);
}

static void events_ask(struct load_clients *clients)
{
    struct load_events *events = clients->events;

    events->left = clients->load->connections;
    events->unanswered = true;
    events->asked_at = measure_now();
    if (send(events->ticker.fd, events_tick, sizeof events_tick - 1,
             MSG_NOSIGNAL) < 0)
        clients->failed = "a client could not send";
}

void load_events_open(struct load_clients *clients)
{
    size_t count = clients->load->connections;
    struct load_events *events =
        calloc(1, sizeof *events + count * sizeof events->all[0]);

    clients->events = events;
    for (size_t i = 0; i < count && clients->failed == NULL; i++)
        events_follow(clients, &events->all[i]);
    if (clients->failed == NULL)
        events_connect(clients, &events->ticker);
    if (clients->failed == NULL)
        events_watch(clients, &events->ticker);
}

static void events_count(struct load_clients *clients)
{
    struct load_events *events = clients->events;

    if (events->left == 0) {
        clients->failed = "an event came twice";
        return;
    }
    events->left--;
    clients->answers++;
    if (events->asked_at >= clients->since)
        load_times_add(clients->times, measure_now() - events->asked_at, 1);
}

static void events_take(struct load_clients *clients, struct follower *follower,
                        const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        follower->row = bytes[i] == 'f' ? follower->row + 1 : 0;
        if (follower->row == clients->load->size)
            events_count(clients);
    }
}

/* A head that is small comes at once. */
static void events_answered(struct load_clients *clients, const char *bytes,
                            size_t size)
{
    if (!clients->events->unanswered || size < 16 ||
        memcmp(bytes, "HTTP/1.1 204 ", 13) != 0 ||
        memcmp(bytes + size - 4, "\r\n\r\n", 4) != 0)
        clients->failed = "a tick was not answered by a 204";
    clients->events->unanswered = false;
}

/* What does not fill the buffer has emptied the socket. */
static void events_ready(struct load_clients *clients,
                         struct follower *follower)
{
    char bytes[EVENTS_ROOM];
    ssize_t rc;

    do {
        rc = recv(follower->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (rc < 0 && errno == EAGAIN)
            return;
        if (rc <= 0)
            clients->failed = "the server closed a connection";
        else if (follower == &clients->events->ticker)
            events_answered(clients, bytes, (size_t)rc);
        else
            events_take(clients, follower, bytes, (size_t)rc);
    } while (rc == sizeof bytes);
}

static bool events_are_due(const struct load_events *events)
{
    return events->left > 0 || events->unanswered;
}

/* Until then, or a little longer: what is counted are whole ticks. */
void load_events_run(struct load_clients *clients, int64_t until)
{
    struct load_events *events = clients->events;
    struct epoll_event ready[EVENTS_AT_ONCE];

    while (clients->failed == NULL) {
        int64_t now = measure_now();
        bool due = events_are_due(events);
        if (!due && now >= until)
            return;
        if (!due)
            events_ask(clients);
        else if (now - events->asked_at > events_patience)
            clients->failed = "an event did not come";
        int count = epoll_wait(clients->epoll, ready, EVENTS_AT_ONCE, 100);
        for (int i = 0; i < count && clients->failed == NULL; i++)
            events_ready(clients, ready[i].data.ptr);
    }
}
