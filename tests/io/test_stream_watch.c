/*
 * test_stream_watch.c - who hears what comes while nobody reads
 */
#include "io/stream_ends.h"
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <string.h>

static int memory(fm_stream *ends[2], const fm_stream_options *options)
{
    return fm_stream_pair(ends, options);
}

typedef int (*carrier)(fm_stream *ends[2], const fm_stream_options *options);

static const carrier carriers[] = {memory, stream_ends_pair, stream_ends_tcp};

enum {
    CARRIERS = sizeof carriers / sizeof carriers[0]
};

struct ear {
    struct fm__watch watch;
    unsigned times;
    ssize_t bytes;
    ssize_t last; /* what was heard */
    fm_event end; /* or an error */
    fm_event news;
};

static void heard(struct fm__watch *watch, ssize_t rc)
{
    struct ear *ear = FM__CONTAINER(watch, struct ear, watch);
    ear->times++;
    ear->last = rc;
    ear->bytes += rc > 0 ? rc : 0;
    fm_event_set(&ear->news);
    if (rc <= 0)
        fm_event_set(&ear->end);
}

static void listen_to(fm_stream *stream, struct ear *ear)
{
    *ear = (struct ear){.watch = {heard}};
    fm__stream_watch(stream, &ear->watch);
}

static void open_ends(int i, fm_stream *ends[2])
{
    CHECK_INT(carriers[i](ends, NULL), 0);
}

static void check_reads(fm_stream *stream, const char *text)
{
    char buf[64];
    ssize_t size = (ssize_t)strlen(text);
    CHECK_INT(fm_read_exactly(stream, buf, (size_t)size), size);
    CHECK(memcmp(buf, text, (size_t)size) == 0);
}

STORY(the_end_is_heard_while_nobody_reads)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        CHECK_INT(fm_close(ends[1]), 0);
        CHECK_INT(fm_event_wait(&ear.end), 0);
        CHECK_INT(ear.last, 0);
        CHECK_INT(ear.times, 1);
        CHECK(ends[0]->watch == NULL);
        CHECK_INT(fm_read(ends[0], &(char){0}, 1), 0);
        fm_close(ends[0]);
    }
}

STORY(a_reset_is_heard_while_nobody_reads)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm_sleep(0); /* it waits already */
        CHECK_INT(fm_write(ends[0], "x", 1), 1);
        CHECK_INT(fm_flush(ends[0]), 0);
        fm_abort(ends[1]); /* with a byte unread: local sockets reset for it */
        CHECK_INT(fm_event_wait(&ear.end), 0);
        CHECK_INT(ear.last, -ECONNRESET);
        CHECK_INT(fm_read(ends[0], &(char){0}, 1), -ECONNRESET);
        fm_close(ends[0]);
    }
}

STORY(what_comes_meanwhile_is_read_in_order)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        CHECK_INT(fm_write(ends[1], "before ", 7), 7);
        check_reads(ends[0], "be");
        listen_to(ends[0], &ear);
        fm_sleep(0);
        CHECK_INT(fm_write(ends[1], "the ", 4), 4);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        fm_event_clear(&ear.news);
        CHECK_INT(fm_write(ends[1], "end", 3), 3);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        CHECK_INT(fm_close(ends[1]), 0);
        CHECK_INT(fm_event_wait(&ear.end), 0);
        CHECK_INT(ear.bytes, 7);
        check_reads(ends[0], "fore the end");
        CHECK_INT(fm_read(ends[0], &(char){0}, 1), 0);
        fm_close(ends[0]);
    }
}

/* The next read takes over what was asked for. */
STORY(who_reads_takes_over)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        const void *bytes;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm_sleep(0);
        fm__stream_unwatch(ends[0]);
        for (int turn = 0; turn < 3; turn++) {
            CHECK_INT(fm_write(ends[1], "ab", 2), 2);
            check_reads(ends[0], "a");
            listen_to(ends[0], &ear);
            fm_sleep(0);
            CHECK_INT(fm_write(ends[1], "cd", 2), 2);
            CHECK_INT(fm_peek(ends[0], 3, &bytes), 3);
            CHECK(memcmp(bytes, "bcd", 3) == 0);
            fm_consume(ends[0], 3);
        }
        fm__stream_unwatch(ends[0]);
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

/* It goes on when the reader has what it wanted. */
STORY(a_watch_rests_while_a_task_reads)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm_sleep(0);
        CHECK_INT(fm_write(ends[1], "abc", 3), 3);
        check_reads(ends[0], "abc");
        CHECK_INT(ear.times, 0);
        CHECK_INT(fm_close(ends[1]), 0);
        CHECK_INT(fm_event_wait(&ear.end), 0);
        CHECK_INT(ear.last, 0);
        fm_close(ends[0]);
    }
}

STORY(a_read_that_is_cut_leaves_what_was_asked_for)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        int rc;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm_sleep(0);
        FM_TIMEOUT(0.001, rc) {
            rc = (int)fm_read(ends[0], &(char){0}, 1);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(fm_write(ends[1], "ab", 2), 2);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        CHECK_INT(ear.bytes, 2);
        check_reads(ends[0], "ab");
        fm__stream_unwatch(ends[0]);
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

STORY(whoever_has_stopped_watching_hears_nothing)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm__stream_unwatch(ends[0]); /* within the turn */
        listen_to(ends[0], &ear);
        fm_sleep(0);
        fm__stream_unwatch(ends[0]);
        CHECK_INT(fm_write(ends[1], "ab", 2), 2);
        CHECK_INT(fm_close(ends[1]), 0);
        check_reads(ends[0], "ab");
        CHECK_INT(fm_read(ends[0], &(char){0}, 1), 0);
        CHECK_INT(ear.times, 0);
        /* Who comes too late hears of it all the same. */
        listen_to(ends[0], &ear);
        CHECK_INT(fm_event_wait(&ear.end), 0);
        CHECK_INT(ear.last, 0);
        fm_close(ends[0]);
    }
}

static int flood(fm_stream **stream)
{
    static const char bytes[65536];
    size_t size = 0;
    for (ssize_t rc = 1; rc > 0; size += rc > 0 ? (size_t)rc : 0)
        rc = fm_write(*stream, bytes, sizeof bytes);
    return (int)(size / sizeof bytes);
}

/* At most one buffer above the limit: what carries the stream holds the rest
 * back. */
STORY(what_is_heard_has_the_limit_of_the_stream)
{
    const fm_stream_options options = {.read_limit = 10000};
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        CHECK_INT(carriers[i](ends, &options), 0);
        listen_to(ends[0], &ear);
        fm_task *task = fm_start((int (*)(void *))flood, &ends[1]);
        while (ear.bytes < 10000) {
            fm_event_clear(&ear.news);
            CHECK_INT(fm_event_wait(&ear.news), 0);
        }
        for (int turn = 0; turn < 20; turn++)
            fm_sleep(0);
        CHECK(fm__stream_held(ends[0]) < 10000 + FM__BUFFER_SIZE);
        CHECK_INT(ear.bytes, fm__stream_held(ends[0]));
        fm_stop(task);
        fm_abort(ends[0]);
        fm_abort(ends[1]);
    }
}

/* The descriptor is closed when what was asked for has ended. */
STORY(a_stream_that_is_watched_may_be_closed)
{
    for (int i = 0; i < CARRIERS; i++) {
        for (int how = 0; how < 4; how++) {
            fm_stream *ends[2];
            struct ear ear;
            open_ends(i, ends);
            listen_to(ends[0], &ear);
            if (how & 1)
                fm_sleep(0);
            if (how & 2)
                fm_abort(ends[0]);
            else
                fm_close(ends[0]);
            CHECK(fm_read(ends[1], &(char){0}, 1) <= 0);
            CHECK_INT(ear.times, 0);
            fm_close(ends[1]);
        }
    }
}

/* Both operations in flight when it ends. */
STORY(a_stream_that_is_watched_and_sends_may_be_aborted)
{
    static const char bytes[16384];
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        const fm_stream_options options = {.high_water = 16 << 20};
        CHECK_INT(carriers[i](ends, &options), 0);
        listen_to(ends[0], &ear);
        for (int turn = 0; turn < 600; turn++)
            CHECK_INT(fm_write(ends[0], bytes, sizeof bytes), sizeof bytes);
        fm_sleep(0);
        fm_abort(ends[0]);
        fm_abort(ends[1]);
    }
}

STORY(bytes_may_be_put_back_meanwhile)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        fm_sleep(0);
        CHECK_INT(fm_unread(ends[0], "first ", 6), 0);
        CHECK_INT(fm_write(ends[1], "then", 4), 4);
        CHECK_INT(fm_event_wait(&ear.news), 0);
        check_reads(ends[0], "first then");
        fm__stream_unwatch(ends[0]);
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

/* A large read, straight into its buffer, does not overtake. */
STORY(a_large_read_is_in_order_too)
{
    enum {
        SIZE = 200000
    };
    static char sent[SIZE], got[SIZE];
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char)(i * 7 + i / 1000);
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        open_ends(i, ends);
        fm_task *task = fm_start((int (*)(void *))flood, &ends[1]);
        fm_stop(task);
        fm_close(ends[0]);
        fm_close(ends[1]);
        open_ends(i, ends);
        listen_to(ends[0], &ear);
        size_t put = 0, had = 0;
        while (had < SIZE) {
            size_t piece = SIZE - put < 30000 ? SIZE - put : 30000;
            if (piece > 0)
                CHECK_INT(fm_write(ends[1], sent + put, piece), piece);
            put += piece;
            size_t want = (put - had) / 2 + 1;
            want = want < put - had ? want : put - had;
            CHECK_INT(fm_read_exactly(ends[0], got + had, want), want);
            had += want;
            fm_sleep(0);
        }
        CHECK(memcmp(sent, got, SIZE) == 0);
        fm__stream_unwatch(ends[0]);
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

/* Nothing is heard where nothing can be, and nothing is lost for it. */
STORY(where_buffers_are_wanting_bytes_stay)
{
    for (int i = 0; i < CARRIERS; i++) {
        fm_stream *ends[2];
        struct ear ear;
        struct fm__buffers *buffers = &fm__current->home->loop.buffers;
        open_ends(i, ends);
        size_t most = buffers->most;
        buffers->most = 1;
        listen_to(ends[0], &ear);
        fm_sleep(0);
        CHECK_INT(fm_write(ends[1], "abc", 3), 3);
        CHECK_INT(fm_flush(ends[1]), 0);
        fm_sleep(0);
        check_reads(ends[0], "abc");
        fm__stream_unwatch(ends[0]);
        buffers->most = most;
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

/* What came for somebody who watches no more waits elsewhere. */
STORY(where_buffers_are_wanting_none_is_kept)
{
    for (int i = 1; i < CARRIERS; i++) { /* memory has to be asked again */
        fm_stream *ends[2];
        struct ear ear;
        struct fm__buffers *buffers = &fm__current->home->loop.buffers;
        open_ends(i, ends);
        CHECK_INT(fm_write(ends[1], "x", 1), 1);
        check_reads(ends[0], "x"); /* from here on there are some */
        size_t most = buffers->most;
        listen_to(ends[0], &ear);
        while (!ends[0]->hears)
            fm_sleep(0.001);
        fm__stream_unwatch(ends[0]);
        buffers->most = buffers->lent > 0 ? 2 * buffers->lent : 2;
        CHECK_INT(fm_write(ends[1], "abc", 3), 3);
        CHECK_INT(fm_flush(ends[1]), 0);
        while (fm__stream_held(ends[0]) == 0)
            fm_sleep(0.001);
        CHECK(ends[0]->in == NULL);
        check_reads(ends[0], "abc");
        buffers->most = most;
        fm_close(ends[0]);
        fm_close(ends[1]);
    }
}

static struct ear left_ear;
static carrier left_carrier;

static void leave_it_open(void)
{
    fm_stream *ends[2];
    CHECK_INT(left_carrier(ends, NULL), 0);
    listen_to(ends[0], &left_ear);
    fm_sleep(0.001); /* it is in flight */
    CHECK(ends[0]->hears);
}

TEST(a_stream_that_is_watched_may_outlive_its_loop)
{
    for (int i = 0; i < CARRIERS; i++) {
        left_carrier = carriers[i];
        CHECK_INT(story_run(leave_it_open, (fm_run_options){0}), 0);
        CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
        CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
        story_silent(__FILE__, __LINE__);
        CHECK_INT(left_ear.times, 0);
    }
}
