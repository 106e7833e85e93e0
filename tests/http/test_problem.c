/*
 * test_problem.c - replies that say what was wrong
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static struct play scene;

static void ask(fm_http_handler handler, void *arg, const char *words)
{
    memset(&scene, 0, sizeof scene);
    scene.handler = handler;
    scene.arg = arg;
    scene.words = words;
    play(&scene);
}

static void check_said(const char *text)
{
    if (strstr(scene.answer, text) == NULL)
        test_fail(__FILE__, __LINE__, "%s, not %s", scene.answer, text);
}

struct problem {
    int status;
    fm_problem_options options;
    int result;
};

static int tell(fm_exchange *exchange, void *arg)
{
    struct problem *self = arg;
    self->result = fm_reply_problem(exchange, self->status, &self->options);
    return self->result;
}

STORY(a_problem_says_what_it_is_told)
{
    struct problem problem = {
        .status = 409,
        .options = {.type = "https://example.org/taken",
                    .title = "Taken",
                    .detail = "that name is taken",
                    .instance = "/names/7"},
    };
    ask(tell, &problem, GET);
    check_said("HTTP/1.1 409 Conflict\r\n");
    check_said("Content-Type: application/problem+json\r\n");
    check_said("\r\n\r\n{\"type\":\"https://example.org/taken\",\"title\":"
               "\"Taken\",\"status\":409,\"detail\":\"that name is taken\","
               "\"instance\":\"/names/7\"}\n");
}

static int tell_little(fm_exchange *exchange, void *arg)
{
    return fm_reply_problem(exchange, *(int *)arg);
}

STORY(what_is_not_told_is_that_of_the_status)
{
    int status = 404;
    ask(tell_little, &status, GET);
    check_said("\r\n\r\n{\"type\":\"about:blank\",\"title\":\"Not Found\","
               "\"status\":404}\n");
    status = 599;
    ask(tell_little, &status, GET);
    check_said("\r\n\r\n{\"type\":\"about:blank\",\"status\":599}\n");
    status = 600;
    ask(tell_little, &status, GET);
    check_said("HTTP/1.1 500 ");
}

STORY(no_text_breaks_out_of_a_problem)
{
    struct problem problem = {
        .status = 400,
        .options = {.detail = "\",\"status\":200,\"x\":\"\r\n\x1b\xff\\"},
    };
    ask(tell, &problem, GET);
    check_said("\"detail\":\"\\\",\\\"status\\\":200,\\\"x\\\":\\\"\\u000d"
               "\\u000a\\u001b\\u00ff\\\\\"}\n");
}

STORY(a_problem_may_be_of_any_size)
{
    static char detail[8001], wanted[8100];
    struct problem problem = {.status = 400, .options = {.detail = detail}};
    for (size_t size = 400; size <= 440; size++) {
        memset(detail, 'x', size);
        detail[size] = '\0';
        snprintf(wanted, sizeof wanted, "\"detail\":\"%s\"}\n", detail);
        ask(tell, &problem, GET);
        check_said(wanted);
    }
    memset(detail, '\xff', sizeof detail - 1);
    ask(tell, &problem, GET);
    CHECK_INT(problem.result, 0);
    CHECK(scene.answered > 6 * (sizeof detail - 1));
}

static int tell_typed(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "application/json"), 0);
    CHECK_INT(fm_reply_problem(exchange, 400), 0);
    CHECK_INT(fm_reply_problem(exchange, 400), -EALREADY);
    return 0;
}

STORY(a_type_that_was_set_stays)
{
    ask(tell_typed, NULL, GET);
    check_said("Content-Type: application/json\r\nContent-Length");
}

STORY(the_head_of_a_problem_has_no_body)
{
    int status = 404;
    ask(tell_little, &status, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    check_said("Content-Length: 56\r\n\r\n");
    CHECK(strstr(scene.answer, "{") == NULL);
}

static int absent(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "here\n");
}

STORY(what_a_router_answers_by_itself_is_a_problem)
{
    fm_router *router = fm_router_new();
    CHECK_INT(fm_route(router, "GET", "/here", FM_ROUTE(absent, NULL)), 0);
    ask(fm_router_handle, router, GET);
    check_said("\"title\":\"Not Found\",\"status\":404}");
    ask(fm_router_handle, router, "POST /here HTTP/1.1\r\nHost: a\r\n\r\n");
    check_said("Allow: GET, HEAD, OPTIONS\r\n");
    check_said("\"title\":\"Method Not Allowed\",\"status\":405}");
    ask(fm_router_handle, router, "GET /../ HTTP/1.1\r\nHost: a\r\n\r\n");
    check_said("\"title\":\"Bad Request\",\"status\":400}");
    fm_router_free(router);
}

/* Blames the query, and then fails for another reason, or for that one. */
static int fail(fm_exchange *exchange, void *arg)
{
    const int *code = arg;
    int64_t number = 0;
    if (fm_exchange_query_number(exchange, "n", &number) < 0 && *code == 0)
        return -FM_EHTTPQUERY;
    return *code;
}

STORY(only_what_the_request_has_wrong_is_the_clients_fault)
{
    int code = 0;
    const char *asked = "GET /?n=x HTTP/1.1\r\nHost: a\r\n\r\n";
    ask(fail, &code, asked);
    check_said("\"status\":400,\"detail\":\"n is to be a whole number\"}");
    CHECK_INT(scene.result, 0);
    code = -EIO;
    ask(fail, &code, asked);
    check_said("\"title\":\"Internal Server Error\",\"status\":500}");
    CHECK_INT(scene.result, -EIO);
    code = -FM_EHTTPQUERY; /* which another server may have answered */
    ask(fail, &code, GET);
    check_said("\"title\":\"Internal Server Error\",\"status\":500}");
    CHECK_INT(scene.result, -FM_EHTTPQUERY);
}

static int tell_cancelled(fm_exchange *exchange, void *arg)
{
    fm_cancel(fm_self());
    *(int *)arg = fm_reply_problem(exchange, 400);
    return *(int *)arg;
}

static int serve_cancelled(void *arg)
{
    fm_stream **ends = arg;
    int told = 0;
    int rc = fm_http_serve_stream(ends[1], tell_cancelled, &told);
    CHECK_INT(told, -ECANCELED);
    return rc;
}

STORY(a_cut_problem_is_not_told)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], GET, strlen(GET)), strlen(GET));
    fm_task *task = fm_start(serve_cancelled, ends);
    CHECK_INT(fm_await(task), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}
