/*
 * test_http_smuggling.c - messages that another reader may see differently,
 * and what RFC 9112 leaves of them: a refusal and the connection's end
 *
 * Behind each comes a second request, to a place that nobody may reach. A
 * message that is taken for a longer or a shorter one would have it answered.
 */
#include "http/http_play.h"

#include "harness.h"

#include "base/compiler.h"

#include <stdlib.h>

#define EVIL "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
#define LINE "POST / HTTP/1.1\r\n"
#define HEAD LINE "Host: a\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define DATA "3\r\nabc\r\n0\r\n\r\n"

/* A message and the status that it gets; 200 has the second answered too. */
#define CASE(status, text) {(status), text, sizeof text - 1}

struct smuggling {
    int status;
    const char *text;
    size_t size;
};

struct reached {
    int evil;
    int others;
};

static int smuggling_take(fm_exchange *exchange, void *arg)
{
    struct reached *reached = arg;
    const char *body;
    if (strcmp(fm_exchange_target(exchange), "/evil") == 0)
        reached->evil++;
    else
        reached->others++;
    ssize_t size = fm_exchange_load(exchange, &body);
    return size < 0 ? (int)size : fm_reply(exchange, 200, "", 0);
}

/* How many replies, and the status of the first. */
static int smuggling_replies(const struct play *scene, int *first)
{
    static const char line[] = "HTTP/1.1 ";
    int count = 0;
    *first = 0;
    for (const char *at = scene->answer; (at = strstr(at, line)) != NULL; at++)
        if (count++ == 0)
            *first = (int)strtol(at + sizeof line - 1, NULL, 10);
    return count;
}

static void smuggling_try(const struct smuggling *item, size_t piece)
{
    static struct play scene;
    static char words[PLAY_ROOM];
    struct reached reached = {0, 0};
    int first;
    memcpy(words, item->text, item->size);
    memcpy(words + item->size, EVIL, sizeof EVIL - 1);
    memset(&scene, 0, offsetof(struct play, answer));
    scene.words = words;
    scene.size = item->size + sizeof EVIL - 1;
    scene.piece = piece;
    scene.handler = smuggling_take;
    scene.arg = &reached;
    play(&scene);
    int count = smuggling_replies(&scene, &first);
    int wanted = item->status == 200 ? 2 : 1;
    if (first != item->status || count != wanted ||
        reached.evil != wanted - 1 || scene.result != 0)
        test_fail(__FILE__, __LINE__, "%d replies, the first %d, %d evil: %s",
                  count, first, reached.evil, item->text);
    if (item->status != 200)
        CHECK(strstr(scene.answer, "\r\nConnection: close\r\n") != NULL);
}

static void smuggling_try_all(const struct smuggling *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        smuggling_try(&items[i], 0);
        smuggling_try(&items[i], 1);
    }
}

#define TRY_ALL(items) smuggling_try_all((items), FM__COUNT(items))

/* RFC 9112, 6.3: it "ought to be handled as an error". */
STORY(who_says_two_sizes_is_refused_and_heard_no_more)
{
    static const struct smuggling items[] = {
        CASE(400, HEAD
             "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, HEAD
             "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" DATA),
        CASE(400, HEAD "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n" DATA),
        CASE(400, HEAD "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n" DATA),
        CASE(400, HEAD "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3\r\nX: y\r\ncontent-length: 0\r\n\r\n"
                       "abc"),
        CASE(400, HEAD "Content-Length: 3, 3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3,4\r\n\r\nabc"),
        CASE(501, HEAD "Content-Length: 3\r\nTransfer-Encoding: identity\r\n"
                       "\r\nabc"),
        CASE(501, HEAD "Content-Length: 3\r\nTransfer-Encoding:\r\n\r\nabc"),
        CASE(400, "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n" DATA),
    };
    TRY_ALL(items);
}

/* RFC 9112, 6.1 and 7: a server answers 501 to a coding that it does not
 * know, and a message without `chunked` at its end has none. */
STORY(a_coding_that_is_not_chunked_alone_is_refused)
{
    static const struct smuggling items[] = {
        CASE(501, HEAD "Transfer-Encoding: xchunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: chunkedx\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: chunked, identity\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: identity, chunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: chunked,\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: ,chunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: chunked;q=1\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: \"chunked\"\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding: ch\xd0\xb0nked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding:\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: chunked\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: chunked\r\n"
                       "Transfer-Encoding: identity\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding : chunked\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding\t: chunked\r\n\r\n" DATA),
        CASE(501, HEAD "Transfer-Encoding:\r\n chunked\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: \x0b"
                       "chunked\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: \x0c"
                       "chunked\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: chunked\0\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: chunked\r\r\n\r\n" DATA),
        CASE(400, HEAD "Transfer-Encoding: chunked\n\r\n" DATA),
        CASE(400, HEAD "X: y\nTransfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, HEAD "X: y\rTransfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, HEAD " Transfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, HEAD "\0Transfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                  "Connection: keep-alive\r\n\r\n" DATA),
        CASE(200, HEAD "Transfer-Encoding: chunked\r\n\r\n" DATA),
        CASE(200, HEAD "Transfer-Encoding: CHUNKED\r\n\r\n" DATA),
        CASE(200, HEAD "Transfer-Encoding:chunked \t\r\n\r\n" DATA),
        CASE(200, HEAD "transfer_encoding: chunked\r\n\r\n"),
    };
    TRY_ALL(items);
}

/* RFC 9110, 8.6: 1*DIGIT. */
STORY(a_length_that_is_no_number_is_refused)
{
    static const struct smuggling items[] = {
        CASE(400, HEAD "Content-Length: +3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: -3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: -0\r\n\r\n"),
        CASE(400, HEAD "Content-Length: 0x3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 0b11\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 0o3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3_0\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3.0\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3e0\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3 0\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3;\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: \"3\"\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: three\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length:\r\n\r\n"),
        CASE(400, HEAD "Content-Length: \xd9\xa3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: \x0b"
                       "3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3\0\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 9223372036854775808\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 18446744073709551619\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 99999999999999999999999999999\r\n\r\n"),
        CASE(400, HEAD "Content-Length : 3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length:\r\n 3\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 3\r\n 0\r\n\r\nabc"),
        CASE(400, HEAD " Content-Length: 3\r\n\r\nabc"),
        CASE(200, HEAD "Content-Length: 3\r\n\r\nabc"),
        CASE(200, HEAD "Content-Length:  3 \t\r\n\r\nabc"),
        CASE(200, HEAD "Content-Length: 003\r\n\r\nabc"),
        CASE(200, HEAD "Content-Length: 0\r\n\r\n"),
        CASE(200, HEAD "\r\n"),
        CASE(200, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
    };
    TRY_ALL(items);
}

/* RFC 9112, 7.1. */
STORY(a_chunk_that_is_none_is_refused)
{
    static const struct smuggling items[] = {
        CASE(400, CHUNKED "+3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "-3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3_0\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED " 3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "\t3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3 \r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\t\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3 ;a\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3x\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3,3\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "three\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "\xef\xbc\x93\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\0\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "00000000000000003\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "8000000000000000\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "ffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\rabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabcd\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nab\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;a\0\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3;\x01\r\nabc\r\n0\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0 \r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\n\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\n\r"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\n"), /* EVIL is a bad trailer */
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\nT: t\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\nT : t\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\n T: t\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\nT: t\r\n t\r\n\r\n"),
        CASE(400, CHUNKED "3\r\nabc\r\n0\r\nT: \0\r\n\r\n"),
        CASE(200, CHUNKED "3;a=b;c=\"d;e\"\r\nabc\r\n0;f\r\nT: t\r\n\r\n"),
        CASE(200, CHUNKED "1F\r\n" EVIL "\r\n0\r\n\r\n"),
        CASE(200, CHUNKED "0\r\n\r\n"),
        CASE(200, CHUNKED "000\r\nContent-Length: 5\r\n\r\n"),
    };
    TRY_ALL(items);
}

/* RFC 9112, 2.2, 3 and 5; RFC 9110, 5.5. */
STORY(a_head_that_is_malformed_is_refused)
{
    static const struct smuggling items[] = {
        CASE(400, "POST / HTTP/1.1\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP/1.1\rHost: a\r\n\r\n"),
        CASE(400, HEAD "X: y\n\r\n"),
        CASE(400, HEAD "\n"),
        CASE(400, HEAD "X: y\r\n z\r\n\r\n"),
        CASE(400, HEAD "X: y\r\n\tz\r\n\r\n"),
        CASE(400, HEAD "X: y\r\n \r\n\r\n"),
        CASE(400, LINE " X: y\r\nHost: a\r\n\r\n"),
        CASE(400, HEAD "X : y\r\n\r\n"),
        CASE(400, HEAD ": y\r\n\r\n"),
        CASE(400, HEAD "X\r\n\r\n"),
        CASE(400, HEAD "X y: z\r\n\r\n"),
        CASE(400, HEAD "X(y): z\r\n\r\n"),
        CASE(400, HEAD "\xc3\xa9: z\r\n\r\n"),
        CASE(400, HEAD "X\0: y\r\n\r\n"),
        CASE(400, HEAD "X: y\0z\r\n\r\n"),
        CASE(400, HEAD "X: y\x01\r\n\r\n"),
        CASE(400, HEAD "X: y\x7f\r\n\r\n"),
        CASE(400, HEAD "X: y\x1b[2J\r\n\r\n"),
        CASE(400, "POST  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /  HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP/1.1 \r\nHost: a\r\n\r\n"),
        CASE(400, "POST\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, " POST / HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /\r\n\r\n"),
        CASE(400, "/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "P(ST / HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "PO\0ST / HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST /#f HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST * HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST a HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / http/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP/01.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP/1.1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP/1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / HTTP /1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST / ICE/1.1\r\nHost: a\r\n\r\n"),
        CASE(505, "POST / HTTP/1.2\r\nHost: a\r\n\r\n"),
        CASE(505, "POST / HTTP/0.9\r\nHost: a\r\n\r\n"),
        CASE(505, "POST / HTTP/2.0\r\nHost: a\r\n\r\n"),
        CASE(400, "\n" HEAD "\r\n"),
        CASE(400, "\r\n\r\n\r\n\r\n\r\n" HEAD "\r\n"),
        CASE(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        CASE(400, "\xff\xfe\0\0"),
        CASE(200, "\r\n" HEAD "\r\n"),
        CASE(200, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(200,
             "M-SEARCH /?a=%00 HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\t\r\n\r\n"),
    };
    TRY_ALL(items);
}

/* RFC 9112, 3.2; RFC 9110, 7.2. */
STORY(a_host_that_is_not_one_is_refused)
{
    static const struct smuggling items[] = {
        CASE(400, LINE "\r\n"),
        CASE(400, LINE "Host:\r\n\r\n"),
        CASE(400, LINE "Host: a\r\nHost: a\r\n\r\n"),
        CASE(400, LINE "Host: a\r\nHost: b\r\n\r\n"),
        CASE(400, LINE "Host: a\r\nhost: b\r\n\r\n"),
        CASE(400, LINE "Host : a\r\n\r\n"),
        CASE(400, LINE "Host: a, b\r\n\r\n"),
        CASE(400, LINE "Host: a,b\r\n\r\n"),
        CASE(400, LINE "Host: a b\r\n\r\n"),
        CASE(400, LINE "Host: u@a\r\n\r\n"),
        CASE(400, LINE "Host: u:p@a\r\n\r\n"),
        CASE(400, LINE "Host: a/b\r\n\r\n"),
        CASE(400, LINE "Host: a?b\r\n\r\n"),
        CASE(400, LINE "Host: a#b\r\n\r\n"),
        CASE(400, LINE "Host: http://a\r\n\r\n"),
        CASE(400, LINE "Host: \xc3\xa9\r\n\r\n"),
        CASE(400, LINE "Host: a\\b\r\n\r\n"),
        CASE(400, LINE "Host: :80\r\n\r\n"),
        CASE(400, LINE "Host: a:x\r\n\r\n"),
        CASE(400, LINE "Host: a:65536\r\n\r\n"),
        CASE(400, LINE "Host: a:80:80\r\n\r\n"),
        CASE(400, LINE "Host: [::1\r\n\r\n"),
        CASE(400, LINE "Host: []\r\n\r\n"),
        CASE(400, LINE "Host: [::1]a\r\n\r\n"),
        CASE(400, LINE "Host: a\0b\r\n\r\n"),
        CASE(400, "POST http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST http:///b HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        CASE(400, "POST http://a/ HTTP/1.1\r\n\r\n"),
        CASE(400, "POST http://b/ HTTP/1.0\r\nHost: a\r\n\r\n"),
        CASE(200, LINE "Host: a:80\r\n\r\n"),
        CASE(200, LINE "Host: [::1]:8080\r\n\r\n"),
        CASE(200, LINE "Host:a \t\r\n\r\n"),
        CASE(200, "POST http://a/b HTTP/1.1\r\nHost: A\r\n\r\n"),
        CASE(200, "POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
    };
    TRY_ALL(items);
}

/* It ends too early, or is more than anybody wants. */
STORY(a_body_that_takes_the_next_request_for_its_own_is_all_there_is)
{
    static const struct smuggling items[] = {
        CASE(413, HEAD "Content-Length: 9223372036854775807\r\n\r\nabc"),
        CASE(413, HEAD "Content-Length: 1048577\r\n\r\nabc"),
        CASE(400, HEAD "Content-Length: 1000\r\n\r\nabc"),
        CASE(400, CHUNKED "3e8\r\nabc"),
    };
    TRY_ALL(items);
}
