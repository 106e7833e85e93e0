/*
 * load_clients.c - connections that ask, and ask again when the answer came
 *
 * One epoll for the clients of a server, edge-triggered. A request is made
 * once and an answer is only counted, so that as much of this processor as
 * possible is left for asking.
 */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CLIENTS_EVENTS = 512
};

struct client {
    int fd;
    SSL *ssl;             /* NULL: without TLS */
    SSL_SESSION *session; /* to be resumed, or NULL */
    bool resuming;        /* this connection resumes one */
    size_t unsent;        /* bytes of the request */
    size_t awaited;       /* bytes of the answer */
    size_t requests;      /* still to be answered before it is closed; 0: all */
    int64_t asked_at;     /* measure_now() at the request, or the connect */
};

static char *request, *answer;

static size_t clients_time_index(uint64_t time)
{
    if (time < 2 * LOAD_STEPS)
        return time;
    int shift = 57 - __builtin_clzll(time);
    size_t index = (size_t)shift * LOAD_STEPS + (time >> shift);
    return index < LOAD_TIMES ? index : LOAD_TIMES - 1;
}

/* The middle of what has that index. */
static double clients_time_at(size_t index)
{
    if (index < 2 * LOAD_STEPS)
        return (double)index;
    size_t shift = index / LOAD_STEPS - 1;
    double step = (double)(UINT64_C(1) << shift);
    return ((double)(index - shift * LOAD_STEPS) + 0.5) * step;
}

static void client_send(struct load_clients *clients, struct client *client)
{
    const char *rest = request + (clients->load->size - client->unsent);
    ssize_t rc = client->ssl != NULL
                     ? load_tls_send(client->ssl, rest, client->unsent)
                     : send(client->fd, rest, client->unsent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

    if (rc < 0 && errno != EAGAIN)
        clients->failed = "a client could not send";
    if (rc > 0)
        client->unsent -= (size_t)rc;
}

static void client_ask(struct load_clients *clients, struct client *client)
{
    client->unsent = client->awaited = clients->load->size;
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
    client->fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
    if (type == SOCK_STREAM && address->sa_family == AF_INET)
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->fd, address, place->size) < 0 ||
        epoll_ctl(clients->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0)
        clients->failed = "a client could not connect";
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

static void client_answered(struct load_clients *clients, struct client *client)
{
    int64_t now = measure_now();

    if (client->requests <= 1) {
        uint64_t spent = (uint64_t)(now - client->asked_at);
        clients->answers++;
        if (client->asked_at >= clients->since)
            clients->times[clients_time_index(spent)]++;
        client->asked_at = now;
    }
    if (client->requests != 1) {
        client->requests -= client->requests != 0;
        client_ask(clients, client);
        return;
    }
    client_close(clients, client);
    client_connect(clients, client);
}

static ssize_t client_receive(const struct client *client)
{
    if (client->ssl != NULL)
        return load_tls_receive(client->ssl, answer, client->awaited);
    return recv(client->fd, answer, client->awaited, MSG_DONTWAIT);
}

/* What does not fill the buffer has emptied the socket; not so under TLS,
 * which gives a record at a time. */
static void client_ready(struct load_clients *clients, struct client *client)
{
    size_t wanted;
    ssize_t rc;

    if (client->unsent > 0)
        client_send(clients, client);
    do {
        wanted = client->awaited;
        rc = client_receive(client);
        if (rc < 0 && errno == EAGAIN)
            return;
        if (rc <= 0) {
            clients->failed = "the server closed a connection";
            return;
        }
        client->awaited -= (size_t)rc;
    } while (((size_t)rc == wanted || client->ssl != NULL) &&
             client->awaited > 0);
    if (client->awaited == 0)
        client_answered(clients, client);
}

void load_clients_open(struct load_clients *clients, const struct load *load,
                       const struct load_place *place)
{
    clients->load = load;
    clients->place = *place;
    clients->all = calloc(load->connections, sizeof *clients->all);
    clients->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (request == NULL) {
        request = malloc(load->size);
        answer = malloc(load->size);
        memset(request, 'f', load->size);
    }
    for (size_t i = 0; i < load->connections && clients->failed == NULL; i++)
        client_connect(clients, &clients->all[i]);
}

void load_clients_run(struct load_clients *clients, int64_t until)
{
    struct epoll_event events[CLIENTS_EVENTS];
    bool spin = clients->load->spin;

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

double load_clients_within(const struct load_clients *clients, double part)
{
    size_t all = 0, so_far = 0, i;

    for (i = 0; i < LOAD_TIMES; i++)
        all += clients->times[i];
    for (i = 0; i < LOAD_TIMES - 1; i++) {
        so_far += clients->times[i];
        if ((double)so_far >= part * (double)all)
            break;
    }
    return clients_time_at(i);
}
