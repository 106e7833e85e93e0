/*
 * sweep_json.c - scenario: JSON in and out, a parameter, a problem, and a log
 */
#include "fault/sweep_talk.h"

#include <string.h>

/* One that is right, and one whose body is none. */
static const char json_words[] =
    "POST /?n=7 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    "Content-Length: 12\r\n\r\n{\"word\":\"x\"}"
    "POST /?n=8 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\nConnection: close\r\n\r\n{]";

static int json_answer(fm_exchange *exchange, void *arg)
{
    const char *word = NULL;
    int64_t number = 0;
    (void)arg;
    int rc = fm_exchange_query_number(exchange, "n", &number);
    if (rc >= 0)
        rc = fm_exchange_json_unpack(exchange, "{s:s}", "word", &word);
    if (rc == -EOPNOTSUPP)
        return fm_reply_problem(exchange, number == 7 ? 200 : 400);
    return rc < 0 ? rc
                  : fm_reply_json_pack(exchange, 200, "{s:s, s:i}", "word",
                                       word, "n", (int)number);
}

/* Both replies: 0. */
static int json_ask(fm_stream *stream)
{
    char heard[2048];
    ssize_t n = sweep_say_and_hear(stream, json_words, heard, sizeof heard);
    if (n < 0)
        return (int)n;
    bool first = strstr(heard, "HTTP/1.1 200 ") == heard;
    return first && strstr(heard, "\"status\":400") != NULL ? 0 : -ECONNRESET;
}

/* Whole lines have come, at most one for each request. */
static void json_check_log(fm_stream *stream)
{
    char lines[2048];
    size_t count = 0;
    ssize_t size = fm_read(stream, lines, sizeof lines);
    for (ssize_t i = 0; i < size; i++)
        count += lines[i] == '\n';
    sweep_state.noted +=
        size > 0 && (lines[size - 1] != '\n' || lines[0] != '{' || count > 2);
}

static int json_talk(fm_stream *paper)
{
    fm_access_log *log;
    const fm_access_log_options json = {.format = FM_ACCESS_LOG_JSON};
    int rc = fm_access_log_open(&log, paper, &json);
    if (rc < 0)
        return rc;
    const fm_http_serve_options options = {.log = fm_access_log_note,
                                           .log_arg = log};
    rc = sweep_talk(&(struct sweep_talk){
        .ask = json_ask, .handler = json_answer, .options = &options});
    int closed = fm_access_log_close(log);
    return rc < 0 ? rc : closed;
}

static int json_talks(void *arg)
{
    fm_stream *paper[2] = {NULL, NULL};
    (void)arg;
    int rc = fm_stream_pair(paper);
    if (rc == 0)
        rc = json_talk(paper[1]);
    int closed = fm_close(paper[1]);
    if (paper[0] != NULL)
        json_check_log(paper[0]);
    fm_close(paper[0]);
    return rc < 0 ? rc : closed;
}

static const char *json_logged_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "the log was wrong" : NULL;
}

const struct scenario sweep_json[] = {
    {"http-json", json_talks, .also = {-ECONNRESET, -ECANCELED},
     .wrong = json_logged_right},
    {.name = NULL},
};
