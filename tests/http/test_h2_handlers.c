/*
 * test_h2_handlers.c - what handlers do is done over HTTP/2 as well, and what
 * only HTTP/1.1 has is refused
 */
#include "http/h2_play.h"
#include "io/file_kit.h"

#include "harness.h"

#include <errno.h>
#include <fermata/error.h>

#define ASKS(path) ":scheme=http :authority=a :path=" path

enum {
    FILE_SIZE = 150000 /* bytes: more than two windows */
};

static struct h2_play play;
static struct kit kit;
static const char *path;
static fm_event ready;
static int result; /* of what the handler has called */
static int logged;
static char protocol[16];

static void note(const fm_exchange *exchange, void *arg)
{
    (void)arg;
    logged++;
    snprintf(protocol, sizeof protocol, "%s", fm_exchange_protocol(exchange));
}

static void begin(fm_http_handler handler)
{
    memset(&play, 0, sizeof play);
    memset(&ready, 0, sizeof ready);
    result = logged = 0;
    play.handler = handler;
    play.arg = &play;
    play.options.log = note;
    h2_open(&play);
}

/* ---- replies ------------------------------------------------------------- */

/* By the target, which is one letter. */
static int act(fm_exchange *exchange, void *arg)
{
    (void)arg;
    switch (fm_exchange_target(exchange)[1]) {
    case 'c': /* which HTTP/2 has no word for */
        CHECK_INT(fm_reply_set(exchange, "Connection", "close"), 0);
        return fm_reply_text(exchange, 200, "hello\n");
    case 'f':
        return -EIO;
    case 'b':
        result = fm_reply_begin(exchange, 200, -1);
        return fm_reply_write(exchange, "some", 4) < 0 ? -EPIPE : -EIO;
    case 's':
        result = fm_reply_begin(exchange, 200, 10);
        return fm_reply_write(exchange, "short", 5) < 0 ? -EPIPE : 0;
    case 'n':
        return 0;
    case '3':
        return fm_reply(exchange, 304, "", 0);
    case '4':
        return fm_reply(exchange, 204, "", 0);
    default:
        return fm_reply_text(exchange, 200, "hello\n");
    }
}

STORY(what_a_handler_returns_is_told_its_own_stream)
{
    static const struct h2_row rows[] = {
        {"a failure",
         "> HEADERS 1 end :method=GET " ASKS("/f") "\n"
                                                   "< reply 1 500"},
        {"none at all",
         "> HEADERS 1 end :method=GET " ASKS("/n") "\n"
                                                   "< reply 1 500"},
        {"a failure behind the beginning",
         "> HEADERS 1 end :method=GET " ASKS(
             "/b") "\n"
                   "< RST_STREAM 1 INTERNAL_ERROR"},
        {"less than was said", "> HEADERS 1 end :method=GET " ASKS(
                                   "/s") "\n"
                                         "< RST_STREAM 1 INTERNAL_ERROR"},
        {"nothing new",
         "> HEADERS 1 end :method=GET " ASKS("/3") "\n"
                                                   "< HEADERS 1 304 end"},
        {"nothing",
         "> HEADERS 1 end :method=GET " ASKS("/4") "\n"
                                                   "< HEADERS 1 204 end"},
        {"a wish to close",
         "> HEADERS 1 end :method=GET " ASKS("/c") "\n"
                                                   "< reply 1 200\n< body 1 6"},
        {"no body to a HEAD",
         "> HEADERS 1 end :method=HEAD " ASKS("/") "\n"
                                                   "< HEADERS 1 200 end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(act);
        play.rule = rows[i].rule;
        h2_play(&play, "%s\n< alive\n> HEADERS 3 end get\n< reply 3 200",
                rows[i].script);
        h2_close(&play);
        CHECK_INT(logged, 2);
        CHECK(strcmp(protocol, "HTTP/2") == 0);
    }
}

/* The client need not send it (RFC 9113, 8.1). */
STORY(a_body_that_a_reply_did_not_wait_for_is_not_wanted)
{
    begin(act);
    h2_play(&play, "> HEADERS 1 post\n> DATA 1 .bytes=10000\n< reply 1 200\n"
                   "< RST_STREAM 1 NO_ERROR\n> DATA 1 .bytes=10000\n"
                   "> DATA 1 end .bytes=10000\n< alive\n"
                   "> HEADERS 3 end get\n< reply 3 200");
    h2_close(&play);
}

/* ---- what is only of HTTP/1.1 -------------------------------------------- */

static int socket_of(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    result = fm_ws_accept(exchange, &ws);
    return result;
}

STORY(a_websocket_is_refused_over_http_2)
{
    begin(socket_of);
    h2_play(&play, "> HEADERS 1 end get sec-websocket-version=13 "
                   "sec-websocket-key=dGhlIHNhbXBsZSBub25jZQ==\n< HEADERS 1\n"
                   "< alive");
    CHECK_INT(result, -FM_ENOWS);
    CHECK(play.frames[play.frames_count - 1].status < 500);
    h2_close(&play);
}

/* ---- files --------------------------------------------------------------- */

static int file(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_file(exchange, path);
}

static void make_file(void)
{
    static char bytes[FILE_SIZE];
    kit_open(&kit);
    path = kit_path(&kit, "file.txt");
    memset(bytes, '*', sizeof bytes);
    CHECK_INT(fm_file_save(path, bytes, sizeof bytes), 0);
}

STORY(a_file_goes_by_the_windows_whole_and_in_parts)
{
    make_file();
    begin(file);
    h2_play(&play, "> HEADERS 1 end get\n< HEADERS 1 200\n< body 1 65535\n"
                   "> WINDOW_UPDATE 0 10000000\n> WINDOW_UPDATE 1 84465\n"
                   "< body 1 150000\n< DATA 1 end");
    h2_play(&play, "> HEADERS 3 end get range=bytes=5-9\n< reply 3 206\n"
                   "< body 3 5\n> HEADERS 5 end get range=bytes=900000-\n"
                   "< reply 5 416\n> HEADERS 7 end :method=HEAD " ASKS(
                       "/") "\n< HEADERS 7 200 end\n< alive");
    h2_close(&play);
    kit_close(&kit);
}

STORY(who_takes_back_a_file_is_sent_no_more_of_it)
{
    make_file();
    begin(file);
    h2_play(&play, "> HEADERS 1 end get\n< HEADERS 1 200\n< body 1 65535\n"
                   "> RST_STREAM 1 CANCEL\n> WINDOW_UPDATE 0 1000000\n"
                   "< body 1 65535\n> HEADERS 3 end get range=bytes=0-0\n"
                   "< reply 3 206");
    h2_close(&play);
    CHECK_INT(logged, 2);
    kit_close(&kit);
}

/* ---- who is cut ---------------------------------------------------------- */

static int wait_for_it(fm_exchange *exchange, void *arg)
{
    (void)arg;
    fm_event_set(&ready);
    int rc = fm_sleep(INFINITY);
    result = fm_exchange_gone(exchange);
    return rc;
}

STORY(a_handler_is_told_that_its_request_was_taken_back)
{
    begin(wait_for_it);
    h2_play(&play, "> HEADERS 1 end get");
    CHECK_INT(fm_event_wait(&ready), 0);
    h2_play(&play, "> RST_STREAM 1 CANCEL\n< alive\n< alive");
    CHECK_INT(result, -ECONNRESET);
    CHECK_INT(logged, 1);
    h2_close(&play);
}

STORY(all_handlers_are_told_that_the_client_has_gone)
{
    begin(wait_for_it);
    h2_play(&play, "> HEADERS 1 end get\n> HEADERS 3 end get\n< alive");
    h2_close(&play);
    CHECK(result < 0);
    CHECK_INT(logged, 2);
}

/* What has only ended its side of the connection is gone, too. */
STORY(a_goodbye_cuts_no_handler)
{
    begin(h2_answer);
    h2_play(&play, "> HEADERS 1 end :method=GET " ASKS(
                       "/wait") "\n"
                                "> GOAWAY 0 0 NO_ERROR\n< alive");
    CHECK_INT(play.running, 1);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 1 200\n< end 0");
    h2_close(&play);
}

/* ---- many ---------------------------------------------------------------- */

/* Each says as it hears, and none waits for another. */
static int echo(fm_exchange *exchange, void *arg)
{
    char buf[5000];
    ssize_t size = 0;
    (void)arg;
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) > 0)
        rc = fm_reply_write(exchange, buf, (size_t)size) < 0 ? -EPIPE : 0;
    return size < 0 ? (int)size : rc;
}

STORY(a_hundred_streams_are_echoed_frame_by_frame)
{
    begin(echo);
    h2_play(&play, "> WINDOW_UPDATE 0 10000000");
    for (unsigned i = 0; i < FM_HTTP_STREAMS; i++)
        h2_play(&play, "> HEADERS %u post", 2 * i + 1);
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < FM_HTTP_STREAMS; i++)
            h2_play(&play, "> DATA %u .bytes=%u", 2 * i + 1, 1000 + i);
    }
    for (unsigned i = FM_HTTP_STREAMS; i-- > 0;)
        h2_play(&play, "> DATA %u end .bytes=1\n< reply %u 200", 2 * i + 1,
                2 * i + 1);
    h2_play(&play, "< alive");
    for (unsigned i = 0; i < FM_HTTP_STREAMS; i++)
        CHECK_INT(h2_heard_body(&play, 2 * i + 1), 3 * (1000 + i) + 1);
    h2_close(&play);
    CHECK_INT(logged, FM_HTTP_STREAMS);
}
