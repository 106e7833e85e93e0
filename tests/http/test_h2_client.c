/*
 * test_h2_client.c - what a server of HTTP/2 may say to our client, and what it
 * may not
 */
#include "http/h2_play.h"

#include "harness.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    ASKED_BODY = 100000 /* bytes: more than a window */
};

static struct {
    fm_listener *listener;
    fm_http_client *client;
    char url[FM_ADDRESS_TEXT + 8];
    bool posts;
    unsigned resumes;
    unsigned retries;
    /* what came of the last request */
    int result;
    int status;
    ssize_t size;
    char text[16];
} asked;

static struct h2_play play;

static int ask(void *arg)
{
    static char body[ASKED_BODY];
    const fm_http_request post = {.body = body, .body_size = sizeof body};
    const fm_http_request get = {.resumes = asked.resumes,
                                 .retries = asked.retries};
    fm_response *response;
    const char *bytes;
    (void)arg;
    asked.status = 0;
    asked.size = 0;
    asked.result = fm_http_fetch(asked.client, asked.url, &response,
                                 asked.posts ? &post : &get);
    if (asked.result < 0)
        return 0;
    asked.status = fm_response_status(response);
    asked.size = fm_response_load(response, &bytes);
    asked.result = asked.size < 0 ? (int)asked.size : 0;
    snprintf(asked.text, sizeof asked.text, "%s", fm_response_text(response));
    fm_response_close(response);
    return 0;
}

static void begin_of(unsigned of_origin)
{
    const fm_http_client_options options = {
        .http2 = true, .kept = 600, .of_origin = of_origin};
    memset(&asked, 0, sizeof asked);
    CHECK_INT(fm_listen("127.0.0.1:0", &asked.listener), 0);
    snprintf(asked.url, sizeof asked.url, "http://");
    fm_address_format(fm_listener_address(asked.listener), asked.url + 7);
    CHECK_INT(fm_http_client_open(&asked.client, &options), 0);
}

static void begin(void)
{
    begin_of(1);
}

static void meet_by(struct h2_play *by, const char *rule)
{
    memset(by, 0, sizeof *by);
    by->rule = rule;
    by->serves = true;
    CHECK_INT(fm_accept(asked.listener, &by->ends[0]), 0);
    h2_open(by);
}

/* The next connection of the client's. */
static void meet(const char *rule)
{
    meet_by(&play, rule);
}

static void end(void)
{
    fm_http_client_close(asked.client);
    h2_close(&play);
    fm_listener_close(asked.listener);
}

/* 200, as HPACK has it. */
#define OK "> HEADERS 1 .raw=88\n"
#define HELLO "> DATA 1 end .text=hello"

/* A script behind the request, and what comes of it: a size, or a failure. */
struct answer_row {
    const char *rule;
    const char *script;
    int result;
    int size;
};

static void check_answer(const struct answer_row *row)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    meet(row->rule);
    h2_play(&play, "< HEADERS 1\n%s", row->script);
    CHECK_INT(fm_await(task), 0);
    if (asked.result != row->result ||
        (asked.result == 0 && asked.size != row->size))
        test_fail(__FILE__, __LINE__, "%s: %d, %zd bytes", row->rule,
                  asked.result, asked.size);
    play.floods = true; /* what it thinks of its server is told apart */
    end();
}

#define ANSWERS(rows)                                                          \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                 \
    check_answer(&(rows)[i])

STORY(an_answer_is_a_head_a_body_and_trailers)
{
    static const struct answer_row rows[] = {
        {"8.1: a body", OK HELLO, 0, 5},
        {"8.1: none", "> HEADERS 1 end .raw=88", 0, 0},
        {"8.1: an empty one", OK "> DATA 1 end", 0, 0},
        {"8.1: trailers", OK "> DATA 1 .text=abc\n> HEADERS 1 end x-sum=1", 0,
         3},
        {"6.1: filled up", OK "> DATA 1 end .pad=20 .text=abc", 0, 3},
        {"6.10: in pieces",
         "> HEADERS 1 open .raw=88\n> CONTINUATION 1 open a=b\n"
         "> CONTINUATION 1 c=d\n" HELLO,
         0, 5},
        {"8.1: interim ones first",
         "> HEADERS 1 :status=100\n> HEADERS 1 :status=103 link=x\n" OK HELLO,
         0, 5},
        {"8.1.1: as long as said",
         "> HEADERS 1 :status=200 content-length=5\n" HELLO, 0, 5},
        {"8.1: and a reset that says that the rest is not wanted",
         OK HELLO "\n> RST_STREAM 1 NO_ERROR", 0, 5},
        {"5.5: with what nobody knows between",
         "> 99 1 .bytes=5\n" OK "> 98 0 .bytes=7\n> PRIORITY 1 .prio=0\n" HELLO,
         0, 5},
    };
    ANSWERS(rows);
}

STORY(a_part_of_an_answer_is_never_the_whole)
{
    static const struct answer_row rows[] = {
        {"8.1.1: less than said",
         "> HEADERS 1 :status=200 content-length=6\n" HELLO, -FM_EHTTP2, 0},
        {"8.1.1: more than said",
         "> HEADERS 1 :status=200 content-length=4\n" HELLO, -FM_EHTTP2, 0},
        {"5.1: reset in the middle",
         OK "> DATA 1 .text=abc\n> RST_STREAM 1 INTERNAL_ERROR", -ECONNRESET,
         0},
        {"5.1: reset in the middle without an error",
         OK "> DATA 1 .text=abc\n> RST_STREAM 1 NO_ERROR", -ECONNRESET, 0},
    };
    ANSWERS(rows);
}

STORY(an_answer_that_is_malformed_is_none)
{
    static const struct answer_row rows[] = {
        {"8.3.2: no status", "> HEADERS 1 end a=b", -FM_EHTTP2, 0},
        {"8.3.2: two", "> HEADERS 1 end .raw=8888", -FM_EHTTP2, 0},
        {"8.3.2: one that is none", "> HEADERS 1 end :status=2x0", -FM_EHTTP2,
         0},
        {"8.3: behind a field", "> HEADERS 1 end a=b .raw=88", -FM_EHTTP2, 0},
        {"8.3: of a request", "> HEADERS 1 end .raw=88 :method=GET", -FM_EHTTP2,
         0},
        {"8.2.1: upper case", "> HEADERS 1 end .raw=88 A=b", -FM_EHTTP2, 0},
        {"8.2.1: a line end", "> HEADERS 1 end .raw=88 a=b%0d%0ac:%20d",
         -FM_EHTTP2, 0},
        {"8.2.2: of the connection", "> HEADERS 1 end .raw=88 connection=close",
         -FM_EHTTP2, 0},
        {"8.2.2: a coding",
         "> HEADERS 1 .raw=88 transfer-encoding=chunked\n"
         "> DATA 1 end .text=x",
         -FM_EHTTP2, 0},
        {"8.1: data first", "> DATA 1 end .text=x", -FM_EHTTP2, 0},
        {"8.1: an interim one that ends it", "> HEADERS 1 end :status=103",
         -FM_EHTTP2, 0},
        {"8.6: another protocol", "> HEADERS 1 :status=101\n" OK HELLO,
         -FM_EHTTP2, 0},
    };
    ANSWERS(rows);
}

STORY(a_server_that_speaks_something_else_is_told_apart)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    CHECK_INT(fm_accept(asked.listener, &play.ends[0]), 0);
    CHECK(fm_printf(play.ends[0], "HTTP/1.1 400 Bad Request\r\n"
                                  "Content-Length: 0\r\n\r\n") > 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, -FM_EHTTP2);
    fm_close(play.ends[0]);
    fm_http_client_close(asked.client);
    fm_listener_close(asked.listener);
}

STORY(a_server_of_http_2_that_errs_ends_the_connection)
{
    static const struct h2_row rows[] = {
        {"8.4: what is promised was not asked for",
         "> PUSH_PROMISE 1 2 get\n< GOAWAY 0 PROTOCOL_ERROR"},
        {"5.1.1: nor begun", "> HEADERS 2 end .raw=88\n"
                             "< GOAWAY 0 PROTOCOL_ERROR"},
        {"6.7: of seven bytes", "> PING 0 .bytes=7\n"
                                "< GOAWAY 0 FRAME_SIZE_ERROR"},
        {"4.3: no block", "> HEADERS 1 end .raw=ffffffffff\n"
                          "< GOAWAY 0 COMPRESSION_ERROR"},
        {"pings", "> PING 0 .times=10000\n< GOAWAY 0 ENHANCE_YOUR_CALM"},
        {"settings", "> SETTINGS 0 .times=10000\n"
                     "< GOAWAY 0 ENHANCE_YOUR_CALM"},
        {"a head without end",
         "> HEADERS 1 open .raw=88\n> CONTINUATION 1 open a=b .times=1000\n"
         "< GOAWAY 0 ENHANCE_YOUR_CALM"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        fm_task *task = fm_start(ask, NULL);
        meet(rows[i].rule);
        h2_play(&play, "< HEADERS 1\n%s", rows[i].script);
        fm_close(play.ends[0]); /* it is not asked again */
        fm_listener_close(asked.listener);
        play.ends[0] = NULL;
        CHECK_INT(fm_await(task), 0);
        CHECK_INT(asked.result, -FM_EHTTP2);
        fm_http_client_close(asked.client);
        CHECK_INT(fm_await(play.hearing), 0);
        nghttp2_hd_inflate_del(play.inflater);
    }
}

STORY(a_server_may_say_that_we_err)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    meet("6.8: an error");
    h2_play(&play, "< HEADERS 1\n> GOAWAY 0 1 PROTOCOL_ERROR");
    CHECK_INT(fm_write_eof(play.ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, -FM_EHTTP2);
    end();
}

/* ---- what is asked again ------------------------------------------------- */

STORY(what_a_server_has_refused_is_asked_again)
{
    begin();
    asked.posts = true;
    fm_task *task = fm_start(ask, NULL);
    meet("8.7: refused");
    h2_play(&play, "> WINDOW_UPDATE 0 200000\n< HEADERS 1\n"
                   "> RST_STREAM 1 REFUSED_STREAM\n< HEADERS 3\n"
                   "> WINDOW_UPDATE 3 200000\n"
                   "< body 3 100000\n> HEADERS 3 end .raw=88");
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    CHECK_INT(asked.status, 200);
    play.floods = true; /* what was left of the first */
    end();
}

/* Four times at once; then there is a pause, or it has failed. */
STORY(what_is_refused_again_and_again_is_tried_after_a_pause)
{
    for (unsigned retries = 0; retries < 2; retries++) {
        begin();
        asked.retries = retries;
        fm_task *task = fm_start(ask, NULL);
        meet("8.7: refused again");
        h2_play(&play, "< HEADERS 1\n> RST_STREAM 1 REFUSED_STREAM\n"
                       "< HEADERS 3\n> RST_STREAM 3 REFUSED_STREAM\n"
                       "< HEADERS 5\n> RST_STREAM 5 REFUSED_STREAM\n"
                       "< HEADERS 7\n> RST_STREAM 7 REFUSED_STREAM");
        if (retries > 0)
            h2_play(&play, "< HEADERS 9\n> HEADERS 9 .raw=88\n"
                           "> DATA 9 end .text=hello");
        CHECK_INT(fm_await(task), 0);
        CHECK_INT(asked.result, retries > 0 ? 0 : -FM_EHTTP2REFUSED);
        end();
    }
}

STORY(what_a_goodbye_has_left_out_is_asked_of_the_next_connection)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    meet("6.8: left out");
    h2_play(&play, "< HEADERS 1\n> GOAWAY 0 0 NO_ERROR\n< end 0");
    h2_close(&play);
    meet("6.8: asked again");
    h2_play(&play, "< HEADERS 1\n" OK HELLO);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    CHECK_INT(asked.size, 5);
    end();
}

STORY(what_a_goodbye_has_taken_is_answered)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    meet("6.8: taken");
    h2_play(&play, "< HEADERS 1\n> GOAWAY 0 1 NO_ERROR\n" OK HELLO);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    h2_play(&play, "< end 0");
    h2_close(&play);
    task = fm_start(ask, NULL);
    meet("6.8: the next one is another's");
    h2_play(&play, "< HEADERS 1\n" OK HELLO);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    end();
}

/* At once three times, and then as often as was said. */
STORY(a_server_that_goes_on_to_refuse_is_left_alone)
{
    for (asked.retries = 0; asked.retries < 2;) {
        unsigned retries = asked.retries;
        begin();
        asked.retries = retries;
        fm_task *task = fm_start(ask, NULL);
        meet("8.7: refused");
        for (unsigned i = 0; i < 4 + retries; i++)
            h2_play(&play,
                    "< HEADERS %u\n> RST_STREAM %u REFUSED_STREAM\n< alive",
                    2 * i + 1, 2 * i + 1);
        CHECK_INT(fm_await(task), 0);
        CHECK_INT(asked.result, -FM_EHTTP2REFUSED);
        end();
        asked.retries = retries + 1;
    }
}

/* One that resets whatever it is asked would be asked for ever. */
STORY(what_a_server_resets_is_not_asked_again)
{
    begin();
    fm_task *task = fm_start(ask, NULL);
    meet("8.7: reset");
    h2_play(&play, "< HEADERS 1\n" OK HELLO);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    task = fm_start(ask, NULL);
    h2_play(&play, "< HEADERS 3\n> RST_STREAM 3 INTERNAL_ERROR\n< alive\n"
                   "< alive\n< none HEADERS 5");
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, -ECONNRESET);
    end();
}

/* Not when the first is over, which may take as long as it likes. */
STORY(a_request_that_waits_for_its_turn_does_not_wait_behind_a_goodbye)
{
    static struct h2_play other;
    begin_of(2);
    fm_task *first = fm_start(ask, NULL);
    meet("6.8: taken");
    h2_play(&play, "> SETTINGS 0 MAX_CONCURRENT_STREAMS=1\n< HEADERS 1\n"
                   "< alive");
    asked.posts = true;
    fm_task *second = fm_start(ask, NULL);
    h2_play(&play, "< alive\n< alive\n> GOAWAY 0 1 NO_ERROR");
    meet_by(&other, "6.8: left out");
    h2_play(&other, "< HEADERS 1\n> WINDOW_UPDATE 0 200000\n"
                    "> WINDOW_UPDATE 1 200000\n< body 1 100000\n" OK HELLO);
    CHECK_INT(fm_await(second), 0);
    CHECK_INT(asked.result, 0);
    h2_play(&play, "< none HEADERS 3\n" OK HELLO "\n< end 0");
    CHECK_INT(fm_await(first), 0);
    CHECK_INT(asked.result, 0);
    h2_close(&play);
    fm_http_client_close(asked.client);
    h2_close(&other);
    fm_listener_close(asked.listener);
}

#define HALF                                                                   \
    "> HEADERS 1 :status=200 etag=\"a\" content-length=10\n"                   \
    "> DATA 1 .text=01234\n"
#define PART(stream)                                                           \
    "< HEADERS " stream "\n> HEADERS " stream                                  \
    " :status=206 etag=\"a\" content-range=bytes%%205-9/10 content-length=5\n"
#define REST(stream) PART(stream) "> DATA " stream " end .text=56789"

STORY(a_body_that_was_reset_goes_on_in_another_stream)
{
    begin();
    asked.resumes = 2;
    fm_task *task = fm_start(ask, NULL);
    meet("8.1: reset");
    h2_play(&play, "< HEADERS 1\n" HALF "> RST_STREAM 1 INTERNAL_ERROR\n" PART(
                       "3") "> RST_STREAM 3 INTERNAL_ERROR\n" REST("5"));
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    CHECK(strcmp(asked.text, "0123456789") == 0);
    end();
}

STORY(a_body_that_broke_off_goes_on_by_another_connection)
{
    begin();
    asked.resumes = 1;
    fm_task *task = fm_start(ask, NULL);
    meet("8.1: broken off");
    h2_play(&play, "< HEADERS 1\n" HALF "> GOAWAY 0 1 NO_ERROR\n"
                   "> RST_STREAM 1 INTERNAL_ERROR\n< end 0");
    h2_close(&play);
    meet("8.1: gone on with");
    h2_play(&play, REST("1"));
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    CHECK(strcmp(asked.text, "0123456789") == 0);
    end();
}

/* ---- what a server allows ------------------------------------------------ */

STORY(a_server_is_not_asked_for_more_at_once_than_it_allows)
{
    begin();
    fm_task *first = fm_start(ask, NULL);
    meet("5.1.2: one");
    h2_play(&play, "> SETTINGS 0 MAX_CONCURRENT_STREAMS=1\n< HEADERS 1\n"
                   "< alive");
    fm_task *second = fm_start(ask, NULL);
    h2_play(&play, "< alive\n< alive\n< none HEADERS 3\n" OK HELLO
                   "\n< HEADERS 3\n> HEADERS 3 end .raw=88");
    CHECK_INT(fm_await(first), 0);
    CHECK_INT(fm_await(second), 0);
    CHECK_INT(asked.status, 200);
    end();
}

STORY(a_body_goes_as_the_windows_let_it)
{
    begin();
    asked.posts = true;
    fm_task *task = fm_start(ask, NULL);
    meet("6.9: little by little");
    h2_play(&play, "< HEADERS 1\n< body 1 65535\n> WINDOW_UPDATE 0 65536\n"
                   "< alive\n< body 1 65535\n> WINDOW_UPDATE 1 1\n"
                   "< body 1 65536\n> WINDOW_UPDATE 1 34464\n"
                   "< body 1 100000\n< DATA 1 end\n" OK HELLO);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(asked.result, 0);
    end();
}
