/*
 * test_cookie_jar.c - what a jar keeps, what it sends, and its file (RFC
 * 6265bis, 5.7 and 5.8)
 */
#include "http/http_stage.h"

#include "harness.h"
#include "http/jar_record.h"
#include "http/suffix.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <sys/stat.h>
#include <unistd.h>

static fm_cookie_jar *jar;
static char sent[FM_COOKIE_FIELD + 1];

static bool knows_suffixes(void)
{
    return fm__suffix_of("example.org") != FM__SUFFIX_UNKNOWN;
}

static void begin(void)
{
    CHECK_INT(fm_cookie_jar_new(&jar), 0);
}

static void end(void)
{
    fm_cookie_jar_free(jar);
    jar = NULL;
}

static void check_set(int line, const char *url, const char *text, int wanted)
{
    int rc = fm_cookie_jar_set(jar, url, text);
    if (rc != wanted)
        test_fail(__FILE__, line, "%s from %s: %d, not %d", text, url, rc,
                  wanted);
}

static void check_sent(int line, const char *url, const char *wanted)
{
    ssize_t size = fm_cookie_jar_get(jar, url, sent, sizeof sent);
    if (size < 0 || (size_t)size != strlen(wanted) || strcmp(sent, wanted) != 0)
        test_fail(__FILE__, line, "to %s: %zd %s, not %s", url, size, sent,
                  wanted);
}

#define KEEPS(url, text) check_set(__LINE__, url, text, 0)
#define REFUSES(url, text) check_set(__LINE__, url, text, -FM_ECOOKIE)
#define SENDS(url, wanted) check_sent(__LINE__, url, wanted)

TEST(a_cookie_is_its_hosts_alone_unless_it_says_more)
{
    begin();
    KEEPS("http://www.example.org/", "a=1");
    KEEPS("http://www.example.org/", "b=2; Domain=example.org");
    const char *below = knows_suffixes() ? "b=2" : "";
    SENDS("http://www.example.org/", "a=1; b=2");
    SENDS("http://example.org/", below);
    SENDS("http://other.example.org/x?y", below);
    SENDS("http://v.w.example.org/", below);
    SENDS("http://badexample.org/", "");
    SENDS("http://example.com/", "");
    SENDS("http://WWW.Example.ORG:8080/", "a=1; b=2");
    end();
}

TEST(nobody_sets_for_another_domain)
{
    begin();
    REFUSES("http://a.example.org/", "x=1; Domain=b.example.org");
    REFUSES("http://example.org/", "x=1; Domain=a.example.org");
    REFUSES("http://example.org/", "x=1; Domain=ample.org");
    REFUSES("http://example.org/", "x=1; Domain=example.com");
    REFUSES("http://example.org/", "x=1; Domain=example.org.");
    REFUSES("http://example.org/", "x=1; Domain=exa mple.org");
    REFUSES("http://example.org/", "x=1; Domain=.");
    CHECK_INT(fm_cookie_jar_count(jar), 0);
    KEEPS("http://example.org/", "x=1; Domain=.EXAMPLE.org");
    SENDS("http://a.example.org/", knows_suffixes() ? "x=1" : "");
    end();
}

TEST(an_address_is_no_domain_of_another)
{
    begin();
    KEEPS("http://10.0.0.1/", "a=1; Domain=10.0.0.1");
    KEEPS("http://[2001:db8::1]/", "b=2; Domain=[2001:db8::1]");
    REFUSES("http://10.0.0.1/", "c=3; Domain=0.0.1");
    REFUSES("http://10.0.0.1/", "c=3; Domain=1");
    SENDS("http://10.0.0.1/", "a=1");
    SENDS("http://0xa.1/", "a=1"); /* the same, as the URL standard has it */
    SENDS("http://[2001:db8::1]/", "b=2");
    SENDS("http://10.0.0.2/", "");
    SENDS("http://a.10.0.0.1.example/", "");
    end();
}

TEST(nobody_sets_for_all_of_com)
{
    static const char *const rows[][2] = {
        {"http://example.com/", "com"},       {"http://localhost/", "ocalhost"},
        {"http://a.localhost/", "localhost"}, {"http://intranet.corp/", "corp"},
        {"http://example.org./", "org."},     {"http://example.org./", "."},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "x=1; Domain=%s", rows[i][1]);
        REFUSES(rows[i][0], text);
    }
    KEEPS("http://intranet/", "x=1; Domain=intranet"); /* itself */
    SENDS("http://intranet/", "x=1");
    SENDS("http://a.intranet/", "");
    end();
}

TEST(a_public_suffix_is_nobodys)
{
    static const char *const suffixes[][2] = {
        {"http://example.co.uk/", "co.uk"},
        {"http://me.github.io/", "github.io"},
        {"http://me.github.io/", "GitHub.IO"},
        {"http://a.b.ck/", "b.ck"},                   /* *.ck */
        {"http://a.xn--55qx5d.cn/", "xn--55qx5d.cn"}, /* of other letters */
        {"http://a.kobe.jp/", "kobe.jp"},
        {"http://a.b.kobe.jp/", "b.kobe.jp"},
    };
    begin();
    if (!knows_suffixes()) {
        end();
        test_skip("the library was built without libpsl");
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "x=1; Domain=%s", suffixes[i][1]);
        REFUSES(suffixes[i][0], text);
    }
    KEEPS("http://github.io/", "a=1; Domain=github.io"); /* its own alone */
    SENDS("http://github.io/", "a=1");
    SENDS("http://me.github.io/", "");
    KEEPS("http://me.github.io/", "b=2; Domain=me.github.io");
    SENDS("http://x.me.github.io/", "b=2");
    KEEPS("http://www.ck/", "c=3; Domain=www.ck"); /* !www.ck */
    SENDS("http://a.www.ck/", "c=3");
    KEEPS("http://www.example.co.uk/", "d=4; Domain=example.co.uk");
    SENDS("http://example.co.uk/", "d=4");
    REFUSES("http://a.example.co.uk/", "e=5; Domain=uk");
    end();
}

TEST(a_cookie_for_tls_is_set_and_sent_by_it_alone)
{
    begin();
    REFUSES("http://example.org/", "a=1; Secure");
    KEEPS("https://example.org/", "a=1; Secure");
    KEEPS("https://example.org/", "b=2");
    SENDS("http://example.org/", "b=2");
    SENDS("https://example.org/", "a=1; b=2");
    SENDS("https://example.org:8443/", "a=1; b=2");
    end();
}

TEST(this_machine_is_as_good_as_tls)
{
    static const char *const here[] = {
        "http://localhost/", "http://127.0.0.1:80/", "http://127.9.9.9/",
        "http://[::1]:8080/", "http://2130706433/"};
    static const char *const there[] = {
        "http://localhost.example/", "http://127.0.0.1.example/",
        "http://[::2]/", "http://128.0.0.1/", "http://a.localhost/"};
    begin();
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        KEEPS(here[i], "a=1; Secure");
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        REFUSES(there[i], "a=1; Secure");
    SENDS("http://localhost/", "a=1");
    end();
}

TEST(a_cookie_in_the_open_hides_none_for_tls)
{
    begin();
    KEEPS("https://example.org/", "a=1; Secure; Path=/p");
    KEEPS("https://www.example.org/", "b=1; Secure; Domain=example.org");
    REFUSES("http://example.org/", "a=2; Path=/p");
    REFUSES("http://example.org/", "a=2; Path=/p/q");
    REFUSES("http://example.org/", "a=; Path=/p; Max-Age=0");
    REFUSES("http://www.example.org/", "a=2; Domain=example.org; Path=/p");
    REFUSES("http://www.example.org/", "b=2");
    KEEPS("http://example.org/", "a=3; Path=/");
    KEEPS("http://example.org/", "A=4; Path=/p");
    KEEPS("http://other.example.com/", "b=5");
    SENDS("https://example.org/p",
          knows_suffixes() ? "a=1; A=4; b=1; a=3" : "a=1; A=4; a=3");
    KEEPS("https://example.org/", "a=6; Path=/p"); /* by TLS it may */
    SENDS("http://example.org/p", "a=6; A=4; a=3");
    end();
}

TEST(a_name_with_a_prefix_is_what_it_says)
{
    begin();
    REFUSES("https://example.org/", "__Secure-a=1");
    KEEPS("https://example.org/", "__Secure-a=1; Secure");
    REFUSES("http://example.org/", "__Secure-a=1; Secure");
    REFUSES("https://example.org/", "__Host-b=1; Secure");
    REFUSES("https://example.org/", "__Host-b=1; Secure; Path=/x");
    REFUSES("https://example.org/", "__Host-b=1; Path=/");
    REFUSES("https://example.org/",
            "__host-b=1; Secure; Path=/; Domain=example.org");
    KEEPS("https://example.org/", "__Host-b=1; Secure; Path=/");
    REFUSES("https://example.org/", "=__Host-c=1; Secure; Path=/");
    SENDS("https://example.org/", "__Secure-a=1; __Host-b=1");
    end();
}

TEST(a_path_is_sent_to_what_is_below_it)
{
    begin();
    KEEPS("http://example.org/a/b", "one=1");
    KEEPS("http://example.org/a/b", "two=2; Path=/a/b");
    KEEPS("http://example.org/a/b", "three=3; Path=/");
    KEEPS("http://example.org/a/b", "four=4; Path=/c/");
    SENDS("http://example.org/a/b", "two=2; one=1; three=3");
    SENDS("http://example.org/a/", "one=1; three=3");
    SENDS("http://example.org/ab", "three=3");
    SENDS("http://example.org/c", "three=3");
    SENDS("http://example.org/c/d", "four=4; three=3");
    SENDS("http://example.org", "three=3");
    end();
}

TEST(a_cookie_of_the_same_place_is_replaced)
{
    begin();
    KEEPS("http://example.org/", "a=1");
    KEEPS("http://example.org/", "b=2");
    KEEPS("http://example.org/", "a=3");
    SENDS("http://example.org/", "a=3; b=2"); /* as old as it was */
    KEEPS("http://example.org/", "a=4; Path=/x");
    KEEPS("http://example.org/", "A=5");
    CHECK_INT(fm_cookie_jar_count(jar), 4);
    SENDS("http://example.org/x", "a=4; a=3; b=2; A=5");
    if (knows_suffixes()) { /* the same for all below is another one */
        KEEPS("http://example.org/", "a=6; Domain=example.org");
        SENDS("http://example.org/", "a=3; b=2; A=5; a=6");
    }
    end();
}

TEST(a_cookie_that_has_expired_is_gone)
{
    fm_url *url;
    char text[64];
    struct fm__pen pen = {text, text + sizeof text, false};
    begin();
    KEEPS("http://example.org/", "a=1");
    KEEPS("http://example.org/", "a=; Max-Age=0");
    CHECK_INT(fm_cookie_jar_count(jar), 0);
    KEEPS("http://example.org/", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK_INT(fm_cookie_jar_count(jar), 0);
    CHECK_INT(fm_url_parse("http://example.org/", NULL, &url), 0);
    CHECK_INT(fm__jar_set(jar, url, FM__SLICE("c=3; Max-Age=10"), 1000), 0);
    CHECK_INT(fm__jar_set(jar, url, FM__SLICE("d=4; Max-Age=20"), 1000), 0);
    fm__jar_write(jar, url, 1009, &pen);
    CHECK(fm__slice_is(fm__pen_since(&pen, text), FM__SLICE("c=3; d=4")));
    pen.at = text;
    fm__jar_write(jar, url, 1010, &pen);
    CHECK(fm__slice_is(fm__pen_since(&pen, text), FM__SLICE("d=4")));
    CHECK_INT(fm_cookie_jar_count(jar), 1);
    pen.at = text;
    fm__jar_write(jar, url, 1020, &pen);
    CHECK(pen.at == text);
    CHECK_INT(fm_cookie_jar_count(jar), 0);
    fm_url_free(url);
    end();
}

TEST(a_cookie_without_a_name_is_its_value)
{
    begin();
    KEEPS("http://example.org/", "token");
    KEEPS("http://example.org/", "a=");
    SENDS("http://example.org/", "token; a=");
    KEEPS("http://example.org/", "=another");
    SENDS("http://example.org/", "another; a=");
    REFUSES("http://example.org/", "=");
    REFUSES("http://example.org/", "");
    end();
}

TEST(only_urls_of_http_have_cookies)
{
    static const char *const none[] = {"", "example.org", "ftp://example.org/",
                                       "data:text/plain,x", "http://"};
    begin();
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK_INT(fm_cookie_jar_set(jar, none[i], "a=1"), -EINVAL);
        CHECK_INT(fm_cookie_jar_get(jar, none[i], sent, sizeof sent), -EINVAL);
    }
    end();
}

TEST(a_jar_tells_what_is_in_it)
{
    fm_kept_cookie cookie;
    begin();
    CHECK(!fm_cookie_jar_at(jar, 0, &cookie));
    KEEPS("https://b.example/x/y",
          "a=1; Secure; HttpOnly; SameSite=Strict; Max-Age=60");
    KEEPS("http://a.example/", "n; SameSite=Lax");
    CHECK(fm_cookie_jar_at(jar, 0, &cookie));
    CHECK_SAID(cookie.domain, "a.example");
    CHECK_SAID(cookie.name, "");
    CHECK_SAID(cookie.value, "n");
    CHECK(!cookie.subdomains && !cookie.secure && !cookie.http_only);
    CHECK_INT(cookie.expires, 0);
    CHECK_INT(cookie.same_site, FM_SAME_SITE_LAX);
    CHECK(fm_cookie_jar_at(jar, 1, &cookie));
    CHECK_SAID(cookie.domain, "b.example");
    CHECK_SAID(cookie.path, "/x");
    CHECK(cookie.secure && cookie.http_only && cookie.expires > 0);
    CHECK_INT(cookie.same_site, FM_SAME_SITE_STRICT);
    CHECK(!fm_cookie_jar_at(jar, 2, &cookie));
    fm_cookie_jar_remove(jar, 2);
    fm_cookie_jar_remove(jar, 0);
    CHECK(fm_cookie_jar_at(jar, 0, &cookie));
    CHECK_SAID(cookie.domain, "b.example");
    CHECK_INT(fm_cookie_jar_count(jar), 1);
    end();
    fm_cookie_jar_free(NULL);
}

/* ---- limits -------------------------------------------------------------- */

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
                 "a.b.c." + 2 * (3 - level));
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

/* ---- files --------------------------------------------------------------- */

static char directory[FM_PATH_SIZE];
static char path[FM_PATH_SIZE + 16];

static void begin_file(void)
{
    begin();
    CHECK_INT(fm_temporary_directory(NULL, directory), 0);
    snprintf(path, sizeof path, "%s/jar", directory);
}

static void end_file(void)
{
    CHECK_INT(fm_path_remove_tree(directory), 0);
    end();
}

/* Behind the first lines. */
static const char *file_text(void)
{
    static char text[4096];
    void *bytes;
    ssize_t size = fm_file_load(path, &bytes, sizeof text - 1);
    CHECK(size >= 0);
    memcpy(text, bytes, (size_t)size);
    text[size] = '\0';
    fm_file_free(bytes);
    const char *lines = strstr(text, "\n\n");
    CHECK(lines != NULL);
    return lines + 2;
}

static void write_file(const char *text)
{
    CHECK_INT(fm_file_save(path, text, strlen(text)), 0);
}

STORY(a_jar_is_written_and_read_again)
{
    begin_file();
    KEEPS("https://b.example/x/", "a=1; Secure; HttpOnly");
    KEEPS("https://b.example/x/", "long=2; Max-Age=86400");
    KEEPS("https://a.example/", "nameless");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    const char *text = file_text();
    CHECK(strstr(text, "a.example\tFALSE\t/\tFALSE\t0\t\tnameless\n") == text);
    CHECK(strstr(text, "\n#HttpOnly_b.example\tFALSE\t/x\tTRUE\t0\ta\t1\n") !=
          NULL);
    end();
    begin();
    CHECK_INT(fm_cookie_jar_load(jar, path), 3);
    SENDS("https://b.example/x", "a=1; long=2");
    SENDS("http://b.example/x", "long=2");
    SENDS("http://a.example/", "nameless");
    end_file();
}

STORY(only_its_owner_reads_the_file_of_a_jar)
{
    struct stat status;
    begin_file();
    KEEPS("http://a.example/", "a=1");
    write_file("others may read this\n");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 07777, 0600);
    CHECK_SAID(file_text(), "a.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
    end_file();
}

STORY(a_jar_that_cannot_be_written_leaves_the_file_as_it_was)
{
    begin_file();
    CHECK_INT(fm_cookie_jar_save(jar, directory), -EISDIR);
    CHECK_INT(fm_cookie_jar_load(jar, path), -ENOENT);
    CHECK_INT(fm_cookie_jar_save(jar, "/nowhere/at/all"), -ENOENT);
    end_file();
}

STORY(what_the_form_has_no_place_for_is_not_written)
{
    begin_file();
    KEEPS("http://a.example/", "a=1\t2");
    KEEPS("http://a.example/", "b=2; SameSite=Strict");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    CHECK_SAID(file_text(), "a.example\tFALSE\t/\tFALSE\t0\tb\t2\n");
    end_file();
}

STORY(lines_that_no_answer_could_have_set_are_passed_over)
{
    begin_file();
    write_file("# Netscape HTTP Cookie File\r\n"
               "a.example\tFALSE\t/\tFALSE\t0\ta\t1\r\n"
               "a.example\tFALSE\t/\tFALSE\t1\told\t1\n"
               "a.example\tFALSE\tp\tFALSE\t0\tpath\t1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tin\tx; more=1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tx=y\t1\n"
               "a.example\tFALSE\t/;\tFALSE\t0\tsemi\t1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tbad\tx\x01\n"
               "a.example\tFALSE\t/\tFALSE\t0\t\t\n"
               "a.example\tFALSE\t/\tFALSE\t0\t__Secure-x\t1\n"
               "a.example\tFALSE\t/p\tTRUE\t0\t__Host-x\t1\n"
               ".a.example\tTRUE\t/\tTRUE\t0\t__Host-x\t1\n"
               "a.example\tFALSE\t/\tTRUE\t0\t__Host-y\t1\n"
               ".1.2.3.4\tTRUE\t/\tFALSE\t0\taddress\t1\n"
               ".com\tTRUE\t/\tFALSE\t0\tcom\t1\n"
               "b example\tFALSE\t/\tFALSE\t0\tblank\t1\n"
               "A.Example\tFALSE\t/\tFALSE\t99999999999999\tlast\t1\n"
               "nonsense\n");
    CHECK_INT(fm_cookie_jar_load(jar, path), 3);
    SENDS("https://a.example/p", "a=1; __Host-y=1; last=1");
    SENDS("http://x.com/", "");
    fm_kept_cookie cookie;
    CHECK(fm_cookie_jar_at(jar, 2, &cookie));
    CHECK(cookie.expires < 99999999999999); /* 400 days and no more */
    end_file();
}

STORY(a_file_that_is_too_large_is_not_read)
{
    fm_file *file;
    begin_file();
    CHECK_INT(fm_file_open(path, &file,
                           &(fm_file_options){.flags = O_RDWR | O_CREAT}),
              0);
    CHECK_INT(ftruncate(fm_file_fd(file), FM_COOKIE_FILE), 0);
    CHECK_INT(fm_cookie_jar_load(jar, path), 0);
    CHECK_INT(ftruncate(fm_file_fd(file), FM_COOKIE_FILE + 1), 0);
    CHECK_INT(fm_cookie_jar_load(jar, path), -EFBIG);
    CHECK_INT(fm_file_close(file), 0);
    end_file();
}

STORY(who_is_cancelled_neither_writes_nor_reads_a_jar)
{
    begin_file();
    KEEPS("http://a.example/", "a=1");
    int rc;
    FM_TIMEOUT(0, rc) {
        rc = fm_cookie_jar_save(jar, path);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_cookie_jar_load(jar, path), -ENOENT);
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    FM_TIMEOUT(0, rc) {
        rc = (int)fm_cookie_jar_load(jar, path);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    end_file();
}
