/*
 * test_name_server.c - what name servers answer, and what becomes of it
 */
#include "name_server.h"

#include <pthread.h>

static void script_addresses(struct name_server *server, struct query *query)
{
    reply_address(server, query, 60,
                  query->type == TYPE_A ? "192.0.2.1" : "2001:db8::1");
}

static void two_lookups(void)
{
    struct name_server server;
    fm_address found[4];
    server_open(&server, script_addresses);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    const fm_resolve_options options = {resolver, 0};
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_FOUND(resolver, "host.example", AF_INET6, "[2001:db8::1]:80");
    CHECK_INT(fm_resolve("Host.Example.", 80, found, 4, &options), 2);
    CHECK_INT(server.asked, 2);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(a_host_has_the_addresses_that_its_name_server_says)
{
    two_lookups();
}

/* One loop of several, on a thread of its own. */
static void *loop_of_its_own(void *arg)
{
    (void)arg;
    void (*body)(void) = two_lookups;
    CHECK_INT(fm_run(story_main, &body), 0);
    return NULL;
}

TEST(loops_on_threads_of_their_own_look_up_at_once)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, loop_of_its_own, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
}

static void script_failures(struct name_server *server, struct query *query)
{
    if (strcmp(query->name, "nobody.example") == 0)
        reply_code(server, query, RCODE_NXDOMAIN);
    else if (strcmp(query->name, "nothing.example") == 0)
        reply_code(server, query, 0);
    else if (strcmp(query->name, "six.example") == 0)
        reply_address(server, query, 60, "2001:db8::6");
    else
        reply_code(server, query, RCODE_SERVFAIL);
}

STORY(each_failure_has_its_own_code)
{
    struct name_server server;
    server_open(&server, script_failures);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    CHECK_NONE(resolver, "nobody.example", 0, -FM_ENONAME);
    CHECK_NONE(resolver, "nothing.example", 0, -FM_ENODATA);
    CHECK_NONE(resolver, "six.example", AF_INET, -FM_ENODATA);
    CHECK_FOUND(resolver, "six.example", 0, "[2001:db8::6]:80");
    CHECK_NONE(resolver, "broken.example", 0, -FM_ESERVERFAILED);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(without_a_name_server_nobody_answers)
{
    fm_resolver *resolver = NULL;
    const fm_resolver_options options = {
        .configuration = "", .hosts = "", .switches = ""};
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    CHECK_NONE(resolver, "host.example", 0, -FM_ENOSERVER);
    CHECK_NONE(resolver, "host.invalid", 0, -FM_ENONAME);
    fm_resolver_free(resolver);
}

static void script_broken(struct name_server *server, struct query *query)
{
    reply_code(server, query, RCODE_SERVFAIL);
}

STORY(a_server_that_fails_is_followed_by_the_next)
{
    struct name_server first, second;
    char both[FM_ADDRESS_TEXT * 3];
    server_open(&first, script_broken);
    server_open(&second, script_addresses);
    snprintf(both, sizeof both, "%s, %s", first.address, second.address);
    fm_resolver *resolver = resolver_with(both, (fm_resolver_options){0});
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(first.asked, 1);
    CHECK_INT(second.asked, 1);
    fm_resolver_free(resolver);
    server_close(&first);
    server_close(&second);
}

STORY(a_server_that_is_gone_is_followed_by_the_next)
{
    struct name_server gone, second;
    char both[FM_ADDRESS_TEXT * 3];
    server_open(&gone, script_addresses);
    server_open(&second, script_addresses);
    snprintf(both, sizeof both, "%s,%s", gone.address, second.address);
    server_close(&gone);
    fm_resolver *resolver = resolver_with(both, (fm_resolver_options){0});
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    fm_resolver_free(resolver);
    server_close(&second);
}

static void script_enemy(struct name_server *server, struct query *query)
{
    static struct packet packet;
    struct query other = *query;
    packet_begin(&packet, &other, 0);
    packet_record(&packet, "@", 60, "192.0.2.66");
    if (server->number == 0) { /* from elsewhere */
        reply_by(server->stranger, query, &packet);
    } else if (server->number == 1) { /* to another question */
        other.name[0] = 'x';
        packet_begin(&packet, &other, 0);
        packet_record(&packet, "@", 60, "192.0.2.66");
        reply(server, query, &packet);
    } else if (server->number == 2) { /* of another kind */
        other.type = TYPE_TXT;
        packet_begin(&packet, &other, 0);
        packet_record(&packet, "@", 60, "192.0.2.66");
        reply(server, query, &packet);
    } else if (server->number == 3) { /* with another identifier */
        packet.bytes[1] ^= 1;
        reply(server, query, &packet);
    } else if (server->number == 4) { /* a question */
        packet.bytes[2] &= 0x7f;
        reply(server, query, &packet);
    } else { /* two questions, none at all, nothing */
        packet.bytes[5] = 2;
        reply(server, query, &packet);
        packet.bytes[5] = 0;
        reply(server, query, &packet);
        packet.size = 11;
        reply(server, query, &packet);
        packet.size = 0;
        reply(server, query, &packet);
    }
    script_addresses(server, query);
}

static void check_enemy(int number)
{
    struct name_server server;
    server_open(&server, script_enemy);
    server.number = number;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(an_answer_from_another_address_is_passed_over)
{
    check_enemy(0);
}

STORY(an_answer_to_another_question_is_passed_over)
{
    check_enemy(1);
    check_enemy(2);
}

STORY(an_answer_with_another_identifier_is_passed_over)
{
    check_enemy(3);
}

STORY(a_message_that_is_no_answer_is_passed_over)
{
    check_enemy(4);
    check_enemy(5);
}

STORY(identifiers_and_ports_cannot_be_counted_on)
{
    struct name_server server;
    int next = 0, ports = 0;
    server_open(&server, script_addresses);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.cache_limit = -1});
    for (int i = 0; i < 32; i++)
        CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 32);
    for (int i = 1; i < 32; i++) {
        next += server.queries[i].id == server.queries[i - 1].id + 1;
        ports += server.queries[i].port != server.queries[i - 1].port;
    }
    CHECK(next < 4);
    CHECK(ports > 16);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void script_truncated(struct name_server *server, struct query *query)
{
    if (query->stream == NULL)
        reply_code(server, query, FLAG_TRUNCATED);
    else
        script_addresses(server, query);
}

STORY(an_answer_that_was_cut_short_is_asked_for_by_a_stream)
{
    struct name_server server;
    server_open(&server, script_truncated);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked_by_stream, 1);
    CHECK_INT(server.asked, 2);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void script_many(struct name_server *server, struct query *query)
{
    static struct packet packet;
    char address[32];
    if (query->stream == NULL) {
        reply_code(server, query, FLAG_TRUNCATED);
        return;
    }
    packet_begin(&packet, query, 0);
    for (int i = 0; i < server->number; i++) {
        snprintf(address, sizeof address, "192.0.%d.%d", i / 250, i % 250);
        packet_record(&packet, "@", 60, address);
    }
    reply(server, query, &packet);
}

STORY(of_many_addresses_so_many_are_found_as_there_is_room)
{
    struct name_server server;
    fm_address found[64];
    server_open(&server, script_many);
    server.number = 1000; /* a stream's message of 16 KB */
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    const fm_resolve_options options = {resolver, AF_INET};
    CHECK_INT(fm_resolve("host.example", 80, found, 64, &options), 32);
    CHECK_INT(fm_resolve("host.example", 80, found, 5, &options), 5);
    fm_resolver_free(resolver);
    server_close(&server);
}

/* Pointers to pointers, `number` of them, before there is a name. */
static void script_pointers(struct name_server *server, struct query *query)
{
    static struct packet packet;
    unsigned at = 12;
    packet_begin(&packet, query, 0);
    size_t place = record_begin(&packet, "filler", TYPE_TXT, 60);
    for (int i = 1; i < server->number; i++) {
        unsigned here = (unsigned)packet.size;
        packet_short(&packet, 0xc000 | at);
        at = here;
    }
    record_end(&packet, place);
    packet_count(&packet, 6);
    packet_short(&packet, 0xc000 | at);
    packet_short(&packet, TYPE_A);
    packet_short(&packet, 1);
    packet_long(&packet, 60);
    packet_short(&packet, 4);
    packet_long(&packet, 0xc0000201);
    reply(server, query, &packet);
}

static void script_loop(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    packet_count(&packet, 6);
    packet_short(&packet, 0xc000 | (unsigned)packet.size);
    for (int i = 0; i < 16; i++)
        packet_byte(&packet, 0);
    reply(server, query, &packet);
}

static void check_script(void (*script)(struct name_server *server,
                                        struct query *query),
                         int number, int code)
{
    struct name_server server;
    server_open(&server, script);
    server.number = number;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    if (code == 0)
        CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    else
        CHECK_NONE(resolver, "host.example", AF_INET, code);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(a_name_of_32_pointers_is_read_and_of_33_is_nonsense)
{
    check_script(script_pointers, 32, 0);
    check_script(script_pointers, 33, -FM_ESERVERFAILED);
}

STORY(a_pointer_to_itself_is_nonsense)
{
    check_script(script_loop, 0, -FM_ESERVERFAILED);
}

/* A chain of so many aliases, told from its end. */
static void script_chain(struct name_server *server, struct query *query)
{
    static struct packet packet;
    char from[32], to[32];
    packet_begin(&packet, query, 0);
    for (int i = server->number; i > 0; i--) {
        snprintf(from, sizeof from, i > 1 ? "alias%d.example" : "@", i);
        snprintf(to, sizeof to, "alias%d.example", i + 1);
        if (i == server->number)
            packet_record(&packet, to, 60, "192.0.2.1");
        packet_record(&packet, from, 60, to);
    }
    reply(server, query, &packet);
}

STORY(an_alias_is_followed_in_any_order)
{
    check_script(script_chain, 1, 0);
    check_script(script_chain, 3, 0);
}

STORY(a_chain_of_15_aliases_is_followed_and_of_16_is_nonsense)
{
    check_script(script_chain, 15, 0);
    check_script(script_chain, 16, -FM_ESERVERFAILED);
}

static void script_ring(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    packet_record(&packet, "@", 60, "other.example");
    packet_record(&packet, "other.example", 60, query->name);
    packet_record(&packet, "@", 60, "192.0.2.1");
    reply(server, query, &packet);
}

STORY(aliases_in_a_ring_are_nonsense)
{
    check_script(script_ring, 0, -FM_ESERVERFAILED);
}

static void script_foreign(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    packet_record(&packet, "bank.example", 60, "192.0.2.66");
    packet_record(&packet, "@", 60, "192.0.2.1");
    reply(server, query, &packet);
}

STORY(a_record_of_another_name_does_not_count)
{
    check_script(script_foreign, 0, 0);
}

/* Every message that is a beginning of a good one. */
static void script_beginnings(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    packet_record(&packet, "@", 60, "alias.example");
    packet_record(&packet, "alias.example", 60, "192.0.2.1");
    size_t whole = packet.size;
    server->number++;
    if ((size_t)server->number < whole)
        packet.size = (size_t)server->number;
    reply(server, query, &packet);
}

STORY(no_beginning_of_an_answer_is_an_answer)
{
    struct name_server server;
    server_open(&server, script_beginnings);
    server.number = 30; /* behind the question */
    fm_resolver *resolver = resolver_with(
        server.address, (fm_resolver_options){.timeout = 600, .attempts = 1});
    int failures = 0;
    while (strcmp(first_of(resolver, "host.example", AF_INET),
                  "192.0.2.1:80") != 0 &&
           failures < 100)
        failures++;
    CHECK_INT(failures, 86 - 31); /* bytes: all, and where it begins */
    fm_resolver_free(resolver);
    server_close(&server);
}
