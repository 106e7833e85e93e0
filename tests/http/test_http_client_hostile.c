/*
 * test_http_client_hostile.c - servers that say the wrong thing, or too much,
 * or too little
 *
 * Each is asked twice: what it says to the first request is the story, and
 * whether the second one has come by the same connection tells if the client
 * has trusted it.
 */
#include "http/http_script.h"

#include "harness.h"

#include "proto/chunks.h"
#include "proto/head.h"

#include <errno.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define SIZED(size) OK "Content-Length: " #size "\r\n\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define HINT "HTTP/1.1 103 Early Hints\r\n\r\n"
#define EVIL "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

enum {
    SAME = 1,   /* the second request comes by the first's connection */
    ANOTHER = 2 /* or by a new one */
};

/* One reply, and what a client shall make of it. */
struct reply {
    const char *reply;
    const char *body;
    int result;
    int connections;
    int status;         /* 0: 200 */
    const char *method; /* NULL: GET */
    bool leaves;
};

/* The whole body has come, and then the next reply by whichever connection. */
#define GOOD(by, text, words)                                                  \
    {.reply = (words), .body = (text), .connections = (by)}
#define GOOD_BUT(extra, by, text, words)                                       \
    {.reply = (words), .body = (text), .connections = (by), extra}
/* It is a failure, and its connection is not used again. */
#define BAD(failure, words)                                                    \
    {.reply = (words), .result = (failure), .connections = ANOTHER}

static void check_outcome(const struct reply *reply)
{
    int status = reply->status > 0 ? reply->status : 200;
    if (outcome.result != reply->result)
        test_fail(__FILE__, __LINE__, "\"%s\" is %s, not %s", reply->reply,
                  fm_strerror(outcome.result), fm_strerror(reply->result));
    if (outcome.result < 0)
        return;
    if (outcome.status != status || strcmp(outcome.body, reply->body) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\" is %d and \"%s\"", reply->reply,
                  outcome.status, outcome.body);
}

static void check_next(const struct script *script, fm_http_client *client,
                       const struct reply *reply)
{
    ask(client, script->url, NULL);
    if (outcome.result != 0 || strcmp(outcome.body, "next") != 0 ||
        script->connections != reply->connections)
        test_fail(__FILE__, __LINE__, "behind \"%.500s\": %s, \"%s\", %d",
                  reply->reply, fm_strerror(outcome.result), outcome.body,
                  script->connections);
}

/* Asks for more at once, or when the client has seen what is wrong. */
static void check_reply_then(const struct reply *reply, bool at_once)
{
    struct script script = {.reply = reply->reply, .leaves = reply->leaves};
    fm_http_client *client = NULL;
    script_open(&script);
    CHECK_INT(fm_http_client_open(&client), 0);
    ask(client, script.url, &(fm_http_request){.method = reply->method});
    check_outcome(reply);
    if (!at_once && reply->connections == ANOTHER)
        script_until_closed(client);
    /* Of what is still on its way nobody can know. */
    if (!at_once || script.said)
        check_next(&script, client, reply);
    fm_http_client_close(client);
    script_close(&script);
}

/* In the simulator some of it is always on its way. */
static void check_reply(const struct reply *reply)
{
    check_reply_then(reply, false);
    if (!test_simulated())
        check_reply_then(reply, true);
}

static void check_replies(const struct reply *replies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_reply(&replies[i]);
}

#define CHECK_REPLIES(replies)                                                 \
    check_replies(replies, sizeof(replies) / sizeof(replies)[0])

static char words[OUTCOME_BODY + 1000];

static void say(const char *text, int times)
{
    size_t size = strlen(words);
    for (; times > 0; times--) {
        memcpy(words + size, text, strlen(text) + 1);
        size += strlen(text);
    }
}

/* ---- where a body ends --------------------------------------------------- */

STORY(some_replies_have_no_body_whatever_they_say)
{
    static const struct reply replies[] = {
        GOOD_BUT(.method = "HEAD", SAME, "", SIZED(10)),
        GOOD_BUT(.method = "HEAD", SAME, "", CHUNKED),
        GOOD_BUT(.method = "HEAD", SAME, "", OK "\r\n"),
        GOOD_BUT(.status = 204, SAME, "", "HTTP/1.1 204 No Content\r\n\r\n"),
        GOOD_BUT(.status = 304, SAME, "",
                 "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"),
        GOOD_BUT(.status = 304, SAME, "", "HTTP/1.1 304 Not Modified\r\n\r\n"),
    };
    CHECK_REPLIES(replies);
}

STORY(a_body_where_none_belongs_is_not_the_next_reply)
{
    static const struct reply replies[] = {
        GOOD_BUT(.method = "HEAD", ANOTHER, "", SIZED(4) "body"),
        GOOD_BUT(.status = 204, ANOTHER, "",
                 "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody"),
        GOOD_BUT(.status = 304, ANOTHER, "",
                 "HTTP/1.1 304 Not Modified\r\n\r\n" EVIL),
    };
    CHECK_REPLIES(replies);
}

STORY(what_lies_behind_a_body_is_never_a_reply)
{
    static const struct reply replies[] = {
        GOOD(ANOTHER, "ok", SIZED(2) "ok" EVIL),
        GOOD(ANOTHER, "ok", SIZED(2) "ok!"),
        GOOD(ANOTHER, "ok", SIZED(2) "ok\r\n"),
        GOOD(ANOTHER, "", SIZED(0) EVIL),
        GOOD(ANOTHER, "ok", CHUNKED "2\r\nok\r\n0\r\n\r\n" EVIL),
    };
    CHECK_REPLIES(replies);
}

/* Of which the stream has read no more than the body. */
STORY(what_lies_behind_a_large_body_is_never_a_reply)
{
    static const size_t sizes[] = {8192, 16384, 40000, 60000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        static char body[OUTCOME_BODY];
        memset(body, 'x', sizes[i]);
        body[sizes[i]] = '\0';
        snprintf(words, sizeof words, OK "Content-Length: %zu\r\n\r\n%s" EVIL,
                 sizes[i], body);
        check_reply(&(struct reply)GOOD(ANOTHER, body, words));
    }
}

STORY(two_sizes_of_a_body_are_none)
{
    static const struct reply replies[] = {
        BAD(-FM_EHTTPFRAMING,
            OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
        BAD(-FM_EHTTPFRAMING,
            OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
        BAD(-FM_EHTTPFRAMING, OK "Content-Length: 2, 2\r\n\r\nok"),
        BAD(-FM_EHTTPFRAMING, OK "Content-Length: +2\r\n\r\nok"),
        BAD(-FM_EHTTPFRAMING, OK "Content-Length: -2\r\n\r\nok"),
        BAD(-FM_EHTTPFRAMING,
            OK "Content-Length: 9223372036854775808\r\n\r\nok"),
        BAD(-FM_EHTTPFRAMING,
            OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
               "2\r\nok\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPFRAMING, OK
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n"),
        BAD(-FM_EHTTPFRAMING,
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPCODING,
            OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPCODING, OK "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    };
    CHECK_REPLIES(replies);
}

STORY(what_is_no_chunk_is_an_error_and_no_end)
{
    static const struct reply replies[] = {
        BAD(-FM_EHTTPCHUNK, CHUNKED "2\r\nok\n0\r\n\r\n"),
        BAD(-FM_EHTTPCHUNK, CHUNKED "2\nok\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPCHUNK, CHUNKED "0x2\r\nok\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPCHUNK, CHUNKED "-1\r\nok\r\n0\r\n\r\n"),
        BAD(-FM_EHTTPCHUNK, CHUNKED "ffffffffffffffff\r\nok"),
        BAD(-FM_EHTTPCHUNK, CHUNKED "2\r\nok\r\nHTTP/1.1 200 OK\r\n\r\n"),
    };
    CHECK_REPLIES(replies);
}

STORY(a_connection_that_shall_not_stay_is_not_used_again)
{
    static const struct reply replies[] = {
        GOOD(ANOTHER, "ok",
             OK "Connection: close\r\nContent-Length: 2\r\n\r\nok"),
        GOOD(ANOTHER, "ok",
             OK "Connection: CLOSE, x\r\nContent-Length: 2\r\n\r\nok"),
        GOOD(ANOTHER, "ok", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        GOOD(
            SAME, "ok",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n"
            "\r\nok"),
        GOOD_BUT(.leaves = true, ANOTHER, "to the end", OK "\r\nto the end"),
        GOOD_BUT(.leaves = true, ANOTHER, "to the end",
                 "HTTP/1.0 200 OK\r\n\r\nto the end"),
    };
    CHECK_REPLIES(replies);
}

/* ---- heads --------------------------------------------------------------- */

STORY(what_does_not_begin_with_a_status_line_is_no_reply)
{
    static const struct reply replies[] = {
        BAD(-FM_EHTTPLINE, "\r\n" SIZED(2) "ok"),
        BAD(-FM_EHTTPLINE, " " SIZED(2) "ok"),
        BAD(-FM_EHTTPLINE, "garbage\r\n" SIZED(2) "ok"),
        BAD(-FM_EHTTPLINE, "<html>hello</html>"),
        BAD(-FM_EHTTPLINE, "SSH-2.0-OpenSSH_9.2p1\r\n"),
        BAD(-FM_EHTTPLINE, "\x16\x03\x01"),
        BAD(-FM_EHTTPVERSION, "HTTP/2.0 200 OK\r\n\r\n"),
        BAD(-FM_EHTTPVERSION, "HTTP/1.2 200 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "HTTP/1.1 20 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "HTTP/1.1 099 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "HTTP/1.1 2000 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "HTTP/1.1  200 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "http/1.1 200 OK\r\n\r\n"),
        BAD(-FM_EHTTPLINE, "ICY 200 OK\r\n\r\n"),
    };
    CHECK_REPLIES(replies);
}

STORY(a_line_of_a_reply_ends_in_cr_lf)
{
    static const struct reply replies[] = {
        BAD(-FM_EHTTPLINE, "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
        BAD(-FM_EHTTPFIELD, OK "Content-Length: 2\n\r\nok"),
        BAD(-FM_EHTTPFIELD, OK "Content-Length: 2\r\n\nok"),
        BAD(-FM_EHTTPFIELD, OK "Content-Length: 2\r\r\n\r\nok"),
        BAD(-FM_EHTTPFIELD, OK "Content-Length : 2\r\n\r\nok"),
        BAD(-FM_EHTTPFIELD, OK "X: a\r\n b\r\nContent-Length: 2\r\n\r\nok"),
        BAD(-FM_EHTTPFIELD, OK " X: a\r\nContent-Length: 2\r\n\r\nok"),
        BAD(-FM_EHTTPFIELD, OK "no colon\r\nContent-Length: 2\r\n\r\nok"),
    };
    CHECK_REPLIES(replies);
}

/* ---- interim replies ----------------------------------------------------- */

STORY(interim_replies_are_passed_over)
{
    static const struct reply replies[] = {
        GOOD(SAME, "ok", "HTTP/1.1 100 Continue\r\n\r\n" SIZED(2) "ok"),
        GOOD(SAME, "ok", HINT SIZED(2) "ok"),
        GOOD(SAME, "ok",
             "HTTP/1.1 102 Processing\r\nContent-Length: 9\r\n\r\n" SIZED(
                 2) "ok"),
        GOOD(SAME, "ok", "HTTP/1.1 199 What\r\n\r\n" SIZED(2) "ok"),
        GOOD_BUT(.status = 204, SAME, "",
                 HINT "HTTP/1.1 204 No Content\r\n\r\n"),
    };
    CHECK_REPLIES(replies);
}

STORY(nobody_has_asked_for_another_protocol)
{
    static const struct reply replies[] = {
        BAD(-FM_EHTTPINTERIM,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
            "Connection: Upgrade\r\n\r\n" SIZED(2) "ok"),
    };
    CHECK_REPLIES(replies);
}

STORY(interim_replies_are_32_and_no_more)
{
    words[0] = '\0';
    say(HINT, 32);
    say(SIZED(2) "ok", 1);
    check_reply(&(struct reply)GOOD(SAME, "ok", words));
    words[0] = '\0';
    say(HINT, 33);
    say(SIZED(2) "ok", 1);
    check_reply(&(struct reply)BAD(-FM_EHTTPINTERIM, words));
}

/* ---- sizes --------------------------------------------------------------- */

/* A head with a field that makes all fields that long. */
static void say_fields(size_t size)
{
    static char field[FM__HEAD_SIZE + 8];
    memset(field, 'x', sizeof field);
    field[1] = ':';
    size -= strlen("Content-Length: 2\r\n") + 2 + strlen("\r\n");
    field[size] = '\0';
    words[0] = '\0';
    say(OK, 1);
    say("Content-Length: 2\r\n", 1);
    say(field, 1);
    say("\r\n\r\nok", 1);
}

STORY(a_reply_has_100_fields_and_no_more)
{
    for (int more = 0; more < 2; more++) {
        words[0] = '\0';
        say(OK "Content-Length: 2\r\n", 1);
        say("X: \r\n", FM__HEAD_FIELDS - 1 + more);
        say("\r\nok", 1);
        check_reply(more == 0 ? &(struct reply)GOOD(SAME, "ok", words)
                              : &(struct reply)BAD(-FM_EHTTPFIELDS, words));
    }
}

/* Behind a chunk's size, and behind the last chunk. */
STORY(what_stands_between_chunks_has_a_limit)
{
    words[0] = '\0';
    say(CHUNKED "2;", 1);
    say("x", FM__CHUNK_EXTENSION * 2);
    say("\r\nok\r\n0\r\n\r\n", 1);
    check_reply(&(struct reply)BAD(-FM_EHTTPCHUNK, words));
    words[0] = '\0';
    say(CHUNKED "2\r\nok\r\n0\r\n", 1);
    say("X: y\r\n", FM__CHUNK_TRAILERS / 6 + 1);
    say("\r\n", 1);
    check_reply(&(struct reply)BAD(-FM_EHTTPFIELDS, words));
}

STORY(the_fields_of_a_reply_have_a_limit)
{
    say_fields(FM__HEAD_SIZE);
    check_reply(&(struct reply)GOOD(SAME, "ok", words));
    say_fields(FM__HEAD_SIZE + 1);
    check_reply(&(struct reply)BAD(-FM_EHTTPFIELDS, words));
}
