/*
 * test_http_coding.c - replies and requests in a content coding
 */
#include "http/exchange_record.h"
#include "http/http_play.h"
#include "http/http_stage.h"
#include "http/pack.h"

#include "harness.h"

#include <errno.h>

enum {
    ROOM = 1 << 18,
    LARGE = 200000
};

static char text[LARGE + 1], coded[ROOM], said[ROOM];

/* What a handler replies with, and what it has heard. */
static struct {
    size_t size; /* of the text */
    const char *type;
    const char *name; /* of another field; or NULL */
    const char *value;
    int status;
    char accepted[64];
    char body[256];
    ssize_t loaded;
    int64_t length;
} desk;

static void desk_set(size_t size)
{
    uint64_t seed = 7;
    for (size_t i = 0; i < LARGE; i++)
        text[i] = (char)("the quick brown fox\n"[test_random(&seed) % 20]);
    memset(&desk, 0, sizeof desk);
    desk.size = size;
    desk.type = "text/html; charset=utf-8";
    desk.status = 200;
}

static int desk_fields(fm_exchange *exchange)
{
    const char *accepted = fm_exchange_field(exchange, "Accept-Encoding");
    snprintf(desk.accepted, sizeof desk.accepted, "%s",
             accepted != NULL ? accepted : "-");
    if (desk.type != NULL)
        CHECK_INT(fm_reply_set(exchange, "Content-Type", desk.type), 0);
    if (desk.name != NULL)
        CHECK_INT(fm_reply_set(exchange, desk.name, desk.value), 0);
    return 0;
}

static int whole(fm_exchange *exchange, void *arg)
{
    (void)arg;
    desk_fields(exchange);
    return fm_reply(exchange, desk.status, text, desk.size);
}

/* In pieces, of which the first are small. */
static int pieces(fm_exchange *exchange, int64_t size)
{
    size_t at = 0;
    desk_fields(exchange);
    int rc = fm_reply_begin(exchange, desk.status, size);
    for (size_t piece = 1; rc >= 0 && at < desk.size; piece = 4 * piece) {
        size_t count = piece < desk.size - at ? piece : desk.size - at;
        rc = (int)fm_reply_write(exchange, text + at, count);
        at += count;
    }
    return rc;
}

static int sized(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return pieces(exchange, (int64_t)desk.size);
}

static int streamed(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return pieces(exchange, -1);
}

static const fm_http_serve_options compressing = {.compress = true};

/* In memory, with a client that asks and decodes. */
static void check_asked(fm_http_handler handler, const char *accepts,
                        const char *coding)
{
    const fm_http_client_options options = {.handler = handler,
                                            .serve = &compressing};
    const fm_http_field fields[] = {{"Accept-Encoding", accepts}, {0}};
    const fm_http_request request = {.fields = accepts != NULL ? fields : NULL};
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response, &request), 0);
    const char *told = fm_response_field(response, "Content-Encoding");
    CHECK_SAID(told != NULL ? told : "-", coding);
    bool ours = told != NULL && fm_coding_known(told);
    CHECK(fm_response_decoded(response) == (ours && accepts == NULL));
    ssize_t size = fm_response_load(response, &bytes);
    if (fm_response_decoded(response) || !ours) {
        CHECK_INT(size, desk.size);
        CHECK(size < 0 || memcmp(bytes, text, desk.size) == 0);
    } else {
        CHECK(size > 0 && (size_t)size < desk.size);
    }
    fm_response_close(response);
    fm_http_client_close(client);
}

/* ---- the server ---------------------------------------------------------- */

STORY(a_reply_is_coded_for_who_takes_it)
{
    static const fm_http_handler handlers[] = {whole, sized, streamed};
    for (size_t i = 0; i < FM__COUNT(handlers); i++) {
        static const size_t sizes[] = {1024, 65536, 65537, LARGE};
        for (size_t j = 0; j < FM__COUNT(sizes); j++) {
            desk_set(sizes[j]);
            check_asked(handlers[i], NULL, "zstd");
            CHECK_SAID(desk.accepted, "zstd, br, gzip, deflate");
        }
        desk_set(5000);
        check_asked(handlers[i], "gzip", "gzip");
        check_asked(handlers[i], "gzip;q=1, br;q=0.1", "br");
        check_asked(handlers[i], "*;q=0.5, zstd;q=0, br;q=0", "gzip");
        check_asked(handlers[i], "identity, deflate", "-");
        check_asked(handlers[i], "gzip;q=0", "-");
    }
}

static unsigned busy;

static int beside_others(fm_exchange *exchange, void *arg)
{
    exchange->http->coders += busy;
    int rc = whole(exchange, arg);
    exchange->http->coders -= busy;
    return rc;
}

STORY(so_many_replies_are_coded_at_once_and_others_go_as_they_are)
{
    desk_set(5000);
    busy = FM_HTTP_CODERS - 1;
    check_asked(beside_others, NULL, "zstd");
    busy = FM_HTTP_CODERS;
    check_asked(beside_others, NULL, "-");
}

STORY(a_reply_is_coded_from_a_size_on)
{
    desk_set(FM_HTTP_COMPRESSED - 1);
    check_asked(whole, NULL, "-");
    check_asked(sized, NULL, "-");
    check_asked(streamed, NULL, "zstd");
    desk_set(FM_HTTP_COMPRESSED);
    check_asked(whole, NULL, "zstd");
    check_asked(sized, NULL, "zstd");
}

static void check_field(const char *name, const char *value, const char *coding)
{
    desk_set(5000);
    desk.name = name;
    desk.value = value;
    check_asked(whole, NULL, coding);
    check_asked(streamed, NULL, coding);
}

STORY(what_a_handler_has_said_of_it_keeps_it_as_it_is)
{
    check_field("Content-Encoding", "x-own", "x-own");
    check_field("Content-Range", "bytes 0-4999/5000", "-");
    check_field("Cache-Control", "public, No-Transform", "-");
    check_field("Cache-Control", "public, max-age=5", "zstd");
}

static void check_type(const char *type, const char *coding)
{
    desk_set(5000);
    desk.type = type;
    check_asked(whole, NULL, coding);
}

STORY(what_is_packed_already_is_not_packed_again)
{
    check_type("image/png", "-");
    check_type("application/gzip", "-");
    check_type("application/octet-stream", "-");
    check_type(NULL, "-");
    check_type("textile/x", "-");
    check_type("+json", "-");
    check_type("TEXT/plain", "zstd");
    check_type("application/json;x=y", "zstd");
    check_type("application/problem+json", "zstd");
    check_type("image/svg+xml", "zstd");
}

static struct play scene;

/* No copy of it is made: it is larger than a stack. */
static void begin(fm_http_handler handler, fm_http_serve_options options)
{
    memset(&scene, 0, sizeof scene);
    scene.handler = handler;
    scene.options = options;
}

/* The head of the answer, its fields in their order. */
static void check_head(const char *words, const char *wanted)
{
    scene.words = words;
    play(&scene);
    char *end = strstr(scene.answer, "\r\n\r\n");
    char *date = strstr(scene.answer, "Date: ");
    CHECK(end != NULL && date != NULL);
    if (end == NULL || date == NULL)
        return;
    end[2] = '\0';
    CHECK_SAID(strchr(date, '\n') + 1, wanted);
}

#define ASK(method, version, accept)                                           \
    method " / HTTP/" version "\r\nHost: a\r\n" accept "\r\n"

STORY(what_a_coded_reply_says_of_itself)
{
    begin(streamed, compressing);
    desk_set(5000);
    desk.name = "ETag";
    desk.value = "\"v1\"";
    check_head(ASK("GET", "1.1", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n"
               "ETag: W/\"v1\"\r\nContent-Encoding: gzip\r\n"
               "Vary: Accept-Encoding\r\nTransfer-Encoding: chunked\r\n");
    check_head(ASK("GET", "1.1", ""),
               "Content-Type: text/html; charset=utf-8\r\n"
               "ETag: \"v1\"\r\nVary: Accept-Encoding\r\n"
               "Transfer-Encoding: chunked\r\n");
    desk.value = "W/\"v1\"";
    scene.handler = whole;
    check_head(ASK("HEAD", "1.1", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n"
               "ETag: W/\"v1\"\r\nContent-Encoding: gzip\r\n"
               "Vary: Accept-Encoding\r\n");
}

STORY(old_clients_parts_and_replies_without_a_body_are_left_alone)
{
    begin(whole, compressing);
    desk_set(5000);
    check_head(ASK("GET", "1.0", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n"
               "Content-Length: 5000\r\nConnection: close\r\n");
    desk.status = 206;
    check_head(ASK("GET", "1.1", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n"
               "Content-Length: 5000\r\n");
    desk.status = 304;
    check_head(ASK("GET", "1.1", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n");
}

STORY(nothing_is_coded_unless_that_was_said)
{
    begin(whole, (fm_http_serve_options){.compress = false});
    desk_set(5000);
    check_head(ASK("GET", "1.1", "Accept-Encoding: gzip\r\n"),
               "Content-Type: text/html; charset=utf-8\r\n"
               "Content-Length: 5000\r\n");
}

/* The second piece waits until the first was heard. */
struct news {
    fm_event heard;
    fm_http_client *client;
};

static int tell_news(fm_exchange *exchange, void *arg)
{
    struct news *news = arg;
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "text/event-stream"), 0);
    int rc = fm_reply_begin(exchange, 200, -1);
    if (rc == 0)
        rc = (int)fm_reply_write(exchange, "one", 3);
    if (rc >= 0)
        rc = fm_event_wait(&news->heard);
    if (rc >= 0)
        rc = (int)fm_reply_write(exchange, "two", 3);
    return rc;
}

STORY(what_was_written_comes_through_at_once)
{
    static struct news news;
    const fm_http_client_options options = {
        .handler = tell_news, .handler_arg = &news, .serve = &compressing};
    fm_response *response;
    char buf[8];
    CHECK_INT(fm_http_client_open(&news.client, &options), 0);
    CHECK_INT(fm_http_fetch(news.client, "http://a/", &response), 0);
    CHECK(fm_response_decoded(response));
    CHECK_INT(fm_response_length(response), -1);
    CHECK_INT(fm_response_read(response, buf, 8), 3);
    fm_event_set(&news.heard);
    CHECK_INT(fm_response_read(response, buf, 8), 3);
    CHECK(memcmp(buf, "two", 3) == 0);
    CHECK_INT(fm_response_read(response, buf, 8), 0);
    fm_response_close(response);
    CHECK_INT(fm_http_client_connections(news.client), 1);
    fm_http_client_close(news.client);
}

/* How often others have their turn. */
static int count_turns(void *arg)
{
    unsigned *turns = arg;
    do
        ++*turns;
    while (fm_yield() == 0);
    return 0;
}

static char zeros[1 << 20];

static int tell_zeros(fm_exchange *exchange, void *arg)
{
    unsigned *counted = arg, turns = 0;
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "text/plain"), 0);
    fm_task *counter = fm_start(count_turns, &turns);
    int rc = fm_reply(exchange, 200, zeros, sizeof zeros);
    *counted = turns;
    fm_stop(counter);
    return rc;
}

/* A piece is 64 KiB. */
STORY(who_codes_much_lets_others_have_their_turn)
{
    static unsigned counted;
    const fm_http_client_options options = {
        .handler = tell_zeros, .handler_arg = &counted, .serve = &compressing};
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response), 0);
    CHECK(fm_response_decoded(response));
    unsigned turns = 0;
    fm_task *counter = fm_start(count_turns, &turns);
    CHECK_INT(fm_response_load(response, &bytes), sizeof zeros);
    CHECK(counted >= sizeof zeros / 65536 - 1);
    CHECK(turns >= sizeof zeros / 65536 - 1);
    fm_stop(counter);
    fm_response_close(response);
    fm_http_client_close(client);
}

/* ---- request bodies ------------------------------------------------------ */

static int hear(fm_exchange *exchange, void *arg)
{
    const char *bytes = "";
    (void)arg;
    desk.length = fm_exchange_length(exchange);
    desk.loaded = fm_exchange_load(exchange, &bytes);
    if (desk.loaded < 0)
        return (int)desk.loaded;
    snprintf(desk.body, sizeof desk.body, "%.*s", (int)desk.loaded, bytes);
    return fm_reply_text(exchange, 200, "heard\n");
}

/* The status of what is answered to so many coded bytes. */
static int tell(const char *coding, size_t size, fm_http_serve_options serve)
{
    const fm_http_client_options options = {.handler = hear, .serve = &serve};
    const fm_http_field fields[] = {{"Content-Encoding", coding}, {0}};
    const fm_http_request request = {
        .fields = fields, .body = coded, .body_size = size};
    fm_http_client *client;
    fm_response *response;
    desk.loaded = -1;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response, &request), 0);
    int status = fm_response_status(response);
    const char *offer = fm_response_field(response, "Accept-Encoding");
    CHECK_SAID(offer != NULL ? offer : "-",
               status == 415 ? "zstd, br, gzip, deflate" : "-");
    fm_response_close(response);
    fm_http_client_close(client);
    return status;
}

STORY(a_request_is_decoded_where_that_was_said)
{
    static const char *const names[] = {"gzip", "deflate", "br", "zstd"};
    const fm_http_serve_options decoding = {.decode = true};
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size = pack(names[i], FM__SLICE("hello"), coded, ROOM);
        CHECK_INT(tell(names[i], size, decoding), 200);
        CHECK_SAID(desk.body, "hello");
        CHECK_INT(desk.length, -1);
        CHECK_INT(tell(names[i], size - 1, decoding), 400);
        CHECK_INT(desk.loaded, -FM_ECODEDSHORT);
        CHECK_INT(tell(names[i], size, (fm_http_serve_options){0}), 200);
        CHECK_INT(desk.loaded, (ssize_t)size);
        CHECK_INT(desk.length, (ssize_t)size);
    }
    CHECK_INT(tell("gzip", 5, decoding), 400);
    CHECK_INT(tell("compress", 5, decoding), 415);
    CHECK_INT(desk.loaded, -1);
    CHECK_INT(tell("gzip, gzip, gzip", 5, decoding), 415);
    CHECK_INT(tell("identity", 5, decoding), 200);
}

STORY(the_limit_of_a_request_is_of_both_that_come_and_become)
{
    fm_http_serve_options decoding = {.decode = true, .body_limit = 3000};
    size_t size = pack_zeros("gzip", 3000, coded, ROOM);
    CHECK_INT(tell("gzip", size, decoding), 200);
    CHECK_INT(desk.loaded, 3000);
    size = pack_zeros("gzip", 3001, coded, ROOM);
    CHECK_INT(tell("gzip", size, decoding), 413);
    CHECK_INT(desk.loaded, -FM_EHTTPBODY);
    decoding.body_limit = size - 1;
    CHECK_INT(tell("gzip", size, decoding), 413);
}

STORY(a_bomb_is_no_request)
{
    fm_http_serve_options decoding = {.decode = true, .body_limit = 1 << 30};
    size_t size = pack_zeros("gzip", 2000000, coded, ROOM);
    CHECK_INT(tell("gzip", size, decoding), 413);
    CHECK_INT(desk.loaded, -FM_ECODEDSIZE);
    size = pack("br", (struct fm__slice){coded, size}, said, ROOM);
    memcpy(coded, said, size);
    CHECK_INT(tell("gzip, br", size, decoding), 413);
    CHECK_INT(desk.loaded, -FM_ECODEDSIZE);
}
