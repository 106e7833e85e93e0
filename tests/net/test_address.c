/*
 * test_address.c - literal addresses: what is one, and how it is written
 */
#include "harness.h"

#include <fermata.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* What is read, and how that is written; NULL: as it was read. */
struct text {
    const char *read;
    const char *written;
};

TEST(an_address_is_written_as_it_is_read)
{
    static const struct text texts[] = {
        {"127.0.0.1:80", NULL},
        {"0.0.0.0:0", NULL},
        {"255.255.255.255:65535", NULL},
        {"192.0.2.1:00080", "192.0.2.1:80"},
        {"[::1]:7000", NULL},
        {"[::]:0", NULL},
        {"[2001:db8::1]:443", NULL},
        {"[2001:DB8:0:0:0:0:0:1]:443", "[2001:db8::1]:443"},
        {"[2001:db8:0:0:1:0:0:1]:1", "[2001:db8::1:0:0:1]:1"},
        {"[::ffff:192.0.2.1]:1", NULL},
        {"[fe80::1%7]:22", NULL},
        {"[fe80::1%007]:22", "[fe80::1%7]:22"},
        {"[fe80::1%4294967295]:22", NULL},
        {"[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%4294967295]:65535",
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[FM_ADDRESS_TEXT];
        fm_address address;
        const char *written = texts[i].written;
        CHECK_INT(fm_address_parse(texts[i].read, &address), 0);
        CHECK(fm_address_format(&address, text) == text);
        if (strcmp(text, written != NULL ? written : texts[i].read) != 0)
            test_fail(__FILE__, __LINE__, "%s is written %s", texts[i].read,
                      text);
    }
}

static bool same_bytes(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(fm_address)) == 0;
}

/* Refused, and the address is as it was. */
static void check_refused(const char *text, int code)
{
    fm_address address, before;
    memset(&before, 0x5a, sizeof before);
    address = before;
    int rc = fm_address_parse(text, &address);
    if (rc != code)
        test_fail(__FILE__, __LINE__, "\"%s\" is %d", text, rc);
    CHECK(same_bytes(&address, &before));
}

static const char *const not_literal[] = {
    "",
    ":",
    "::",
    ":80",
    "*:80",
    "80",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:-1",
    "127.0.0.1:+1",
    "127.0.0.1: 1",
    "127.0.0.1:1 ",
    "127.0.0.1:65536",
    "127.0.0.1:000080",
    "127.0.0.1:99999999999999999999",
    "127.0.0.1:0x50",
    "127.0.0.1:http",
    " 127.0.0.1:80",
    "127.0.0.1 :80",
    "127.1:80",
    "127.0.0.256:80",
    "127.0.0.01:80",
    "0x7f.0.0.1:80",
    "2130706433:80",
    "127.0.0.1%lo:80",
    "localhost:80",
    "example.org:80",
    "::1:80",
    "::1",
    "[::1]",
    "[::1]80",
    "[::1]:",
    "[::1]:x",
    "[]:80",
    "[:80",
    "]:80",
    "[:",
    "[::1:80",
    "::1]:80",
    "[[::1]]:80",
    "[::1]]:80",
    "[127.0.0.1]:80",
    "[::1::2]:80",
    "[:::]:80",
    "[12345::]:80",
    "[1:2:3:4:5:6:7:8:9]:80",
    "[fe80::1%]:80",
    "[fe80::1%0]:80",
    "[%lo]:80",
    "[fe80::1 %lo]:80",
    "[::1]\n:80",
    "127.0.0.1:80\n",
    "http://127.0.0.1:80",
    "127.0.0.1:80/",
    "unix",
    "unix:@",
    "UNIX:/tmp/socket",
};

TEST(what_is_no_literal_address_is_refused)
{
    for (size_t i = 0; i < sizeof not_literal / sizeof not_literal[0]; i++)
        check_refused(not_literal[i], -EINVAL);
}

TEST(a_local_socket_is_read_by_its_path_or_its_name)
{
    static const char *const texts[] = {
        "unix:/run/a socket", "unix:relative", "unix:./@at",    "unix:@name",
        "unix:@with@at",      "unix:/a:80",    "unix:@[::1]:1", "unix:"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[FM_ADDRESS_TEXT];
        fm_address address;
        CHECK_INT(fm_address_parse(texts[i], &address), 0);
        CHECK_INT(address.storage.ss_family, AF_UNIX);
        CHECK(strcmp(fm_address_format(&address, text), texts[i]) == 0);
    }
}

TEST(a_path_has_107_bytes_at_most_and_so_has_a_name)
{
    static const char *const begins[] = {"unix:", "unix:@"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        char text[FM_ADDRESS_TEXT] = "", again[FM_ADDRESS_TEXT];
        fm_address address;
        size_t size = strlen(begins[i]);
        memcpy(text, begins[i], size);
        memset(text + size, 'x', FM_ADDRESS_PATH);
        CHECK_INT(fm_address_parse(text, &address), 0);
        CHECK_INT(address.size, sizeof(struct sockaddr_un));
        CHECK(strcmp(fm_address_format(&address, again), text) == 0);
        text[size + FM_ADDRESS_PATH] = 'x';
        check_refused(text, -EINVAL);
    }
    CHECK_INT(FM_ADDRESS_PATH, 107);
}

TEST(a_text_of_any_length_is_refused)
{
    static char text[5003];
    for (size_t size = 1; size <= 5000; size += 7) {
        memset(text, '1', size);
        memcpy(text + size - 1, ":1", 3);
        check_refused(text, -EINVAL);
        memset(text, ':', size);
        text[size] = '\0';
        check_refused(text, -EINVAL);
    }
}

TEST(a_scope_may_be_the_name_of_an_interface)
{
    fm_address address;
    struct sockaddr_in6 v6;
    char text[FM_ADDRESS_TEXT], expected[FM_ADDRESS_TEXT];
    if (if_nametoindex("lo") == 0)
        test_skip("there is no interface called lo");
    CHECK_INT(fm_address_parse("[fe80::1%lo]:80", &address), 0);
    memcpy(&v6, &address.storage, sizeof v6);
    CHECK_INT(v6.sin6_scope_id, if_nametoindex("lo"));
    snprintf(expected, sizeof expected, "[fe80::1%%%u]:80",
             if_nametoindex("lo"));
    CHECK(strcmp(fm_address_format(&address, text), expected) == 0);
}

TEST(an_interface_that_is_not_there_is_enodev)
{
    check_refused("[fe80::1%no-such-one]:80", -ENODEV);
    check_refused("[fe80::1%4294967296]:80", -ENODEV);
    check_refused("[fe80::1%-1]:80", -ENODEV);
    check_refused("[fe80::1%a%b]:80", -ENODEV);
}

TEST(an_address_knows_its_port)
{
    fm_address address;
    CHECK_INT(fm_address_parse("127.0.0.1:65535", &address), 0);
    CHECK_INT(fm_address_port(&address), 65535);
    CHECK_INT(fm_address_parse("[::1]:7000", &address), 0);
    CHECK_INT(fm_address_port(&address), 7000);
    address.storage.ss_family = AF_UNIX;
    CHECK_INT(fm_address_port(&address), 0);
}

/* Of `size` bytes of path, as the system would give it. */
static const char *local_text(const char *path, size_t size)
{
    static char text[FM_ADDRESS_TEXT];
    fm_address address;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    memcpy(local.sun_path, path, size);
    memset(&address, 0, sizeof address);
    memcpy(&address.storage, &local, sizeof local);
    address.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return fm_address_format(&address, text);
}

TEST(a_local_socket_is_written_as_its_path)
{
    char longest[sizeof((struct sockaddr_un *)NULL)->sun_path + 1] = "/";
    CHECK(strcmp(local_text("", 0), "unix:") == 0);
    CHECK(strcmp(local_text("/tmp/a", 7), "unix:/tmp/a") == 0);
    CHECK(strcmp(local_text("/tmp/a", 6), "unix:/tmp/a") == 0);
    CHECK(strcmp(local_text("\0ab\0c", 5), "unix:@ab@c") == 0);
    memset(longest + 1, 'x', sizeof longest - 2);
    CHECK(strncmp(local_text(longest, sizeof longest - 1), "unix:/xxx", 9) ==
          0);
    CHECK_INT(strlen(local_text(longest, sizeof longest - 1)),
              strlen("unix:") + sizeof longest - 1);
}

TEST(an_address_of_another_family_is_written_as_its_number)
{
    char text[FM_ADDRESS_TEXT];
    fm_address address;
    memset(&address, 0, sizeof address);
    CHECK(strcmp(fm_address_format(&address, text), "family 0") == 0);
    address.storage.ss_family = AF_PACKET;
    CHECK(strcmp(fm_address_format(&address, text), "family 17") == 0);
}
