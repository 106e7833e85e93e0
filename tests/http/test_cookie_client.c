/*
 * test_cookie_client.c - which cookies go where, over redirects
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

#define A "http://a.example"
#define B "http://b.example"

/* A server of every name, in memory. "/set/NAME=VALUE" sets a cookie, and
 * "/302/..." leads on, after "?" with a Set-Cookie. */
static struct {
    fm_http_client *client;
    fm_cookie_jar *jar;
    char seen[4096];
} scene;

static void see(const char *text)
{
    size_t size = strlen(scene.seen);
    snprintf(scene.seen + size, sizeof scene.seen - size, "%s",
             text != NULL ? text : "-");
}

static int serve(fm_exchange *exchange, void *arg)
{
    const char *target = fm_exchange_target(exchange);
    const char *says = strchr(target, '?');
    int status = 200;
    (void)arg;
    see(fm_exchange_host(exchange));
    see(" ");
    see(fm_exchange_field(exchange, "Cookie"));
    see("|");
    if (says != NULL)
        fm_reply_set(exchange, "Set-Cookie", says + 1);
    if (sscanf(target, "/%d/", &status) == 1) {
        char to[256];
        snprintf(to, sizeof to, "%.*s",
                 (int)(says != NULL ? (size_t)(says - target) - 5
                                    : strlen(target) - 5),
                 target + 5);
        fm_reply_set(exchange, "Location", to);
    }
    return fm_reply_text(exchange, status, "body");
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_cookie_jar_new(&scene.jar), 0);
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.handler = serve,
                                                            .jar = scene.jar}),
              0);
}

static void end(void)
{
    fm_http_client_close(scene.client);
    fm_cookie_jar_free(scene.jar);
}

/* What the servers have seen. */
static const char *go(const char *url, fm_http_request request)
{
    fm_response *response;
    scene.seen[0] = '\0';
    int rc = fm_http_fetch(scene.client, url, &response, &request);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "%s: %s", url, fm_strerror(rc));
    else
        fm_response_close(response);
    return scene.seen;
}

#define GO(url) go(url, (fm_http_request){0})

STORY(what_was_set_is_sent_with_the_next_request)
{
    begin();
    CHECK_SAID(GO(A "/?a=1"), "a.example -|");
    CHECK_SAID(GO(A "/"), "a.example a=1|");
    CHECK_SAID(GO(A "/?b=2"), "a.example a=1|");
    CHECK_SAID(GO(A "/?a=;Max-Age=0"), "a.example a=1; b=2|");
    CHECK_SAID(GO(A "/"), "a.example b=2|");
    CHECK_SAID(GO(B "/"), "b.example -|");
    end();
}

STORY(a_redirect_sets_cookies_and_is_sent_them)
{
    begin();
    CHECK_SAID(GO(A "/302/" A "/x?a=1;Path=/"), "a.example -|a.example a=1|");
    CHECK_SAID(GO(A "/302/" B "/x?c=3;Path=/"), "a.example a=1|b.example -|");
    CHECK_SAID(GO(A "/"), "a.example a=1; c=3|");
    CHECK_SAID(GO(B "/302/" A "/x?b=2;Path=/"),
               "b.example -|a.example a=1; c=3|");
    CHECK_SAID(GO(B "/"), "b.example b=2|");
    end();
}

STORY(no_redirect_takes_a_cookie_to_another_host)
{
    static const fm_http_field own[] = {{"Cookie", "own=1"}, {NULL, NULL}};
    begin();
    GO(A "/?a=1;Path=/");
    GO(B "/?b=2;Path=/");
    CHECK_SAID(go(A "/302/" B "/x", (fm_http_request){.fields = own}),
               "a.example own=1|b.example b=2|");
    CHECK_SAID(go(A "/302/" A "/x", (fm_http_request){.fields = own}),
               "a.example own=1|a.example own=1|");
    CHECK_SAID(GO(A "/302/http://a.example.evil.example/x"),
               "a.example a=1|a.example.evil.example -|");
    end();
}

STORY(a_field_of_the_requests_own_takes_the_place_of_the_jars)
{
    static const fm_http_field own[] = {{"cookie", "own=1"}, {NULL, NULL}};
    begin();
    GO(A "/?a=1");
    CHECK_SAID(go(A "/?b=2", (fm_http_request){.fields = own}),
               "a.example own=1|");
    CHECK_SAID(GO(A "/"), "a.example a=1; b=2|");
    end();
}

STORY(a_request_opts_out_of_the_jar)
{
    begin();
    GO(A "/?a=1;Path=/");
    CHECK_SAID(
        go(A "/302/" A "/x?b=2;Path=/", (fm_http_request){.no_cookies = true}),
        "a.example -|a.example -|");
    CHECK_SAID(GO(A "/"), "a.example a=1|");
    end();
}

STORY(a_client_without_a_jar_has_no_cookies)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.handler = serve}),
              0);
    CHECK_SAID(GO(A "/302/" A "/x?a=1;Path=/"), "a.example -|a.example -|");
    fm_http_client_close(scene.client);
}

/* Where it is built; else 1.1 is spoken all the same. */
STORY(cookies_go_by_http_2_as_by_1_1)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_cookie_jar_new(&scene.jar), 0);
    int rc = fm_http_client_open(
        &scene.client, &(fm_http_client_options){
                           .handler = serve, .jar = scene.jar, .http2 = true});
    if (rc == 0) {
        CHECK_SAID(GO(A "/302/" A "/x?a=1;Path=/"),
                   "a.example -|a.example a=1|");
        CHECK_SAID(GO(A "/?b=2;Path=/"), "a.example a=1|");
        CHECK_SAID(GO(A "/"), "a.example a=1; b=2|");
        fm_http_client_close(scene.client);
    }
    fm_cookie_jar_free(scene.jar);
}

STORY(two_clients_share_a_jar)
{
    fm_http_client *first;
    begin();
    GO(A "/?a=1");
    first = scene.client;
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.handler = serve,
                                                            .jar = scene.jar}),
              0);
    CHECK_SAID(GO(A "/"), "a.example a=1|");
    fm_http_client_close(first);
    end();
}

STORY(an_answer_that_is_refused_for_its_cookie_is_an_answer)
{
    begin();
    CHECK_SAID(GO(A "/?a=1;Domain=example"), "a.example -|");
    CHECK_SAID(GO(A "/?b=2;Secure"), "a.example -|");
    CHECK_INT(fm_cookie_jar_count(scene.jar), 0);
    end();
}

/* Several fields, with a status that is no success. */
static int serve_several(fm_exchange *exchange, void *arg)
{
    (void)arg;
    see(fm_exchange_field(exchange, "Cookie"));
    fm_reply_set(exchange, "Set-Cookie", "a=1, still a");
    fm_reply_set(exchange, "set-cookie", "b=2");
    fm_reply_set(exchange, "Set-Cookie", "bad=3; Domain=x");
    fm_reply_set(exchange, "SET-COOKIE", "c=4");
    return fm_reply_text(exchange, 404, "nothing");
}

STORY(each_field_sets_a_cookie_whatever_the_status)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_cookie_jar_new(&scene.jar), 0);
    CHECK_INT(
        fm_http_client_open(&scene.client,
                            &(fm_http_client_options){.handler = serve_several,
                                                      .jar = scene.jar}),
        0);
    CHECK_SAID(GO(A "/"), "-");
    CHECK_SAID(GO(A "/"), "a=1, still a; b=2; c=4");
    end();
}

STORY(an_answer_of_90_cookies_leaves_50)
{
    struct stage stage;
    static char says[STAGE_ROOM] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    for (int i = 0; i < 90; i++) {
        size_t size = strlen(says);
        snprintf(says + size, sizeof says - size, "Set-Cookie: n%d=%d\r\n", i,
                 i);
    }
    size_t said = strlen(says);
    snprintf(says + said, sizeof says - said, "\r\n");
    const struct stage_act acts[] = {{says, STAGE_STAYS},
                                     {"HTTP/1.1 200 OK\r\n"
                                      "Content-Length: 0\r\n\r\n",
                                      STAGE_CLOSES},
                                     {NULL, STAGE_CLOSES}};
    stage_open(&stage, acts);
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_cookie_jar_new(&scene.jar), 0);
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.jar = scene.jar}),
              0);
    GO(stage.url);
    GO(stage.url);
    CHECK_INT(fm_cookie_jar_count(scene.jar), 50);
    CHECK(strncmp(stage_field(&stage, 1, "Cookie"), "n40=40; n41=41; ", 16) ==
          0);
    end();
    stage_close(&stage);
}

STORY(an_interim_answer_sets_nothing)
{
    struct stage stage;
    static const struct stage_act acts[] = {
        {"HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\n\r\n"
         "HTTP/1.1 200 OK\r\nSet-Cookie: late=2\r\nContent-Length: 0\r\n\r\n",
         STAGE_CLOSES},
        {NULL, STAGE_CLOSES}};
    stage_open(&stage, acts);
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_cookie_jar_new(&scene.jar), 0);
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.jar = scene.jar}),
              0);
    GO(stage.url);
    fm_kept_cookie cookie;
    CHECK(fm_cookie_jar_at(scene.jar, 0, &cookie));
    CHECK_SAID(cookie.name, "late");
    CHECK_INT(fm_cookie_jar_count(scene.jar), 1);
    end();
    stage_close(&stage);
}
