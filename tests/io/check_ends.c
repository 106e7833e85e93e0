/*
 * check_ends.c - promises: how a stream ends, for either side
 */
#include "io/check_kit.h"

#include <stdlib.h>

/* What is there, and then the end; or, where that may be, a reset. */
static void ends_after(fm_stream *stream, uint64_t least, bool reset)
{
    char byte;
    uint64_t got;
    int rc = fm_await(fm_go(check_receiver, stream, UINT64_MAX, 5000, &got));
    CHECK(rc == 0 || (reset && rc == -ECONNRESET));
    CHECK(got >= least);
    CHECK_INT(fm_read(stream, &byte, 1), rc);
}

/* ---- Half-close --------------------------------------------------------- */

static void ends_half_close(int closer)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    fm_stream *one = ends[closer], *other = ends[!closer];
    CHECK_INT(fm_write(one, check_pattern(0), 50000), 50000);
    fm_task *task = fm_go(check_receiver, other, UINT64_MAX, 700, NULL);
    CHECK_INT(fm_write_eof(one), 0);
    CHECK_INT(fm_write_eof(one), 0);
    CHECK_INT(fm_write(one, "more", 4), -EPIPE);
    CHECK_INT(fm_flush(one), 0);
    CHECK_INT(fm_await(task), 0);
    ends_after(other, 0, false);
    CHECK_INT(fm_await(fm_go(check_flow, ends, !closer, 200000, 3000, 5000)),
              0);
    CHECK_INT(fm_write_eof(other), 0);
    ends_after(one, 0, false);
    ends_after(other, 0, false);
    check_close_pair(ends);
}

static void ends_half_closes(void)
{
    ends_half_close(0);
    ends_half_close(1);
}

void check_half_closed_each_way_the_other_goes_on(void)
{
    check_run(ends_half_closes, 20);
}

/* ---- Abort -------------------------------------------------------------- */

/* Also while the peer waits for bytes. */
static void ends_abort(bool waiting)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    check_say(ends[0], check_pattern(0), 10);
    check_hear(ends[1], check_pattern(0), 10);
    fm_task *task = waiting ? fm_go(check_receiver, ends[1], 1, 1, NULL) : NULL;
    check_rest();
    fm_abort(ends[0]);
    int told = check_lost(-FM_EEOF);
    if (waiting)
        CHECK_INT(fm_await(task), told);
    char bytes[4];
    ssize_t rc = check_lost(0);
    CHECK_INT(fm_read(ends[1], bytes, 1), rc);
    CHECK_INT(fm_read(ends[1], bytes, 1), rc);
    CHECK_INT(fm_read_exactly(ends[1], bytes, 4), told);
    CHECK_INT(fm_read_until(ends[1], "x", bytes, 4), told);
    CHECK_INT(fm_read_line(ends[1], bytes, 4), told);
    CHECK_INT(fm_close(ends[1]), 0);
}

/* What was looked at before is there, and behind it the reset, each time. */
static void ends_abort_behind(void)
{
    fm_stream *ends[2];
    const void *there;
    char bytes[11];
    check_pair(ends, NULL);
    check_say(ends[0], check_pattern(0), 10);
    CHECK_INT(fm_peek(ends[1], 10, &there), 10);
    fm_abort(ends[0]);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_peek(ends[1], 11, &there), check_lost(10));
        CHECK_INT(fm_read_exactly(ends[1], bytes, 11), check_lost(-FM_EEOF));
    }
    check_hear(ends[1], check_pattern(0), 10);
    CHECK_INT(fm_read(ends[1], bytes, 1), check_lost(0));
    CHECK_INT(fm_close(ends[1]), 0);
}

static void ends_aborts(void)
{
    ends_abort(false);
    ends_abort(true);
    ends_abort_behind();
    fm_abort(NULL);
    CHECK_INT(fm_close(NULL), 0);
}

void check_an_abort_is_a_reset(void)
{
    check_run(ends_aborts, 20);
}

/* ---- Close -------------------------------------------------------------- */

static void ends_close(size_t size)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    fm_task *task = fm_go(check_receiver, ends[1], UINT64_MAX, 999, NULL);
    fm_task *sender = fm_go(check_sender, ends[0], size, 10000);
    CHECK_INT(fm_await(sender), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

static void ends_closes(void)
{
    ends_close(0);
    ends_close(1);
    ends_close(100);
    ends_close(300000);
}

void check_a_close_sends_what_was_written(void)
{
    check_run(ends_closes, 20);
}

static void ends_cut_close(void)
{
    fm_stream *ends[2];
    uint64_t got;
    int rc;
    check_pair(ends, &check_flooded);
    check_flood(ends[0]);
    FM_TIMEOUT(0, rc) {
        rc = fm_close(ends[0]);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    check_rest();
    rc = fm_await(fm_go(check_receiver, ends[1], UINT64_MAX, 1000, &got));
    CHECK_INT(rc, check_lost(0));
    CHECK(got < CHECK_FLOOD);
    CHECK_INT(fm_close(ends[1]), 0);
}

void check_a_close_that_is_cut_skips_the_rest(void)
{
    check_run(ends_cut_close, 20);
}

/* The system resets a connection whose bytes nobody will read: what is on its
 * way to the peer may be lost then, in part. */
static void ends_unread(bool looked)
{
    fm_stream *ends[2];
    char byte;
    check_pair(ends, NULL);
    check_say(ends[0], check_pattern(0), 5000);
    if (looked)
        CHECK_INT(fm_read(ends[1], &byte, 1), 1);
    CHECK_INT(fm_write(ends[1], check_pattern(0), 100), 100);
    CHECK_INT(fm_close(ends[1]), 0);
    ends_after(ends[0], 0, true);
    CHECK_INT(fm_close(ends[0]), 0);
}

static void ends_unread_both(void)
{
    ends_unread(false);
    ends_unread(true);
}

void check_a_close_with_unread_bytes_leaves_nobody_waiting(void)
{
    check_run(ends_unread_both, 20);
}

static void ends_write_to_nobody(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    CHECK_INT(fm_close(ends[1]), 0);
    int rc = 0;
    while (rc == 0) {
        ssize_t n = fm_write(ends[0], check_pattern(0), 1000);
        rc = n < 0 ? (int)n : fm_flush(ends[0]);
        check_rest();
    }
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK_INT(fm_write(ends[0], "x", 1), rc);
    CHECK_INT(fm_write(ends[0], check_pattern(0), 40000), rc);
    CHECK_INT(fm_flush(ends[0]), rc);
    CHECK_INT(fm_write_eof(ends[0]), rc);
    CHECK_INT(fm_close(ends[0]), 0);
}

void check_who_writes_to_a_closed_end_is_told(void)
{
    check_run(ends_write_to_nobody, 20);
}
