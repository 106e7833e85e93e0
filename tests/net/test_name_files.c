/*
 * test_name_files.c - the files of names, taken apart: what counts, what is
 * passed over, and where it ends
 */
#include "harness.h"

#include "net/answer.h"
#include "net/host_name.h"
#include "net/hosts_file.h"
#include "net/settings.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fm__settings read_settings(const char *text)
{
    struct fm__settings settings;
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", text);
    fm__settings_init(&settings);
    fm__settings_read(&settings, copy);
    return settings;
}

/* The same so often, each with its number between the two. */
static const char *lines(const char *before, const char *after, int count)
{
    static char text[4096];
    char *at = text;
    for (int i = 0; i < count; i++)
        at += snprintf(at, sizeof text - (size_t)(at - text), "%s%d%s", before,
                       i, after);
    return text;
}

TEST(a_configuration_says_whom_to_ask_and_how)
{
    char text[FM_ADDRESS_TEXT];
    struct fm__settings settings =
        read_settings("# comment\n; comment\n"
                      "nameserver 192.0.2.53\n"
                      "nameserver\t2001:db8::53 # the other one\n"
                      "nameserver nonsense\nnameserver\nunheard of\n"
                      "search One.example two.example. bad/domain\n"
                      "options ndots:3 timeout:7 attempts:4 rotate use-vc\n");
    CHECK_INT(settings.server_count, 2);
    CHECK(strcmp(fm_address_format(&settings.servers[0], text),
                 "192.0.2.53:53") == 0);
    CHECK(strcmp(fm_address_format(&settings.servers[1], text),
                 "[2001:db8::53]:53") == 0);
    CHECK_INT(settings.search_count, 2);
    CHECK(strcmp(settings.search[0], "one.example") == 0);
    CHECK(strcmp(settings.search[1], "two.example") == 0);
    CHECK_INT(settings.ndots, 3);
    CHECK_INT(settings.timeout, 7);
    CHECK_INT(settings.attempts, 4);
    CHECK(settings.rotate && settings.streams);
}

TEST(of_domain_and_search_the_last_line_counts)
{
    struct fm__settings settings =
        read_settings("search a.example b.example\ndomain c.example");
    CHECK_INT(settings.search_count, 1);
    CHECK(strcmp(settings.search[0], "c.example") == 0);
}

TEST(numbers_of_a_configuration_have_bounds)
{
    struct fm__settings settings = read_settings(
        "options ndots:15 timeout:30 attempts:5 ndots: ndots:x ndots:1x");
    CHECK_INT(settings.ndots, 15);
    CHECK_INT(settings.timeout, 30);
    CHECK_INT(settings.attempts, 5);
    settings = read_settings(
        "options ndots:16 timeout:31 attempts:6 timeout:99999999999999");
    CHECK_INT(settings.ndots, 15);
    CHECK_INT(settings.timeout, 30);
    CHECK_INT(settings.attempts, 5);
    settings = read_settings("options timeout:0 attempts:0 timeout:-1");
    CHECK_INT(settings.timeout, 1);
    CHECK_INT(settings.attempts, 1);
}

TEST(as_many_servers_and_domains_as_there_is_room_for)
{
    struct fm__settings settings =
        read_settings(lines("nameserver 192.0.2.", "\n", FM__SERVERS_LIMIT));
    CHECK_INT(settings.server_count, FM__SERVERS_LIMIT);
    settings = read_settings(
        lines("nameserver 192.0.2.", "\n", FM__SERVERS_LIMIT + 1));
    CHECK_INT(settings.server_count, FM__SERVERS_LIMIT);
    settings = read_settings("search a b c d e f");
    CHECK_INT(settings.search_count, FM__SEARCH_LIMIT);
    settings = read_settings("search a b c d e f g");
    CHECK_INT(settings.search_count, FM__SEARCH_LIMIT);
    CHECK(strcmp(settings.search[FM__SEARCH_LIMIT - 1], "f") == 0);
}

TEST(servers_that_are_given_are_addresses_with_ports)
{
    struct fm__settings settings;
    fm__settings_init(&settings);
    CHECK_INT(fm__settings_servers(&settings, "192.0.2.1:5353"), 0);
    CHECK_INT(
        fm__settings_servers(&settings, " 192.0.2.1:1, [2001:db8::1]:2 ,"), 0);
    CHECK_INT(settings.server_count, 2);
    CHECK_INT(fm__settings_servers(
                  &settings, lines("192.0.2.", ":53 ", FM__SERVERS_LIMIT)),
              0);
    CHECK_INT(fm__settings_servers(
                  &settings, lines("192.0.2.", ":53 ", FM__SERVERS_LIMIT + 1)),
              -EINVAL);
    static const char *const wrong[] = {"", " , ", "192.0.2.1", "host:53",
                                        "192.0.2.1:53:"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_INT(fm__settings_servers(&settings, wrong[i]), -EINVAL);
    CHECK_INT(fm__settings_servers(&settings, lines("1111111111", "", 40)),
              -EINVAL);
}

static struct fm__settings read_switches(const char *text)
{
    struct fm__settings settings;
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    fm__settings_init(&settings);
    fm__settings_switch(&settings, copy);
    return settings;
}

TEST(the_switches_say_what_the_system_alone_knows)
{
    struct fm__settings settings =
        read_switches("passwd: nis\nhosts: files dns # resolve\n");
    CHECK(!settings.system && !settings.multicast && !settings.own_name);
    settings = read_switches(
        "  hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns myhostname");
    CHECK(!settings.system && settings.multicast && settings.own_name);
    settings =
        read_switches("hosts: resolve [!UNAVAIL = return something] dns");
    CHECK(settings.system);
    settings = read_switches("hosts: files [NOTFOUND = return nis ] dns");
    CHECK(!settings.system);
}

static size_t hosts_count(size_t names)
{
    struct fm__hosts hosts;
    char *text = malloc(names * 12 + 16), *at = text;
    if (text == NULL)
        abort();
    for (size_t i = 0; i < names; i++)
        at += snprintf(at, 16, "::1 h%zu\n", i);
    CHECK_INT(fm__hosts_read(&hosts, text), 0);
    size_t count = hosts.count;
    bool last = fm__hosts_find(&hosts, "h99999") != NULL;
    CHECK(last == (count == FM__HOSTS_LIMIT));
    CHECK(fm__hosts_find(&hosts, "h100000") == NULL);
    fm__hosts_fini(&hosts);
    free(text);
    return count;
}

TEST(a_file_hosts_has_at_most_100000_names)
{
    CHECK_INT(hosts_count(FM__HOSTS_LIMIT - 1), FM__HOSTS_LIMIT - 1);
    CHECK_INT(hosts_count(FM__HOSTS_LIMIT), FM__HOSTS_LIMIT);
    CHECK_INT(hosts_count(FM__HOSTS_LIMIT + 1), FM__HOSTS_LIMIT);
}

static int copied(size_t part, size_t whole, const char *tail)
{
    char name[FM_NAME_SIZE], text[400];
    memset(text, 'a', sizeof text);
    for (size_t i = part; i < whole; i += part + 1)
        text[i] = '.';
    memcpy(text + whole, tail, strlen(tail) + 1);
    return fm__name_copy(text, name);
}

TEST(a_part_of_63_and_a_name_of_253_bytes_are_the_longest)
{
    CHECK_INT(copied(63, 63, ""), 63);
    CHECK_INT(copied(64, 64, ""), -EINVAL);
    CHECK_INT(copied(49, 253, ""), 253);
    CHECK_INT(copied(49, 253, "."), 253);
    CHECK_INT(copied(49, 254, ""), -EINVAL);
    CHECK_INT(copied(49, 254, "."), -EINVAL);
}

TEST(an_address_is_found_under_its_bytes_backwards)
{
    char name[FM_NAME_SIZE];
    fm_address address;
    CHECK_INT(fm__name_literal("192.0.2.1", &address), 0);
    CHECK_INT(fm__name_reverse(&address, name), 0);
    CHECK(strcmp(name, "1.2.0.192.in-addr.arpa") == 0);
    CHECK_INT(fm__name_literal("2001:db8::567:89ab", &address), 0);
    CHECK_INT(fm__name_reverse(&address, name), 0);
    CHECK(strcmp(name, "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                       "8.b.d.0.1.0.0.2.ip6.arpa") == 0); /* RFC 3596, 2.5 */
}

/* Which "unix:0" is. */
TEST(a_host_that_is_called_unix_is_no_local_socket)
{
    fm_address address;
    CHECK_INT(fm__name_literal("unix", &address), -EINVAL);
}
