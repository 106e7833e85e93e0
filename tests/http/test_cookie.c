/*
 * test_cookie.c - the cookies of a request, and those that a reply sets
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>

enum {
    WORDS = 32000
};

static struct play scene;

/* What a request with these fields is answered. */
static const char *ask(fm_http_handler handler, const char *fields)
{
    static char words[WORDS + 64];
    memset(&scene, 0, sizeof scene);
    snprintf(words, sizeof words, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
             fields);
    scene.words = words;
    scene.handler = handler;
    play(&scene);
    return scene.answer;
}

static void check_same(int line, const char *text, const char *wanted)
{
    if (text == NULL || wanted == NULL ? text != wanted
                                       : strcmp(text, wanted) != 0)
        test_fail(__FILE__, line, "%s, not %s", text != NULL ? text : "none",
                  wanted != NULL ? wanted : "none");
}

#define CHECK_SAME(text, wanted) check_same(__LINE__, text, wanted)

/* ---- those of a request -------------------------------------------------- */

static int by_name(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_SAME(fm_exchange_cookie(exchange, "a"), "1");
    CHECK_SAME(fm_exchange_cookie(exchange, "A"), "2");
    CHECK_SAME(fm_exchange_cookie(exchange, "q"), "\"x y\"");
    CHECK_SAME(fm_exchange_cookie(exchange, "empty"), "");
    CHECK_SAME(fm_exchange_cookie(exchange, ""), "bare");
    CHECK_SAME(fm_exchange_cookie(exchange, "e"), "f=g");
    CHECK_SAME(fm_exchange_cookie(exchange, "missing"), NULL);
    CHECK_SAME(fm_exchange_cookie(exchange, "a"), "1");
    CHECK_SAME(fm_exchange_field(exchange, "Cookie"),
               "a=1; A=2; a=3; q=\"x y\"; empty=; bare;e=f=g");
    return fm_reply_text(exchange, 200, "taken");
}

STORY(the_first_cookie_of_a_name_is_given_as_it_was_sent)
{
    CHECK(strstr(ask(by_name, "Cookie: a=1; A=2; a=3; q=\"x y\"; empty=; "
                              "bare;e=f=g\r\n"),
                 "taken") != NULL);
}

static int all(fm_exchange *exchange, void *arg)
{
    fm_http_field cookie;
    char text[4096] = "";
    (void)arg;
    for (size_t i = 0; fm_exchange_cookie_at(exchange, i, &cookie); i++) {
        size_t size = strlen(text);
        snprintf(text + size, sizeof text - size, "[%s=%s]", cookie.name,
                 cookie.value);
    }
    return fm_reply_text(exchange, 200, text);
}

static void check_all(const char *fields, const char *wanted)
{
    const char *body = strstr(ask(all, fields), "\r\n\r\n");
    CHECK(body != NULL);
    CHECK_SAME(body + 4, wanted);
}

STORY(cookies_are_given_in_their_order)
{
    check_all("", "");
    check_all("Cookie:\r\n", "");
    check_all("Cookie: ;;\r\n", "");
    check_all("Cookie: a\r\n", "[=a]");
    check_all("cookie: a=1;;b=2;\r\n", "[a=1][b=2]");
    check_all("Cookie: a=1\r\nCookie: b=2; c\r\n", "[a=1][b=2][=c]");
    check_all("Cookie2: a=1\r\nX-Cookie: b=2\r\n", "");
}

static int counted(fm_exchange *exchange, void *arg)
{
    fm_http_field cookie;
    char text[64];
    size_t count = 0;
    (void)arg;
    while (fm_exchange_cookie_at(exchange, count, &cookie))
        count++;
    snprintf(text, sizeof text, "%zu %s", count,
             fm_exchange_cookie(exchange, "last") != NULL ? "last" : "none");
    return fm_reply_text(exchange, 200, text);
}

/* So many, and one called "last". */
static const char *crowd(int count)
{
    static char fields[WORDS];
    size_t size = (size_t)snprintf(fields, sizeof fields, "Cookie: ");
    for (int i = 0; i < count; i++)
        size +=
            (size_t)snprintf(fields + size, sizeof fields - size, "n%d=; ", i);
    snprintf(fields + size, sizeof fields - size, "last=1\r\n");
    return fields;
}

STORY(of_a_request_200_cookies_are_taken)
{
    CHECK(strstr(ask(counted, crowd(199)), "200 last") != NULL);
    CHECK(strstr(ask(counted, crowd(200)), "200 none") != NULL);
    CHECK(strstr(ask(counted, crowd(3000)), "200 none") != NULL);
}

static int asked_twice(fm_exchange *exchange, void *arg)
{
    const char *value = fm_exchange_cookie(exchange, "a");
    (void)arg;
    return fm_reply_text(exchange, 200, value != NULL ? value : "none");
}

STORY(no_cookie_of_one_request_is_another_ones)
{
    memset(&scene, 0, sizeof scene);
    scene.words = "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=first\r\n\r\n"
                  "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=third\r\n\r\n";
    scene.handler = asked_twice;
    play(&scene);
    const char *first = strstr(scene.answer, "first");
    CHECK(first != NULL);
    const char *second = strstr(first, "none");
    CHECK(second != NULL && strstr(second, "third") != NULL);
}

/* ---- those of a reply ---------------------------------------------------- */

static fm_cookie given;
static int result;

static int sets(fm_exchange *exchange, void *arg)
{
    (void)arg;
    result = fm_reply_cookie(exchange, &given);
    return fm_reply_text(exchange, 200, "done");
}

/* The Set-Cookie, or NULL. */
static const char *said(fm_cookie cookie)
{
    static char text[20000];
    given = cookie;
    const char *at = strstr(ask(sets, ""), "Set-Cookie: ");
    if (at == NULL)
        return NULL;
    snprintf(text, sizeof text, "%s", at + strlen("Set-Cookie: "));
    *strstr(text, "\r\n") = '\0';
    return text;
}

STORY(a_cookie_is_safe_unless_it_says_otherwise)
{
    CHECK_SAME(said((fm_cookie){.name = "a", .value = "1"}),
               "a=1; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(said((fm_cookie){.name = "a"}),
               "a=; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(said((fm_cookie){.name = "a",
                                .value = "1",
                                .plain = true,
                                .scripts = true,
                                .same_site = FM_SAME_SITE_UNSAID}),
               "a=1; Path=/");
    CHECK_SAME(said((fm_cookie){.name = "a",
                                .value = "\"1\"",
                                .domain = "example.org",
                                .path = "/p q",
                                .age = 60,
                                .same_site = FM_SAME_SITE_STRICT}),
               "a=\"1\"; Max-Age=60; Domain=example.org; Path=/p q; Secure; "
               "HttpOnly; SameSite=Strict");
    CHECK_SAME(said((fm_cookie){
                   .name = "a", .value = "1", .same_site = FM_SAME_SITE_NONE}),
               "a=1; Path=/; Secure; HttpOnly; SameSite=None");
    CHECK_SAME(said((fm_cookie){.name = "a", .age = -1}),
               "a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(said((fm_cookie){.name = "a", .age = FM_COOKIE_AGE + 1}),
               "a=; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(said((fm_cookie){.name = "a", .age = INT64_MIN}),
               "a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(said((fm_cookie){.name = "__Host-a", .value = "1"}),
               "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK_SAME(
        said((fm_cookie){.name = "__Secure-a", .value = "1", .domain = "b.c"}),
        "__Secure-a=1; Domain=b.c; Path=/; Secure; HttpOnly; "
        "SameSite=Lax");
}

STORY(what_clients_would_not_take_is_refused)
{
    static const fm_cookie none[] = {
        {.name = NULL, .value = "1"},
        {.name = "", .value = "1"},
        {.name = "a b", .value = "1"},
        {.name = "a=b", .value = "1"},
        {.name = "a;b", .value = "1"},
        {.name = "a\r\nb", .value = "1"},
        {.name = "\xc3\xa4", .value = "1"},
        {.name = "a", .value = "1 2"},
        {.name = "a", .value = "1;2"},
        {.name = "a", .value = "1,2"},
        {.name = "a", .value = "1\\2"},
        {.name = "a", .value = "\"1"},
        {.name = "a", .value = "\""},
        {.name = "a", .value = "1\"2"},
        {.name = "a", .value = "\"1\"2\""},
        {.name = "a", .value = "1\r\nSet-Cookie: b=2"},
        {.name = "a", .value = "\x7f"},
        {.name = "a", .value = "\xc3\xa4"},
        {.name = "a", .value = "1", .path = ""},
        {.name = "a", .value = "1", .path = "p"},
        {.name = "a", .value = "1", .path = "/; Domain=b"},
        {.name = "a", .value = "1", .path = "/\n"},
        {.name = "a", .value = "1", .path = "/p "},
        {.name = "a", .value = "1", .domain = ""},
        {.name = "a", .value = "1", .domain = "."},
        {.name = "a", .value = "1", .domain = ".b.c"},
        {.name = "a", .value = "1", .domain = "b..c"},
        {.name = "a", .value = "1", .domain = "b.c."},
        {.name = "a", .value = "1", .domain = "b c"},
        {.name = "a", .value = "1", .domain = "b;c"},
        {.name = "a", .value = "1", .domain = "[::1]"},
        {.name = "a",
         .value = "1",
         .same_site = FM_SAME_SITE_NONE,
         .plain = true},
        {.name = "__Secure-a", .value = "1", .plain = true},
        {.name = "__host-a", .value = "1", .plain = true},
        {.name = "__Host-a", .value = "1", .domain = "b.c"},
        {.name = "__Host-a", .value = "1", .path = "/p"},
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const char *text = said(none[i]);
        if (text != NULL || result != -EINVAL)
            test_fail(__FILE__, __LINE__, "cookie %zu: %d %s", i, result,
                      text != NULL ? text : "");
    }
    fm_cookie odd = {.name = "a"};
    const unsigned beyond = FM_SAME_SITE_UNSAID + 1;
    memcpy(&odd.same_site, &beyond, sizeof beyond);
    CHECK(said(odd) == NULL);
    CHECK_INT(result, -EINVAL);
}

static char *filled(size_t size, const char *start)
{
    static char text[FM_COOKIE_SIZE + 8];
    memset(text, 'x', size);
    memcpy(text, start, strlen(start));
    text[size] = '\0';
    return text;
}

STORY(a_cookie_that_is_set_has_its_limits)
{
    CHECK(said((fm_cookie){.name = "ab",
                           .value = filled(FM_COOKIE_SIZE - 2, "")}) != NULL);
    CHECK(said((fm_cookie){.name = "ab",
                           .value = filled(FM_COOKIE_SIZE - 1, "")}) == NULL);
    CHECK_INT(result, -EMSGSIZE);
    CHECK(said((fm_cookie){.name = "a", .path = filled(1024, "/")}) != NULL);
    CHECK(said((fm_cookie){.name = "a", .path = filled(1025, "/")}) == NULL);
    CHECK_INT(result, -EMSGSIZE);
    CHECK(said((fm_cookie){.name = "a", .domain = filled(1024, "")}) != NULL);
    CHECK(said((fm_cookie){.name = "a", .domain = filled(1025, "")}) == NULL);
    CHECK_INT(result, -EMSGSIZE);
}

static int sets_many(fm_exchange *exchange, void *arg)
{
    char name[16];
    int count = 0;
    (void)arg;
    do
        snprintf(name, sizeof name, "n%d", count);
    while (fm_reply_cookie(exchange, &(fm_cookie){.name = name,
                                                  .value = filled(4000, "")}) ==
               0 &&
           ++count < 9);
    result = fm_reply_cookie(
        exchange, &(fm_cookie){.name = "n9", .value = filled(4000, "")});
    CHECK_INT(count, FM_REPLY_FIELDS / 4080);
    int rc = fm_reply_text(exchange, 200, "done");
    CHECK_INT(fm_reply_cookie(exchange, &(fm_cookie){.name = "c"}), -EALREADY);
    return rc;
}

STORY(cookies_of_a_reply_have_the_limit_of_its_fields)
{
    ask(sets_many, "");
    CHECK_INT(result, -EMSGSIZE);
    CHECK(strstr(scene.answer, "Set-Cookie: n0=") != NULL);
    CHECK(strstr(scene.answer, "c=1") == NULL);
}

static int sets_again(fm_exchange *exchange, void *arg)
{
    static const fm_cookie cookies[] = {
        {.name = "a", .value = "1"},
        {.name = "b", .value = "2"},
        {.name = "a", .value = "3", .path = "/p"},
        {.name = "a", .value = "4", .domain = "x.y"},
        {.name = "A", .value = "5"},
        {.name = "a", .value = "6", .age = 60},
        {.name = "a", .value = "7", .domain = "X.Y"},
    };
    (void)arg;
    fm_reply_set(exchange, "X-First", "a=1");
    for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++)
        CHECK_INT(fm_reply_cookie(exchange, &cookies[i]), 0);
    fm_reply_set(exchange, "X-Last", "a=1");
    return fm_reply_text(exchange, 200, "done");
}

/* "a=1" of "Set-Cookie: a=1; ...", one behind the other. */
static const char *all_set(void)
{
    static char text[256];
    text[0] = '\0';
    for (const char *at = scene.answer;
         (at = strstr(at, "Set-Cookie: ")) != NULL;) {
        size_t size = strlen(text);
        at += strlen("Set-Cookie: ");
        snprintf(text + size, sizeof text - size, "%.*s ",
                 (int)strcspn(at, ";"), at);
    }
    return text;
}

STORY(a_cookie_that_is_set_again_is_replaced)
{
    ask(sets_again, "");
    CHECK_SAME(all_set(), "b=2 a=3 A=5 a=6 a=7 ");
    CHECK(strstr(scene.answer, "X-First: a=1\r\nSet-Cookie: b=2") != NULL);
    CHECK(strstr(scene.answer, "\r\nX-Last: a=1\r\n") != NULL);
}

/* A client that keeps what it is told hears the same as was set. */
static int echoes(fm_exchange *exchange, void *arg)
{
    const char *value = fm_exchange_cookie(exchange, "a");
    (void)arg;
    if (value != NULL)
        return fm_reply_text(exchange, 200, value);
    int rc = fm_reply_cookie(exchange, &given);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "set");
}

static void check_comes_back(const char *value)
{
    const char *bytes;
    fm_cookie_jar *jar;
    fm_http_client *client;
    fm_response *response;
    given = (fm_cookie){.name = "a", .value = value};
    CHECK_INT(fm_cookie_jar_new(&jar), 0);
    CHECK_INT(
        fm_http_client_open(
            &client, &(fm_http_client_options){.handler = echoes, .jar = jar}),
        0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_http_fetch(client, "http://localhost/", &response), 0);
        CHECK(fm_response_load(response, &bytes) >= 0);
        CHECK_SAME(bytes, i == 0 ? "set" : value);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    fm_cookie_jar_free(jar);
}

STORY(what_a_server_sets_comes_back)
{
    check_comes_back("1");
    check_comes_back("\"quoted\"");
    check_comes_back("a=b&c=%20!#$'()*+-./:<=>?@[]^_`{|}~");
    check_comes_back(filled(FM_COOKIE_SIZE - 1, ""));
}
