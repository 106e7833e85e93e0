/*
 * test_h2_slow.c - what a server of HTTP/2 waits for, how long, and who is held
 * up by it: one stream, and no other
 */
#include "http/h2_play.h"

#include "harness.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdlib.h>

#define POST "> HEADERS 1 post\n"
#define WAITS "end :method=GET :scheme=http :path=/wait :authority=a"

static struct h2_play play;

static void begin(fm_http_handler handler, fm_http_serve_options options)
{
    memset(&play, 0, sizeof play);
    play.handler = handler;
    play.arg = &play;
    play.options = options;
    h2_open(&play);
    h2_play(&play, "< SETTINGS 0 ack");
}

static double seconds_since(int64_t began)
{
    return (double)(fm_now() - began) / 1e9;
}

/* One step before its time it is there, and one behind it is not. */
static void check_ends_at(double seconds)
{
    fm_sleep(seconds - 0.01);
    CHECK(!play.ended);
    fm_sleep(0.02);
    CHECK(play.ended);
}

/* ---- a connection -------------------------------------------------------- */

STORY(a_connection_without_requests_ends_with_a_goodbye)
{
    begin(h2_answer, (fm_http_serve_options){.idle_timeout = 7});
    check_ends_at(7);
    h2_play(&play, "< GOAWAY 0 NO_ERROR");
    h2_close(&play);
    CHECK_INT(play.result, 0);
}

STORY(it_waits_anew_behind_each_request)
{
    begin(h2_answer, (fm_http_serve_options){.idle_timeout = 7});
    fm_sleep(6);
    h2_play(&play, "> HEADERS 1 end get\n< reply 1 200");
    check_ends_at(7);
    h2_close(&play);
}

STORY(pings_do_not_hold_it)
{
    begin(h2_answer, (fm_http_serve_options){.idle_timeout = 7});
    for (int i = 0; i < 3; i++) {
        fm_sleep(2);
        h2_play(&play, "< alive");
    }
    check_ends_at(1);
    h2_close(&play);
}

STORY(a_handler_may_take_longer_than_that)
{
    begin(h2_answer, (fm_http_serve_options){.idle_timeout = 7});
    h2_play(&play, "> HEADERS 1 " WAITS);
    fm_sleep(100);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 1 200\n< alive");
    h2_close(&play);
}

STORY(a_preface_that_does_not_come_whole_is_waited_for_as_a_head)
{
    memset(&play, 0, sizeof play);
    play.bare = true;
    play.deaf = true; /* what it says is HTTP/1.1 */
    play.options.head_timeout = 3;
    h2_open(&play);
    int64_t began = fm_now();
    h2_say(&play, (const uint8_t *)"PRI * HTTP/2.0\r\n", 16);
    while (!play.over && seconds_since(began) < 20)
        fm_sleep(0.1);
    CHECK(seconds_since(began) < 7);
    CHECK_INT(fm_await(play.server), 0);
    fm_close(play.ends[0]);
    nghttp2_hd_inflate_del(play.inflater);
}

/* ---- a head -------------------------------------------------------------- */

STORY(a_head_that_does_not_come_whole_ends_the_connection)
{
    begin(h2_answer, (fm_http_serve_options){.head_timeout = 3});
    h2_play(&play, "> HEADERS 1 end open get");
    fm_sleep(2.5);
    h2_play(&play, "> CONTINUATION 1 open a=b"); /* which does not move it */
    check_ends_at(0.5);
    h2_close(&play);
    CHECK_INT(play.asked, 0);
}

/* ---- a body -------------------------------------------------------------- */

STORY(a_body_that_does_not_come_is_answered_with_408)
{
    begin(h2_answer, (fm_http_serve_options){.body_timeout = 5});
    h2_play(&play, POST "> HEADERS 3 " WAITS);
    int64_t began = fm_now();
    h2_play(&play, "< reply 1 408");
    CHECK(fabs(seconds_since(began) - 5) < 0.1);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 3 200\n< alive");
    h2_close(&play);
}

STORY(a_body_that_drips_is_answered_with_408)
{
    begin(h2_answer, (fm_http_serve_options){.body_timeout = 5});
    h2_play(&play, POST);
    int64_t began = fm_now();
    while (seconds_since(began) < 10 &&
           h2_heard_count(&play, H2_HEADERS) == 0) {
        h2_play(&play, "> DATA 1 .bytes=1");
        fm_sleep(0.5);
    }
    h2_play(&play, "< reply 1 408\n< alive");
    CHECK(seconds_since(began) < 7);
    h2_close(&play);
}

STORY(a_body_has_its_limit_at_that_byte_over_http_2_too)
{
    for (unsigned size = 1000; size <= 1001; size++) {
        begin(h2_answer, (fm_http_serve_options){.body_limit = 1000});
        h2_play(&play, POST "> DATA 1 end .bytes=%u\n< reply 1 %u\n< alive",
                size, size > 1000 ? 413 : 200);
        h2_close(&play);
        begin(h2_answer, (fm_http_serve_options){.body_limit = 1000});
        h2_play(&play,
                "> HEADERS 1 post content-length=%u\n"
                "> DATA 1 end .bytes=%u\n< reply 1 %u\n< alive",
                size, size, size > 1000 ? 413 : 200);
        h2_close(&play);
    }
}

/* It is asked for, and only then. */
STORY(who_waits_to_be_asked_for_a_body_is)
{
    begin(h2_answer, (fm_http_serve_options){.body_timeout = 5});
    h2_play(&play, "> HEADERS 1 post expect=100-continue\n< HEADERS 1 100\n"
                   "> DATA 1 end .text=x\n< reply 1 200\n< body 1 6");
    h2_close(&play);
}

/* The window opens as a handler reads, and not before. */
static int sip(fm_exchange *exchange, void *arg)
{
    struct h2_play *self = arg;
    char buf[40000];
    int rc = fm_event_wait(&self->leave);
    size_t all = 0;
    ssize_t size = 1;
    while (rc == 0 && size > 0) {
        size = fm_exchange_read(exchange, buf, sizeof buf);
        all += size > 0 ? (size_t)size : 0;
    }
    CHECK_INT(all, 65535 + 40000);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "all\n");
}

STORY(a_handler_that_does_not_read_stops_its_client_at_the_window)
{
    begin(sip, (fm_http_serve_options){.body_timeout = 50});
    h2_play(&play, POST "> DATA 1 .bytes=16384 .times=3\n"
                        "> DATA 1 .bytes=16383\n< alive\n"
                        "< none WINDOW_UPDATE 1");
    fm_sleep(1);
    h2_play(&play, "< none WINDOW_UPDATE 1");
    fm_event_set(&play.leave);
    h2_play(&play, "< WINDOW_UPDATE 1\n< alive\n"
                   "> DATA 1 .bytes=16384 .times=2\n"
                   "> DATA 1 end .bytes=7232\n< reply 1 200");
    h2_close(&play);
}

/* ---- a reply ------------------------------------------------------------- */

static ssize_t written;

static int pour(fm_exchange *exchange, void *arg)
{
    static char bytes[50000];
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/pour") != 0)
        return h2_answer(exchange, arg);
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc == 0) {
        ssize_t size = fm_reply_write(exchange, bytes, sizeof bytes);
        rc = size < 0 ? (int)size : 0;
        written += size > 0 ? size : rc;
    }
    return rc;
}

#define POURS "end :method=GET :scheme=http :path=/pour :authority=a"

/* Not for ever, and only its own stream. */
STORY(who_takes_nothing_of_a_reply_loses_it_in_time)
{
    begin(pour, (fm_http_serve_options){.write_timeout = 5});
    written = 0;
    h2_play(&play, "> WINDOW_UPDATE 0 0x7000000\n> HEADERS 1 " POURS
                   "\n< body 1 65535");
    CHECK(written <= 150000);
    int64_t began = fm_now();
    h2_play(&play, "> HEADERS 3 end get\n< reply 3 200\n"
                   "< RST_STREAM 1 CANCEL|INTERNAL_ERROR\n< alive");
    CHECK(fabs(seconds_since(began) - 5) < 0.1);
    h2_close(&play);
}

STORY(who_takes_a_little_now_and_then_keeps_it)
{
    begin(pour, (fm_http_serve_options){.write_timeout = 5});
    h2_play(&play, "> WINDOW_UPDATE 0 0x7000000\n> HEADERS 1 " POURS
                   "\n< body 1 65535");
    for (unsigned i = 1; i <= 10; i++) {
        fm_sleep(3);
        h2_play(&play, "> WINDOW_UPDATE 1 1000\n< body 1 %u", 65535 + i * 1000);
    }
    h2_play(&play, "> RST_STREAM 1 CANCEL\n< alive");
    h2_close(&play);
}

STORY(a_deadline_ends_its_own_handler_with_503)
{
    begin(h2_answer, (fm_http_serve_options){.deadline = 4});
    h2_play(&play, "> HEADERS 1 " WAITS);
    fm_sleep(3);
    h2_play(&play, "> HEADERS 3 " WAITS "\n< reply 1 503\n< alive");
    CHECK_INT(play.running, 1);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 3 200\n< alive");
    h2_close(&play);
}

/* ---- the end ------------------------------------------------------------- */

struct host {
    fm_listener *listener;
    fm_http_serve_options options;
};

static int host_run(void *arg)
{
    struct host *self = arg;
    return fm_http_serve(self->listener, h2_answer, &play, &self->options);
}

static fm_task *host_open(struct host *host)
{
    char address[FM_ADDRESS_TEXT];
    memset(&play, 0, sizeof play);
    CHECK_INT(fm_listen("127.0.0.1:0", &host->listener), 0);
    fm_address_format(fm_listener_address(host->listener), address);
    fm_task *task = fm_start(host_run, host);
    CHECK_INT(fm_connect(address, &play.ends[0]), 0);
    h2_open(&play);
    return task;
}

STORY(a_server_that_stops_says_goodbye_and_answers_what_it_has)
{
    struct host host = {.listener = NULL};
    fm_task *task = host_open(&host);
    h2_play(&play, "> HEADERS 1 " WAITS "\n> HEADERS 3 " WAITS "\n< alive");
    fm_serve_stop(host.listener);
    h2_play(&play, "< GOAWAY 0 NO_ERROR\n> HEADERS 5 end get\n< alive\n"
                   "< none HEADERS 5");
    CHECK_INT(play.running, 2);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 1 200\n< reply 3 200\n< end 0");
    CHECK_INT(fm_await(task), 0);
    play.floods = true; /* the third was refused */
    h2_close(&play);
}

STORY(a_server_that_stops_closes_who_has_no_request)
{
    struct host host = {.listener = NULL};
    fm_task *task = host_open(&host);
    h2_play(&play, "> HEADERS 1 end get\n< reply 1 200");
    int64_t began = fm_now();
    fm_serve_stop(host.listener);
    h2_play(&play, "< GOAWAY 0 NO_ERROR\n< end 0");
    CHECK_INT(fm_await(task), 0);
    CHECK(seconds_since(began) < 3);
    h2_close(&play);
}

STORY(a_server_that_stops_waits_no_longer_than_its_grace)
{
    struct host host = {.options.serve.grace = 4};
    fm_task *task = host_open(&host);
    h2_play(&play, "> HEADERS 1 " WAITS "\n< alive");
    int64_t began = fm_now();
    fm_serve_stop(host.listener);
    CHECK_INT(fm_await(task), 0);
    CHECK(fabs(seconds_since(began) - 4) < 1);
    CHECK_INT(play.running, 0);
    play.floods = true;
    h2_close(&play);
}

STORY(a_connection_has_so_many_requests_and_then_a_goodbye)
{
    begin(h2_answer, (fm_http_serve_options){.requests = 3});
    h2_play(&play, "> HEADERS 1 end get\n< reply 1 200\n> HEADERS 3 end get\n"
                   "< reply 3 200\n> HEADERS 5 end get\n< reply 5 200\n"
                   "< GOAWAY 0 NO_ERROR\n< end 0");
    h2_close(&play);
    CHECK_INT(play.asked, 3);
}

/* ---- what a client takes late -------------------------------------------- */

static size_t late_size;

static int late(fm_exchange *exchange, void *arg)
{
    static char bytes[200000];
    (void)arg;
    return fm_reply(exchange, 200, bytes, late_size);
}

/* Whatever of it is in whose hands when there is nothing more to wait for. */
STORY(the_last_reply_is_said_to_its_end)
{
    for (late_size = 128000; late_size <= 134000; late_size += 100) {
        memset(&play, 0, sizeof play);
        play.handler = late;
        play.options.requests = 1;
        play.deaf = true;
        h2_open(&play);
        h2_play(&play, "> WINDOW_UPDATE 0 0x7000000\n> HEADERS 1 end get\n"
                       "> WINDOW_UPDATE 1 0x7000000");
        fm_sleep(5);
        h2_hear(&play);
        h2_play(&play, "< reply 1 200\n< end 0");
        CHECK_INT((int)h2_heard_body(&play, 1), (int)late_size);
        h2_close(&play);
        CHECK_INT(play.result, 0);
    }
}

/* ---- what a handler does not read ---------------------------------------- */

static int refuse(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 403, "no\n");
}

/* Curl before its version 8 takes a reset for a failure, whatever came. */
STORY(a_small_body_that_nobody_reads_is_not_reset)
{
    begin(refuse, (fm_http_serve_options){0});
    h2_play(&play, POST "< reply 1 403\n< alive\n< none RST_STREAM 1\n"
                        "> DATA 1 end .bytes=10000\n< alive\n"
                        "< none RST_STREAM 1\n"
                        "> HEADERS 3 end get\n< reply 3 403");
    h2_close(&play);
}

STORY(a_body_that_nobody_reads_and_does_not_end_is_reset_in_its_time)
{
    begin(refuse, (fm_http_serve_options){0});
    h2_play(&play, POST "< reply 1 403");
    fm_sleep(1.9);
    h2_play(&play, "> DATA 1 .bytes=10000\n< alive\n< none RST_STREAM 1");
    int64_t began = fm_now();
    h2_play(&play, "< RST_STREAM 1 NO_ERROR\n< alive");
    CHECK(seconds_since(began) < 0.2);
    h2_close(&play);
}
