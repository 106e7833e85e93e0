/*
 * name_server.h - a name server by script, in tasks of its own
 *
 * A story says how each question is answered by a function, which builds
 * packets and sends them: the right ones, and those that an enemy would send.
 */
#ifndef TESTS_NET_NAME_SERVER_H
#define TESTS_NET_NAME_SERVER_H

#include "task/story.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    QUERIES = 64,
    PACKET_SIZE = 20000
};

enum {
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
    FLAG_TRUNCATED = 0x200
};

struct packet {
    unsigned char bytes[PACKET_SIZE];
    size_t size;
};

struct query {
    struct packet packet;
    char name[256];
    int type;
    int id;
    fm_address from;
    fm_stream *stream; /* NULL: by datagram */
    int nth;           /* of this server, from 0 */
};

struct name_server {
    fm_udp *udp;
    fm_udp *stranger; /* answers from elsewhere */
    fm_listener *listener;
    fm_task *datagrams, *streams;
    char address[FM_ADDRESS_TEXT];
    void (*script)(struct name_server *server, struct query *query);
    int asked;
    int asked_by_stream;
    int number; /* the story's */
    struct {
        int id;
        int port;
    } queries[QUERIES];
};

static inline void packet_byte(struct packet *packet, unsigned byte)
{
    if (packet->size < sizeof packet->bytes)
        packet->bytes[packet->size++] = (unsigned char)byte;
}

static inline void packet_short(struct packet *packet, unsigned number)
{
    packet_byte(packet, number >> 8);
    packet_byte(packet, number & 255);
}

static inline void packet_long(struct packet *packet, uint32_t number)
{
    packet_short(packet, number >> 16);
    packet_short(packet, number & 65535);
}

/* "www.example.org"; "" is the root; "@" the name that was asked for. */
static inline void packet_name(struct packet *packet, const char *name)
{
    if (strcmp(name, "@") == 0) {
        packet_short(packet, 0xc00c);
        return;
    }
    while (*name != '\0') {
        size_t size = strcspn(name, ".");
        packet_byte(packet, (unsigned)size);
        for (size_t i = 0; i < size; i++)
            packet_byte(packet, (unsigned char)name[i]);
        name += size + (name[size] == '.');
    }
    packet_byte(packet, 0);
}

/* An answer to the query, so far without a record. flags: also the code. */
static inline void packet_begin(struct packet *packet, const struct query *to,
                                unsigned flags)
{
    packet->size = 0;
    packet_short(packet, (unsigned)to->id);
    packet_short(packet, 0x8180 | flags);
    packet_short(packet, 1);
    for (int i = 0; i < 3; i++)
        packet_short(packet, 0);
    packet_name(packet, to->name);
    packet_short(packet, (unsigned)to->type);
    packet_short(packet, 1);
}

/* One more in the count at this place of the header. */
static inline void packet_count(struct packet *packet, size_t at)
{
    unsigned count = (unsigned)packet->bytes[at] << 8 | packet->bytes[at + 1];
    count++;
    packet->bytes[at] = (unsigned char)(count >> 8);
    packet->bytes[at + 1] = count & 255;
}

/* The head of a record; returns where the size of its data goes. */
static inline size_t record_begin(struct packet *packet, const char *owner,
                                  int type, uint32_t ttl)
{
    packet_count(packet, type == TYPE_SOA ? 8 : 6);
    packet_name(packet, owner);
    packet_short(packet, (unsigned)type);
    packet_short(packet, 1);
    packet_long(packet, ttl);
    packet_short(packet, 0);
    return packet->size - 2;
}

static inline void record_end(struct packet *packet, size_t place)
{
    size_t size = packet->size - place - 2;
    packet->bytes[place] = (unsigned char)(size >> 8);
    packet->bytes[place + 1] = size & 255;
}

/* data: an address as text, or a name. */
static inline void packet_record(struct packet *packet, const char *owner,
                                 uint32_t ttl, const char *data)
{
    char whole[FM_ADDRESS_TEXT];
    fm_address address;
    bool six = strchr(data, ':') != NULL;
    snprintf(whole, sizeof whole, six ? "[%s]:0" : "%s:0", data);
    bool literal = fm_address_parse(whole, &address) == 0;
    int type = !literal ? TYPE_CNAME : six ? TYPE_AAAA : TYPE_A;
    size_t place = record_begin(packet, owner, type, ttl);
    const unsigned char *bytes = (const unsigned char *)&address.storage;
    for (int i = 0; literal && i < (six ? 16 : 4); i++)
        packet_byte(packet, bytes[(six ? 8 : 4) + i]);
    if (!literal)
        packet_name(packet, data);
    record_end(packet, place);
}

static inline void packet_soa(struct packet *packet, uint32_t ttl,
                              uint32_t minimum)
{
    size_t place = record_begin(packet, "example", TYPE_SOA, ttl);
    packet_name(packet, "ns.example");
    packet_name(packet, "cook.example");
    for (uint32_t i = 1; i < 5; i++)
        packet_long(packet, i);
    packet_long(packet, minimum);
    record_end(packet, place);
}

static inline void reply_by(fm_udp *udp, struct query *query,
                            struct packet *packet)
{
    int rc = fm_udp_send(udp, packet->bytes, packet->size, &query->from);
    CHECK(rc == 0 || rc == -ECANCELED); /* the server is being closed */
}

static inline void reply(struct name_server *server, struct query *query,
                         struct packet *packet)
{
    unsigned char head[2] = {(unsigned char)(packet->size >> 8),
                             packet->size & 255};
    if (query->stream == NULL) {
        reply_by(server->udp, query, packet);
        return;
    }
    fm_write(query->stream, head, 2);
    fm_write(query->stream, packet->bytes, packet->size);
}

/* Addresses of both kinds, each where it was asked for. */
static inline void reply_address(struct name_server *server,
                                 struct query *query, uint32_t ttl,
                                 const char *address)
{
    static _Thread_local struct packet packet;
    bool six = strchr(address, ':') != NULL;
    packet_begin(&packet, query, 0);
    if (six == (query->type == TYPE_AAAA))
        packet_record(&packet, "@", ttl, address);
    reply(server, query, &packet);
}

static inline void reply_code(struct name_server *server, struct query *query,
                              unsigned flags)
{
    static _Thread_local struct packet packet;
    packet_begin(&packet, query, flags);
    reply(server, query, &packet);
}

/* Reads the one question; false: it is none. */
static inline bool query_read(struct query *query)
{
    const unsigned char *bytes = query->packet.bytes;
    size_t at = 12, length = 0;
    if (query->packet.size < 17)
        return false;
    query->id = bytes[0] << 8 | bytes[1];
    while (bytes[at] != 0) {
        for (int i = bytes[at++]; i > 0; i--)
            query->name[length++] = (char)bytes[at++];
        query->name[length++] = '.';
    }
    query->name[length > 0 ? length - 1 : 0] = '\0';
    query->type = bytes[at + 1] << 8 | bytes[at + 2];
    return true;
}

static inline void server_answer(struct name_server *server,
                                 struct query *query)
{
    if (!query_read(query))
        return;
    query->nth = server->asked++;
    server->queries[query->nth % QUERIES].id = query->id;
    server->queries[query->nth % QUERIES].port = fm_address_port(&query->from);
    server->script(server, query);
}

static inline int server_datagrams(void *arg)
{
    struct name_server *server = arg;
    for (;;) {
        static _Thread_local struct query query;
        query = (struct query){.nth = 0};
        ssize_t size = fm_udp_receive(server->udp, query.packet.bytes,
                                      sizeof query.packet.bytes, &query.from);
        if (size == -ECANCELED)
            return 0;
        if (size < 0)
            continue; /* whom it answered has gone */
        query.packet.size = (size_t)size;
        server_answer(server, &query);
    }
}

static inline void server_converse(struct name_server *server,
                                   fm_stream *stream)
{
    static _Thread_local struct query query;
    unsigned char head[2];
    query = (struct query){.stream = stream};
    if (fm_read_exactly(stream, head, 2) != 2)
        return;
    query.packet.size = (size_t)(head[0] << 8 | head[1]);
    if (query.packet.size > sizeof query.packet.bytes ||
        fm_read_exactly(stream, query.packet.bytes, query.packet.size) < 0)
        return;
    server->asked_by_stream++;
    server_answer(server, &query);
}

static inline int server_streams(void *arg)
{
    struct name_server *server = arg;
    fm_stream *stream;
    while (fm_accept(server->listener, &stream) == 0) {
        server_converse(server, stream);
        (void)fm_close(stream);
    }
    return 0;
}

/* One port for both, as name servers have it. */
static inline void server_bind(struct name_server *server)
{
    int rc = -EADDRINUSE;
    for (int i = 0; i < 100 && rc == -EADDRINUSE; i++) {
        CHECK_INT(fm_listen("127.0.0.1:0", &server->listener), 0);
        fm_address_format(fm_listener_address(server->listener),
                          server->address);
        rc = fm_udp_open(server->address, &server->udp);
        if (rc == -EADDRINUSE)
            CHECK_INT(fm_listener_close(server->listener), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_udp_open("127.0.0.1:0", &server->stranger), 0);
}

static inline void server_open(struct name_server *server,
                               void (*script)(struct name_server *server,
                                              struct query *query))
{
    *server = (struct name_server){.script = script};
    server_bind(server);
    server->datagrams = fm_start(server_datagrams, server);
    server->streams = fm_start(server_streams, server);
}

static inline void server_close(struct name_server *server)
{
    CHECK_INT(fm_stop(server->datagrams), 0);
    CHECK_INT(fm_stop(server->streams), 0);
    fm_udp_close(server->udp);
    fm_udp_close(server->stranger);
    CHECK_INT(fm_listener_close(server->listener), 0);
}

/* Files of the story, until the program ends. */
static char file_path[] = "/tmp/fermata-names-XXXXXX";
static bool file_made;

static inline const char *file_write(const char *text)
{
    if (!file_made)
        close(mkstemp(file_path));
    file_made = true;
    FILE *file = fopen(file_path, "w");
    fputs(text, file);
    fclose(file);
    return file_path;
}

__attribute__((destructor)) static void file_remove(void)
{
    if (file_made)
        unlink(file_path);
}

/* One that asks these servers and reads no file. */
static inline fm_resolver *resolver_with(const char *servers,
                                         fm_resolver_options options)
{
    fm_resolver *resolver = NULL;
    options.servers = servers;
    if (options.hosts == NULL)
        options.hosts = "";
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    if (resolver == NULL)
        abort();
    return resolver;
}

/* The first address of this family as text, or why there is none. */
static inline const char *first_of(fm_resolver *resolver, const char *host,
                                   int family)
{
    static _Thread_local char text[FM_ADDRESS_TEXT];
    fm_address address;
    const fm_resolve_options options = {resolver, family};
    int rc = fm_resolve(host, 80, &address, 1, &options);
    return rc == 1 ? fm_address_format(&address, text) : fm_strerror(rc);
}

#define CHECK_FOUND(resolver, host, family, text)                              \
    do {                                                                       \
        const char *check_found = first_of((resolver), (host), (family));      \
        if (strcmp(check_found, (text)) != 0)                                  \
            test_fail(__FILE__, __LINE__, "%s is %s, not %s", (host),          \
                      check_found, (text));                                    \
    } while (0)

#define CHECK_NONE(resolver, host, family, code)                               \
    CHECK_FOUND((resolver), (host), (family), fm_strerror(code))

#endif
