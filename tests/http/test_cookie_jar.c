/*
 * test_cookie_jar.c - what a jar keeps and what it sends (RFC 6265bis, 5.7 and
 * 5.8)
 */
#include "http/jar_scene.h"

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
    REFUSES("http://a..co.uk/", "x=1; Domain=..co.uk");
    REFUSES("http://example.org/", "x=1; Domain=exa mple.org");
    CHECK_INT(fm_cookie_jar_count(jar), 0);
    KEEPS("http://example.org/", "y=1; Domain=."); /* as if it said none */
    SENDS("http://a.example.org/", "");
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
        {"http://example.com/", "com"},
        {"http://localhost/", "ocalhost"},
        {"http://a.localhost/", "localhost"},
        {"http://intranet.corp/", "corp"},
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
          "a=1; Secure; HttpOnly; SameSite=Strict; Max-Age=86400");
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
