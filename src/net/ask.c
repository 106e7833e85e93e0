/*
 * ask.c - a question to the name servers, one after the other
 *
 * Each try has a socket and so a port of its own, an identifier of its own and
 * the loop's timer. What does not come from the server that was asked, or is
 * no answer to the question, is passed over, and the wait goes on. An answer
 * that was cut short is asked for again by a stream (RFC 7766).
 */
#include "base/memory.h"
#include "net/engine.h"
#include "net/resolver.h"

#include <errno.h>
#include <fermata/connect.h>
#include <fermata/error.h>
#include <fermata/timeout.h>
#include <fermata/udp.h>
#include <stdio.h>

enum {
    ASK_DATAGRAM = 4096 /* bytes: more than a server was told it may send */
};

const bool fm__ask_possible = true;

struct ask {
    fm_resolver *resolver;
    const struct fm__question *question;
    const fm_address *server;
    double timeout; /* s, for one try */
    struct fm__engine *engine;
    struct fm__answer *answer;
};

static struct fm__engine *ask_shift(fm_resolver *resolver)
{
    struct fm__list *first = fm__list_shift(&resolver->spares);
    if (first == NULL)
        return NULL;
    resolver->spare--;
    return FM__CONTAINER(first, struct fm__engine, spare);
}

void fm__ask_fini(fm_resolver *resolver)
{
    while (resolver->spare > 0)
        fm__engine_free(ask_shift(resolver));
}

static int ask_send(const struct ask *self, fm_udp *udp)
{
    const void *bytes;
    size_t size = fm__engine_take(self->engine, &bytes);
    return size > 0 ? fm_udp_send(udp, bytes, size, NULL) : 0;
}

static bool ask_is_server(const struct ask *self, const fm_address *from)
{
    size_t size, other;
    const void *server = fm__name_bytes(self->server, &size);
    const void *sender = fm__name_bytes(from, &other);
    return sender != NULL && size == other &&
           fm_address_port(from) == fm_address_port(self->server) &&
           memcmp(server, sender, size) == 0;
}

/* The next message: 0 and the answer, -EAGAIN when it was something else. */
static int ask_receive(struct ask *self, fm_udp *udp)
{
    unsigned char message[ASK_DATAGRAM];
    fm_address from;
    ssize_t size = fm_udp_receive(udp, message, sizeof message, &from);
    if (size < 0)
        return (int)size;
    if ((size_t)size > sizeof message || !ask_is_server(self, &from))
        return -EAGAIN;
    return fm__engine_feed(self->engine, message, (size_t)size, &self->answer);
}

static int ask_exchange(struct ask *self, fm_udp *udp)
{
    int rc;
    do {
        rc = ask_send(self, udp);
        if (rc == 0)
            rc = ask_receive(self, udp);
    } while (rc == -EAGAIN);
    return rc;
}

static int ask_connected(struct ask *self, fm_udp *udp)
{
    int rc = fm_udp_connect(udp, self->server);
    if (rc < 0)
        return rc;
    FM_TIMEOUT(self->timeout, rc) {
        rc = ask_exchange(self, udp);
    }
    return rc;
}

static int ask_datagram(struct ask *self)
{
    bool v4 = self->server->storage.ss_family == AF_INET;
    fm_udp *udp = NULL;
    int rc = fm__engine_ask(self->engine, self->question);
    if (rc == 0)
        rc = fm_udp_open(v4 ? "0.0.0.0:0" : "[::]:0", &udp);
    if (rc < 0)
        return rc;
    rc = ask_connected(self, udp);
    fm_udp_close(udp);
    return rc;
}

/* A message behind its size, in memory of its own: its size with that. */
static ssize_t ask_read(fm_stream *stream, unsigned char **out)
{
    unsigned char head[2];
    ssize_t rc = fm_read_exactly(stream, head, sizeof head);
    if (rc < 0)
        return rc;
    size_t size = (size_t)head[0] << 8 | head[1];
    unsigned char *message = fm__memory_new(size + sizeof head);
    if (message == NULL)
        return -ENOMEM;
    memcpy(message, head, sizeof head);
    rc = size > 0 ? fm_read_exactly(stream, message + sizeof head, size) : 0;
    if (rc < 0)
        fm__memory_free(message);
    else
        *out = message;
    return rc < 0 ? rc : (ssize_t)(size + sizeof head);
}

static int ask_converse(struct ask *self, struct fm__engine *engine,
                        fm_stream *stream)
{
    const void *bytes;
    unsigned char *message;
    size_t size = fm__engine_take(engine, &bytes);
    ssize_t rc = fm_write(stream, bytes, size);
    if (rc < 0)
        return (int)rc;
    do {
        rc = ask_read(stream, &message);
        if (rc < 0)
            return (int)rc;
        rc = fm__engine_feed(engine, message, (size_t)rc, &self->answer);
        fm__memory_free(message);
    } while (rc == -EAGAIN);
    return (int)rc;
}

static int ask_dial(struct ask *self, struct fm__engine *engine)
{
    char text[FM_ADDRESS_TEXT];
    fm_stream *stream;
    int rc = fm_connect(fm_address_format(self->server, text), &stream);
    if (rc < 0)
        return rc;
    rc = ask_converse(self, engine, stream);
    fm_abort(stream);
    return rc;
}

static int ask_stream(struct ask *self)
{
    struct fm__engine *engine;
    int rc = fm__engine_new(&engine, true);
    if (rc < 0)
        return rc;
    rc = fm__engine_ask(engine, self->question);
    if (rc == 0) {
        FM_TIMEOUT(self->timeout, rc) {
            rc = ask_dial(self, engine);
        }
    }
    fm__engine_free(engine);
    return rc;
}

/* One server, once: 0 and an answer, or why there is none. */
static int ask_server(struct ask *self, bool streams)
{
    int rc = streams ? ask_stream(self) : ask_datagram(self);
    if (rc == 0 && !streams && self->answer->truncated) {
        fm__memory_free(self->answer);
        self->answer = NULL;
        rc = ask_stream(self);
    }
    return rc;
}

/* Nobody else needs to be asked: it is an answer, or our own trouble. */
static bool ask_is_settled(const struct ask *self, int rc)
{
    if (rc == 0)
        return self->answer->rc != -FM_ESERVERFAILED;
    return rc == -ECANCELED || rc == -ENOMEM || rc == -EMFILE ||
           rc == -ENFILE || rc == -EINVAL;
}

/* Each server once, but those that have failed before. */
static int ask_round(struct ask *self, const struct fm__settings *settings,
                     unsigned first, uint32_t *failed)
{
    int rc = -FM_ENOSERVER;
    for (size_t i = 0; i < settings->server_count; i++) {
        size_t which = (first + i) % settings->server_count;
        if ((*failed >> which & 1) != 0)
            continue;
        self->server = &settings->servers[which];
        rc = ask_server(self, settings->streams);
        if (ask_is_settled(self, rc))
            return rc;
        if (rc == 0)
            *failed |= UINT32_C(1) << which;
        fm__memory_free(self->answer);
        self->answer = NULL;
    }
    return -FM_ENOSERVER;
}

static int ask_rounds(struct ask *self, const struct fm__settings *settings)
{
    fm_resolver *resolver = self->resolver;
    unsigned first = settings->rotate ? resolver->turn++ : 0;
    int attempts =
        resolver->attempts > 0 ? resolver->attempts : settings->attempts;
    uint32_t failed = 0;
    int rc = -FM_ENOSERVER;
    while (attempts-- > 0 && rc == -FM_ENOSERVER)
        rc = ask_round(self, settings, first, &failed);
    return rc == -FM_ENOSERVER && failed != 0 ? -FM_ESERVERFAILED : rc;
}

/* One that another question has left, or a new one. */
static int ask_engine(fm_resolver *resolver, struct fm__engine **engine)
{
    *engine = ask_shift(resolver);
    return *engine != NULL ? 0 : fm__engine_new(engine, false);
}

static void ask_leave(fm_resolver *resolver, struct fm__engine *engine)
{
    if (resolver->spare == FM__SPARE_LIMIT) {
        fm__engine_free(engine);
        return;
    }
    fm__list_push(&resolver->spares, &engine->spare);
    resolver->spare++;
}

int fm__ask(const struct fm__entry *entry, struct fm__answer **answer)
{
    const struct fm__settings *settings = &entry->files->settings;
    struct ask self = {.resolver = entry->resolver,
                       .question = &entry->question};
    int64_t timeout = entry->resolver->timeout;
    self.timeout = timeout > 0 ? (double)timeout / 1e9 : settings->timeout;
    int rc = ask_engine(self.resolver, &self.engine);
    if (rc < 0)
        return rc;
    rc = ask_rounds(&self, settings);
    *answer = self.answer;
    ask_leave(self.resolver, self.engine);
    return rc;
}
