/*
 * load_clients.c - connections that ask, and ask again when the answer came
 *
 * One epoll for the clients of a server, edge-triggered. A request is made
 * once and an answer of an echo is only counted, so that as much of this
 * processor as possible is left for asking.
 */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CLIENTS_EVENTS = 512,
    CLIENTS_ROOM = 128 * 1024 /* for answers of HTTP */
};

struct client {
    int fd;
    SSL *ssl;             /* NULL: without TLS */
    SSL_SESSION *session; /* to be resumed, or NULL */
    bool resuming;        /* this connection resumes one */
    size_t unsent;        /* bytes of the request */
    size_t awaited;       /* bytes of the answer; answers, of HTTP */
    size_t had;           /* answers of HTTP on this connection */
    char *held;           /* the beginning of one that is not all there */
    size_t held_size;
    struct load_h2 *h2; /* NULL: not by HTTP/2 */
    size_t requests;    /* still to be answered before it is closed; 0: all */
    int64_t asked_at;   /* measure_now() at the request, or the connect */
};

static char *request, *answer;
static size_t request_size, answer_size;

static void client_send(struct load_clients *clients, struct client *client)
{
    const char *rest = request + (request_size - client->unsent);
    ssize_t rc = client->ssl != NULL
                     ? load_tls_send(client->ssl, rest, client->unsent)
                     : send(client->fd, rest, client->unsent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

    if (rc < 0 && errno != EAGAIN)
        clients->failed = "a client could not send";
    if (rc > 0)
        client->unsent -= (size_t)rc;
}

static void client_send_h2(struct load_clients *clients, struct client *client)
{
    struct load_h2 *h2 = client->h2;

    if (h2->unsent == 0)
        return;
    ssize_t rc =
        send(client->fd, h2->out, h2->unsent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (rc < 0 && errno != EAGAIN)
        clients->failed = "a client could not send";
    if (rc > 0) {
        h2->unsent -= (size_t)rc;
        memmove(h2->out, h2->out + rc, h2->unsent);
    }
}

static void client_ask_h2(struct load_clients *clients, struct client *client)
{
    if (client->h2 == NULL)
        client->h2 = malloc(sizeof *client->h2);
    load_h2_open(client->h2, clients->load);
    client_send_h2(clients, client);
}

static void client_ask(struct load_clients *clients, struct client *client)
{
    const struct load *load = clients->load;

    if (load->h2) {
        client_ask_h2(clients, client);
        return;
    }
    client->unsent = request_size;
    client->awaited = load->path != NULL ? load->pipeline : answer_size;
    client_send(clients, client);
}

/* From here on bytes go through it. */
static void client_secure(struct load_clients *clients, struct client *client)
{
    bool resume = clients->load->resume;

    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    client->resuming = resume && client->session != NULL;
    client->ssl = load_tls_open(client->fd, resume ? &client->session : NULL);
}

static void client_connect(struct load_clients *clients, struct client *client)
{
    const struct load_place *place = &clients->place;
    const struct sockaddr *address = (const struct sockaddr *)&place->address;
    struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLET, {client}};
    int type = clients->load->datagrams ? SOCK_DGRAM : SOCK_STREAM;
    int on = 1;

    client->asked_at = measure_now();
    client->requests = clients->load->requests;
    client->had = client->held_size = 0;
    client->fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
    if (type == SOCK_STREAM && address->sa_family == AF_INET)
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->fd, address, place->size) < 0 ||
        epoll_ctl(clients->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0)
        clients->failed = "a client could not connect";
    if (clients->load->ws && clients->failed == NULL &&
        !load_ws_open(client->fd))
        clients->failed = "a client found no WebSocket";
    if (clients->load->tls && clients->failed == NULL)
        client_secure(clients, client);
    if (clients->failed == NULL)
        client_ask(clients, client);
}

static void client_close(struct load_clients *clients, struct client *client)
{
    if (client->ssl != NULL && !load_tls_close(client->ssl, client->resuming))
        clients->failed = "the server did not resume a session";
    client->ssl = NULL;
    close(client->fd);
}

static void client_renew(struct load_clients *clients, struct client *client)
{
    client_close(clients, client);
    client_connect(clients, client);
}

static void client_count(struct load_clients *clients,
                         const struct client *client, int64_t now,
                         size_t answers)
{
    clients->answers += answers;
    if (client->asked_at >= clients->since)
        load_times_add(clients->times, now - client->asked_at, answers);
}

/* The next request, of a new connection if this was its last. */
static void client_go_on(struct load_clients *clients, struct client *client,
                         int64_t now)
{
    bool last = client->requests == 1;

    client->requests -= client->requests != 0;
    if (last) {
        client_renew(clients, client);
        return;
    }
    client->asked_at = now;
    client_ask(clients, client);
}

static ssize_t client_receive(const struct client *client, char *bytes,
                              size_t size)
{
    if (client->ssl != NULL)
        return load_tls_receive(client->ssl, bytes, size);
    return recv(client->fd, bytes, size, MSG_DONTWAIT);
}

/* What does not fill the buffer has emptied the socket; not so under TLS,
 * which gives a record at a time. */
static void client_ready_echo(struct load_clients *clients,
                              struct client *client)
{
    size_t wanted;
    ssize_t rc;

    do {
        wanted = client->awaited;
        rc = client_receive(client, answer, wanted);
        if (rc < 0 && errno == EAGAIN)
            return;
        if (rc <= 0) {
            clients->failed = "the server closed a connection";
            return;
        }
        client->awaited -= (size_t)rc;
    } while (((size_t)rc == wanted || client->ssl != NULL) &&
             client->awaited > 0);
    if (client->awaited > 0)
        return;
    int64_t now = measure_now();
    int64_t asked_at = client->asked_at;
    if (client->requests <= 1)
        client_count(clients, client, now, 1);
    client_go_on(clients, client, client->requests > 1 ? asked_at : now);
}

/* What is left of them is kept until the rest comes. */
static void client_hold(struct client *client, const char *bytes, size_t size)
{
    client->held_size = size;
    if (size == 0)
        return;
    if (client->held == NULL)
        client->held = malloc(CLIENTS_ROOM);
    memcpy(client->held, bytes, size);
}

/* The answers in so many bytes; false when the connection ends with one. */
static bool client_take(struct load_clients *clients, struct client *client,
                        size_t size)
{
    size_t at = 0, taken = 0, answers = 0;

    clients->last = false;
    while (answers < client->awaited && !clients->last &&
           (taken = load_http_answer(clients, answer + at, size - at)) > 0) {
        at += taken;
        answers++;
    }
    client->awaited -= answers;
    client->had += answers;
    client_hold(client, answer + at, size - at);
    if (client->awaited == 0 && client->held_size > 0)
        clients->failed = "there are bytes behind an answer";
    if (answers > 0)
        client_count(clients, client, measure_now(), answers);
    return !clients->last;
}

/* A server may end a connection on which it has answered. */
static void client_ended(struct load_clients *clients, struct client *client)
{
    if (client->had == 0)
        clients->failed = "the server closed a connection";
    else
        client_renew(clients, client);
}

static void client_ready_http(struct load_clients *clients,
                              struct client *client)
{
    size_t room;
    ssize_t rc;

    do {
        size_t held = client->held_size;
        room = CLIENTS_ROOM - held;
        if (held > 0)
            memcpy(answer, client->held, held);
        rc = client_receive(client, answer + held, room);
        if (rc < 0 && errno == EAGAIN)
            return;
        if (rc <= 0 || !client_take(clients, client, held + (size_t)rc)) {
            client_ended(clients, client);
            return;
        }
    } while (((size_t)rc == room || client->ssl != NULL) &&
             client->awaited > 0 && clients->failed == NULL);
    if (client->awaited == 0 && clients->failed == NULL)
        client_go_on(clients, client, measure_now());
}

/* A server may end a connection on which no more may be asked. */
static void client_ended_h2(struct load_clients *clients, struct client *client)
{
    if (client->h2->had == 0)
        clients->failed = "the server closed a connection";
    else
        client_renew(clients, client);
}

static void client_ready_h2(struct load_clients *clients, struct client *client)
{
    size_t room;
    ssize_t rc;

    do {
        size_t held = client->held_size, at = 0, taken;
        room = CLIENTS_ROOM - held;
        if (held > 0)
            memcpy(answer, client->held, held);
        rc = client_receive(client, answer + held, room);
        if (rc < 0 && errno == EAGAIN)
            break;
        if (rc <= 0) {
            client_ended_h2(clients, client);
            return;
        }
        size_t size = held + (size_t)rc;
        while (clients->failed == NULL &&
               (taken = load_h2_frame(clients, client->h2, answer + at,
                                      size - at)) > 0)
            at += taken;
        client_hold(client, answer + at, size - at);
    } while ((size_t)rc == room && clients->failed == NULL);
    if (client->h2->last && client->h2->open == 0)
        client_ended_h2(clients, client);
    else
        client_send_h2(clients, client);
}

static void client_ready(struct load_clients *clients, struct client *client)
{
    if (clients->load->h2) {
        client_ready_h2(clients, client);
        return;
    }
    if (client->unsent > 0)
        client_send(clients, client);
    if (clients->load->path != NULL)
        client_ready_http(clients, client);
    else
        client_ready_echo(clients, client);
}

/* What all servers are asked. */
static void clients_request(const struct load *load)
{
    if (load->path != NULL) {
        request = load_http_request(load, &request_size);
        answer = malloc(CLIENTS_ROOM);
        return;
    }
    if (load->ws) {
        request = load_ws_request(load, &request_size, &answer_size);
        answer = malloc(answer_size);
        return;
    }
    request_size = answer_size = load->size;
    request = malloc(load->size);
    answer = malloc(load->size);
    memset(request, 'f', load->size);
}

void load_clients_open(struct load_clients *clients, const struct load *load,
                       const struct load_place *place)
{
    clients->load = load;
    clients->place = *place;
    clients->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->events) {
        load_events_open(clients);
        return;
    }
    clients->all = calloc(load->connections, sizeof *clients->all);
    if (request == NULL)
        clients_request(load);
    for (size_t i = 0; i < load->connections && clients->failed == NULL; i++)
        client_connect(clients, &clients->all[i]);
}

void load_clients_run(struct load_clients *clients, int64_t until)
{
    struct epoll_event events[CLIENTS_EVENTS];
    bool spin = clients->load->spin;

    if (clients->events != NULL) {
        load_events_run(clients, until);
        return;
    }
    for (;;) {
        int64_t left = until - measure_now();
        if (left <= 0 || clients->failed != NULL)
            return;
        int wait = spin ? 0 : (int)(left / 1000000) + 1;
        int count = epoll_wait(clients->epoll, events, CLIENTS_EVENTS, wait);
        for (int i = 0; i < count; i++)
            client_ready(clients, events[i].data.ptr);
    }
}
