/*
 * sweep_streams.c - scenarios: streams, read and written in every way
 *
 * Whatever fails, what a reader gets is the beginning of what was written:
 * nothing is lost in the middle, changed, or there twice.
 */
#include "fault/sweep.h"

#include "base/memory.h"
#include "io/stream_ends.h"

#include <string.h>

#define TEXT "first line\r\nsecond line\nHead: 123\r\n\r\nthe body\n"
#define BULK 90000

/* The bytes from an offset on. */
static void compose(char *bytes, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)((offset + i) * 7 + (offset + i) / 251);
}

static void compare(const char *bytes, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++) {
        char byte = (char)((offset + i) * 7 + (offset + i) / 251);
        sweep_state.noted += bytes[i] != byte;
    }
}

static const char *what_was_read_was_written(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes were lost or changed" : NULL;
}

static void expect(const void *bytes, ssize_t size, const char *text)
{
    if (size < 0)
        return;
    sweep_state.noted +=
        (size_t)size != strlen(text) || memcmp(bytes, text, strlen(text)) != 0;
}

/* A call that takes nothing when it fails may be made again. */
#define AGAIN(rc, call)                                                        \
    do {                                                                       \
        rc = (call);                                                           \
        if (rc == -ENOMEM)                                                     \
            rc = (call);                                                       \
    } while (0)

/* ---- Every way to read --------------------------------------------------- */

struct speaks {
    fm_stream *stream;
};

static int speaks(struct speaks *self)
{
    ssize_t rc = fm_write(self->stream, TEXT, 20);
    if (rc >= 0)
        rc = sweep_sleep(1);
    if (rc >= 0)
        rc = fm_write(self->stream, &TEXT[20], sizeof TEXT - 21);
    return rc < 0 ? (int)rc : fm_write_eof(self->stream);
}

static ssize_t hears_lines(fm_stream *stream)
{
    char buf[40];
    ssize_t rc;
    AGAIN(rc, fm_read_line(stream, buf, sizeof buf));
    expect(buf, rc, "first line");
    if (rc >= 0)
        AGAIN(rc, fm_read_line(stream, buf, sizeof buf));
    if (rc >= 0)
        expect(buf, rc, "second line");
    return rc;
}

static ssize_t hears_body(fm_stream *stream)
{
    char buf[40];
    const void *there;
    ssize_t rc;
    AGAIN(rc, fm_peek(stream, 4, &there));
    if (rc < 4)
        return rc < 0 ? rc : -FM_EEOF;
    expect(there, 4, "the ");
    fm_consume(stream, 4);
    AGAIN(rc, fm_read_exactly(stream, buf, 5));
    expect(buf, rc, "body\n");
    return rc < 0 ? rc : fm_read(stream, buf, sizeof buf);
}

struct hears {
    fm_stream *stream;
};

static int hears(struct hears *self)
{
    char buf[40];
    ssize_t rc = hears_lines(self->stream);
    if (rc >= 0)
        AGAIN(rc, fm_read_until(self->stream, "\r\n\r\n", buf, sizeof buf));
    if (rc >= 0) {
        expect(buf, rc, "Head: 123\r\n\r\n");
        rc = hears_body(self->stream);
        sweep_state.noted += rc > 0;
    }
    return (int)rc;
}

static int close_both(fm_stream *ends[2], int rc)
{
    int one = fm_close(ends[0]), other = fm_close(ends[1]);
    if (rc == 0 && one < 0)
        rc = one;
    return rc < 0 ? rc : other;
}

static int converses(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = stream_ends_pair(ends, NULL);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(speaks, ends[0]), fm_go(hears, ends[1]));
    return close_both(ends, rc);
}

/* ---- Much, and several writers ------------------------------------------- */

struct pours {
    fm_stream *stream;
    size_t chunk;
};

static int pours(struct pours *self)
{
    char *bytes = fm__memory_new(self->chunk);
    ssize_t rc = bytes != NULL ? 0 : -ENOMEM;
    for (size_t sent = 0; rc >= 0 && sent < BULK; sent += (size_t)rc) {
        size_t size = BULK - sent < self->chunk ? BULK - sent : self->chunk;
        compose(bytes, size, sent);
        rc = fm_write(self->stream, bytes, size);
    }
    fm__memory_free(bytes);
    return rc < 0 ? (int)rc : fm_write_eof(self->stream);
}

struct drinks {
    fm_stream *stream;
    size_t chunk;
};

static int drinks(struct drinks *self)
{
    char *bytes = fm__memory_new(self->chunk);
    ssize_t rc = bytes != NULL ? 1 : -ENOMEM;
    size_t got = 0;
    while (rc > 0) {
        rc = fm_read(self->stream, bytes, self->chunk);
        if (rc > 0)
            compare(bytes, (size_t)rc, got);
        got += rc > 0 ? (size_t)rc : 0;
    }
    fm__memory_free(bytes);
    return rc < 0 ? (int)rc : got < BULK ? -FM_EEOF : 0;
}

static int moves_much(void *arg)
{
    const fm_stream_options options = {.high_water = 20000};
    fm_stream *ends[2];
    (void)arg;
    int rc = stream_ends_pair(ends, &options);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(pours, ends[0], 45000), fm_go(drinks, ends[1], 20000),
                   fm_go(pours, ends[1], 9000), fm_go(drinks, ends[0], 50000));
    return close_both(ends, rc);
}

struct signs {
    fm_stream *stream;
    char name;
};

/* A message of one letter, longer than what is queued at once. */
static int signs(struct signs *self)
{
    char bytes[3000];
    memset(bytes, self->name, sizeof bytes);
    ssize_t rc = fm_write(self->stream, bytes, sizeof bytes);
    if (rc == sizeof bytes)
        return fm_flush(self->stream);
    return rc < 0 ? (int)rc : -ECANCELED;
}

static int checks_signed(fm_stream *stream)
{
    char bytes[3000];
    ssize_t rc = 0;
    for (int i = 0; rc >= 0 && i < 3; i++) {
        AGAIN(rc, fm_read_exactly(stream, bytes, sizeof bytes));
        for (size_t j = 1; rc > 0 && j < sizeof bytes; j++)
            sweep_state.noted += bytes[j] != bytes[0];
    }
    return rc < 0 ? (int)rc : 0;
}

struct notary {
    fm_stream *stream;
};

static int notary(struct notary *self)
{
    return checks_signed(self->stream);
}

/* Their error reaches the reader as an end: nobody may wait for ever. */
struct signs_all {
    fm_stream *stream;
};

static int signs_all(struct signs_all *self)
{
    int rc = fm_gather(fm_go(signs, self->stream, 'a'),
                       fm_go(signs, self->stream, 'b'),
                       fm_go(signs, self->stream, 'c'));
    return rc < 0 ? rc : fm_write_eof(self->stream);
}

static int takes_turns(void *arg)
{
    const fm_stream_options options = {.high_water = 1000, .low_water = 100};
    fm_stream *ends[2];
    (void)arg;
    int rc = stream_ends_pair(ends, &options);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(signs_all, ends[0]), fm_go(notary, ends[1]));
    return close_both(ends, rc);
}

/* ---- Cuts ---------------------------------------------------------------- */

/* What had come when time was up is read by the next call. */
static int reads_in_time(void *arg)
{
    fm_stream *ends[2];
    char buf[8];
    int rc;
    (void)arg;
    int made = stream_ends_pair(ends, NULL);
    if (made < 0)
        return made;
    ssize_t n = fm_write(ends[0], "12345", 5);
    if (n >= 0)
        n = fm_flush(ends[0]);
    FM_TIMEOUT(sweep_ticks(3), rc) {
        if (n >= 0)
            n = fm_read_exactly(ends[1], buf, 8);
        rc = n < 0 ? (int)n : -EBADMSG;
    }
    if (rc == -ETIMEDOUT) {
        AGAIN(n, fm_read_exactly(ends[1], buf, 5));
        expect(buf, n, "12345");
        rc = n < 0 ? (int)n : rc;
    }
    int closed = close_both(ends, 0);
    return rc == -ETIMEDOUT && closed < 0 ? closed : rc;
}

struct slams {
    fm_stream *stream;
    bool reset;
};

static int slams(struct slams *self)
{
    char bytes[3000] = "";
    ssize_t rc = fm_write(self->stream, bytes, sizeof bytes);
    if (rc >= 0)
        rc = sweep_sleep(1);
    if (!self->reset)
        return rc < 0 ? (fm_abort(self->stream), (int)rc)
                      : fm_close(self->stream);
    fm_abort(self->stream);
    return rc < 0 ? (int)rc : 0;
}

/* One end goes away, in its own way, while the other reads. */
static int is_left(bool reset)
{
    fm_stream *ends[2];
    char buf[700];
    int rc = stream_ends_pair(ends, NULL);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(slams, ends[0], reset);
    if (task == NULL)
        fm_abort(ends[0]);
    ssize_t n;
    do
        n = fm_read(ends[1], buf, sizeof buf);
    while (n > 0);
    rc = fm_await(task);
    fm_abort(ends[1]);
    if (reset && n == -ECONNRESET)
        n = 0;
    return rc < 0 ? rc : (int)n;
}

static int is_closed_on(void *arg)
{
    (void)arg;
    return is_left(false);
}

static int is_reset(void *arg)
{
    (void)arg;
    return is_left(true);
}

const struct scenario sweep_streams[] = {
    {"stream-reads", converses, .also = {-FM_EEOF, -EPIPE, -ECONNRESET},
     .wrong = what_was_read_was_written},
    {"stream-bulk", moves_much, .also = {-FM_EEOF, -EPIPE, -ECONNRESET},
     .wrong = what_was_read_was_written},
    {"stream-writers", takes_turns, .also = {-FM_EEOF, -EPIPE, -ECONNRESET},
     .wrong = what_was_read_was_written},
    {"stream-timeout", reads_in_time, .result = -ETIMEDOUT,
     .also = {-EPIPE, -ECONNRESET}, .wrong = what_was_read_was_written},
    {"stream-closed", is_closed_on, .also = {-ECONNRESET}},
    {"stream-reset", is_reset, .also = {-ECONNRESET}},
    {.name = NULL},
};
