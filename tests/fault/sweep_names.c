/*
 * sweep_names.c - scenarios: lookups, and a name server that answers them
 */
#include "fault/sweep.h"

#include "base/fault.h"
#include "net/resolver.h"
#include "task/record.h"

#include <string.h>

enum {
    NAMES_PACKET = 512,
    NAMES_ERRORS = 50 /* that a server hears before it gives up */
};

/* Whether something is going to fail or be cut, so that packets may be lost. */
static bool names_are_troubled(void)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    bool troubled = fm__probe != NULL && fm__probe->cancel_at > 0;
    for (int i = 0; plan != NULL && i < FM__DOORS; i++)
        troubled = troubled || plan->fail_at[i] > 0 || plan->often[i] > 0;
    return troubled;
}

struct names_server {
    fm_udp *udp;
    fm_listener *listener;
    bool streams; /* and datagrams say: ask by a stream */
};

/* Makes an answer of a question, in place: its size. */
static size_t names_answer(unsigned char *packet, size_t size, bool whole)
{
    static const unsigned char record[] = {0xc0, 12, 0, 1, 0,   1, 0, 0,
                                           0,    0,  0, 4, 192, 0, 2, 1};
    size_t end = 12;
    if (size < 17 || size > NAMES_PACKET - sizeof record)
        return 0;
    while (end < size - 5 && packet[end] != 0)
        end += (size_t)packet[end] + 1;
    end += 5;
    packet[2] = whole ? 0x81 : 0x83;
    packet[3] = 0x80;
    memset(packet + 6, 0, 6);
    if (!whole)
        return end;
    packet[7] = 1;
    memcpy(packet + end, record, sizeof record);
    return end + sizeof record;
}

static int names_serve_one(const struct names_server *server)
{
    unsigned char packet[NAMES_PACKET];
    fm_address from;
    ssize_t size = fm_udp_receive(server->udp, packet, sizeof packet, &from);
    if (size < 0)
        return (int)size;
    size_t answer = names_answer(packet, (size_t)size, !server->streams);
    if (answer == 0)
        return 0;
    return fm_udp_send(server->udp, packet, answer, &from);
}

static int names_datagrams(void *arg)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int errors = 0; rc != -ECANCELED && errors < NAMES_ERRORS;) {
        rc = names_serve_one(arg);
        errors += rc < 0;
    }
    return sweep_end(block, rc);
}

static int names_converse(fm_stream *stream)
{
    unsigned char packet[NAMES_PACKET + 2];
    ssize_t rc = fm_read_exactly(stream, packet, 2);
    size_t size = rc < 0 ? 0 : (size_t)packet[0] << 8 | packet[1];
    if (size > 0 && size <= NAMES_PACKET)
        rc = fm_read_exactly(stream, packet + 2, size);
    if (rc < 0)
        return (int)rc;
    size = names_answer(packet + 2, size, true);
    packet[0] = (unsigned char)(size >> 8);
    packet[1] = size & 255;
    rc = fm_write(stream, packet, size + 2);
    return rc < 0 ? (int)rc : 0;
}

static int names_streams(void *arg)
{
    struct names_server *server = arg;
    void *block;
    fm_stream *stream;
    int rc = sweep_begin(&block);
    for (int errors = 0; rc != -ECANCELED && errors < NAMES_ERRORS;) {
        rc = fm_accept(server->listener, &stream);
        errors += rc < 0;
        if (rc < 0)
            continue;
        rc = names_converse(stream);
        int closed = fm_close(stream);
        if (rc == 0)
            rc = closed;
    }
    return sweep_end(block, rc);
}

static int names_open(struct names_server *server, char *address)
{
    int rc = fm_listen("127.0.0.1:0", &server->listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(server->listener), address);
    rc = fm_udp_open(address, &server->udp);
    if (rc < 0)
        fm_listener_close(server->listener);
    return rc;
}

static void names_close(struct names_server *server)
{
    fm_udp_close(server->udp);
    fm_listener_close(server->listener);
}

static int names_resolver(fm_resolver **resolver, const char *servers)
{
    const fm_resolver_options options = {
        .servers = servers,
        .timeout = names_are_troubled() ? 0.02 : 60,
        .attempts = 3,
    };
    return fm_resolver_new(resolver, &options);
}

struct look {
    fm_resolver *resolver;
    const char *host;
    double patience; /* ticks */
};

static int look(struct look *self)
{
    void *block;
    fm_address found;
    const fm_resolve_options options = {.resolver = self->resolver,
                                        .family = AF_INET};
    int rc = sweep_begin(&block);
    if (rc == 0) {
        FM_TIMEOUT(sweep_ticks(self->patience), rc) {
            rc = fm_resolve(self->host, 80, &found, 1, &options);
        }
    }
    return sweep_end(block, rc);
}

#define NAMES_PATIENT 1e9

/* Two want the same, a third something else. */
static int names_lookups(fm_resolver *resolver)
{
    return fm_gather(fm_go(look, resolver, "one.example", NAMES_PATIENT),
                     fm_go(look, resolver, "one.example", NAMES_PATIENT),
                     fm_go(look, resolver, "two.example", NAMES_PATIENT));
}

/* One that is not patient shares the question of one that is. */
static int names_impatient(fm_resolver *resolver)
{
    int results[2];
    fm_task *tasks[2] = {fm_go(look, resolver, "one.example", 0),
                         fm_go(look, resolver, "one.example", NAMES_PATIENT)};
    int rc = fm_settle(tasks, 2, results);
    if (rc < 0)
        return rc;
    return results[1] < 0 ? results[1] : results[0];
}

static int names_run(struct names_server *server,
                     int (*lookups)(fm_resolver *resolver))
{
    char address[FM_ADDRESS_TEXT];
    fm_resolver *resolver;
    if (!fm__ask_possible)
        return lookups == names_impatient ? -ETIMEDOUT : 0;
    int rc = names_open(server, address);
    if (rc < 0)
        return rc;
    fm_task *datagrams = fm_start(names_datagrams, server);
    fm_task *streams = fm_start(names_streams, server);
    rc = datagrams == NULL || streams == NULL
             ? -ENOMEM
             : names_resolver(&resolver, address);
    if (rc == 0) {
        rc = lookups(resolver);
        fm_resolver_free(resolver);
    }
    int ended = fm_stop(datagrams);
    int too = fm_stop(streams);
    names_close(server);
    if (rc == 0 && ended != -ECANCELED)
        rc = ended;
    return rc != 0 || too == -ECANCELED ? rc : too;
}

static int names_by_datagram(void *arg)
{
    struct names_server server = {.streams = false};
    (void)arg;
    return names_run(&server, names_lookups);
}

static int names_by_stream(void *arg)
{
    struct names_server server = {.streams = true};
    (void)arg;
    return names_run(&server, names_lookups);
}

static int names_shared(void *arg)
{
    struct names_server server = {.streams = false};
    (void)arg;
    return names_run(&server, names_impatient);
}

const struct scenario sweep_names[] = {
    {"names", names_by_datagram, .also = {-FM_ENOSERVER, -FM_ESERVERFAILED}},
    {"names-stream", names_by_stream,
     .also = {-FM_ENOSERVER, -FM_ESERVERFAILED, -ECONNRESET}},
    {"names-shared", names_shared, .result = -ETIMEDOUT,
     .also = {-FM_ENOSERVER, -FM_ESERVERFAILED}},
    {.name = NULL},
};
