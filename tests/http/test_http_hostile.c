/*
 * test_http_hostile.c - clients that want the wrong thing, and handlers that
 * do it
 */
#include "http/http_play.h"

#include "harness.h"

#include "base/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(fields, body) "POST / HTTP/1.1\r\nHost: a\r\n" fields "\r\n" body

#define CHUNKS_END "\r\n0\r\n\r\n"

enum {
    MANY = 1000
};

static struct play scene;

static void begin(fm_http_handler handler, const char *words)
{
    memset(&scene, 0, sizeof scene);
    scene.handler = handler;
    scene.words = words;
}

static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply(exchange, 200, "hello\n", 6);
}

static int load(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    return size < 0 ? (int)size : fm_reply(exchange, 200, "", 0);
}

/* How often a text is in what was answered. */
static int times(const char *text)
{
    int count = 0;
    for (const char *at = scene.answer; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

/* ---- one connection, of which both ends are here ------------------------- */

struct side {
    fm_stream *ends[2];
    fm_http_handler handler;
    void *arg;
    fm_http_serve_options options;
    fm_task *task;
};

static int side_run(void *arg)
{
    struct side *self = arg;
    int rc = fm_http_serve_stream(self->ends[1], self->handler, self->arg,
                                  &self->options);
    fm_close(self->ends[1]);
    return rc;
}

static void side_start(struct side *self, fm_http_handler handler, void *arg)
{
    self->handler = handler;
    self->arg = arg;
    CHECK_INT(fm_stream_pair(self->ends), 0);
    self->task = fm_start(side_run, self);
}

/* ---- many and small ------------------------------------------------------ */

static int say_many(void *arg)
{
    fm_stream *stream = arg;
    for (int i = 0; i < MANY; i++)
        fm_write(stream, GET, strlen(GET));
    return fm_write_eof(stream);
}

STORY(a_thousand_requests_may_come_at_once)
{
    static char heard[200 * MANY];
    struct side side = {.options = {.requests = MANY}};
    side_start(&side, hello, NULL);
    fm_task *saying = fm_start(say_many, side.ends[0]);
    ssize_t size = fm_read_exactly(side.ends[0], heard, sizeof heard - 1);
    CHECK(size == -FM_EEOF || size > 0);
    int replies = 0;
    for (char *at = heard; (at = strstr(at, "\r\n\r\nhello\n")) != NULL; at++)
        replies++;
    CHECK_INT(replies, MANY);
    CHECK_INT(fm_await(saying), 0);
    CHECK_INT(fm_await(side.task), 0);
    fm_close(side.ends[0]);
}

/* A round is a connection with a request of each kind. */
STORY(memory_does_not_grow_with_requests)
{
    static const char words[] = GET POST("Content-Length: 3\r\n", "abc")
        POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n")
            POST("Content-Length: 1\r\n", "a") "GET bad";
    begin(load, words);
    play(&scene);
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    for (int i = 0; i < 100; i++)
        play(&scene);
    CHECK_INT(times("HTTP/1.1 200"), 4);
    CHECK(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]) == held);
}

/* ---- what lies behind a body is a request, and nothing before it --------- */

#define EVIL "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"

enum way {
    WAY_NOTHING,
    WAY_A_BYTE,
    WAY_HALF,
    WAY_ALL,
    WAY_LOAD,
    WAY_REPLY_FIRST,
    WAY_REPLY_THEN_A_BYTE,
    WAY_IN_PIECES,
    WAY_FAIL,
    WAY_FAIL_AFTER_A_BYTE,
    WAY_FAIL_AFTER_REPLY,
    WAYS
};

struct left {
    enum way way;
    size_t size; /* of the body */
    int evil;    /* requests that were none */
    int good;
};

static void left_read(fm_exchange *exchange, size_t size)
{
    char byte;
    while (size > 0 && fm_exchange_read(exchange, &byte, 1) > 0)
        size--;
}

static int left_in_pieces(fm_exchange *exchange)
{
    int rc = fm_reply_begin(exchange, 200, -1);
    left_read(exchange, 7);
    return rc < 0 ? rc : (int)fm_reply_write(exchange, "ok", 2);
}

static int left_handler(fm_exchange *exchange, void *arg)
{
    struct left *self = arg;
    const char *body;
    self->evil += strcmp(fm_exchange_target(exchange), "/evil") == 0;
    self->good += strcmp(fm_exchange_target(exchange), "/good") == 0;
    if (strcmp(fm_exchange_target(exchange), "/first") != 0)
        return fm_reply(exchange, 200, "ok", 2);
    switch (self->way) {
    case WAY_A_BYTE:
    case WAY_FAIL_AFTER_A_BYTE:
        left_read(exchange, 1);
        break;
    case WAY_HALF:
        left_read(exchange, self->size / 2);
        break;
    case WAY_ALL:
        left_read(exchange, SIZE_MAX);
        break;
    case WAY_LOAD:
        fm_exchange_load(exchange, &body);
        break;
    case WAY_IN_PIECES:
        return left_in_pieces(exchange);
    default:
        break;
    }
    if (self->way == WAY_FAIL || self->way == WAY_FAIL_AFTER_A_BYTE)
        return -EIO;
    int rc = fm_reply(exchange, 200, "ok", 2);
    if (self->way == WAY_REPLY_THEN_A_BYTE)
        left_read(exchange, 1);
    return self->way == WAY_FAIL_AFTER_REPLY ? -EIO : rc;
}

/* The first request has `count` evil ones for its body. */
static size_t left_words(char *words, size_t room, int count, const char *how)
{
    size_t body = strlen(EVIL) * (size_t)count;
    bool chunked = strstr(how, "chunked") != NULL;
    int at =
        snprintf(words, room, "POST /first HTTP/1.1\r\nHost: a\r\n%s", how);
    at +=
        snprintf(words + at, room - (size_t)at,
                 chunked ? "\r\n%zx\r\n" : "Content-Length: %zu\r\n\r\n", body);
    for (int i = 0; i < count; i++)
        at += snprintf(words + at, room - (size_t)at, EVIL);
    snprintf(words + at, room - (size_t)at,
             "%sGET /good HTTP/1.1\r\nHost: a\r\n\r\n",
             chunked ? "\r\n0\r\n\r\n" : "");
    return body;
}

STORY(no_byte_of_a_body_is_ever_taken_for_a_request)
{
    static const char *const how[] = {
        "",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
    };
    static const int counts[] = {1, 40, 4000};
    static char words[200000];
    for (int i = 0; i < WAYS * 4 * 3; i++) {
        struct left left = {.way = (enum way)(i % WAYS)};
        begin(left_handler, words);
        left.size = left_words(words, sizeof words, counts[i / WAYS % 3],
                               how[i / WAYS / 3]);
        scene.arg = &left;
        play(&scene);
        CHECK_INT(left.evil, 0);
        CHECK(left.good <= 1);
        CHECK(times("HTTP/1.1 200") + times("HTTP/1.1 500") >= 1);
    }
}

/* ---- limits: one below, at, and one above -------------------------------- */

STORY(a_body_has_its_limit_at_that_byte)
{
    enum {
        LIMIT = 5000
    };
    static char words[4 * LIMIT];
    for (int size = LIMIT - 1; size <= LIMIT + 1; size++) {
        for (int chunked = 0; chunked < 2; chunked++) {
            int at = snprintf(
                words, sizeof words,
                chunked ? POST("Transfer-Encoding: chunked\r\n", "%x\r\n")
                        : POST("Content-Length: %u\r\n", ""),
                (unsigned)size);
            memset(words + at, 'x', (size_t)size);
            snprintf(words + at + size, sizeof words - (size_t)(at + size),
                     "%s", chunked ? CHUNKS_END GET : GET);
            begin(load, words);
            scene.options.body_limit = LIMIT;
            play(&scene);
            CHECK_INT(times("HTTP/1.1 200"), size <= LIMIT ? 2 : 0);
            CHECK_INT(times("HTTP/1.1 413"), size <= LIMIT ? 0 : 1);
        }
    }
}

STORY(a_head_that_is_too_long_is_refused_by_name)
{
    static char words[50000];
    memset(words, 'x', sizeof words - 1);
    memcpy(words, "GET /", strlen("GET /"));
    begin(hello, words);
    play(&scene);
    CHECK_INT(times("HTTP/1.1 414"), 1);
    memcpy(words, "GET / HTTP/1.1\r\nX: ", strlen("GET / HTTP/1.1\r\nX: "));
    play(&scene);
    CHECK_INT(times("HTTP/1.1 431"), 1);
}

STORY(a_connection_ends_at_its_last_request_and_not_before)
{
    for (int said = 2; said <= 4; said++) {
        begin(hello, said == 2   ? GET GET
                     : said == 3 ? GET GET GET
                                 : GET GET GET GET);
        scene.options.requests = 3;
        play(&scene);
        CHECK_INT(times("hello\n"), said < 3 ? said : 3);
        CHECK_INT(times("Connection: close\r\n"), said >= 3);
    }
}

/* ---- replies ------------------------------------------------------------- */

static int try_all_bytes(fm_exchange *exchange, void *arg)
{
    char text[8];
    (void)arg;
    for (int at = 0; at < 3; at++) {
        for (int byte = 1; byte < 256; byte++) {
            bool bad = (byte < 0x20 && byte != '\t') || byte == 0x7f;
            memcpy(text, "abc", sizeof "abc");
            text[at] = (char)byte;
            int named = fm_reply_set(exchange, text, "v");
            int valued = fm_reply_set(exchange, "X", text);
            bool blank = byte == ' ' || byte == '\t';
            CHECK_INT(valued, bad || (blank && at != 1) ? -EINVAL : 0);
            if (bad || blank || byte == ':' || byte >= 0x80)
                CHECK_INT(named, -EINVAL);
        }
    }
    return fm_reply(exchange, 200, "hello\n", 6);
}

/* A NUL ends a text, so it cannot be in one. */
STORY(no_field_of_a_reply_has_a_line_end_or_nul)
{
    begin(try_all_bytes, GET);
    play(&scene);
    CHECK_INT((int64_t)strlen(scene.answer), (int64_t)scene.answered);
    CHECK_INT(times("\r\n\r\n"), 1);
    for (const char *at = scene.answer; *at != '\0'; at++) {
        if (*at == '\r')
            CHECK_INT(at[1], '\n');
        if (*at == '\n' && at[1] != '\0')
            CHECK(at[-1] == '\r');
    }
}

static int fill_fields(fm_exchange *exchange, void *arg)
{
    static char value[FM_REPLY_FIELDS + 1];
    int64_t size = *(const int64_t *)arg;
    memset(value, 'x', sizeof value);
    value[size - 5] = '\0'; /* "N: " and the line's end */
    int rc = fm_reply_set(exchange, "N", value);
    CHECK_INT(rc, size > FM_REPLY_FIELDS ? -EMSGSIZE : 0);
    if (size == FM_REPLY_FIELDS)
        CHECK_INT(fm_reply_set(exchange, "M", ""), -EMSGSIZE);
    return fm_reply(exchange, 200, "hello\n", 6);
}

STORY(fields_of_a_reply_have_a_limit)
{
    for (int64_t size = FM_REPLY_FIELDS - 1; size <= FM_REPLY_FIELDS + 1;
         size++) {
        begin(fill_fields, GET);
        scene.arg = &size;
        play(&scene);
        CHECK_INT(times("hello\n"), 1);
    }
}

static int reply_again(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_reply_write(exchange, "x", 1), -EINVAL);
    CHECK_INT(fm_reply(exchange, 200, "hello\n", 6), 0);
    CHECK_INT(fm_reply(exchange, 200, "hello\n", 6), -EALREADY);
    CHECK_INT(fm_reply_text(exchange, 200, "hello\n"), -EALREADY);
    CHECK_INT(fm_reply_begin(exchange, 200, -1), -EALREADY);
    CHECK_INT(fm_reply_write(exchange, "x", 1), -EINVAL);
    return 0;
}

STORY(a_reply_is_given_once)
{
    begin(reply_again, GET GET);
    play(&scene);
    CHECK_INT(times("HTTP/1.1 200"), 2);
    CHECK_INT(times("hello\n"), 2);
    CHECK_INT(scene.result, 0);
}

static int ask_to_stay(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_reply_set(exchange, "Connection", "keep-alive"), -EINVAL);
    return fm_reply(exchange, 200, "hello\n", 6);
}

STORY(a_connection_that_has_to_end_cannot_be_told_to_stay)
{
    begin(ask_to_stay, "GET / HTTP/1.0\r\n\r\n" GET);
    play(&scene);
    CHECK_INT(times("Connection: close\r\n"), 1);
    CHECK_INT(times("hello\n"), 1);
}

static int begin_and_fail(fm_exchange *exchange, void *arg)
{
    (void)arg;
    fm_reply_begin(exchange, 200, -1);
    fm_reply_write(exchange, "hello", 5);
    return -EIO;
}

/* Only the end of the connection tells HTTP/1.0 that of the body. */
STORY(a_reply_that_fails_halfway_is_not_taken_for_all_of_it)
{
    char text[256];
    ssize_t rc;
    struct side side = {.options = {.requests = 1}};
    side_start(&side, begin_and_fail, NULL);
    fm_write(side.ends[0], "GET / HTTP/1.0\r\n\r\n", 18);
    while ((rc = fm_read(side.ends[0], text, sizeof text)) > 0)
        continue;
    CHECK_INT(rc, -ECONNRESET);
    CHECK_INT(fm_await(side.task), -EIO);
    fm_close(side.ends[0]);
}

/* What came behind the last request would make of the end a reset. */
STORY(the_last_reply_is_not_overtaken_by_a_reset)
{
    char text[512];
    size_t size = 0;
    ssize_t rc;
    struct side side = {.options = {.requests = 1}};
    side_start(&side, hello, NULL);
    fm_write(side.ends[0], GET GET GET, strlen(GET GET GET));
    while ((rc = fm_read(side.ends[0], text + size, sizeof text - size)) > 0)
        size += (size_t)rc;
    CHECK_INT(rc, 0);
    CHECK(memmem(text, size, "hello\n", 6) != NULL);
    fm_close(side.ends[0]);
    CHECK_INT(fm_await(side.task), 0);
}

/* ---- a client that leaves ------------------------------------------------ */

static int echo_in_pieces(fm_exchange *exchange, void *arg)
{
    char buf[16];
    ssize_t size;
    (void)arg;
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) != 0)
        rc = (int)(size < 0 ? size
                            : fm_reply_write(exchange, buf, (size_t)size));
    return rc;
}

/* At each byte, by an end and by a reset. */
STORY(a_client_may_leave_at_any_byte)
{
    static const char words[] = POST(
        "Transfer-Encoding: chunked\r\n",
        "14\r\n0123456789abcdefghij\r\n5;x=y\r\nabcde\r\n0\r\nT: t\r\n\r\n");
    for (size_t size = 0; size < sizeof words; size++) {
        for (int resets = 0; resets < 2; resets++) {
            char text[256];
            struct side side = {.options = {.requests = 2}};
            side_start(&side, echo_in_pieces, NULL);
            fm_write(side.ends[0], words, size);
            fm_yield();
            if (resets) {
                fm_abort(side.ends[0]);
            } else {
                fm_write_eof(side.ends[0]);
                while (fm_read(side.ends[0], text, sizeof text) > 0)
                    continue;
                fm_close(side.ends[0]);
            }
            (void)fm_await(side.task);
        }
    }
}

/* ---- a body that is wrong ------------------------------------------------ */

STORY(a_body_that_ends_too_early_is_the_clients_failure)
{
    begin(load, POST("Content-Length: 10\r\n", "abc"));
    play(&scene);
    CHECK_INT(times("HTTP/1.1 400"), 1);
    CHECK_INT(scene.result, 0);
}
