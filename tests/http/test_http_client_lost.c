/*
 * test_http_client_lost.c - connections that end when they are needed, and
 * redirections that lead nowhere
 */
#include "http/http_script.h"

#include "harness.h"

#include <errno.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct script script;
static fm_http_client *client;

static void begin(struct script wanted)
{
    script = wanted;
    script_open(&script);
    CHECK_INT(fm_http_client_open(&client), 0);
}

static void end(void)
{
    fm_http_client_close(client);
    script_close(&script);
}

static void ask_by(const char *method, const char *body)
{
    ask(client, script.url,
        &(fm_http_request){.method = method,
                           .body = body,
                           .body_size = body != NULL ? strlen(body) : 0});
}

/* ---- connections --------------------------------------------------------- */

STORY(a_connection_that_ended_while_it_was_kept_is_not_used)
{
    begin((struct script){.reply = OK, .leaves = true});
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, 0);
    script_until_closed(client);
    ask_by("POST", "words");
    CHECK_INT(outcome.result, 0);
    CHECK(strcmp(outcome.body, "next") == 0);
    CHECK_INT(script.connections, 2);
    CHECK_INT(script.requests, 2);
    end();
}

/* The same at once: its end is known, or is found when it is used. */
STORY(a_connection_that_has_just_ended_is_not_used)
{
    begin((struct script){.reply = OK, .leaves = true});
    ask_by("GET", NULL);
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, 0);
    CHECK(strcmp(outcome.body, "next") == 0);
    CHECK_INT(script.requests, 2);
    end();
}

/* It ends when the request has been heard: who can repeat it does. */
STORY(what_can_be_repeated_is_when_a_kept_connection_ends)
{
    static const char *const methods[] = {"GET",     "HEAD",  "PUT",
                                          "OPTIONS", "TRACE", "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        begin((struct script){.reply = OK, .slams = true});
        ask_by("GET", NULL);
        CHECK_INT(outcome.result, 0);
        ask_by(methods[i], NULL);
        CHECK_INT(outcome.result, 0);
        CHECK_INT(script.connections, 2);
        end();
    }
}

STORY(what_cannot_be_repeated_is_not)
{
    static const char *const methods[] = {"POST", "PATCH", "get", "LOCK"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        begin((struct script){.reply = OK, .slams = true});
        ask_by("GET", NULL);
        CHECK_INT(outcome.result, 0);
        ask_by(methods[i], "words");
        CHECK(outcome.result == -FM_EEOF || outcome.result == -ECONNRESET);
        CHECK_INT(script.connections, 1);
        end();
    }
}

/* A new connection that ends without a word is no reason to try another. */
STORY(a_server_that_says_nothing_is_an_error)
{
    begin((struct script){.reply = OK, .mute = true});
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, -FM_EEOF);
    CHECK_INT(script.connections, 1);
    end();
}

/* Nobody has asked yet: it is no answer to whoever asks next. */
STORY(what_is_said_while_a_connection_is_kept_is_no_answer)
{
    begin((struct script){.reply = OK, .later = OK});
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, 0);
    script_until_closed(client);
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, 0);
    CHECK(strcmp(outcome.body, "next") == 0);
    CHECK_INT(script.connections, 2);
    end();
}

/* Whether it is taken for the answer or not, nothing is confused by it. */
STORY(a_reply_that_comes_before_its_request_confuses_nobody)
{
    begin((struct script){.reply = OK, .early = true});
    ask_by("GET", NULL);
    ask_by("GET", NULL);
    CHECK_INT(outcome.result, 0);
    CHECK(strcmp(outcome.body, "next") == 0);
    end();
}

/* ---- redirections -------------------------------------------------------- */

#define TO(place)                                                              \
    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " place "\r\n\r\n"

static int redirected(const char *reply, int replies)
{
    begin((struct script){.reply = reply, .replies = replies});
    ask_by("GET", NULL);
    end();
    return outcome.result;
}

STORY(redirections_are_followed_so_often_and_no_more)
{
    CHECK_INT(redirected(TO("/again"), FM_HTTP_REDIRECTS), 0);
    CHECK_INT(redirected(TO("/again"), FM_HTTP_REDIRECTS + 1),
              -FM_EHTTPREDIRECT);
    CHECK_INT(redirected(TO(""), 1000), -FM_EHTTPREDIRECT);
}

STORY(a_redirection_stays_with_http)
{
    static const char *const replies[] = {
        TO("file:///etc/passwd"), TO("ftp://a.example/"),
        TO("gopher://a/"),        TO("javascript:alert(1)"),
        TO("data:text/plain,x"),  TO("unix:/run/x"),
        TO("ws://a.example/"),    TO("http://"),
        TO("http://a b/"),        TO("http://a.example:99999/"),
        TO("mailto:a@a.example")};
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
        if (redirected(replies[i], 1) != -FM_EHTTPLOCATION)
            test_fail(__FILE__, __LINE__, "%s: %d", replies[i], outcome.result);
}

STORY(without_a_place_a_redirection_is_an_answer)
{
    CHECK_INT(
        redirected("HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nok", 1), 0);
    CHECK_INT(outcome.status, 302);
    CHECK(strcmp(outcome.body, "ok") == 0);
}
