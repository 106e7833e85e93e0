/*
 * test_resolve.c - what is found without a name server: addresses, this
 * machine, the file hosts, and what is refused
 */
#include "task/story.h"

#include "net/resolver.h"

#include <stdlib.h>
#include <unistd.h>

static char hosts_path[] = "/tmp/fermata-hosts-XXXXXX";
static bool hosts_made;

/* A file hosts of its own, until the program ends. */
static void write_hosts(const char *text)
{
    FILE *file;
    if (!hosts_made)
        close(mkstemp(hosts_path));
    hosts_made = true;
    file = fopen(hosts_path, "w");
    fputs(text, file);
    fclose(file);
}

__attribute__((destructor)) static void remove_hosts(void)
{
    if (hosts_made)
        unlink(hosts_path);
}

/* One that knows the file hosts alone. */
static fm_resolver *resolver_of_hosts(const char *text)
{
    fm_resolver *resolver = NULL;
    write_hosts(text);
    const fm_resolver_options options = {
        .hosts = hosts_path, .configuration = "", .switches = ""};
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    return resolver;
}

static const char *found_first(fm_resolver *resolver, const char *host,
                               int family)
{
    static char text[FM_ADDRESS_TEXT];
    fm_address address;
    const fm_resolve_options options = {resolver, family};
    int rc = fm_resolve(host, 80, &address, 1, &options);
    if (rc == 1)
        return fm_address_format(&address, text);
    return fm_strerror(rc);
}

#define CHECK_FOUND(resolver, host, family, text)                              \
    CHECK(strcmp(found_first((resolver), (host), (family)), (text)) == 0)

STORY(an_address_is_its_own_answer)
{
    CHECK_FOUND(NULL, "192.0.2.7", 0, "192.0.2.7:80");
    CHECK_FOUND(NULL, "2001:db8::7", 0, "[2001:db8::7]:80");
    CHECK_FOUND(NULL, "[2001:db8::7]", 0, "[2001:db8::7]:80");
    CHECK_FOUND(NULL, "fe80::1%7", AF_INET6, "[fe80::1%7]:80");
    CHECK_FOUND(NULL, "192.0.2.7", AF_INET6, fm_strerror(-FM_ENODATA));
    CHECK_FOUND(NULL, "2001:db8::7", AF_INET, fm_strerror(-FM_ENODATA));
}

STORY(localhost_is_this_machine_whoever_is_asked)
{
    CHECK_FOUND(NULL, "localhost", AF_INET, "127.0.0.1:80");
    CHECK_FOUND(NULL, "LocalHost.", AF_INET6, "[::1]:80");
    CHECK_FOUND(NULL, "here.localhost", AF_INET, "127.0.0.1:80");
}

STORY(the_file_hosts_is_asked_first)
{
    fm_resolver *resolver =
        resolver_of_hosts("# a comment\n"
                          "192.0.2.1  Kitchen.example kitchen # another\n"
                          "nonsense   kitchen\n"
                          "2001:db8::1\tkitchen\n"
                          "192.0.2.2 kitchen bad/name\n");
    CHECK_FOUND(resolver, "KITCHEN", AF_INET, "192.0.2.1:80");
    CHECK_FOUND(resolver, "kitchen", AF_INET6, "[2001:db8::1]:80");
    CHECK_FOUND(resolver, "kitchen.example", AF_INET, "192.0.2.1:80");
    fm_address all[4];
    const fm_resolve_options options = {resolver, 0};
    CHECK_INT(fm_resolve("kitchen", 1, all, 4, &options), 3);
    CHECK_INT(fm_resolve("kitchen", 1, all, 2, &options), 2);
    fm_resolver_free(resolver);
}

/* Or nobody could listen at that name. */
STORY(an_address_that_is_said_twice_is_found_once)
{
    fm_resolver *resolver = resolver_of_hosts("127.0.0.1 twice other\n"
                                              "::1 twice\n"
                                              "127.0.0.1 twice\n"
                                              "::1 twice\n");
    const fm_resolve_options options = {.resolver = resolver};
    const fm_listen_options how = {.resolver = resolver};
    fm_address found[8];
    fm_listener *listener;
    CHECK_INT(fm_resolve("twice", 80, found, 8, &options), 2);
    CHECK_INT(fm_listen("twice:0", &listener, &how), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    fm_resolver_free(resolver);
}

/* What is behind them is not read, and no half of a line is a line. */
STORY(of_a_file_hosts_4_mebibytes_count_in_whole_lines)
{
    enum {
        LIMIT = 4194304
    };
    static const char first[] = "192.0.2.1 first\n#";
    static const char last[] = "\n192.0.2.2 half.example\n";
    char *text = malloc(LIMIT + sizeof last);
    CHECK(text != NULL);
    memset(text, '#', LIMIT);
    memcpy(text, first, sizeof first - 1);
    memcpy(text + LIMIT - 15, last, sizeof last);
    fm_resolver *resolver = resolver_of_hosts(text);
    free(text);
    CHECK_FOUND(resolver, "first", 0, "192.0.2.1:80");
    if (fm__ask_possible) /* else whoever the system asks may know it */
        CHECK_FOUND(resolver, "half", 0, fm_strerror(-FM_ENOSERVER));
    fm_resolver_free(resolver);
}

STORY(an_address_has_the_first_name_of_the_file_hosts)
{
    char name[FM_NAME_SIZE];
    fm_address address;
    fm_resolver *resolver = resolver_of_hosts("192.0.2.1 one\n"
                                              "192.0.2.2 two deux\n"
                                              "192.0.2.2 zwei\n");
    const fm_resolve_options options = {resolver, 0};
    CHECK_INT(fm_address_parse("192.0.2.2:0", &address), 0);
    CHECK_INT(fm_resolve_name(&address, name, sizeof name, &options), 3);
    CHECK(strcmp(name, "two") == 0);
    CHECK_INT(fm_resolve_name(&address, name, 4, &options), 3);
    CHECK_INT(fm_resolve_name(&address, name, 3, &options), -EMSGSIZE);
    fm_resolver_free(resolver);
}

STORY(the_loop_has_a_resolver_of_its_own)
{
    CHECK_FOUND(NULL, "host.invalid", 0, fm_strerror(-FM_ENONAME));
    CHECK_FOUND(NULL, "host.invalid", 0, fm_strerror(-FM_ENONAME));
}

/* Numbers as inet_aton(3) reads them are names to us, and known without a
 * server to the system's library. */
STORY(the_systems_library_is_asked_on_a_thread)
{
    fm_resolver *resolver = NULL;
    write_hosts("hosts: files something dns\n");
    const fm_resolver_options options = {
        .hosts = "", .configuration = "", .switches = hosts_path};
    CHECK_INT(fm_resolver_new(&resolver, &options), 0);
    CHECK_FOUND(resolver, "0x7f000001", AF_INET, "127.0.0.1:80");
    CHECK_FOUND(resolver, "0x7f000001", 0, "127.0.0.1:80");
    fm_resolver_free(resolver);
}

STORY(what_is_no_name_of_a_host_is_einval)
{
    fm_address address;
    char longest[300];
    static const char *const texts[] = {"",      ".",   "..",    "a..b",
                                        ".a",    "a b", "a/b",   "b\xc3\xbc",
                                        "a\n",   "a@b", "[::1",  "1.2.3.4:80",
                                        "a:b:c", "%",   "\x01a", "*.a.example"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(fm_resolve(texts[i], 80, &address, 1), -EINVAL);
    memset(longest, 'a', sizeof longest);
    longest[64] = '\0';
    CHECK_INT(fm_resolve(longest, 80, &address, 1), -EINVAL);
    for (size_t i = 1; i < sizeof longest; i += 2)
        longest[i] = '.';
    longest[64] = longest[253] = 'a';
    longest[254] = '\0';
    CHECK_INT(fm_resolve(longest, 80, &address, 1), -EINVAL);
    CHECK_INT(fm_resolve("localhost", -1, &address, 1), -EINVAL);
    CHECK_INT(fm_resolve("localhost", 65536, &address, 1), -EINVAL);
    CHECK_INT(fm_resolve("localhost", 80, &address, 0), -EINVAL);
    const fm_resolve_options options = {NULL, AF_UNIX};
    CHECK_INT(fm_resolve("localhost", 80, &address, 1, &options), -EINVAL);
}
