/*
 * test_name_kinds.c - names of addresses, services and texts; domains that are
 * searched; files that change
 */
#include "name_server.h"

static void script_pointer(struct name_server *server, struct query *query)
{
    static struct packet packet;
    static const char six[] = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                              "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    packet_begin(&packet, query, 0);
    if (query->type == TYPE_PTR) {
        size_t place = record_begin(&packet, "@", TYPE_PTR, 60);
        if (strcmp(query->name, "9.2.0.192.in-addr.arpa") == 0)
            packet_name(&packet, "nine.Example");
        else if (strcmp(query->name, six) == 0)
            packet_name(&packet, "six.example");
        else
            packet_name(&packet, "no name.example");
        record_end(&packet, place);
    }
    reply(server, query, &packet);
}

static const char *name_of(fm_resolver *resolver, const char *text)
{
    static char name[FM_NAME_SIZE];
    const fm_resolve_options options = {resolver, 0};
    fm_address address;
    CHECK_INT(fm_address_parse(text, &address), 0);
    int rc = fm_resolve_name(&address, name, sizeof name, &options);
    CHECK(rc < 0 || rc == (int)strlen(name));
    return rc < 0 ? fm_strerror(rc) : name;
}

STORY(an_address_has_the_name_that_its_name_server_says)
{
    struct name_server server;
    fm_address local = {.storage.ss_family = AF_UNIX, .size = 2};
    char name[FM_NAME_SIZE];
    server_open(&server, script_pointer);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    CHECK(strcmp(name_of(resolver, "192.0.2.9:80"), "nine.example") == 0);
    CHECK(strcmp(name_of(resolver, "[2001:db8::1]:80"), "six.example") == 0);
    CHECK(strcmp(name_of(resolver, "192.0.2.8:80"), fm_strerror(-FM_ENODATA)) ==
          0);
    CHECK_INT(fm_resolve_name(&local, name, sizeof name), -EINVAL);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void packet_service(struct packet *packet, int priority, int weight,
                           const char *host)
{
    size_t place = record_begin(packet, "@", TYPE_SRV, 60);
    packet_short(packet, (unsigned)priority);
    packet_short(packet, (unsigned)weight);
    packet_short(packet, 5222);
    packet_name(packet, host);
    record_end(packet, place);
}

static void script_services(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    if (server->number == 1) {
        packet_service(&packet, 0, 0, "");
    } else {
        packet_service(&packet, 20, 0, "last.example");
        packet_service(&packet, 10, 0, "never.example");
        packet_service(&packet, 10, 65535, "often.example");
        packet_service(&packet, 1, 1, "first.example");
    }
    reply(server, query, &packet);
}

STORY(services_come_by_priority_and_by_weight)
{
    struct name_server server;
    fm_service services[8];
    int often = 0;
    server_open(&server, script_services);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    const fm_resolve_options options = {resolver, 0};
    for (int i = 0; i < 20; i++) {
        CHECK_INT(fm_resolve_service("_x._tcp.example", services, 8, &options),
                  4);
        CHECK(strcmp(services[0].host, "first.example") == 0);
        CHECK(strcmp(services[3].host, "last.example") == 0);
        CHECK_INT(services[0].port, 5222);
        CHECK_INT(services[1].priority, 10);
        often += strcmp(services[1].host, "often.example") == 0;
    }
    CHECK(often > 15); /* the other one: once in 6,553,501 */
    CHECK_INT(fm_resolve_service("_x._tcp.example", services, 1, &options), 1);
    CHECK_INT(fm_resolve_service("_x._tcp.example", services, 0, &options),
              -EINVAL);
    CHECK_INT(server.asked, 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(a_service_at_the_root_is_decidedly_not_there)
{
    struct name_server server;
    fm_service service;
    server_open(&server, script_services);
    server.number = 1;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    const fm_resolve_options options = {resolver, 0};
    CHECK_INT(fm_resolve_service("_x._tcp.example", &service, 1, &options),
              -FM_ENODATA);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void packet_text(struct packet *packet, const char *text)
{
    packet_byte(packet, (unsigned)strlen(text));
    for (; *text != '\0'; text++)
        packet_byte(packet, (unsigned char)*text);
}

static void script_texts(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, 0);
    size_t place = record_begin(&packet, "@", TYPE_TXT, 60);
    packet_text(&packet, "one ");
    packet_text(&packet, "");
    packet_text(&packet, "text");
    record_end(&packet, place);
    place = record_begin(&packet, "@", TYPE_TXT, 60);
    packet_text(&packet, "");
    record_end(&packet, place);
    place = record_begin(&packet, "@", TYPE_TXT, 60); /* longer than it is */
    packet_byte(&packet, 9);
    packet_byte(&packet, 'x');
    record_end(&packet, place);
    place = record_begin(&packet, "@", TYPE_TXT, 60); /* with a NUL */
    packet_byte(&packet, 1);
    packet_byte(&packet, 0);
    record_end(&packet, place);
    reply(server, query, &packet);
}

STORY(texts_are_joined_and_follow_each_other)
{
    struct name_server server;
    char texts[16];
    server_open(&server, script_texts);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    const fm_resolve_options options = {resolver, 0};
    CHECK_INT(fm_resolve_text("example", texts, 10, &options), 2);
    CHECK(memcmp(texts, "one text\0", 10) == 0);
    CHECK_INT(fm_resolve_text("example", texts, 9, &options), -EMSGSIZE);
    CHECK_INT(fm_resolve_text("a b", texts, 9, &options), -EINVAL);
    fm_resolver_free(resolver);
    server_close(&server);
}

/* Knows the names that end in two domains. */
static void script_domains(struct name_server *server, struct query *query)
{
    if (strcmp(query->name, "shop.b.example") == 0 ||
        strcmp(query->name, "a.b") == 0)
        reply_address(server, query, 60, "192.0.2.1");
    else if (strcmp(query->name, "full.a.example") == 0)
        reply_code(server, query, 0);
    else
        reply_code(server, query, RCODE_NXDOMAIN);
}

/* How often the server was asked to find this, or not to. */
static int searched(struct name_server *server, const char *host, int code)
{
    int before = server->asked;
    fm_resolver *resolver = resolver_with(
        server->address, (fm_resolver_options){.configuration = file_path});
    if (code == 0)
        CHECK_FOUND(resolver, host, AF_INET, "192.0.2.1:80");
    else
        CHECK_NONE(resolver, host, AF_INET, code);
    fm_resolver_free(resolver);
    return server->asked - before;
}

STORY(a_name_is_searched_in_the_domains_of_the_configuration)
{
    struct name_server server;
    file_write("# domains\n"
               "nameserver 192.0.2.53\n"
               "search a.example b.example\n"
               "options ndots:2 rotate unheard-of\n");
    server_open(&server, script_domains);
    CHECK_INT(searched(&server, "shop", 0), 2);
    CHECK_INT(searched(&server, "shop.", -FM_ENONAME), 1);
    CHECK_INT(searched(&server, "shop.b.example", 0), 1);
    CHECK_INT(searched(&server, "a.b", 0), 3); /* one dot: searched first */
    CHECK_INT(searched(&server, "none", -FM_ENONAME), 3);
    CHECK_INT(searched(&server, "full", -FM_ENODATA), 3);
    CHECK_INT(searched(&server, "x.y.z", -FM_ENONAME), 3);
    server_close(&server);
}

STORY(the_file_hosts_is_read_again_when_it_has_changed)
{
    fm_resolver *resolver = NULL;
    file_write("192.0.2.1 host\n");
    const fm_resolver_options options = {
        .hosts = file_path, .configuration = "", .switches = ""};
    if (!test_simulated())
        return;
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    CHECK_FOUND(resolver, "host", AF_INET, "192.0.2.1:80");
    file_write("192.0.2.10 host\n");
    CHECK_FOUND(resolver, "host", AF_INET, "192.0.2.1:80");
    CHECK_INT(fm_sleep(1), 0);
    CHECK_FOUND(resolver, "host", AF_INET, "192.0.2.10:80");
    CHECK_INT(fm_sleep(1), 0);
    CHECK_FOUND(resolver, "host", AF_INET, "192.0.2.10:80");
    fm_resolver_free(resolver);
}

/* Tasks that look up one name at once. */
struct crowd {
    fm_resolver *resolver;
};

static int crowd(struct crowd *self)
{
    fm_address found;
    const fm_resolve_options options = {self->resolver, AF_INET};
    int rc = fm_resolve("host", 80, &found, 1, &options);
    return rc == 1 ? 0 : rc;
}

STORY(who_comes_while_the_files_are_read_waits_for_them)
{
    fm_resolver *resolver = NULL;
    file_write("127.0.0.1 host\n");
    const fm_resolver_options options = {
        .hosts = file_path, .configuration = "", .switches = ""};
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    fm_task *cut = fm_go(crowd, resolver);
    fm_task *first = fm_go(crowd, resolver), *second = fm_go(crowd, resolver);
    CHECK_INT(fm_yield(), 0);
    int rc = fm_stop(cut); /* it was the one that read */
    CHECK(rc == -ECANCELED || rc == 0);
    CHECK_INT(fm_gather(first, second), 0);
    fm_resolver_free(resolver);
}

STORY(the_system_is_asked_where_nsswitch_names_what_it_alone_knows)
{
    fm_resolver *resolver = NULL;
    struct name_server server;
    char name[FM_NAME_SIZE];
    fm_address address;
    server_open(&server, script_pointer);
    file_write("hosts: files something [!UNAVAIL = return] dns\n");
    const fm_resolver_options options = {
        .servers = server.address, .hosts = "", .switches = file_path};
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    const fm_resolve_options asked = {resolver, AF_INET};
    /* RFC 6761, 6.3, and what every file hosts says; here through it alone */
    CHECK_INT(fm_address_parse("127.0.0.1:0", &address), 0);
    (void)fm_resolve_name(&address, name, sizeof name, &asked);
    CHECK_INT(server.asked, 0);
    fm_resolver_free(resolver);
    server_close(&server);
}
