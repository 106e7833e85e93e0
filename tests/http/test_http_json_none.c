/*
 * test_http_json_none.c - JSON where the library was built without jansson:
 * the program has that file of the library's, whatever the library has
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>

static int ask(fm_exchange *exchange, void *arg)
{
    struct json_t *json = NULL;
    int number = 0;
    (void)arg;
    CHECK_INT(fm_exchange_json(exchange, &json), -EOPNOTSUPP);
    CHECK_INT(fm_exchange_json_unpack(exchange, "i", &number), -EOPNOTSUPP);
    CHECK_INT(fm_reply_json(exchange, 200, NULL), -EOPNOTSUPP);
    CHECK_INT(fm_reply_json_pack(exchange, 200, "i", 1), -EOPNOTSUPP);
    return fm_reply_problem(exchange, 501);
}

STORY(without_jansson_there_is_no_json_and_problems_are_told_all_the_same)
{
    static struct play scene = {
        .words = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        .handler = ask,
    };
    play(&scene);
    CHECK(strstr(scene.answer, "\"title\":\"Not Implemented\"") != NULL);
}

static int ask_cut(fm_exchange *exchange, void *arg)
{
    struct json_t *json = NULL;
    (void)arg;
    fm_cancel(fm_self());
    CHECK_INT(fm_exchange_json(exchange, &json), -ECANCELED);
    return -ECANCELED;
}

static int serve(void *stream)
{
    return fm_http_serve_stream(stream, ask_cut, NULL);
}

STORY(without_jansson_it_is_a_cancel_point_all_the_same)
{
    static const char words[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], words, sizeof words - 1), sizeof words - 1);
    fm_task *task = fm_start(serve, ends[1]);
    CHECK_INT(fm_await(task), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}
