/*
 * test_url.c - URLs as objects: their texts, what they refuse, their limits
 */
#include "harness.h"

#include <errno.h>
#include <fermata/url.h>
#include <stdlib.h>
#include <string.h>

static void check_text(const char *is, const char *wanted)
{
    if (strcmp(is, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", is, wanted);
}

static fm_url *parse(const char *text, const fm_url *base)
{
    fm_url *url = NULL;
    CHECK_INT(fm_url_parse(text, base, &url), 0);
    return url;
}

static void check_becomes(const char *text, const char *base,
                          const char *wanted)
{
    fm_url *from = base != NULL ? parse(base, NULL) : NULL;
    fm_url *url = parse(text, from);
    check_text(fm_url_text(url), wanted);
    fm_url_free(from);
    fm_url_free(url);
}

static void check_refused(const char *text)
{
    fm_url *url = (fm_url *)(void *)&url;
    fm_url *before = url;
    if (fm_url_parse(text, NULL, &url) != -EINVAL || url != before)
        test_fail(__FILE__, __LINE__, "taken: %s", text);
}

TEST(a_url_has_all_its_parts)
{
    fm_url *url = parse("HTTPS://us%65r:p@Example.ORG:8080/a/./b?c=d#e", NULL);
    check_text(fm_url_text(url), "https://us%65r:p@example.org:8080/a/b?c=d#e");
    check_text(fm_url_get(url, FM_URL_PROTOCOL), "https:");
    check_text(fm_url_get(url, FM_URL_USERNAME), "us%65r");
    check_text(fm_url_get(url, FM_URL_PASSWORD), "p");
    check_text(fm_url_get(url, FM_URL_HOST), "example.org:8080");
    check_text(fm_url_get(url, FM_URL_HOSTNAME), "example.org");
    check_text(fm_url_get(url, FM_URL_PORT), "8080");
    check_text(fm_url_get(url, FM_URL_PATHNAME), "/a/b");
    check_text(fm_url_get(url, FM_URL_SEARCH), "?c=d");
    check_text(fm_url_get(url, FM_URL_HASH), "#e");
    check_text(fm_url_get(url, FM_URL_ORIGIN), "https://example.org:8080");
    /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): is none */
    check_text(fm_url_get(url, (fm_url_part)77), "");
    fm_url_free(url);
}

TEST(a_port_is_the_urls_or_its_schemes)
{
    static const struct {
        const char *text;
        int port;
    } ports[] = {
        {"http://a", 80},          {"https://a:443", 443}, {"ws://a:81", 81},
        {"wss://a", 443},          {"ftp://a", 21},        {"file:///a", -1},
        {"unknown://a", -1},       {"unknown://a:7", 7},   {"mailto:a", -1},
        {"http://a:65535", 65535}, {"http://a:0", 0},
    };
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        fm_url *url = parse(ports[i].text, NULL);
        CHECK_INT(fm_url_port(url), ports[i].port);
        fm_url_free(url);
    }
    check_refused("http://a:65536");
    check_refused("http://a:x");
}

TEST(a_relative_url_is_resolved)
{
    check_becomes("../c?d#e", "https://example.org/a/b",
                  "https://example.org/c?d#e");
    check_becomes("//b", "http://a/", "http://b/");
    check_becomes("?x", "http://a/b?y#z", "http://a/b?x");
    check_becomes("#x", "mailto:a", "mailto:a#x");
    check_becomes("", "http://a/b?c#d", "http://a/b?c");
    check_becomes("/c|/x", "file:///d:/y", "file:///c:/x");
    check_refused("/a");
    check_refused("");
}

TEST(an_address_is_written_in_one_way)
{
    check_becomes("http://0x7f.1", NULL, "http://127.0.0.1/");
    check_becomes("http://2130706433", NULL, "http://127.0.0.1/");
    check_becomes("http://017700000001", NULL, "http://127.0.0.1/");
    check_becomes("http://[::FFFF:7f00:1]", NULL, "http://[::ffff:7f00:1]/");
    check_becomes("http://[1:0:0:2::3]", NULL, "http://[1:0:0:2::3]/");
    check_refused("http://1.2.3.256");
    check_refused("http://1.2.3.4.5");
    check_refused("http://[::1%25eth0]");
}

TEST(what_stands_for_something_is_encoded)
{
    check_becomes("http://a/b c?d'e#f`g", NULL, "http://a/b%20c?d%27e#f%60g");
    check_becomes("x:a b ?c", "http://c", "x:a b%20?c");
    check_becomes(" \t http://a/\nb\r ", NULL, "http://a/b");
    check_becomes("http://a/\xff", NULL, "http://a/%EF%BF%BD");
    check_becomes("http://a/\xe2\x82", NULL, "http://a/%EF%BF%BD");
    check_becomes("http://a/\xc3\xa9", NULL, "http://a/%C3%A9");
}

TEST(parts_are_changed_one_by_one)
{
    fm_url *url = parse("http://a/b", NULL);
    CHECK_INT(fm_url_set(url, FM_URL_PROTOCOL, "https"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_HOST, "c:8080"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_PATHNAME, "/d e"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_SEARCH, "f=g"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_HASH, "#h"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_USERNAME, "u:v"), 0);
    CHECK_INT(fm_url_set(url, FM_URL_PASSWORD, "w"), 0);
    check_text(fm_url_text(url), "https://u%3Av:w@c:8080/d%20e?f=g#h");
    CHECK_INT(fm_url_set(url, FM_URL_PORT, ""), 0);
    CHECK_INT(fm_url_set(url, FM_URL_SEARCH, ""), 0);
    check_text(fm_url_text(url), "https://u%3Av:w@c/d%20e#h");
    fm_url_free(url);
}

TEST(what_cannot_be_changed_stays)
{
    fm_url *url = parse("http://a/b", NULL);
    CHECK_INT(fm_url_set(url, FM_URL_PROTOCOL, "mailto"), -EINVAL);
    CHECK_INT(fm_url_set(url, FM_URL_HOST, "a b"), -EINVAL);
    CHECK_INT(fm_url_set(url, FM_URL_PORT, "x"), -EINVAL);
    CHECK_INT(fm_url_set(url, FM_URL_ORIGIN, "http://c"), -EINVAL);
    check_text(fm_url_text(url), "http://a/b");
    fm_url_free(url);
    url = parse("mailto:a", NULL);
    CHECK_INT(fm_url_set(url, FM_URL_HOST, "b"), -EINVAL);
    CHECK_INT(fm_url_set(url, FM_URL_PATHNAME, "b"), -EINVAL);
    CHECK_INT(fm_url_set(url, FM_URL_PORT, ""), -EINVAL);
    check_text(fm_url_text(url), "mailto:a");
    fm_url_free(url);
}

/* "http://a/" and as many 'b' as make it so long. */
static int of_size(size_t size, fm_url **url)
{
    char *text = malloc(size + 1);
    memset(text, 'b', size);
    memcpy(text, "http://a/", strlen("http://a/"));
    text[size] = '\0';
    int rc = fm_url_parse(text, NULL, url);
    free(text);
    return rc;
}

TEST(a_url_has_a_limit)
{
    fm_url *url;
    CHECK_INT(of_size(FM_URL_LIMIT - 1, &url), 0);
    fm_url_free(url);
    CHECK_INT(of_size(FM_URL_LIMIT, &url), 0);
    CHECK_INT(strlen(fm_url_text(url)), FM_URL_LIMIT);
    fm_url_free(url);
    CHECK_INT(of_size(FM_URL_LIMIT + 1, &url), -ENAMETOOLONG);
    char *worst = calloc(1, FM_URL_LIMIT + 1);
    memset(worst, '\xff', FM_URL_LIMIT);
    memcpy(worst, "http://a/", strlen("http://a/"));
    CHECK_INT(fm_url_parse(worst, NULL, &url), -ENAMETOOLONG);
    free(worst);
}

TEST(nothing_is_a_url_to_be_freed)
{
    fm_url_free(NULL);
}

static void check_normal(const char *text, const char *wanted)
{
    fm_url *url = parse(text, NULL);
    CHECK_INT(fm_url_normalize(url), 0);
    check_text(fm_url_text(url), wanted);
    CHECK_INT(fm_url_normalize(url), 0);
    check_text(fm_url_text(url), wanted);
    fm_url_free(url);
}

TEST(what_means_the_same_is_written_the_same)
{
    check_normal("http://a/%7euser%c3%a9/b%2fc", "http://a/~user%C3%A9/b%2Fc");
    check_normal("http://a/?%61%3d%26=%5f", "http://a/?a%3D%26=_");
    check_normal("HTTP://A:80/./b/%2e%2E/c", "http://a/c");
    check_normal("http://a/..%2e/%", "http://a/.../%");
    check_normal("http://a/%zz%4", "http://a/%zz%4");
    check_normal("http://a/b?#%7e", "http://a/b?#%7e");
    check_normal("http://a", "http://a/");
    check_normal("mailto:a%7eb", "mailto:a~b");
}
