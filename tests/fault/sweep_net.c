/*
 * sweep_net.c - scenarios: connecting, accepting, serving, foreign descriptors
 */
#include "fault/sweep_talk.h"

#include "harness.h"

#include "base/fault.h"
#include "task/record.h"

#include <string.h>
#include <unistd.h>

static int net_listen(fm_listener **listener, char *address)
{
    int rc = fm_listen("127.0.0.1:0", listener);
    if (rc == 0)
        fm_address_format(fm_listener_address(*listener), address);
    return rc;
}

/* Flushed, so that a fault which no peer would hear of is not waited out. */
static int net_say(fm_stream *stream, const char *text, size_t size)
{
    ssize_t n = fm_write(stream, text, size);
    return n < 0 ? (int)n : fm_flush(stream);
}

/* Asks a question and wants it back. */
static int net_ask(fm_stream *stream)
{
    char heard[8] = "";
    ssize_t n = net_say(stream, "ping", 4);
    if (n == 0)
        n = fm_read_exactly(stream, heard, 4);
    if (n < 0)
        return (int)n;
    sweep_state.noted += n != 4 || memcmp(heard, "ping", 4) != 0;
    return 0;
}

static int net_answer(fm_stream *stream)
{
    char buf[64];
    ssize_t n;
    while ((n = fm_read(stream, buf, sizeof buf)) > 0) {
        n = net_say(stream, buf, (size_t)n);
        if (n < 0)
            break;
    }
    return (int)n;
}

static const char *net_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "an answer was wrong" : NULL;
}

struct answerer {
    fm_listener *listener;
};

static int answerer(struct answerer *self)
{
    void *block;
    fm_stream *stream = NULL;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_accept(self->listener, &stream);
    if (rc == 0)
        rc = net_answer(stream);
    int closed = fm_close(stream);
    return sweep_end(block, sweep_told(rc < 0 ? rc : closed));
}

static int net_connects(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_gather(fm_go(answerer, listener),
                       fm_go(sweep_asker, address, net_ask));
    }
    fm_listener_close(listener);
    return rc;
}

static int net_is_refused(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    fm_listener_close(listener);
    return fm_await(fm_go(sweep_asker, address, net_ask));
}

static int net_accepts_in_vain(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = fm_await(fm_go(answerer, listener));
    }
    fm_listener_close(listener);
    return rc;
}

/* Two wait for connections, and the listener is closed under them. */
static int net_closes_under_them(void *arg)
{
    int results[2];
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    fm_task *tasks[2] = {fm_go(answerer, listener), fm_go(answerer, listener)};
    rc = sweep_sleep(1);
    fm_listener_close(listener);
    int failed = fm_settle(tasks, 2, results);
    if (failed < 0)
        return failed;
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = results[i];
    return rc;
}

/* ---- Servers ------------------------------------------------------------ */

static int net_handler(fm_stream *client, void *arg)
{
    void *block;
    (void)arg;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = net_answer(client);
    return sweep_end(block, rc);
}

struct host {
    fm_listener *listener;
    fm_serve_handler handler;
    const fm_serve_options *options;
};

static int host(struct host *self)
{
    return fm_serve(self->listener, self->handler, self->listener,
                    self->options);
}

/* The clients are served, then the server is asked to stop. The listener is
 * the server's, so its end is awaited before anything else may fail. */
static int net_hosts(const struct host *how, int clients)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(host, listener, how->handler, how->options);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    fm_timeout patience;
    (void)fm_timeout_open(&patience, sweep_patience());
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < clients; i++)
            rc = fm_group_go(group, sweep_asker, address, net_ask);
    }
    rc = fm_timeout_close(&patience, rc);
    int ended = fm_stop(server);
    return rc < 0 || ended == -ECANCELED ? rc : ended;
}

static int net_serves(void *arg)
{
    static const fm_serve_options options = {.limit = 2, .grace = 1e-3};
    const struct host how = {NULL, net_handler, &options};
    (void)arg;
    return net_hosts(&how, 3);
}

/* The second client waits for a place that nobody ever gives up. */
static int net_stubborn(fm_stream *client, void *arg)
{
    void *block;
    (void)arg;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = net_say(client, "ping", 4);
    if (rc == 0)
        rc = sweep_sleep(1e12);
    return sweep_end(block, rc);
}

static int net_gives_up(void *arg)
{
    static const fm_serve_options options = {.limit = 1, .grace = -1};
    const struct host how = {NULL, net_stubborn, &options};
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(200), rc) {
        rc = net_hosts(&how, 2);
    }
    return rc;
}

static int net_stops(fm_stream *client, void *listener)
{
    void *block;
    int rc = sweep_begin(&block);
    fm_serve_stop(listener);
    if (rc == 0)
        rc = net_answer(client);
    return sweep_end(block, rc);
}

/* A client asks the server to stop, which then ends by itself. */
static int net_is_stopped(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = net_listen(&listener, address);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(host, listener, net_stops, NULL);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_await(fm_go(sweep_asker, address, net_ask));
    }
    int ended = rc < 0 ? fm_stop(server) : fm_await(server);
    return rc < 0 ? rc : ended;
}

/* ---- Foreign descriptors ------------------------------------------------ */

/* Two ends that the loop knows nothing of. */
static int net_foreign(int fds[2])
{
    struct fm__loop *loop = &fm__home->loop;
    if (!test_simulated())
        return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    int rc = loop->backend->pair(loop, FM__PAIR_SOCKET, fds);
    for (int i = 0; rc == 0 && i < 2; i++)
        loop->backend->forget(loop, fds[i]);
    return rc;
}

static void net_close_foreign(int fd)
{
    struct fm__loop *loop = &fm__home->loop;
    struct fm__fault_plan *plan = fm__fault_plan;
    if (!test_simulated()) {
        close(fd);
        return;
    }
    fm__fault_plan = NULL; /* no part of the scenario */
    if (loop->backend->adopt(loop, fd) == 0)
        loop->backend->close_fd(loop, fd);
    fm__fault_plan = plan;
}

struct watch {
    int fd;
};

static int watch(struct watch *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_wait_fd(self->fd, FM_READABLE);
    return sweep_end(block, rc > 0 ? 0 : rc);
}

static int net_watches(void *arg)
{
    int fds[2];
    fm_stream *stream = NULL;
    (void)arg;
    int rc = net_foreign(fds);
    if (rc < 0)
        return rc;
    fm_task *one = fm_go(watch, fds[0]), *other = fm_go(watch, fds[0]);
    rc = fm_stream_adopt(fds[1], &stream);
    bool ours = rc == 0;
    if (rc == 0)
        rc = net_say(stream, "x", 1);
    int watched = rc < 0 ? fm_stop(one) : fm_await(one);
    int too = rc < 0 ? fm_stop(other) : fm_await(other);
    int closed = fm_close(stream);
    net_close_foreign(fds[0]);
    if (!ours)
        net_close_foreign(fds[1]);
    if (rc == 0)
        rc = watched < 0 ? watched : too;
    return rc < 0 ? rc : closed;
}

const struct scenario sweep_net[] = {
    {"connect", net_connects, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = net_heard_right},
    {"refused", net_is_refused, .result = -ECONNREFUSED, .also = {-ECONNRESET}},
    {"accept-in-vain", net_accepts_in_vain, .result = -ETIMEDOUT,
     .also = {-ECONNRESET}},
    {"accept-closed", net_closes_under_them, .result = -ESHUTDOWN,
     .also = {-ECONNRESET}},
    {"serve", net_serves, .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT},
     .wrong = net_heard_right},
    {"serve-limit", net_gives_up, .result = -ETIMEDOUT,
     .also = {-ECONNRESET, -ECONNREFUSED}},
    {"serve-stop", net_is_stopped,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT},
     .wrong = net_heard_right},
    {"wait-fd", net_watches, .also = {-ECONNRESET, -EPIPE}},
    {.name = NULL},
};
