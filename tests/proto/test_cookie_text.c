/*
 * test_cookie_text.c - what Set-Cookie and Cookie say, rule by rule of RFC
 * 6265bis
 */
#include "harness.h"

#include "proto/cookie_date.h"
#include "proto/cookie_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NOW = 1700000000, /* seconds since 1970 */
    ROOM = 8192
};

static char *copied;

/* Without a NUL, to its last byte; until the next one. */
static struct fm__slice slice(const char *text)
{
    size_t size = strlen(text);
    free(copied);
    copied = malloc(size > 0 ? size : 1);
    memcpy(copied, text, size);
    return (struct fm__slice){copied, size};
}

static void same(const char *what, const char *told, const char *wanted)
{
    if (strcmp(told, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s, not %s", what, told, wanted);
}

static int text_of(struct fm__slice text)
{
    return (int)text.size;
}

#define TEXT(slice) text_of(slice), (slice).at

/* Its end, from now on: "", "over" or "+seconds". */
static const char *moment(int64_t expires)
{
    static char text[32];
    text[0] = '\0';
    if (expires == FM__COOKIE_OVER)
        return "over";
    if (expires != FM__COOKIE_SESSION)
        snprintf(text, sizeof text, "%+" PRId64, expires - NOW);
    return text;
}

/* "name|value|domain|path|expires|flags", or "none". */
static const char *told(const char *text)
{
    static const char sites[] = "-LSN";
    static char out[ROOM];
    struct fm__cookie cookie;
    if (!fm__cookie_read(slice(text), NOW, &cookie))
        return "none";
    snprintf(out, sizeof out, "%.*s|%.*s|%.*s|%.*s|%s|%s%s%c",
             TEXT(cookie.name), TEXT(cookie.value), TEXT(cookie.domain),
             TEXT(cookie.path), moment(cookie.expires),
             cookie.secure ? "s" : "", cookie.http_only ? "h" : "",
             sites[cookie.site]);
    return out;
}

static const struct {
    const char *said;
    const char *told;
} cookies[] = {
    /* 5.6, 1: controls, but for a tab */
    {"a=b\x01", "none"},
    {"a=b; x=\x1f", "none"},
    {"a\x7f=b", "none"},
    {"a=b\r", "none"},
    {"a=b\nc", "none"},
    {"a=b\tc", "a|b\tc||||-"},
    /* 2 and 3: the pair */
    {"a=b", "a|b||||-"},
    {"a=b;", "a|b||||-"},
    {"a=b;;;", "a|b||||-"},
    {"a=b=c", "a|b=c||||-"},
    {"a==", "a|=||||-"},
    {"a=", "a|||||-"},
    {"a", "|a||||-"},
    {"=a", "|a||||-"},
    {"==a", "|=a||||-"},
    {"a b=c d", "a b|c d||||-"},
    {"a=\"b c\"", "a|\"b c\"||||-"},
    {"a=\"b;c\"", "a|\"b||||-"},
    {"a=b,c=d", "a|b,c=d||||-"},
    {"\xc3\xa4=\xff", "\xc3\xa4|\xff||||-"},
    /* 4: spaces and tabs around them */
    {" a = b ", "a|b||||-"},
    {"\ta\t=\tb\t;", "a|b||||-"},
    {"  a  ", "|a||||-"},
    /* 5.7: neither a name nor a value */
    {"", "none"},
    {"=", "none"},
    {" = ", "none"},
    {";", "none"},
    {"; Path=/", "none"},
    {"=; Secure", "none"},
    /* attributes: names in any case, the last counts, others are passed over */
    {"a=b; secure; HTTPONLY", "a|b||||sh-"},
    {"a=b;Secure;HttpOnly", "a|b||||sh-"},
    {"a=b; Secure=no", "a|b||||s-"},
    {"a=b; =Secure", "a|b||||-"},
    {"a=b; Secured", "a|b||||-"},
    {"a=b; x; y=z; Path=/p", "a|b||/p||-"},
    {"a=b; Path = /p ", "a|b||/p||-"},
    {"a=b; Domain=x.y; domain=z.y", "a|b|z.y|||-"},
    {"a=b; Path=/p; path=/q", "a|b||/q||-"},
    {"Secure", "|Secure||||-"},
    {"Path=/", "Path|/||||-"},
    /* 5.6.1: Expires; 5.5: 400 days */
    {"a=b; Expires=Tue, 14 Nov 2023 22:13:30 GMT", "a|b|||+10|-"},
    {"a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT", "a|b|||-1700000000|-"},
    {"a=b; Expires=Wed, 18 Dec 2024 22:13:20 GMT", "a|b|||+34560000|-"},
    {"a=b; Expires=Wed, 18 Dec 2024 22:13:21 GMT", "a|b|||+34560000|-"},
    {"a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "a|b|||+34560000|-"},
    {"a=b; Expires=tomorrow", "a|b||||-"},
    {"a=b; Expires=", "a|b||||-"},
    {"a=b; Expires", "a|b||||-"},
    {"a=b; Expires=Tue, 14 Nov 2023 22:13:30 GMT; Expires=x", "a|b|||+10|-"},
    /* 5.6.2: Max-Age, which counts more */
    {"a=b; Max-Age=10", "a|b|||+10|-"},
    {"a=b; max-age=1", "a|b|||+1|-"},
    {"a=b; Max-Age=0", "a|b|||over|-"},
    {"a=b; Max-Age=00", "a|b|||over|-"},
    {"a=b; Max-Age=-1", "a|b|||over|-"},
    {"a=b; Max-Age=-", "a|b|||over|-"},
    {"a=b; Max-Age=010", "a|b|||+10|-"},
    {"a=b; Max-Age=34560000", "a|b|||+34560000|-"},
    {"a=b; Max-Age=34560001", "a|b|||+34560000|-"},
    {"a=b; Max-Age=99999999999999999999999999", "a|b|||+34560000|-"},
    {"a=b; Max-Age=", "a|b||||-"},
    {"a=b; Max-Age=1x", "a|b||||-"},
    {"a=b; Max-Age=+1", "a|b||||-"},
    {"a=b; Max-Age=1.5", "a|b||||-"},
    {"a=b; Max-Age=\"1\"", "a|b||||-"},
    {"a=b; Max-Age=5; Max-Age=x", "a|b|||+5|-"},
    {"a=b; Max-Age=5; Max-Age=6", "a|b|||+6|-"},
    {"a=b; Max-Age=5; Expires=Tue, 14 Nov 2023 22:13:30 GMT", "a|b|||+5|-"},
    {"a=b; Expires=Tue, 14 Nov 2023 22:13:30 GMT; Max-Age=5", "a|b|||+5|-"},
    {"a=b; Max-Age=0; Expires=Tue, 14 Nov 2023 22:13:30 GMT", "a|b|||over|-"},
    /* 5.6.3: Domain */
    {"a=b; Domain=.x.y", "a|b|x.y|||-"},
    {"a=b; Domain=..x.y", "a|b|.x.y|||-"},
    {"a=b; Domain=.", "a|b||||-"},
    {"a=b; Domain=", "a|b||||-"},
    {"a=b; Domain=x.y; Domain=", "a|b||||-"},
    {"a=b; Domain=X.Y", "a|b|X.Y|||-"},
    /* 5.6.4: Path */
    {"a=b; Path=", "a|b||||-"},
    {"a=b; Path=p", "a|b||||-"},
    {"a=b; Path=/p; Path=q", "a|b||||-"},
    {"a=b; Path=/p=q?r", "a|b||/p=q?r||-"},
    /* 5.6.7: SameSite; 5.7: None is for TLS alone */
    {"a=b; SameSite=Strict", "a|b||||S"},
    {"a=b; samesite=LAX", "a|b||||L"},
    {"a=b; SameSite=none; Secure", "a|b||||sN"},
    {"a=b; SameSite=None", "none"},
    {"a=b; SameSite", "a|b||||-"},
    {"a=b; SameSite=else", "a|b||||-"},
    {"a=b; SameSite=Lax; SameSite=Strict", "a|b||||S"},
    {"a=b; SameSite=Strict; SameSite=else", "a|b||||-"},
};

TEST(each_rule_of_set_cookie_holds)
{
    for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++)
        same(cookies[i].said, told(cookies[i].said), cookies[i].told);
}

/* NAME=VALUE of so many bytes together. */
static const char *sized(size_t name, size_t value)
{
    static char text[ROOM];
    memset(text, 'n', name);
    text[name] = '=';
    memset(text + name + 1, 'v', value);
    text[name + 1 + value] = '\0';
    return text;
}

TEST(a_cookie_has_4096_bytes_and_no_more)
{
    struct fm__cookie cookie;
    static const struct {
        size_t name, value;
        bool taken;
    } rows[] = {
        {1, 4095, true},  {1, 4096, false}, {4095, 1, true},
        {4096, 1, false}, {4096, 0, true},  {4097, 0, false},
        {0, 4096, true},  {0, 4097, false}, {2048, 2048, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_INT(fm__cookie_read(slice(sized(rows[i].name, rows[i].value)),
                                  NOW, &cookie),
                  rows[i].taken);
}

TEST(an_attribute_has_1024_bytes_or_is_passed_over)
{
    char text[ROOM] = "a=b; Path=/p; Path=/";
    struct fm__cookie cookie;
    size_t start = strlen(text) - 1;
    memset(text + start + 1, 'x', 1024);
    text[start + 1024] = '\0';
    CHECK(fm__cookie_read(slice(text), NOW, &cookie));
    CHECK_INT(cookie.path.size, 1024);
    text[start + 1024] = 'x';
    text[start + 1025] = '\0';
    CHECK(fm__cookie_read(slice(text), NOW, &cookie));
    CHECK_INT(cookie.path.size, 2);
}

TEST(a_prefix_of_a_name_keeps_its_promise)
{
    static const struct {
        const char *said;
        bool host, holds;
    } rows[] = {
        /* 5.4.1 */
        {"__Secure-a=b; Secure", false, true},
        {"__Secure-a=b", true, false},
        {"__secure-a=b", true, false},
        {"__Secure-=b", true, false},
        {"__Secure=b", false, true},
        {"x__Secure-a=b", false, true},
        /* 5.4.2 */
        {"__Host-a=b; Secure", true, true},
        {"__Host-a=b; Secure", false, false},
        {"__Host-a=b", true, false},
        {"__HOST-a=b", true, false},
        {"__Host-a=b; Secure", true, true},
        {"__Host=b", false, true},
        /* without a name it would be sent as if it had one */
        {"=__Host-a=b; Secure", true, false},
        {"__Secure-a", true, false},
        {"=__secure-; Secure", true, false},
        {"=x__Host-a", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fm__cookie cookie;
        CHECK(fm__cookie_read(slice(rows[i].said), NOW, &cookie));
        if (fm__cookie_prefix_holds(&cookie, rows[i].host) != rows[i].holds)
            test_fail(__FILE__, __LINE__, "%s", rows[i].said);
    }
}

/* "1 Feb 1994 8:49:37": what is read of it, or "none". */
static const struct {
    const char *said;
    int64_t moment; /* 0: none */
} dates[] = {
    /* 5.1.1: words in any order, with anything between them */
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
    {"Sun Nov  6 08:49:37 1994", 784111777},
    {"1994 november 6 08:49:37", 784111777},
    {"08:49:37 6 1994 nov", 784111777},
    {"@6@nov@1994@08:49:37@", 784111777},
    {"6;nov;1994;08:49:37", 784111777},
    {"6\tnov\t1994\t08:49:37", 784111777},
    {"x y z 6 nov 1994 08:49:37 q", 784111777},
    {"6 nov 1994 8:49:37", 784111777},
    {"6th nov 1994a 08:49:37pm", 784111777},
    {"6 novx 1994 08:49:37", 784111777},
    {"6 nov 94 08:49:37", 784111777},
    {"6 nov 1994 08:49:37 09:00:00", 784111777},
    {"6 nov 1994 08:49:37 7 dec 1995", 784111777},
    {"6 nov 1994 08:49:37 +0100", 784111777},
    /* years of two digits, and of three */
    {"1 jan 70 00:00:01", 1},
    {"1 jan 99 00:00:00", 915148800},
    {"1 jan 00 00:00:00", 946684800},
    {"1 jan 69 00:00:00", 3124224000},
    {"1 jan 994 00:00:00", 0},
    {"1 jan 19940 00:00:00", 0},
    {"1 jan 1601 00:00:00", -11644473600},
    {"1 jan 1600 00:00:00", 0},
    {"1 jan 9999 00:00:00", 253370764800},
    /* a day that there is not */
    {"0 jan 1994 00:00:00", 0},
    {"32 jan 1994 00:00:00", 0},
    {"29 feb 1995 00:00:00", 0},
    {"29 feb 1996 00:00:00", 825552000},
    {"31 apr 1994 00:00:00", 0},
    {"001 jan 1994 00:00:00", 0},
    /* a time that there is not */
    {"6 nov 1994 24:00:00", 0},
    {"6 nov 1994 23:60:00", 0},
    {"6 nov 1994 23:59:60", 0},
    {"6 nov 1994 23:59:59", 784166399},
    {"6 nov 1994 008:49:37", 0},
    {"6 nov 1994 08:49", 0},
    {"6 nov 1994 08:49:", 0},
    {"6 nov 1994 08.49.37", 0},
    {"6 nov 1994 08 :49:37", 0},
    /* something is missing */
    {"", 0},
    {"6 nov 1994", 0},
    {"nov 1994 08:49:37", 0},
    {"6 1994 08:49:37", 0},
    {"6 nov 08:49:37", 0},
    {"6 no 1994 08:49:37", 0},
};

TEST(each_rule_of_a_cookie_date_holds)
{
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        int64_t seconds = 0;
        bool read = fm__cookie_date_read(slice(dates[i].said), &seconds);
        if (read != (dates[i].moment != 0) || seconds != dates[i].moment)
            test_fail(__FILE__, __LINE__, "%s: %" PRId64, dates[i].said,
                      seconds);
    }
}

TEST(each_delimiter_of_a_date_is_one)
{
    for (int byte = 1; byte < 256; byte++) {
        char text[64];
        int64_t seconds;
        bool between = byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) ||
                       (byte >= 0x3b && byte <= 0x40) ||
                       (byte >= 0x5b && byte <= 0x60) ||
                       (byte >= 0x7b && byte <= 0x7e);
        snprintf(text, sizeof text, "nov%c6 08:49:37 1994", byte);
        CHECK_INT(fm__cookie_date_read(slice(text), &seconds), between);
    }
}

TEST(a_domain_is_a_suffix_at_a_dot_and_no_address)
{
    static const struct {
        const char *host, *domain;
        bool matches;
    } rows[] = {
        /* 5.1.3 */
        {"x.y", "x.y", true},
        {"w.x.y", "x.y", true},
        {"v.w.x.y", "x.y", true},
        {"wx.y", "x.y", false},
        {"x.y", "w.x.y", false},
        {"x.y", "y", true},
        {"x.y", "", false},
        {"x.y", "x.z", false},
        {"x.y.", "x.y", false},
        {"w.x.y.", "x.y.", true},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "0.0.1", false},
        {"127.0.0.1", "1", false},
        {"[::1]", "[::1]", true},
        {"[::ffff:1.2.3.4]", "4]", false},
        {"1.x2", "x2", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_INT(fm__cookie_domain_matches(fm__slice_of(rows[i].host),
                                            fm__slice_of(rows[i].domain)),
                  rows[i].matches);
}

TEST(a_path_matches_what_is_below_it)
{
    static const struct {
        const char *path, *of;
        bool matches;
    } rows[] = {
        /* 5.1.4 */
        {"/", "/", true},        {"/a", "/", true},     {"/a", "/a", true},
        {"/a/", "/a", true},     {"/a/b", "/a", true},  {"/ab", "/a", false},
        {"/a", "/a/", false},    {"/a/b", "/a/", true}, {"/a/b", "/b", false},
        {"/A", "/a", false},     {"/", "/a", false},    {"/a//b", "/a/", true},
        {"/a%2Fb", "/a", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_INT(fm__cookie_path_matches(fm__slice_of(rows[i].path),
                                          fm__slice_of(rows[i].of)),
                  rows[i].matches);
}

TEST(a_path_that_is_not_said_is_the_directory)
{
    static const char *const rows[][2] = {
        /* 5.1.4 */
        {"", "/"},     {"a", "/"},         {"/", "/"},        {"/a", "/"},
        {"/a/", "/a"}, {"/a/b", "/a"},     {"/a/b/", "/a/b"}, {"//", "/"},
        {"//a", "/"},  {"/a/b/c", "/a/b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fm__slice path =
            fm__cookie_default_path(fm__slice_of(rows[i][0]));
        CHECK(fm__slice_is(path, fm__slice_of(rows[i][1])));
    }
}

TEST(the_cookies_of_a_request_are_its_pairs)
{
    static const char *const rows[][2] = {
        /* 5.8.3 writes it so */
        {"a=b; c=d", "a|b c|d "},
        {"a=b;c=d", "a|b c|d "},
        {"a=b; a=c", "a|b a|c "},
        {"a", "|a "},
        {"=a", "|a "},
        {"a=", "a| "},
        {"a=b=c; d", "a|b=c |d "},
        {" ; ;; a=b ;", "a|b "},
        {"a = b", "a|b "},
        {"a=\"b c\"", "a|\"b c\" "},
        {"", ""},
        {";", ""},
        {"=", "| "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fm__slice rest = slice(rows[i][0]), name, value;
        char text[256] = "";
        while (fm__cookie_next(&rest, &name, &value)) {
            size_t size = strlen(text);
            snprintf(text + size, sizeof text - size, "%.*s|%.*s ", TEXT(name),
                     TEXT(value));
        }
        same(rows[i][0], text, rows[i][1]);
    }
}
