/*
 * test_http_retry.c - what is asked for once more, and what is not
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: "

#define LATE                                                                   \
    "Sun, 06 Nov 1994 08:50:38 GMT\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"

static struct stage stage;

/* What comes of it: a status or a failure. */
static int ask(const fm_http_request *request)
{
    fm_http_client *client;
    fm_response *response;
    CHECK_INT(fm_http_client_open(&client), 0);
    int rc = fm_http_fetch(client, stage.url, &response, request);
    if (rc == 0) {
        rc = fm_response_status(response);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc;
}

static void check_ask(const struct stage_act *acts,
                      const fm_http_request *request, int result, int requests)
{
    stage_open(&stage, acts);
    CHECK_INT(ask(request), result);
    CHECK_INT(stage.requests, requests);
    stage_close(&stage);
}

static int write_body(fm_upload *upload, void *arg)
{
    int *calls = arg;
    ++*calls;
    ssize_t rc = fm_upload_write(upload, "body", 4);
    return rc < 0 ? (int)rc : 0;
}

STORY(what_may_be_repeated_is_tried_again)
{
    static const struct stage_act acts[] = {
        {"", STAGE_CLOSES}, {"", STAGE_RESETS}, {FINE, STAGE_CLOSES}, {0}};
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT",
                                          "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        check_ask(acts, &(fm_http_request){.method = methods[i], .retries = 2},
                  200, 3);
}

STORY(a_body_by_function_is_written_once_more)
{
    static const struct stage_act acts[] = {
        {"", STAGE_CLOSES}, {FINE, STAGE_CLOSES}, {0}};
    int calls = 0;
    const fm_http_request request = {.method = "PUT",
                                     .upload = write_body,
                                     .upload_arg = &calls,
                                     .upload_size = 4,
                                     .retries = 2};
    check_ask(acts, &request, 200, 2);
    CHECK_INT(calls, 2);
}

STORY(what_may_not_be_repeated_is_not)
{
    static const struct stage_act acts[] = {{"", STAGE_CLOSES}, {0}};
    check_ask(acts, &(fm_http_request){.method = "POST", .retries = 9},
              -FM_EEOF, 1);
    check_ask(acts, &(fm_http_request){.method = "PATCH", .retries = 9},
              -FM_EEOF, 1);
    check_ask(acts, NULL, -FM_EEOF, 1);
}

STORY(it_is_tried_so_often_and_no_more)
{
    static const struct stage_act acts[] = {
        {"", STAGE_CLOSES}, {"", STAGE_CLOSES}, {"", STAGE_CLOSES}, {0}};
    check_ask(acts, &(fm_http_request){.retries = 2}, -FM_EEOF, 3);
}

STORY(what_failed_for_good_is_not_tried_again)
{
    static const struct stage_act nonsense[] = {
        {"nonsense\r\n\r\n", STAGE_CLOSES}, {0}};
    static const struct stage_act found[] = {
        {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", STAGE_CLOSES}, {0}};
    static const struct stage_act failed[] = {
        {"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", STAGE_CLOSES}, {0}};
    check_ask(nonsense, &(fm_http_request){.retries = 9}, -FM_EHTTPLINE, 1);
    check_ask(found, &(fm_http_request){.retries = 9}, 404, 1);
    check_ask(failed, &(fm_http_request){.retries = 9}, 503, 1);
}

STORY(a_busy_server_says_when)
{
    static const struct stage_act acts[] = {
        {BUSY "0\r\n\r\n", STAGE_STAYS},
        {"HTTP/1.1 429 No\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n",
         STAGE_STAYS},
        {BUSY "Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
         STAGE_STAYS},
        {FINE, STAGE_STAYS},
        {0}};
    check_ask(acts, &(fm_http_request){.retries = 3}, 200, 4);
    CHECK_INT(stage.connections, 1);
    check_ask(acts, &(fm_http_request){.retries = 1}, 429, 2);
    check_ask(acts, &(fm_http_request){.method = "POST", .retries = 3}, 503, 1);
}

STORY(what_is_too_long_is_not_waited_for)
{
    static const char *const says[] = {
        "61", "1000000000000", "-1", "1.5", "soon", "", (LATE)};
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        char text[256];
        const struct stage_act acts[] = {{text, STAGE_STAYS}, {0}};
        snprintf(text, sizeof text, BUSY "%s\r\n\r\n", says[i]);
        check_ask(acts, &(fm_http_request){.retries = 1}, 503, 1);
    }
}

STORY(a_pause_is_as_long_as_was_said)
{
    static const struct stage_act acts[] = {
        {BUSY "60\r\n\r\n", STAGE_STAYS},
        {BUSY "Sun, 06 Nov 1994 08:50:37 GMT\r\n"
              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
         STAGE_STAYS},
        {FINE, STAGE_STAYS},
        {0}};
    if (!test_simulated())
        return;
    int64_t began = fm_now();
    check_ask(acts, &(fm_http_request){.retries = 2}, 200, 3);
    CHECK_INT((int)((fm_now() - began) / 1000000000), 120);
}

STORY(a_caller_s_time_ends_the_tries)
{
    fm_http_failure failure;
    int rc;
    static const struct stage_act acts[] = {{0}};
    stage_open(&stage, acts);
    stage_close(&stage); /* nobody listens there now */
    FM_TIMEOUT(story_span(5), rc) {
        rc =
            ask(&(fm_http_request){.retries = 4000000000, .failure = &failure});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(failure.code == -ETIMEDOUT || failure.code == -ECANCELED);
}
