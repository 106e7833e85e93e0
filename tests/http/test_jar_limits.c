/*
 * test_jar_limits.c - how many cookies a jar has, and sends
 */
#include "http/jar_scene.h"

static void fill(const char *url, int first, int count, const char *more)
{
    char text[128];
    for (int i = first; i < first + count; i++) {
        snprintf(text, sizeof text, "n%d=%d%s", i, i, more);
        KEEPS(url, text);
    }
}

static bool has(const char *name)
{
    fm_kept_cookie cookie;
    for (size_t i = 0; fm_cookie_jar_at(jar, i, &cookie); i++)
        if (strcmp(cookie.name, name) == 0)
            return true;
    return false;
}

TEST(of_a_domain_there_are_50_and_the_one_unused_longest_goes)
{
    begin();
    fill("http://example.org/", 0, 1, "; Path=/x");
    fill("http://example.org/", 1, 49, "");
    CHECK_INT(fm_cookie_jar_count(jar), 50);
    CHECK(has("n0") && has("n1") && has("n49"));
    fm_cookie_jar_get(jar, "http://example.org/x", sent, sizeof sent);
    fm_cookie_jar_get(jar, "http://example.org/", sent, sizeof sent);
    fill("http://example.org/", 50, 1, "");
    CHECK_INT(fm_cookie_jar_count(jar), 50);
    CHECK(!has("n0") && has("n1") && has("n50"));
    KEEPS("http://example.org/", "n1=new"); /* takes no place */
    CHECK_INT(fm_cookie_jar_count(jar), 50);
    CHECK(has("n2"));
    end();
}

TEST(of_a_domain_those_for_tls_go_last)
{
    begin();
    fill("https://example.org/", 0, 10, "; Secure");
    fill("https://example.org/", 10, 60, "");
    CHECK_INT(fm_cookie_jar_count(jar), 50);
    CHECK(has("n0") && has("n9") && !has("n10") && has("n69"));
    fill("https://example.org/", 100, 60, "; Secure");
    CHECK(!has("n0") && !has("n109") && has("n110") && has("n159"));
    fill("http://example.org/", 200, 2, ""); /* none of them goes for that */
    CHECK_INT(fm_cookie_jar_count(jar), 50);
    CHECK(has("n110") && !has("n200") && !has("n201"));
    end();
}

static void fill_hosts(int first, int count)
{
    char url[64];
    for (int i = first; i < first + count; i++) {
        snprintf(url, sizeof url, "http://h%d.example/", i);
        fill(url, i, 1, "");
    }
}

TEST(in_all_there_are_3000_and_the_one_unused_longest_goes)
{
    begin();
    fill_hosts(0, 3000);
    CHECK_INT(fm_cookie_jar_count(jar), 3000);
    CHECK(has("n0"));
    SENDS("http://h0.example/", "n0=0");
    fill_hosts(3000, 1);
    CHECK_INT(fm_cookie_jar_count(jar), 3000);
    CHECK(has("n0") && !has("n1") && has("n3000"));
    end();
}

/* Bytes that are sent, of so many cookies with a value of so many bytes. */
static size_t sent_of(int count, size_t value)
{
    char text[FM_COOKIE_SIZE];
    begin();
    for (int i = 0; i < count; i++) {
        int at = snprintf(text, sizeof text, "%03d=", i);
        memset(text + at, 'v', value);
        text[(size_t)at + value] = '\0';
        KEEPS(i % 4 == 0   ? "http://c.b.a.example/"
              : i % 4 == 1 ? "http://c.b.a.example/x/"
              : i % 4 == 2 ? "http://c.b.a.example/x/y/"
                           : "http://c.b.a.example/x/y/z/",
              text);
    }
    ssize_t size = fm_cookie_jar_get(jar, "http://c.b.a.example/x/y/z/", sent,
                                     sizeof sent);
    end();
    CHECK(size >= 0);
    return (size_t)size;
}

TEST(what_is_sent_has_8190_bytes_at_most)
{
    CHECK_INT(sent_of(2, 4084), 2 * (4 + 4084) + 2);
    CHECK_INT(sent_of(2, 4090), 2 * (4 + 4090) + 2);
    CHECK_INT(sent_of(2, 4091), 4 + 4091); /* 8,192 would be two more */
    CHECK_INT(sent_of(50, 200), 39 * (4 + 200 + 2) + 4 + 200 - 206);
}

TEST(what_is_sent_are_150_at_most)
{
    char url[64] = "http://x.example/", text[128];
    size_t count = 0;
    begin();
    if (!knows_suffixes()) {
        end();
        test_skip("the library was built without libpsl");
    }
    for (int level = 0; level < 4; level++) {
        snprintf(url, sizeof url, "http://%sx.example/",
                 &"a.b.c."[2 * (3 - level)]);
        for (int i = 0; i < 50; i++) {
            snprintf(text, sizeof text, "%d-%d=; Domain=%s", level, i,
                     url + strlen("http://"));
            *strrchr(text, '/') = '\0';
            KEEPS(url, text);
        }
    }
    CHECK_INT(fm_cookie_jar_count(jar), 200);
    CHECK(fm_cookie_jar_get(jar, "http://a.b.c.x.example/", sent, sizeof sent) >
          0);
    for (const char *at = sent; *at != '\0'; at++)
        count += *at == '=';
    CHECK_INT(count, 150);
    CHECK(strncmp(sent, "0-0=; ", 6) == 0); /* the oldest */
    CHECK(strstr(sent, "2-49=") != NULL && strstr(sent, "3-0=") == NULL);
    end();
}

TEST(a_text_that_does_not_fit_is_an_error)
{
    begin();
    KEEPS("http://example.org/", "a=1");
    CHECK_INT(fm_cookie_jar_get(jar, "http://example.org/", sent, 4), 3);
    CHECK_INT(fm_cookie_jar_get(jar, "http://example.org/", sent, 3),
              -ENAMETOOLONG);
    CHECK_INT(fm_cookie_jar_get(jar, "http://example.org/", NULL, 0),
              -ENAMETOOLONG);
    CHECK_INT(fm_cookie_jar_get(jar, "http://example.com/", sent, 1), 0);
    end();
}

/* Which is why nobody can choose names that make it slow: it is halved until a
 * domain is found, which has 50 at most. */
TEST(a_jar_is_in_order_whatever_the_names_are)
{
    char url[64];
    begin();
    for (int i = 0; i < 3000; i++) {
        unsigned mixed = (unsigned)i * 2654435761U;
        snprintf(url, sizeof url, "http://%x.h%u.example/", mixed, mixed % 7);
        KEEPS(url, "a=1");
    }
    CHECK_INT(jar->count, 3000);
    for (size_t i = 1; i < jar->count; i++)
        CHECK(strcmp(jar->cookies[i - 1]->domain.at,
                     jar->cookies[i]->domain.at) < 0);
    end();
}
