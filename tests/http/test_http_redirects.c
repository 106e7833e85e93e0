/*
 * test_http_redirects.c - where redirects lead, and what goes with them
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

#define A "http://a.example"

/* A server of every name, in memory: "/N/LOCATION" is a redirect N. */
static struct {
    fm_http_client *client;
    fm_http_failure failure;
    char seen[4096];
} scene;

static void see(const char *text)
{
    size_t size = strlen(scene.seen);
    snprintf(scene.seen + size, sizeof scene.seen - size, "%s",
             text != NULL ? text : "-");
}

/* What is seen of each request: the host, these fields, and the body. */
static int serve(fm_exchange *exchange, void *arg)
{
    static const char *const names[] = {"Authorization", "Cookie",
                                        "Content-Type", "X-Own"};
    const char *target = fm_exchange_target(exchange), *body;
    (void)arg;
    int status = 200;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    see(fm_exchange_method(exchange));
    see(" ");
    see(fm_exchange_host(exchange));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        see(" ");
        see(fm_exchange_field(exchange, names[i]));
    }
    see(" ");
    see(size > 0 ? body : "-");
    see("|");
    if (sscanf(target, "/%d/", &status) == 1)
        fm_reply_set(exchange, "Location", target + strlen("/302/"));
    return fm_reply_text(exchange, status, "body");
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_http_client_open(&scene.client,
                                  &(fm_http_client_options){.handler = serve}),
              0);
}

/* The URL that has answered, or the failure's number. */
static const char *go(const char *url, fm_http_request request)
{
    static char text[256];
    fm_response *response;
    request.failure = &scene.failure;
    scene.seen[0] = '\0';
    int rc = fm_http_fetch(scene.client, url, &response, &request);
    if (rc < 0) {
        snprintf(text, sizeof text, "%d", rc);
        return text;
    }
    snprintf(text, sizeof text, "%s", fm_response_url(response));
    fm_response_close(response);
    return text;
}

STORY(a_location_may_be_relative)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {A "/302/b", A "/302/b"},
        {A "/302//b", A "/b"},
        {A "/302/..", A "/"},
        {A "/302/?q", A "/302/?q"},
        {A "/302///c.example/x", "http://c.example/x"},
        {A "/302/https://c.example/", "https://c.example/"},
        {A "/302//b#part", A "/b"},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *to = go(rows[i].from, (fm_http_request){.redirects = 1});
        if (strstr(rows[i].to, "/302/") != NULL)
            CHECK_INT(scene.failure.code, -FM_EHTTPREDIRECT);
        else
            CHECK_SAID(to, rows[i].to);
    }
    fm_http_client_close(scene.client);
}

STORY(where_no_http_is_it_does_not_go)
{
    static const char *const urls[] = {
        A "/302/ftp://a.example/", A "/302/file:///etc/passwd",
        A "/302/javascript:alert(1)", A "/302/http://",
        A "/302/http://a.example:99999/"};
    begin();
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        go(urls[i], (fm_http_request){0});
        CHECK_INT(scene.failure.code, -FM_EHTTPLOCATION);
        CHECK_INT(scene.failure.step, FM_HTTP_STEP_REDIRECT);
    }
    fm_http_client_close(scene.client);
}

static int turn_round(fm_exchange *exchange, void *arg)
{
    int *count = arg;
    ++*count;
    fm_reply_set(exchange, "Location", "/");
    return fm_reply_text(exchange, 302, "round");
}

STORY(a_round_ends_at_the_limit)
{
    int count = 0;
    fm_response *response;
    fm_http_client *client;
    CHECK_INT(fm_http_client_open(
                  &client, &(fm_http_client_options){.handler = turn_round,
                                                     .handler_arg = &count}),
              0);
    CHECK_INT(fm_http_fetch(client, A, &response), -FM_EHTTPREDIRECT);
    CHECK_INT(count, FM_HTTP_REDIRECTS + 1);
    count = 0;
    CHECK_INT(
        fm_http_fetch(client, A, &response, &(fm_http_request){.redirects = 3}),
        -FM_EHTTPREDIRECT);
    CHECK_INT(count, 4);
    CHECK_INT(fm_http_fetch(client, A, &response,
                            &(fm_http_request){.redirects = -1}),
              0);
    CHECK_INT(fm_response_status(response), 302);
    fm_response_close(response);
    CHECK_INT((int)fm_http_client_connections(client), 1);
    fm_http_client_close(client);
}

STORY(a_redirect_without_a_location_is_an_answer)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n", STAGE_STAYS},
        {"HTTP/1.1 300 Go\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
         STAGE_STAYS},
        {"HTTP/1.1 304 No\r\nLocation: /\r\n\r\n", STAGE_STAYS},
        {0}};
    static const int statuses[] = {302, 300, 304};
    static struct stage stage;
    fm_http_client *client;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    for (int i = 0; i < 3; i++) {
        fm_response *response;
        CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
        CHECK_INT(fm_response_status(response), statuses[i]);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    stage_close(&stage);
}

/* ---- what goes with it -------------------------------------------------- */

static const fm_http_field secrets[] = {{"Authorization", "me"},
                                        {"Cookie", "c=1"},
                                        {"Content-Type", "text/x"},
                                        {"X-Own", "own"},
                                        {NULL, NULL}};

STORY(secrets_go_to_their_origin_alone)
{
    static const struct {
        const char *url, *seen;
    } rows[] = {
        {A "/302//b", "GET a.example me c=1 text/x own -|"
                      "GET a.example me c=1 text/x own -|"},
        {A "/302/http://b.example/", "GET a.example me c=1 text/x own -|"
                                     "GET b.example - - text/x own -|"},
        {A "/302/http://a.example:81/", "GET a.example me c=1 text/x own -|"
                                        "GET a.example:81 - - text/x own -|"},
        {A "/302/https://a.example/", "GET a.example me c=1 text/x own -|"
                                      "GET a.example - - text/x own -|"},
        /* but who the place names is asked for by that name */
        {A "/302/http://x:y@b.example/",
         "GET a.example me c=1 text/x own -|"
         "GET b.example Basic eDp5 - text/x own -|"},
        /* and back again: what is lost stays lost */
        {A "/302/http://b.example/302/http://a.example/",
         "GET a.example me c=1 text/x own -|"
         "GET b.example - - text/x own -|"
         "GET a.example - - text/x own -|"},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        go(rows[i].url, (fm_http_request){.fields = secrets});
        CHECK_SAID(scene.seen, rows[i].seen);
    }
    fm_http_client_close(scene.client);
}

STORY(the_name_in_a_url_stays_with_its_origin_too)
{
    static const struct {
        const char *url, *seen, *to;
    } rows[] = {
        {"http://u:w@a.example/302//b",
         "GET a.example Basic dTp3 - - - -|GET a.example Basic dTp3 - - - -|",
         "http://u:w@a.example/b"},
        {"http://u:w@a.example/302/http://a.example/",
         "GET a.example Basic dTp3 - - - -|GET a.example Basic dTp3 - - - -|",
         "http://u:w@a.example/"},
        {"http://u:w@a.example/302/http://x:y@a.example/",
         "GET a.example Basic dTp3 - - - -|GET a.example Basic eDp5 - - - -|",
         "http://x:y@a.example/"},
        {"http://u:w@a.example/302/http://b.example/",
         "GET a.example Basic dTp3 - - - -|GET b.example - - - - -|",
         "http://b.example/"},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *to = go(rows[i].url, (fm_http_request){0});
        CHECK_SAID(to, rows[i].to);
        CHECK_SAID(scene.seen, rows[i].seen);
    }
    fm_http_client_close(scene.client);
}

static int write_word(fm_upload *upload, void *arg)
{
    int *calls = arg;
    ++*calls;
    ssize_t rc = fm_upload_write(upload, "word", 4);
    return rc < 0 ? (int)rc : 0;
}

STORY(a_body_that_stays_behind_takes_its_fields_with_it)
{
    begin();
    go(A "/303//b",
       (fm_http_request){.fields = secrets, .body = "word", .body_size = 4});
    CHECK_SAID(scene.seen, "POST a.example me c=1 text/x own word|"
                           "GET a.example me c=1 - own -|");
    fm_http_client_close(scene.client);
}

STORY(a_body_by_function_is_written_for_each)
{
    int calls = 0;
    begin();
    go(A "/307/http://a.example/308/http://b.example/",
       (fm_http_request){
           .fields = secrets, .upload = write_word, .upload_arg = &calls});
    CHECK_SAID(scene.seen, "POST a.example me c=1 text/x own word|"
                           "POST a.example me c=1 text/x own word|"
                           "POST b.example - - text/x own word|");
    CHECK_INT(calls, 3);
    fm_http_client_close(scene.client);
}
