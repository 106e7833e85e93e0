/*
 * test_router.c - which handler answers which request
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>

static struct play scene;
static fm_router *router;

/* What a route is called, and what its parameters stand for. */
static int named(fm_exchange *exchange, void *arg)
{
    char text[256];
    const char *id = fm_exchange_parameter(exchange, "id");
    const char *rest = fm_exchange_parameter(exchange, "rest");
    snprintf(text, sizeof text, "%s id=%s rest=%s %lld", (const char *)arg,
             id != NULL ? id : "-", rest != NULL ? rest : "-",
             (long long)fm_exchange_number(exchange, "id"));
    return fm_reply_text(exchange, 200, text);
}

static int add(const char *method, const char *pattern, const char *name)
{
    return fm_route(router, method, pattern,
                    FM_ROUTE(named, (void *)(uintptr_t)name));
}

static void ask(const char *host, const char *line)
{
    char words[512];
    memset(&scene, 0, sizeof scene);
    snprintf(words, sizeof words, "%s HTTP/1.1\r\nHost: %s\r\n\r\n", line,
             host);
    scene.words = words;
    scene.handler = fm_router_handle;
    scene.arg = router;
    play(&scene);
}

static void check_said(const char *line, const char *wanted)
{
    ask("example.org", line);
    const char *body = strstr(scene.answer, "\r\n\r\n");
    if (body == NULL || strcmp(body + 4, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", line, scene.answer);
}

static void check_status(const char *line, const char *status)
{
    ask("example.org", line);
    if (strncmp(scene.answer + strlen("HTTP/1.1 "), status, 3) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", line, scene.answer);
}

static void check_has(const char *text)
{
    if (strstr(scene.answer, text) == NULL)
        test_fail(__FILE__, __LINE__, "no %s in %s", text, scene.answer);
}

STORY(a_path_leads_to_its_handler)
{
    router = fm_router_new();
    CHECK_INT(add("GET", "/", "front"), 0);
    CHECK_INT(add("GET", "/users", "all"), 0);
    CHECK_INT(add("GET", "/users/", "slash"), 0);
    CHECK_INT(add("GET", "/users/me", "me"), 0);
    CHECK_INT(add("GET", "/users/{id:int}", "number"), 0);
    CHECK_INT(add("GET", "/users/{id}", "any"), 0);
    CHECK_INT(add("GET", "/users/{id}/posts", "posts"), 0);
    CHECK_INT(add("GET", "/users/{rest...}", "rest"), 0);
    check_said("GET /", "front id=- rest=- 0");
    check_said("GET /?a=/users", "front id=- rest=- 0");
    check_said("GET /users", "all id=- rest=- 0");
    check_said("GET /users/", "slash id=- rest=- 0");
    check_said("GET /users/me", "me id=- rest=- 0");
    check_said("GET /users/-17", "number id=-17 rest=- -17");
    check_said("GET /users/17a", "any id=17a rest=- 17");
    check_said("GET /users/1234567890123456789", "any id=1234567890123456789 "
                                                 "rest=- 1234567890123456789");
    check_said("GET /users/17/posts", "posts id=17 rest=- 17");
    check_said("GET /users/17/other", "rest id=- rest=17/other 0");
    check_said("GET /users//", "rest id=- rest=/ 0");
    check_said("GET http://example.org/users", "all id=- rest=- 0");
    check_said("GET http://example.org", "front id=- rest=- 0");
    check_said("GET http://example.org?a=/users", "front id=- rest=- 0");
    check_said("GET http://example.org/?a=/users", "front id=- rest=- 0");
    fm_router_free(router);
}

STORY(where_a_way_ends_another_is_tried_from_the_left)
{
    router = fm_router_new();
    CHECK_INT(add("GET", "/a/{id:int}/{x}/b", "b"), 0);
    CHECK_INT(add("GET", "/a/{x}/{y}/c", "c"), 0);
    CHECK_INT(add("GET", "/{id}/1/{rest...}", "rest"), 0);
    CHECK_INT(add("GET", "/{x}/{y}/{z}/{id}", "last"), 0);
    check_said("GET /a/1/2/b", "b id=1 rest=- 1");
    check_said("GET /a/1/2/c", "c id=- rest=- 0");
    check_said("GET /a/1/2/d", "rest id=a rest=2/d 0");
    check_said("GET /a/2/3/4", "last id=4 rest=- 4");
    check_status("GET /a/2/3", "404");
    check_status("GET /a/2/3/4/5", "404");
    fm_router_free(router);
}

STORY(a_segment_is_decoded_and_stays_one)
{
    router = fm_router_new();
    CHECK_INT(add("GET", "/a b/{id}", "space"), 0);
    CHECK_INT(add("GET", "/f/{rest...}", "rest"), 0);
    check_said("GET /a%20b/c%2Fd", "space id=c/d rest=- 0");
    check_status("GET /f/c%2Fd", "404");
    check_said("GET /f/a%2e/b", "rest id=- rest=a./b 0");
    fm_router_free(router);
}

STORY(what_a_path_must_not_have_is_refused)
{
    static const char *const bad[] = {
        "GET /f/..",  "GET /f/../x", "GET /f/%2e%2E/x", "GET /f/.",
        "GET /f/%2e", "GET /f/a%00", "GET /f/%",        "GET /f/%4",
        "GET /f/%zz", "OPTIONS *",
    };
    router = fm_router_new();
    CHECK_INT(add("GET", "/f/{rest...}", "rest"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_status(bad[i], "400");
    fm_router_free(router);
}

STORY(a_method_that_is_not_there_is_told_from_a_path)
{
    router = fm_router_new();
    CHECK_INT(add("GET", "/a", "get"), 0);
    CHECK_INT(add("PUT", "/a", "put"), 0);
    CHECK_INT(add("DELETE", "/{id}", "delete"), 0);
    check_status("POST /b/c", "404");
    check_status("POST /a", "405");
    check_has("Allow: GET, HEAD, PUT, DELETE, OPTIONS\r\n");
    check_status("OPTIONS /a", "204");
    check_has("Allow: GET, HEAD, PUT, DELETE, OPTIONS\r\n");
    check_said("DELETE /a", "delete id=a rest=- 0");
    check_status("HEAD /a", "200");
    CHECK_INT(add(NULL, "/a", "any"), 0);
    check_said("POST /a", "any id=- rest=- 0");
    check_said("GET /a", "get id=- rest=- 0");
    fm_router_free(router);
}

STORY(a_host_has_its_routes)
{
    router = fm_router_new();
    CHECK_INT(add("GET", "/a", "all"), 0);
    CHECK_INT(add("GET", "api.example.org/a", "api"), 0);
    ask("API.example.org:8080", "GET /a");
    check_has("api id=-");
    ask("example.org", "GET /a");
    check_has("all id=-");
    ask("[::1]:80", "GET /a");
    check_has("all id=-");
    fm_router_free(router);
}

static int around(fm_exchange *exchange, void *arg)
{
    CHECK_INT(fm_reply_set(exchange, "X-Around", arg), 0);
    return fm_route_next(exchange);
}

static int refuse(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 403, "no\n");
}

STORY(what_goes_around_is_called_in_its_order)
{
    router = fm_router_new();
    CHECK_INT(fm_route_around(router, FM_ROUTE(around, "outer")), 0);
    CHECK_INT(add("GET", "/", "front"), 0);
    CHECK_INT(fm_route_around(router, FM_ROUTE(around, "inner")), 0);
    check_said("GET /", "front id=- rest=- 0");
    check_has("X-Around: outer\r\nX-Around: inner\r\n");
    CHECK_INT(fm_route_around(router, FM_ROUTE(refuse, NULL)), 0);
    check_status("GET /", "403");
    fm_router_free(router);
}

STORY(a_route_that_is_none_is_refused)
{
    static const char *const bad[] = {
        "",       "a",        "/{",     "/}",        "/a{b}",  "/{b}a",
        "/{}",    "/{a:x}",   "/{a..}", "/{a...}/b", "/{a b}", "/{:int}",
        "/{...}", "/{a}/{a}", "a:80/",  "[::1]:80/",
    };
    router = fm_router_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (add("GET", bad[i], "bad") != -EINVAL)
            test_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
    CHECK_INT(add("G T", "/", "bad"), -EINVAL);
    CHECK_INT(add("GET", "[::1]/", "local"), 0);
    CHECK_INT(add("GET", "/a/{b}", "one"), 0);
    CHECK_INT(add("GET", "/a/{c}", "same"), -EEXIST);
    CHECK_INT(fm_route(NULL, "GET", "/", FM_ROUTE(named, NULL)), -ENOMEM);
    fm_router_free(router);
    fm_router_free(NULL);
}

/* "/a/a/a...", so many segments. */
static const char *deep(unsigned count)
{
    static char path[256];
    path[0] = '\0';
    for (unsigned i = 0; i < count; i++)
        memcpy(path + 2 * i, "/a", 3);
    return path;
}

STORY(a_path_has_so_many_segments)
{
    char line[300];
    router = fm_router_new();
    CHECK_INT(add("GET", deep(FM_ROUTE_SEGMENTS), "deep"), 0);
    CHECK_INT(add("GET", deep(FM_ROUTE_SEGMENTS + 1), "deeper"), -EINVAL);
    snprintf(line, sizeof line, "GET %s", deep(FM_ROUTE_SEGMENTS));
    check_status(line, "200");
    snprintf(line, sizeof line, "GET %s", deep(FM_ROUTE_SEGMENTS + 1));
    check_status(line, "400");
    fm_router_free(router);
}

static int lost(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_route_next(exchange);
}

static void serve_lost(void)
{
    static struct play asked; /* too large for a stack */
    asked.handler = lost;
    asked.words = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    play(&asked);
}

/* Where tasks are, the sentence is of one. */
TEST(who_is_not_routed_has_no_next)
{
    CHECK_DOOMED(serve_lost,
                 "fm_route_next: no router has led the request here");
}
