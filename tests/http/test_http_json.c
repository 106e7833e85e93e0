/*
 * test_http_json.c - JSON in requests and replies
 */
#include "http/http_play.h"

#include "harness.h"
#include "http/json_value.h"
#include "proto/access_line.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define JSON_TYPE "Content-Type: application/json\r\n"

static struct play scene;

static void post_bytes(fm_http_handler handler, const char *type,
                       struct fm__slice body)
{
    static char words[PLAY_ROOM];
    memset(&scene, 0, sizeof scene);
    int size =
        snprintf(words, sizeof words,
                 "POST / HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n",
                 type, body.size);
    CHECK((size_t)size + body.size <= sizeof words);
    memcpy(words + size, body.at, body.size);
    scene.words = words;
    scene.size = (size_t)size + body.size;
    scene.handler = handler;
    play(&scene);
}

static void post(fm_http_handler handler, const char *type, const char *body)
{
    post_bytes(handler, type, fm__slice_of(body));
}

static void check_said(const char *status, const char *text)
{
    if (strncmp(scene.answer + strlen("HTTP/1.1 "), status, 3) != 0 ||
        strstr(scene.answer, text) == NULL)
        test_fail(__FILE__, __LINE__, "%s, not %s %s", scene.answer, status,
                  text);
}

static int echo(fm_exchange *exchange, void *arg)
{
    json_t *json, *again;
    (void)arg;
    int rc = fm_exchange_json(exchange, &json);
    if (rc < 0)
        return rc;
    CHECK_INT(fm_exchange_json(exchange, &again), 0);
    CHECK(again == json);
    return fm_reply_json(exchange, 200, json);
}

STORY(json_goes_in_and_out)
{
    static const char *const same[] = {
        "{\"a\":[1,-2.5,true,false,null,\"b\"],\"c\":{}}",
        "[]",
        "\"\xc3\xa9\"",
        "17",
        "null",
        "{\"\":\"\\u001B\\n\"}",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        post(echo, JSON_TYPE, same[i]);
        check_said("200", same[i]);
        check_said("200", "Content-Type: application/json\r\n");
    }
    post(echo, JSON_TYPE, " \t\r\n{ \"a\" : 1 } \n");
    check_said("200", "\r\n\r\n{\"a\":1}");
}

STORY(a_body_has_to_say_that_it_is_json)
{
    static const char *const good[] = {
        "application/json",           "APPLICATION/JSON",
        "application/json;charset=x", "application/json ; a=b",
        "application/problem+json",   "a/b+JSON",
    };
    static const char *const bad[] = {
        "text/plain",
        "application/jsonp",
        "application/x-json",
        "+json",
        "json",
        "text/json",
        "application/json,text/plain",
    };
    char type[128];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(type, sizeof type, "Content-Type: %s\r\n", good[i]);
        post(echo, type, "1");
        check_said("200", "\r\n\r\n1");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(type, sizeof type, "Content-Type: %s\r\n", bad[i]);
        post(echo, type, "1");
        check_said("415", "the body is to be application/json, not ");
    }
    post(echo, "", "1");
    check_said("415", "\"the body is to be application/json\"");
}

STORY(what_is_no_json_is_refused_with_its_place)
{
    static const struct {
        const char *body;
        const char *place;
    } bad[] = {
        {"", "line 1, column 0"},
        {"{", "line 1, column 1"},
        {"{\"a\":1,}", "line 1, column 8"},
        {"[1\n,2\n,x]", "line 3, column 2"},
        {"[1] 2", "line 1, column 5"},
        {"[01]", "line 1, column 2"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "duplicate object key"},
        {"{\"a\":1,\"\\u0061\":3}", "duplicate object key"},
        {"[\"\\u0000\"]", "line 1"},
        {"[\"\xff\"]", "unable to decode byte 0xff"},
        {"[\"\\ud800\"]", "line 1"},
        {"[99999999999999999999]", "too big integer"},
        {"[1e999]", "real number overflow"},
        {"[NaN]", "line 1"},
        {"\xef\xbb\xbf[]", "line 1"},
        {"['a']", "line 1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        post(echo, JSON_TYPE, bad[i].body);
        check_said("400", bad[i].place);
        check_said("400", "Content-Type: application/problem+json\r\n");
        json_error_t error;
        json_t *told =
            json_loads(strstr(scene.answer, "\r\n\r\n") + 4, 0, &error);
        CHECK(told != NULL);
        json_decref(told);
    }
}

STORY(every_byte_may_stand_in_a_body_that_is_none)
{
    char body[] = "[x]";
    for (int byte = 0; byte < 256; byte++) {
        body[1] = (char)byte;
        post_bytes(echo, JSON_TYPE, (struct fm__slice){body, 3});
        json_error_t error;
        json_t *told =
            json_loads(strstr(scene.answer, "\r\n\r\n") + 4, 0, &error);
        CHECK(told != NULL);
        json_decref(told);
    }
}

STORY(every_byte_of_a_line_of_json_is_json)
{
    static char out[FM__ACCESS_LINE];
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    struct fm__slice text = {bytes, sizeof bytes};
    const struct fm__access_line line = {
        .date = "Sun, 06 Nov 1994 08:49:37 GMT",
        .target = text,
        .agent = text,
        .host = FM__SLICE("\xc3\xa9"),
        .status = 200,
    };
    struct fm__pen pen = {out, out + sizeof out, false};
    fm__access_line_json(&pen, &line);
    json_error_t error;
    json_t *json = json_loadb(out, (size_t)(pen.at - out),
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    CHECK(json != NULL);
    const char *host = json_string_value(json_object_get(json, "host"));
    CHECK(strcmp(host, "\xc3\xa9") == 0);
    json_decref(json);
}

static char *put(char *at, const char *word)
{
    size_t size = strlen(word);
    memcpy(at, word, size + 1);
    return at + size;
}

/* So many brackets around a number. */
static const char *nested(unsigned depth)
{
    static char text[8 * 4096];
    char *at = text;
    for (unsigned i = 0; i < depth; i++)
        at = put(at, i % 2 == 0 ? "[" : "{\"a\":");
    at = put(at, "1");
    for (unsigned i = depth; i > 0; i--)
        at = put(at, i % 2 == 1 ? "]" : "}");
    return text;
}

STORY(json_has_its_depth_at_that_level)
{
    post(echo, JSON_TYPE, nested(FM_JSON_DEPTH));
    check_said("200", nested(FM_JSON_DEPTH));
    post(echo, JSON_TYPE, nested(FM_JSON_DEPTH + 1));
    check_said("400", "line 1, column 193: deeper than 64 levels");
    post(echo, JSON_TYPE, nested(4096));
    check_said("400", "deeper than 64 levels");
}

STORY(a_body_of_json_has_the_servers_limit)
{
    memset(&scene, 0, sizeof scene);
    scene.words = "POST / HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
                  "Content-Length: 3\r\n\r\n[1]"
                  "POST / HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
                  "Content-Length: 4\r\n\r\n[12]";
    scene.handler = echo;
    scene.options.body_limit = 3;
    play(&scene);
    check_said("200", "\r\n\r\n[1]HTTP/1.1 413 ");
}

static int unpack(fm_exchange *exchange, void *arg)
{
    const char *name;
    int age = -1, on = 0;
    (void)arg;
    int rc = fm_exchange_json_unpack(exchange, "{s:s, s?i, s?b}", "name", &name,
                                     "age", &age, "on", &on);
    if (rc < 0)
        return rc;
    return fm_reply_json_pack(exchange, 201, "{s:s, s:i, s:b}", "name", name,
                              "age", age, "on", on);
}

STORY(a_body_is_taken_apart_by_a_format)
{
    post(unpack, JSON_TYPE, "{\"name\":\"Ada\",\"age\":36,\"more\":[]}");
    check_said("201", "\r\n\r\n{\"name\":\"Ada\",\"age\":36,\"on\":false}");
    post(unpack, JSON_TYPE, "{\"name\":\"Ada\"}");
    check_said("201", "\r\n\r\n{\"name\":\"Ada\",\"age\":-1,\"on\":false}");
}

STORY(a_value_of_another_kind_is_the_clients_fault)
{
    static const struct {
        const char *body;
        const char *why;
    } bad[] = {
        {"{\"age\":36}", "\"detail\":\"Object item not found: name\""},
        {"{\"name\":1}", "\"detail\":\"Expected string, got integer\""},
        {"[]", "\"detail\":\"Expected object, got array\""},
        {"null", "\"detail\":\"Expected object, got null\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        post(unpack, JSON_TYPE, bad[i].body);
        check_said("422", bad[i].why);
    }
}

static int misformat(fm_exchange *exchange, void *arg)
{
    int number;
    (void)arg;
    CHECK_INT(fm_exchange_json_unpack(exchange, "Q", &number), -EINVAL);
    CHECK_INT(fm_exchange_json_unpack(exchange, "", &number), -EINVAL);
    CHECK_INT(fm_reply_json_pack(exchange, 200, "Q", 1), -EINVAL);
    CHECK_INT(fm_reply_json_pack(exchange, 200, "s", "\xff"), -EILSEQ);
    CHECK_INT(fm_reply_json(exchange, 200, NULL), -ENOMEM);
    CHECK_INT(fm_reply_status(exchange), 0);
    return fm_exchange_json_unpack(exchange, "Q", &number);
}

STORY(a_format_that_is_none_is_the_programs_fault)
{
    post(misformat, JSON_TYPE, "{}");
    check_said("500", "\"status\":500}");
}

static int deep(fm_exchange *exchange, void *arg)
{
    json_t *json = json_integer(1);
    unsigned levels = *(unsigned *)arg;
    for (unsigned i = 0; i < levels; i++)
        json = json_pack(i % 2 == 0 ? "[o]" : "{s:o}",
                         i % 2 == 0 ? (const void *)json : "a", json);
    int rc = fm_reply_json(exchange, 200, json);
    json_decref(json);
    return rc;
}

static int deep_too(fm_exchange *exchange, void *arg)
{
    unsigned levels = FM_JSON_DEPTH + 1;
    int rc = deep(exchange, &levels);
    CHECK_INT(rc, -ELOOP);
    levels--;
    (void)arg;
    return deep(exchange, &levels);
}

STORY(a_reply_of_json_has_its_depth_at_that_level)
{
    post(deep_too, "", "");
    check_said("200", "[{\"a\":[{\"a\":");
}

static int deep_all_ways(void *arg)
{
    bool small = *(bool *)arg;
    post(echo, JSON_TYPE, nested(3));
    check_said("200", nested(3));
    post(echo, JSON_TYPE, nested(FM_JSON_DEPTH));
    check_said(small ? "400" : "200", small ? "deeper than " : nested(64));
    post(echo, JSON_TYPE, nested(20)); /* is read, and cannot be written */
    check_said(small ? "500" : "200", "");
    return 0;
}

/* Where frames are as small as they are in a program that is made to run, and
 * as gcc makes them. */
STORY(json_has_less_depth_on_a_small_stack)
{
    const fm_task_options options = {.stack_size = play_small_stack()};
    bool small = options.stack_size > 0;
    CHECK_INT(fm_await(fm_start(deep_all_ways, &small, &options)), 0);
}

static int snake(fm_exchange *exchange, void *arg)
{
    json_t *outer = json_array(), *inner = json_array();
    (void)arg;
    json_array_append(outer, inner);
    json_array_append_new(inner, outer);
    CHECK_INT(fm_reply_json(exchange, 200, outer), -ELOOP);
    json_array_clear(inner); /* which ends outer, and so the snake */
    json_decref(inner);
    return fm_reply_json_pack(exchange, 200, "b", 1);
}

STORY(json_that_is_in_itself_is_refused)
{
    post(snake, "", "");
    check_said("200", "\r\n\r\ntrue");
}

static int large(fm_exchange *exchange, void *arg)
{
    json_t *json = json_array();
    (void)arg;
    for (int i = 0; i < 5000; i++)
        json_array_append_new(json, json_integer(i));
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "a/b+json"), 0);
    int rc = fm_reply_json(exchange, 200, json);
    json_decref(json);
    return rc;
}

STORY(a_reply_of_json_may_be_of_any_size_and_type)
{
    post(large, "", "");
    check_said("200", "Content-Type: a/b+json\r\nContent-Length: 23891\r\n");
    check_said("200", ",4998,4999]");
}

static int keep(fm_exchange *exchange, void *arg)
{
    json_t **kept = arg;
    int rc = fm_exchange_json(exchange, kept);
    json_incref(*kept);
    return rc < 0 ? rc : fm_reply_json_pack(exchange, 200, "O", *kept);
}

STORY(a_value_may_be_kept_for_longer_than_its_exchange)
{
    json_t *kept = NULL;
    memset(&scene, 0, sizeof scene);
    scene.words = "POST / HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
                  "Content-Length: 5\r\n\r\n[\"a\"]";
    scene.handler = keep;
    scene.arg = &kept;
    play(&scene);
    check_said("200", "[\"a\"]");
    CHECK(strcmp(json_string_value(json_array_get(kept, 0)), "a") == 0);
    json_decref(kept);
}

/* ---- cuts --------------------------------------------------------------- */

static int cut(fm_exchange *exchange, void *arg)
{
    json_t *json = NULL;
    int number;
    (void)arg;
    CHECK_INT(fm_exchange_json(exchange, &json), 0);
    fm_cancel(fm_self());
    CHECK_INT(fm_exchange_json(exchange, &json), -ECANCELED);
    CHECK_INT(fm_exchange_json_unpack(exchange, "i", &number), -ECANCELED);
    CHECK_INT(fm_reply_json(exchange, 200, json), -ECANCELED);
    CHECK_INT(fm_reply_json_pack(exchange, 200, "[o]", json_incref(json)),
              -ECANCELED);
    CHECK_INT(json->refcount, 1);
    return -ECANCELED;
}

static int serve_cut(void *arg)
{
    return fm_http_serve_stream(arg, cut, NULL);
}

STORY(json_is_a_cancel_point_also_where_it_need_not_wait)
{
    static const char words[] = "POST / HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
                                "Content-Length: 3\r\n\r\n[1]";
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], words, sizeof words - 1), sizeof words - 1);
    fm_task *task = fm_start(serve_cut, ends[1]);
    CHECK_INT(fm_await(task), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

static int serve_part(void *arg)
{
    return fm_http_serve_stream(arg, echo, NULL);
}

STORY(who_waits_for_json_is_cut)
{
    static const char words[] = "POST / HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
                                "Content-Length: 9\r\n\r\n[1";
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], words, sizeof words - 1), sizeof words - 1);
    fm_task *task = fm_start(serve_part, ends[1]);
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}
