/*
 * sweep_gone.c - scenarios: clients that go away, streams that are watched
 */
#include "fault/sweep_talk.h"

#include "base/fault.h"
#include "io/stream_record.h"

#include <string.h>

static const char gone_words[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/* Waits for a client that goes; where that was not heard it ends at last. */
static int gone_hold(fm_exchange *exchange, void *listener)
{
    (void)listener;
    int rc = fm_sleep(0.5);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "late\n");
}

static void gone_log(const fm_exchange *exchange, void *listener)
{
    (void)exchange;
    fm_serve_stop(listener);
}

/* It is there for long enough to be waited with. */
static int gone_leave(fm_stream *stream)
{
    ssize_t n = fm_write(stream, gone_words, sizeof gone_words - 1);
    if (n >= 0)
        n = fm_flush(stream);
    if (n >= 0)
        n = fm_sleep(0.001);
    return n < 0 ? (int)n : 0;
}

struct gone_host {
    fm_listener *listener;
};

static int gone_host(struct gone_host *self)
{
    const fm_http_serve_options options = {.log = gone_log,
                                           .log_arg = self->listener,
                                           .serve = {.per_address = 2}};
    return fm_http_serve(self->listener, gone_hold, self->listener, &options);
}

/* The server ends with the exchange, or is stopped with the client. */
static int gone_serves(void *arg)
{
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    fm_task *server = fm_go(gone_host, listener);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    rc = fm_await(fm_go(sweep_asker, address, gone_leave));
    int ended;
    FM_TIMEOUT(rc < 0 ? 0 : 2, ended) {
        ended = fm_await(server);
    }
    return rc < 0 ? rc : ended;
}

/* ---- a stream that is watched -------------------------------------------- */

struct gone_ear {
    struct fm__watch watch;
    fm_event end;
};

static void gone_heard(struct fm__watch *watch, ssize_t rc)
{
    if (rc <= 0)
        fm_event_set(&FM__CONTAINER(watch, struct gone_ear, watch)->end);
}

struct gone_talker {
    fm_stream **end;
};

static int gone_talker(struct gone_talker *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_sleep(0.001);
    for (int i = 0; rc >= 0 && i < 2; i++)
        rc = (int)fm_printf(*self->end, "word %d\n", i);
    if (rc >= 0)
        rc = fm_flush(*self->end);
    int closed = fm_close(*self->end);
    *self->end = NULL;
    return sweep_end(block, rc < 0 ? rc : closed);
}

/* In order, whatever was heard of it before. */
static int gone_listens(fm_stream *stream)
{
    struct gone_ear ear = {.watch = {gone_heard}};
    char line[32], wanted[32];
    fm__stream_watch(stream, &ear.watch);
    int rc;
    FM_TIMEOUT(0.1, rc) {
        rc = fm_event_wait(&ear.end);
    }
    if (rc == -ETIMEDOUT) /* where memory is wanting nothing is heard */
        rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++) {
        ssize_t n = fm_read_line(stream, line, sizeof line);
        snprintf(wanted, sizeof wanted, "word %d", i);
        sweep_state.noted += n >= 0 && strcmp(line, wanted) != 0;
        rc = n < 0 ? (int)n : 0;
    }
    fm__stream_unwatch(stream);
    return rc;
}

struct gone_listener {
    fm_stream **end;
};

static int gone_listener(struct gone_listener *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = gone_listens(*self->end);
    int closed = fm_close(*self->end);
    *self->end = NULL;
    rc = rc < 0 ? rc : closed;
    return sweep_end(block, rc == -FM_EEOF ? -ECONNRESET : rc);
}

static int gone_talks(fm_stream *ends[2])
{
    int rc =
        fm_gather(fm_go(gone_talker, &ends[0]), fm_go(gone_listener, &ends[1]));
    fm_close(ends[0]);
    fm_close(ends[1]);
    return rc == -EPIPE ? -ECONNRESET : rc;
}

static int gone_in_memory(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_stream_pair(ends);
    return rc < 0 ? rc : gone_talks(ends);
}

static int gone_by_sockets(void *arg)
{
    int fds[2];
    fm_stream *ends[2] = {NULL, NULL};
    (void)arg;
    int rc = sweep_pair(false, fds);
    if (rc < 0)
        return rc;
    struct fm__loop *loop = &fm__current->home->loop;
    for (int i = 0; i < 2; i++) {
        if (rc == 0)
            rc = fm__stream_new(loop, fds[i], NULL, &ends[i]);
        if (rc < 0)
            sweep_close(fds[i]);
    }
    if (rc == 0)
        return gone_talks(ends);
    fm_abort(ends[0]);
    return rc;
}

static const char *gone_in_order(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "what was heard is out of order" : NULL;
}

const struct scenario sweep_gone[] = {
    {"gone-serve", gone_serves,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}},
    {"gone-pair", gone_in_memory, .also = {-ECONNRESET},
     .wrong = gone_in_order},
    {"gone-sockets", gone_by_sockets, .also = {-ECONNRESET},
     .wrong = gone_in_order},
    {.name = NULL},
};
