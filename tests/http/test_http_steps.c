/*
 * test_http_steps.c - which step of a request failed, and with what words
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

static struct stage stage;
static fm_http_failure failure;

static int ask_with(const char *url, const fm_http_client_options *options,
                    fm_http_request request)
{
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    request.failure = &failure;
    CHECK_INT(fm_http_client_open(&client, options), 0);
    ssize_t rc = fm_http_fetch(client, url, &response, &request);
    if (rc == 0) {
        rc = fm_response_load(response, &bytes);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc < 0 ? (int)rc : 0;
}

static void check_step(int rc, int wanted, enum fm_http_step step)
{
    CHECK_INT(rc, wanted);
    CHECK_INT(failure.code, wanted);
    CHECK_SAID(fm_http_step_name(failure.step), fm_http_step_name(step));
    if (wanted == 0)
        return;
    const char *name = fm_http_step_name(step);
    CHECK(strncmp(failure.text, name, strlen(name)) == 0);
    CHECK(strstr(failure.text, fm_strerror(wanted)) != NULL);
}

STORY(a_request_that_is_none_has_no_connection)
{
    static const char *const urls[] = {"",           "example.org",
                                       "ftp://a/",   "http://",
                                       "http://a b", "http://a:99999/"};
    static const fm_http_field names[][2] = {
        {{"a b", "c"}},
        {{"", "c"}},
        {{"a", "b\r\nc: d"}},
        {{"a", " b"}},
        {{"a", NULL}},
        {{"Host", "b"}},
        {{"Content-Length", "1"}},
        {{"Transfer-Encoding", "chunked"}},
        {{"Connection", "x"}},
        {{"Proxy-Authorization", "x"}},
        {{"TE", "trailers"}},
        {{"Expect", "100-continue"}},
        {{"Upgrade", "x"}},
    };
    static const char *const methods[] = {"", "G T", "CONNECT", "GET\r\n"};
    static const struct stage_act acts[] = {{0}};
    stage_open(&stage, acts);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        check_step(ask_with(urls[i], NULL, (fm_http_request){0}), -EINVAL,
                   FM_HTTP_STEP_URL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_step(
            ask_with(stage.url, NULL, (fm_http_request){.fields = names[i]}),
            -EINVAL, FM_HTTP_STEP_URL);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        check_step(
            ask_with(stage.url, NULL, (fm_http_request){.method = methods[i]}),
            -EINVAL, FM_HTTP_STEP_URL);
    CHECK_INT(stage.connections, 0);
    stage_close(&stage);
}

STORY(a_step_of_the_connection_is_told)
{
    static const struct stage_act refuses[] = {
        {"HTTP/1.1 403 No\r\n\r\n", STAGE_CLOSES}, {0}};
    fm_http_client_options options = {.address = "127.0.0.1"};
    static const fm_http_request plain;
    check_step(ask_with("http://a/", &options, plain), -EINVAL,
               FM_HTTP_STEP_CONNECT);
    stage_open(&stage, refuses);
    stage_close(&stage);
    check_step(ask_with(stage.url, NULL, plain), -ECONNREFUSED,
               FM_HTTP_STEP_CONNECT);
    check_step(ask_with("http://nobody.invalid/", NULL, plain), -FM_ENONAME,
               FM_HTTP_STEP_RESOLVE);
}

static int fail_at_once(fm_upload *upload, void *arg)
{
    (void)upload;
    (void)arg;
    return -EDOM;
}

STORY(a_step_of_the_conversation_is_told)
{
    static const struct {
        const char *says;
        int result;
        enum fm_http_step step;
    } rows[] = {
        {"", -FM_EEOF, FM_HTTP_STEP_STATUS},
        {"HTTP/1.1 2", -FM_EEOF, FM_HTTP_STEP_STATUS},
        {"hello\r\n\r\n", -FM_EHTTPLINE, FM_HTTP_STEP_STATUS},
        {"HTTP/2.0 200 OK\r\n\r\n", -FM_EHTTPVERSION, FM_HTTP_STEP_STATUS},
        {"HTTP/1.1 200 OK\r\nA: b", -FM_EEOF, FM_HTTP_STEP_FIELDS},
        {"HTTP/1.1 200 OK\r\nA b\r\n\r\n", -FM_EHTTPFIELD, FM_HTTP_STEP_FIELDS},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         -FM_EHTTPFRAMING, FM_HTTP_STEP_FIELDS},
        {"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: ftp://a/\r\n\r\n",
         -FM_EHTTPLOCATION, FM_HTTP_STEP_REDIRECT},
        {"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: http://\r\n\r\n",
         -FM_EHTTPLOCATION, FM_HTTP_STEP_REDIRECT},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234", -FM_EEOF,
         FM_HTTP_STEP_BODY},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
         -FM_EHTTPCHUNK, FM_HTTP_STEP_BODY},
        {"HTTP/1.1 200 OK\r\n\r\n1234", 0, FM_HTTP_STEP_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stage_act acts[] = {{rows[i].says, STAGE_CLOSES}, {0}};
        fm_response *response;
        stage_open(&stage, acts);
        check_step(ask_with(stage.url, NULL, (fm_http_request){0}),
                   rows[i].result, rows[i].step);
        stage_close(&stage);
        stage_open(&stage, acts);
        int rc = fm_http_get(stage.url, &response,
                             &(fm_http_request){.failure = &failure});
        check_step(rc, rows[i].result, rows[i].step);
        if (rc == 0) {
            CHECK_SAID(fm_response_text(response), "1234");
            fm_response_close(response);
        }
        stage_close(&stage);
    }
}

STORY(a_body_that_its_writer_breaks_off_is_a_step_of_sending)
{
    static const struct stage_act acts[] = {{"", STAGE_WAITS}, {0}};
    stage_open(&stage, acts);
    check_step(
        ask_with(stage.url, NULL, (fm_http_request){.upload = fail_at_once}),
        -EDOM, FM_HTTP_STEP_SEND);
    stage_close(&stage);
}

/* ---- cuts --------------------------------------------------------------- */

struct cut_ask {
    const char *url;
    const fm_http_client_options *options;
};

static int cut_ask(struct cut_ask *self)
{
    return ask_with(self->url, self->options, (fm_http_request){0});
}

STORY(a_cut_is_told_where_it_was)
{
    static const struct {
        const char *says;
        enum fm_http_step step;
    } rows[] = {
        {"", FM_HTTP_STEP_STATUS},
        {"HTTP/1.1 200 OK\r\nA:", FM_HTTP_STEP_FIELDS},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123", FM_HTTP_STEP_BODY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stage_act acts[] = {{rows[i].says, STAGE_WAITS}, {0}};
        stage_open(&stage, acts);
        fm_task *task = fm_go(cut_ask, stage.url, NULL);
        while (stage.requests == 0)
            fm_sleep(story_span(1));
        if (test_simulated())
            fm_sleep(1); /* what was said has come */
        int rc = fm_stop(task);
        if (test_simulated())
            check_step(rc, -ECANCELED, rows[i].step);
        CHECK_INT(rc, -ECANCELED);
        stage_close(&stage);
    }
}

STORY(each_time_of_the_options_has_its_step)
{
    static const struct {
        const char *says;
        fm_http_client_options options;
        enum fm_http_step step;
    } rows[] = {
        {"", {.answer_timeout = 0.01}, FM_HTTP_STEP_STATUS},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123",
         {.body_timeout = 0.01},
         FM_HTTP_STEP_BODY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stage_act acts[] = {{rows[i].says, STAGE_WAITS}, {0}};
        stage_open(&stage, acts);
        check_step(ask_with(stage.url, &rows[i].options, (fm_http_request){0}),
                   -ETIMEDOUT, rows[i].step);
        stage_close(&stage);
    }
}

STORY(a_caller_s_time_is_around_everything)
{
    static const struct stage_act acts[] = {{"", STAGE_WAITS}, {0}};
    int rc;
    stage_open(&stage, acts);
    FM_TIMEOUT(story_span(20), rc) {
        rc = ask_with(stage.url, NULL, (fm_http_request){.retries = 9});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(failure.code == -ECANCELED || failure.code == -ETIMEDOUT);
    stage_close(&stage);
}

STORY(who_waits_for_a_connection_is_told_so)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123", STAGE_WAITS}, {0}};
    const fm_http_client_options options = {.of_origin = 1};
    fm_http_client *client;
    fm_response *response;
    int rc;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
    FM_TIMEOUT(story_span(20), rc) {
        fm_response *none;
        rc = fm_http_fetch(client, stage.url, &none,
                           &(fm_http_request){.failure = &failure});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_SAID(fm_http_step_name(failure.step), "queue");
    fm_response_close(response);
    fm_http_client_close(client);
    stage_close(&stage);
}
