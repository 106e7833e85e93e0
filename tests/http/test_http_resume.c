/*
 * test_http_resume.c - the rest of a body that broke off
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

#define OK(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"
#define PART(fields) "HTTP/1.1 206 Part\r\n" fields "\r\n"
#define TAG "ETag: \"a\"\r\n"
#define LENGTH(size) "Content-Length: " #size "\r\n"
#define RANGE(range) "Content-Range: bytes " range "\r\n"
#define OLD                                                                    \
    "Last-Modified: Sun, 06 Nov 1994 08:48:37 GMT\r\n"                         \
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define YOUNG                                                                  \
    "Last-Modified: Sun, 06 Nov 1994 08:48:38 GMT\r\n"                         \
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define HALF OK(TAG LENGTH(10)) "01234"
#define REST PART(TAG RANGE("5-9/10") LENGTH(5)) "56789"

static struct stage stage;
static fm_http_failure failure;

/* What comes of reading all of it. */
static ssize_t load(const fm_http_client_options *options,
                    const fm_http_request *request, char *text)
{
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client, options), 0);
    ssize_t rc = fm_http_fetch(client, stage.url, &response, request);
    if (rc == 0) {
        rc = fm_response_load(response, &bytes);
        snprintf(text, 64, "%s", rc < 0 ? "" : bytes);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc;
}

static void check_load(const struct stage_act *acts,
                       const fm_http_request *request, ssize_t result)
{
    char text[64] = "";
    stage_open(&stage, acts);
    CHECK_INT((int)load(NULL, request, text), (int)result);
    if (result == 10)
        CHECK_SAID(text, "0123456789");
    stage_close(&stage);
}

static const fm_http_request thrice = {.resumes = 3, .failure = &failure};

STORY(a_body_that_breaks_off_goes_on)
{
    static const struct stage_act acts[] = {
        {HALF, STAGE_CLOSES}, {REST, STAGE_STAYS}, {0}};
    check_load(acts, &thrice, 10);
    CHECK_SAID(stage_field(&stage, 1, "Range"), "bytes=5-9");
    CHECK_SAID(stage_field(&stage, 1, "If-Range"), "\"a\"");
    CHECK_INT(failure.code, 0);
}

STORY(as_often_as_was_said)
{
    static const struct stage_act acts[] = {
        {HALF, STAGE_RESETS},
        {"", STAGE_CLOSES},
        {"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", STAGE_STAYS},
        {REST, STAGE_STAYS},
        {0}};
    check_load(acts, &thrice, 10);
    check_load(acts, &(fm_http_request){.resumes = 2}, -FM_EEOF);
}

STORY(it_may_break_off_again)
{
    static const struct stage_act acts[] = {
        {HALF, STAGE_CLOSES},
        {PART(TAG RANGE("5-9/10") LENGTH(5)) "56", STAGE_CLOSES},
        {PART(TAG RANGE("7-9/10") LENGTH(3)) "7", STAGE_CLOSES},
        {PART(TAG RANGE("8-9/10") LENGTH(2)) "89", STAGE_CLOSES},
        {0}};
    check_load(acts, &thrice, 10);
    CHECK_SAID(stage_field(&stage, 3, "Range"), "bytes=8-9");
    check_load(acts, &(fm_http_request){.resumes = 2}, -FM_EEOF);
}

STORY(a_date_serves_where_it_is_certain)
{
    static const struct stage_act old[] = {
        {OK(OLD LENGTH(10)) "01234", STAGE_CLOSES},
        {PART(OLD RANGE("5-9/10") LENGTH(5)) "56789", STAGE_CLOSES},
        {0}};
    static const struct stage_act young[] = {
        {OK(YOUNG LENGTH(10)) "01234", STAGE_CLOSES}, {0}};
    check_load(old, &thrice, 10);
    CHECK_SAID(stage_field(&stage, 1, "If-Range"),
               "Sun, 06 Nov 1994 08:48:37 GMT");
    check_load(young, &thrice, -FM_EEOF);
}

STORY(a_part_that_was_asked_for_goes_on_too)
{
    static const fm_http_field fields[] = {
        {"Range", "bytes=100-109"}, {"X", "y"}, {NULL, NULL}};
    static const struct stage_act acts[] = {
        {PART(TAG RANGE("100-109/200") LENGTH(10)) "01234", STAGE_CLOSES},
        {PART(TAG RANGE("105-109/200") LENGTH(5)) "56789", STAGE_CLOSES},
        {0}};
    check_load(acts, &(fm_http_request){.fields = fields, .resumes = 1}, 10);
    CHECK_SAID(stage_field(&stage, 0, "Range"), "bytes=100-109");
    CHECK_SAID(stage_field(&stage, 1, "Range"), "bytes=105-109");
    CHECK_SAID(stage_field(&stage, 1, "X"), "y");
}

STORY(a_body_of_unknown_size_goes_on_to_the_end)
{
    static const struct stage_act acts[] = {
        {OK(TAG "Transfer-Encoding: chunked\r\n") "5\r\n01234\r\n",
         STAGE_CLOSES},
        {REST, STAGE_STAYS},
        {0}};
    check_load(acts, &thrice, 10);
    CHECK_SAID(stage_field(&stage, 1, "Range"), "bytes=5-");
}

STORY(what_does_not_belong_to_it_is_refused)
{
    static const char *const others[] = {
        OK(TAG LENGTH(10)) "0123456789",
        PART(TAG RANGE("4-9/10") LENGTH(6)) "456789",
        PART(TAG RANGE("6-9/10") LENGTH(4)) "6789",
        PART(TAG RANGE("5-8/10") LENGTH(4)) "5678",
        PART(TAG RANGE("5-9/11") LENGTH(5)) "56789",
        PART(TAG RANGE("5-9/*") LENGTH(5)) "56789",
        PART(TAG RANGE("5-9/10") LENGTH(4)) "5678",
        PART(
            TAG RANGE("5-9/10") "Transfer-Encoding: chunked\r\n") "5\r\n56789\r"
                                                                  "\n0\r\n\r\n",
        PART(RANGE("5-9/10") LENGTH(5)) "56789",
        PART("ETag: \"b\"\r\n" RANGE("5-9/10") LENGTH(5)) "56789",
        PART("ETag: W/\"a\"\r\n" RANGE("5-9/10") LENGTH(5)) "56789",
        PART(TAG LENGTH(5)) "56789",
        PART(TAG RANGE("x") LENGTH(5)) "56789",
        "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct stage_act acts[] = {
            {HALF, STAGE_CLOSES}, {others[i], STAGE_STAYS}, {0}};
        check_load(acts, &thrice, -FM_EHTTPRANGE);
        CHECK_INT(stage.requests, 2);
        CHECK_INT(failure.code, -FM_EHTTPRANGE);
        CHECK_INT(failure.step, FM_HTTP_STEP_BODY);
    }
}

STORY(without_a_validator_it_stays_broken)
{
    static const char *const halves[] = {
        OK(LENGTH(10)) "01234", OK("ETag: W/\"a\"\r\n" OLD LENGTH(10)) "01234",
        "HTTP/1.1 404 No\r\n" TAG LENGTH(10) "\r\n01234",
        PART(TAG LENGTH(10)) "01234", /* parts of it, who knows which */
    };
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        const struct stage_act acts[] = {{halves[i], STAGE_CLOSES}, {0}};
        check_load(acts, &thrice, -FM_EEOF);
        CHECK_INT(stage.requests, 1);
    }
}

STORY(what_was_not_a_get_stays_broken)
{
    static const struct stage_act acts[] = {{HALF, STAGE_CLOSES}, {0}};
    check_load(acts, &(fm_http_request){.method = "POST", .resumes = 3},
               -FM_EEOF);
    check_load(acts, NULL, -FM_EEOF);
}

STORY(the_limit_of_a_body_holds_over_the_break)
{
    static const struct stage_act acts[] = {
        {OK(TAG "Transfer-Encoding: chunked\r\n") "5\r\n01234\r\n",
         STAGE_CLOSES},
        {REST, STAGE_STAYS},
        {0}};
    fm_http_client_options options = {.body_limit = 10};
    char text[64];
    stage_open(&stage, acts);
    CHECK_INT((int)load(&options, &thrice, text), 10);
    stage_close(&stage);
    options.body_limit = 9;
    stage_open(&stage, acts);
    CHECK_INT((int)load(&options, &thrice, text), -FM_EHTTPBODY);
    stage_close(&stage);
}

struct loader {
    fm_response *response;
};

static int loader(struct loader *self)
{
    const char *bytes;
    ssize_t size = fm_response_load(self->response, &bytes);
    return size < 0 ? (int)size : 0;
}

STORY(after_a_cut_the_next_read_goes_on)
{
    static const struct stage_act acts[] = {
        {HALF, STAGE_CLOSES}, {"", STAGE_WAITS}, {REST, STAGE_STAYS}, {0}};
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response,
                            &(fm_http_request){.resumes = 1}),
              0);
    fm_task *task = fm_go(loader, response);
    while (stage.requests < 2)
        fm_sleep(story_span(1));
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT((int)fm_response_load(response, &bytes), 10);
    CHECK_SAID(bytes, "0123456789");
    fm_response_close(response);
    fm_http_client_close(client);
    stage_close(&stage);
}
