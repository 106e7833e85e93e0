/*
 * test_tls_watch.c - what is heard through TLS while nobody reads
 */
#include "harness.h"
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "task/story.h"

#include <errno.h>

struct ear {
    struct fm__watch watch;
    unsigned times;
    ssize_t last;
    fm_event news;
};

static fm_stream *ends[2];

static void heard(struct fm__watch *watch, ssize_t rc)
{
    struct ear *ear = FM__CONTAINER(watch, struct ear, watch);
    ear->times++;
    ear->last = rc;
    fm_event_set(&ear->news);
}

static void agree(bool in_memory)
{
    struct kit_shake shake;
    fm_tls *client = kit_client_tls((fm_tls_options){0});
    fm_tls *server = kit_server_tls((fm_tls_options){0});
    CHECK_INT(in_memory ? fm_stream_pair(ends) : stream_ends_pair(ends, NULL),
              0);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    CHECK_INT(shake.server, 0);
    fm_tls_free(client);
    fm_tls_free(server);
}

static void listen_to(int end, struct ear *ear)
{
    *ear = (struct ear){.watch = {heard}};
    fm__stream_watch(ends[end], &ear->watch);
    fm_sleep(0);
}

/* The tickets that come first are nothing to hear of. */
STORY(a_goodbye_is_heard_while_nobody_reads)
{
    for (int end = 0; end < 4; end++) {
        struct ear ear;
        agree(end & 2);
        listen_to(end & 1, &ear);
        CHECK_INT(fm_close(ends[!(end & 1)]), 0);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        CHECK_INT(ear.last, 0);
        CHECK_INT(ear.times, 1);
        CHECK_INT(fm_read(ends[end & 1], &(char){0}, 1), 0);
        fm_close(ends[end & 1]);
    }
}

/* It lies behind what was read, in the same bytes of the wire. */
STORY(a_goodbye_that_has_come_already_is_heard)
{
    for (int end = 0; end < 2; end++) {
        struct ear ear;
        agree(false);
        CHECK_INT(fm_write(ends[!end], "a", 1), 1);
        CHECK_INT(fm_close(ends[!end]), 0);
        CHECK_INT(fm_read(ends[end], &(char){0}, 1), 1);
        listen_to(end, &ear);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        CHECK_INT(ear.last, 0);
        fm_close(ends[end]);
    }
}

STORY(an_end_without_a_goodbye_is_heard_as_such)
{
    struct ear ear;
    agree(false);
    listen_to(1, &ear);
    CHECK_INT(fm__stream_shutdown(ends[0]), 0);
    CHECK_INT(fm_event_wait(&ear.news), 0);
    CHECK_INT(ear.last, -FM_ETRUNCATED);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -FM_ETRUNCATED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

STORY(what_comes_meanwhile_is_read_in_order)
{
    char text[16] = "";
    struct ear ear;
    agree(false);
    listen_to(1, &ear);
    CHECK_INT(fm_unread(ends[1], "one ", 4), 0);
    CHECK_INT(fm_write(ends[0], "two ", 4), 4);
    fm_sleep(0);
    CHECK_INT(fm_read_exactly(ends[1], text, 8), 8);
    CHECK_TEXT(text, "one two ");
    listen_to(1, &ear);
    CHECK_INT(fm_write(ends[0], "three ", 6), 6);
    CHECK_INT(fm_event_wait(&ear.news), 0);
    CHECK_INT(ear.last, 6);
    CHECK_INT(fm_write(ends[0], "four", 4), 4);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(ear.times, 1); /* no more than that */
    CHECK_INT(fm_read_exactly(ends[1], text, 10), 10);
    CHECK_TEXT(text, "three four");
    /* And once nothing lies there any more the end is heard. */
    fm_event_clear(&ear.news);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_event_wait(&ear.news), 0);
    CHECK_INT(ear.last, 0);
    fm_close(ends[1]);
}

STORY(a_stream_that_is_watched_says_goodbye_too)
{
    struct ear ear;
    agree(false);
    listen_to(1, &ear);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK_INT(fm_read(ends[0], &(char){0}, 1), 0);
    CHECK_INT(ear.times, 0);
    fm_close(ends[0]);
}

struct exchange_end {
    fm_event entered;
    int cut;
};

static int hold(fm_exchange *exchange, void *arg)
{
    struct exchange_end *self = arg;
    (void)exchange;
    fm_event_set(&self->entered);
    self->cut = fm_sleep(INFINITY);
    return self->cut;
}

static int serve(void *arg)
{
    return fm_http_serve_stream(ends[1], hold, arg);
}

STORY(a_client_that_says_goodbye_cuts_its_handler)
{
    static const char words[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    struct exchange_end end = {.cut = 0};
    agree(false);
    fm_task *task = fm_start(serve, &end);
    CHECK_INT(fm_write(ends[0], words, sizeof words - 1), sizeof words - 1);
    CHECK_INT(fm_event_wait(&end.entered), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_await(task), -FM_EEOF);
    CHECK_INT(end.cut, -ECANCELED);
    fm_close(ends[1]);
}
