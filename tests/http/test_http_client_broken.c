/*
 * test_http_client_broken.c - replies that end too soon, or never, or lead
 * nowhere; connections that end when they are needed
 */
#include "http/http_script.h"

#include "harness.h"

#include <errno.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define SIZED OK "Content-Length: 5\r\n\r\nhello"
#define CHUNKED                                                                \
    OK "Transfer-Encoding: chunked\r\n\r\n"                                    \
       "2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nSum: 5\r\n\r\n"
#define INTERIM "HTTP/1.1 100 Continue\r\n\r\n" SIZED
#define TO_THE_END OK "\r\nhello"

static fm_http_client *open_client(const fm_http_client_options *options)
{
    fm_http_client *client = NULL;
    CHECK_INT(fm_http_client_open(&client, options), 0);
    return client;
}

/* One request to such a server, by a client of its own. */
static void ask_once(struct script script, const fm_http_request *request,
                     const fm_http_client_options *options)
{
    fm_http_client *client = open_client(options);
    script_open(&script);
    ask(client, script.url, request);
    fm_http_client_close(client);
    script_close(&script);
}

/* ---- replies that end too soon ------------------------------------------- */

static const char *const good[] = {SIZED, CHUNKED, INTERIM};

/* Never is a part taken for the whole. */
static void check_prefixes(struct script script)
{
    size_t whole = strlen(script.reply);
    script.replies = 1000;
    for (size_t size = 1; size < whole; size++) {
        script.size = size;
        ask_once(script, NULL, NULL);
        if (outcome.result >= 0)
            test_fail(__FILE__, __LINE__, "%zu bytes of \"%s\" are \"%s\"",
                      size, script.reply, outcome.body);
    }
    script.size = whole;
    ask_once(script, NULL, NULL);
    CHECK_INT(outcome.result, 0);
    CHECK(strcmp(outcome.body, "hello") == 0);
}

STORY(a_reply_that_ends_at_any_byte_is_an_error)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_prefixes((struct script){.reply = good[i], .leaves = true});
}

/* The reset may overtake what was said before it. */
STORY(a_reply_that_is_reset_at_any_byte_is_an_error)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        for (size_t size = 1; size < strlen(good[i]); size++) {
            ask_once((struct script){.reply = good[i],
                                     .size = size,
                                     .replies = 1000,
                                     .resets = true},
                     NULL, NULL);
            CHECK(outcome.result < 0);
        }
}

/* Without a size, the head at least has to be whole. */
STORY(a_head_without_a_size_that_ends_at_any_byte_is_an_error)
{
    size_t head = strlen(TO_THE_END) - strlen("hello");
    for (size_t size = 1; size <= strlen(TO_THE_END); size++) {
        ask_once((struct script){.reply = TO_THE_END,
                                 .size = size,
                                 .replies = 1000,
                                 .leaves = true},
                 NULL, NULL);
        CHECK((outcome.result >= 0) == (size >= head));
    }
}

/* The end of a body that only a connection ends is known by its order. */
STORY(a_body_without_a_size_that_is_reset_is_an_error)
{
    ask_once(
        (struct script){.reply = TO_THE_END, .replies = 1000, .resets = true},
        NULL, NULL);
    CHECK(outcome.result < 0);
}

STORY(a_server_that_leaves_without_a_word_is_an_error)
{
    ask_once((struct script){.reply = SIZED, .slams = true, .replies = 1}, NULL,
             NULL);
    CHECK_INT(outcome.result, 0);
}

STORY(a_reply_may_come_byte_by_byte)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ask_once((struct script){.reply = good[i], .piece = 1}, NULL, NULL);
        CHECK_INT(outcome.result, 0);
        CHECK(strcmp(outcome.body, "hello") == 0);
    }
}

/* ---- replies that never end ---------------------------------------------- */

STORY(a_head_byte_by_byte_does_not_move_its_deadline)
{
    const fm_http_client_options options = {.answer_timeout = story_span(100)};
    static char endless[8000];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, OK "X: ", strlen(OK "X: "));
    ask_once(
        (struct script){
            .reply = endless, .size = sizeof endless, .piece = 1, .pause = 1},
        NULL, &options);
    CHECK_INT(outcome.result, -ETIMEDOUT);
}

STORY(interim_replies_do_not_move_the_deadline)
{
    const fm_http_client_options options = {.answer_timeout = story_span(100)};
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    static char endless[8000];
    size_t size = strlen(interim), at = 0;
    for (; at + size < sizeof endless; at += size)
        memcpy(endless + at, interim, size);
    ask_once(
        (struct script){
            .reply = endless, .size = at, .piece = size, .pause = 10},
        NULL, &options);
    CHECK_INT(outcome.result, -ETIMEDOUT);
}

STORY(a_body_that_comes_too_slowly_is_an_error)
{
    const fm_http_client_options options = {.body_timeout = story_span(100),
                                            .body_rate = 1000000};
    static char slow[2000];
    memset(slow, 'x', sizeof slow);
    memcpy(slow, OK "\r\n", strlen(OK "\r\n"));
    ask_once(
        (struct script){
            .reply = slow, .size = sizeof slow, .piece = 1, .pause = 1},
        NULL, &options);
    CHECK_INT(outcome.result, -ETIMEDOUT);
}

STORY(a_body_has_a_limit)
{
    const fm_http_client_options exact = {.body_limit = 5};
    const fm_http_client_options less = {.body_limit = 4};
    static const char *const replies[] = {SIZED, CHUNKED, TO_THE_END};
    for (int i = 0; i < 3; i++) {
        ask_once((struct script){.reply = replies[i], .leaves = true}, NULL,
                 &exact);
        CHECK_INT(outcome.result, 0);
        ask_once((struct script){.reply = replies[i], .leaves = true}, NULL,
                 &less);
        CHECK_INT(outcome.result, -FM_EHTTPBODY);
    }
}

/* It is not believed before it has come. */
STORY(a_size_that_is_only_said_takes_no_memory)
{
    fm_response *response;
    const char *bytes;
    struct script script = {.reply = OK "Content-Length: 200000000\r\n\r\nhi",
                            .leaves = true,
                            .replies = 1000};
    fm_http_client *client = open_client(NULL);
    script_open(&script);
    CHECK_INT(fm_http_fetch(client, script.url, &response), 0);
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    CHECK_INT(fm_response_load(response, &bytes), -FM_EEOF);
    CHECK(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]) < held + 2000000);
    CHECK(strcmp(fm_response_text(response), "hi") == 0); /* it is a text */
    fm_response_close(response);
    fm_http_client_close(client);
    script_close(&script);
}
