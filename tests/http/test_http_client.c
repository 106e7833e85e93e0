/*
 * test_http_client.c - requests, and the connections that they share
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define A "http://a.example"

/* A server in memory, and what was asked of it. */
struct scene {
    fm_http_client *client;
    fm_http_client_options options;
    fm_response *response;
    fm_http_failure failure;
    char seen[4096]; /* "GET /path field body|" for each request */
    fm_event gate;
};

static struct scene scene;

static void check_text(const char *text, const char *wanted)
{
    if (strcmp(text, wanted) != 0)
        printf("  got      %s\n  expected %s\n", text, wanted);
    CHECK(strcmp(text, wanted) == 0);
}

static void see(const char *text)
{
    size_t size = strlen(scene.seen);
    snprintf(scene.seen + size, sizeof scene.seen - size, "%s", text);
}

static void check_seen(const char *wanted)
{
    check_text(scene.seen, wanted);
    scene.seen[0] = '\0';
}

/* What a path asks for. */
static int serve(fm_exchange *exchange, void *arg)
{
    const char *target = fm_exchange_target(exchange), *body = "";
    const char *said = fm_exchange_field(exchange, "X-Said");
    const char *login = fm_exchange_field(exchange, "Authorization");
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    see(fm_exchange_method(exchange));
    see(" ");
    see(fm_exchange_host(exchange));
    see(target);
    if (said != NULL) {
        see(" ");
        see(said);
    }
    if (login != NULL) {
        see(" ");
        see(login);
    }
    if (size > 0) {
        see(" ");
        see(size < 100 ? body : "...");
    }
    see("|");
    int status = 200;
    if (sscanf(target, "/to/%d/", &status) == 1) {
        const char *location = strchr(target + 4, '/');
        location += strchr(location, ':') != NULL; /* a whole URL */
        fm_reply_set(exchange, "Location", location);
    }
    if (strncmp(target, "/gate", 5) == 0) {
        int rc = fm_event_wait(&scene.gate);
        if (rc < 0)
            return rc;
    }
    if (strcmp(target, "/echo") == 0)
        return fm_reply(exchange, 200, body, (size_t)size);
    if (strcmp(target, "/close") == 0)
        fm_reply_set(exchange, "Connection", "close");
    return fm_reply_text(exchange, status, "hello\n");
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    scene.options.handler = serve;
}

static void open_client(void)
{
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
}

static void check_get(const char *url, int status, const char *text)
{
    const char *bytes;
    fm_response *response;
    CHECK_INT(fm_http_fetch(scene.client, url, &response), 0);
    CHECK_INT(fm_response_status(response), status);
    CHECK_INT(fm_response_load(response, &bytes), (int)strlen(text));
    check_text(bytes, text);
    fm_response_close(response);
}

/* ---- one after the other ------------------------------------------------ */

STORY(an_answer_has_a_status_fields_and_a_body)
{
    begin();
    open_client();
    CHECK_INT(fm_http_fetch(scene.client, A "/x?y#z", &scene.response), 0);
    CHECK_INT(fm_response_status(scene.response), 200);
    CHECK_INT(fm_response_length(scene.response), 6);
    check_text(fm_response_field(scene.response, "content-type"),
               "text/plain; charset=utf-8");
    check_text(fm_response_url(scene.response), A "/x?y#z");
    fm_http_field field;
    CHECK(fm_response_field_at(scene.response, 0, &field));
    CHECK(!fm_response_field_at(scene.response, 99, &field));
    char buf[4];
    CHECK_INT(fm_response_read(scene.response, buf, 4), 4);
    CHECK_INT(fm_response_read(scene.response, buf, 4), 2);
    CHECK_INT(fm_response_read(scene.response, buf, 4), 0);
    fm_response_close(scene.response);
    fm_http_client_close(scene.client);
    check_seen("GET a.example/x?y|");
}

STORY(requests_share_a_connection)
{
    begin();
    open_client();
    for (int i = 0; i < 5; i++) {
        check_get(A "/", 200, "hello\n");
        CHECK_INT(fm_http_client_connections(scene.client), 1);
    }
    check_get("http://b.example/", 200, "hello\n");
    CHECK_INT(fm_http_client_connections(scene.client), 2);
    fm_http_client_close(scene.client);
}

STORY(a_connection_is_kept_so_long)
{
    begin();
    scene.options.kept = 5;
    open_client();
    check_get(A "/", 200, "hello\n");
    fm_sleep(4);
    check_get(A "/", 200, "hello\n");
    fm_sleep(4.9);
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    fm_sleep(0.2);
    CHECK_INT(fm_http_client_connections(scene.client), 0);
    check_get(A "/", 200, "hello\n");
    fm_http_client_close(scene.client);
}

STORY(a_connection_that_the_server_closes_is_not_kept)
{
    begin();
    open_client();
    check_get(A "/close", 200, "hello\n");
    CHECK_INT(fm_http_client_connections(scene.client), 0);
    fm_http_client_close(scene.client);
}

STORY(a_body_goes_with_its_request)
{
    static char large[200000];
    memset(large, 'x', sizeof large);
    const size_t sizes[] = {1, 10, 16384, 16385, 65536, sizeof large};
    begin();
    open_client();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *bytes;
        CHECK_INT(fm_http_fetch(
                      scene.client, A "/echo", &scene.response,
                      &(fm_http_request){.body = large, .body_size = sizes[i]}),
                  0);
        CHECK_INT(fm_response_load(scene.response, &bytes), (int)sizes[i]);
        CHECK(memcmp(bytes, large, sizes[i]) == 0);
        fm_response_close(scene.response);
        CHECK_INT(fm_http_client_connections(scene.client), 1);
    }
    fm_http_client_close(scene.client);
}

static int write_pieces(fm_upload *upload, void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        ssize_t rc = fm_upload_write(upload, "piece", 5);
        if (rc < 0)
            return (int)rc;
        fm_sleep(1);
    }
    return 0;
}

STORY(a_body_may_be_written_bit_by_bit)
{
    static const fm_http_request requests[] = {
        {.upload = write_pieces},
        {.upload = write_pieces, .upload_size = 15},
        {.upload = write_pieces, .expect = true},
    };
    begin();
    open_client();
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(
            fm_http_fetch(scene.client, A "/", &scene.response, &requests[i]),
            0);
        fm_response_close(scene.response);
        check_seen("POST a.example/ piecepiecepiece|");
    }
    fm_http_client_close(scene.client);
}

static int write_too_little(fm_upload *upload, void *arg)
{
    ssize_t rc = fm_upload_write(upload, "piece", 5);
    return rc < 0 ? (int)rc : *(int *)arg;
}

STORY(an_upload_that_fails_breaks_the_request_off)
{
    int result = -EIO;
    fm_http_request request = {.upload = write_too_little,
                               .upload_arg = &result,
                               .failure = &scene.failure};
    begin();
    open_client();
    CHECK_INT(fm_http_fetch(scene.client, A "/", &scene.response, &request),
              -EIO);
    CHECK_INT(scene.failure.step, FM_HTTP_STEP_SEND);
    result = 0;
    request.upload_size = 6;
    CHECK_INT(fm_http_fetch(scene.client, A "/", &scene.response, &request),
              -ENODATA);
    CHECK_INT(fm_http_client_connections(scene.client), 0);
    fm_http_client_close(scene.client);
}

/* ---- redirects ---------------------------------------------------------- */

STORY(redirects_are_followed)
{
    static const struct {
        int status;
        const char *method, *seen;
    } rows[] = {
        {301, "GET", "GET a.example/one body|"},
        {302, "POST", "GET a.example/one|"},
        {301, "PUT", "PUT a.example/one body|"},
        {303, "PUT", "GET a.example/one|"},
        {303, "HEAD", "HEAD a.example/one body|"},
        {307, "POST", "POST a.example/one body|"},
        {308, "POST", "POST a.example/one body|"},
    };
    begin();
    open_client();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char url[64], seen[96];
        const fm_http_request request = {
            .method = rows[i].method, .body = "body", .body_size = 4};
        snprintf(url, sizeof url, A "/to/%d/one", rows[i].status);
        CHECK_INT(fm_http_fetch(scene.client, url, &scene.response, &request),
                  0);
        CHECK_INT(fm_response_status(scene.response), 200);
        check_text(fm_response_url(scene.response), A "/one");
        fm_response_close(scene.response);
        snprintf(seen, sizeof seen, "%s a.example/to/%d/one body|%s",
                 rows[i].method, rows[i].status, rows[i].seen);
        check_seen(seen);
    }
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    fm_http_client_close(scene.client);
}

STORY(credentials_stay_with_their_origin)
{
    static const fm_http_field fields[] = {
        {"Authorization", "secret"}, {"X-Said", "open"}, {NULL, NULL}};
    const fm_http_request request = {.fields = fields};
    begin();
    open_client();
    CHECK_INT(fm_http_fetch(scene.client, A "/to/302/http://b.example/",
                            &scene.response, &request),
              0);
    fm_response_close(scene.response);
    check_seen("GET a.example/to/302/http://b.example/ open secret|"
               "GET b.example/ open|");
    CHECK_INT(fm_http_fetch(scene.client, "http://us%65r:pa%3Ass@a.example/",
                            &scene.response),
              0);
    fm_response_close(scene.response);
    check_seen("GET a.example/ Basic dXNlcjpwYTpzcw==|");
    fm_http_client_close(scene.client);
}

/* ---- many at once ------------------------------------------------------- */

struct ask {
    int *done;
};

static int ask(struct ask *args)
{
    check_get(A "/gate", 200, "hello\n");
    ++*args->done;
    return 0;
}

STORY(above_the_limit_requests_wait)
{
    int done = 0, rc;
    begin();
    scene.options.of_origin = 2;
    open_client();
    FM_GROUP(group, rc) {
        for (int i = 0; i < 5; i++)
            fm_group_go(group, ask, &done);
        fm_sleep(1);
        CHECK_INT(fm_http_client_connections(scene.client), 2);
        check_seen("GET a.example/gate|GET a.example/gate|");
        fm_event_set(&scene.gate);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(done, 5);
    CHECK_INT(fm_http_client_connections(scene.client), 2);
    fm_http_client_close(scene.client);
}

STORY(an_answer_that_is_not_read_ends_its_connection)
{
    begin();
    open_client();
    CHECK_INT(fm_http_fetch(scene.client, A "/", &scene.response), 0);
    fm_response_close(scene.response);
    fm_http_client_close(scene.client);
    check_seen("GET a.example/|");
}

static int leave_a_response(void *arg)
{
    (void)arg;
    begin();
    open_client();
    int rc = fm_http_fetch(scene.client, A "/", &scene.response);
    fm_http_client_close(scene.client);
    return rc;
}

static void close_too_early(void *arg)
{
    fm_run(leave_a_response, arg);
}

TEST(a_client_that_is_closed_before_its_response_ends_with_a_sentence)
{
    CHECK_DIES(close_too_early, NULL, "a response of it is still open");
}

STORY(an_answer_has_its_time)
{
    begin();
    scene.options.answer_timeout = 3;
    open_client();
    int64_t began = fm_now();
    CHECK_INT(fm_http_fetch(scene.client, A "/gate", &scene.response,
                            &(fm_http_request){.failure = &scene.failure}),
              -ETIMEDOUT);
    CHECK((fm_now() - began) / 1000000000 == 3);
    CHECK_INT(scene.failure.step, FM_HTTP_STEP_STATUS);
    check_text(scene.failure.text, "status line: " A ": timed out");
    fm_http_client_close(scene.client);
}

STORY(a_client_of_one_version_alone_is_not_one_of_another)
{
    fm_http_client *client = NULL;
    const fm_http_client_options options = {.http1 = true, .http2 = true};
    CHECK_INT(fm_http_client_open(&client, &options), -EINVAL);
    CHECK(client == NULL);
}
