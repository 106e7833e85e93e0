/*
 * check_cuts.c - promises: a cut takes nothing away and does nothing twice
 *
 * A task does the same call again and again and is cancelled once, at each
 * point that any task passes, before, during and right after its wait. A
 * second one goes on where the first says it was, and nothing may be missing
 * or come twice.
 */
#include "io/check_kit.h"

#include "task/record.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CUTS_SIZE 1500

static const char *cuts_text; /* what is sent */
static size_t cuts_size;
static size_t cuts_chunk;
static fm_task *cuts_victim;

struct cuts_verb {
    const char *name;
    /* Once, at that place of the text: how far it has come, or -errno. */
    ssize_t (*call)(fm_stream *stream, size_t at);
};

static const struct cuts_verb *cuts_verb;

/* ---- Calls that read ---------------------------------------------------- */

static ssize_t cuts_compare(const void *bytes, ssize_t count, size_t at)
{
    if (count > 0 && memcmp(bytes, cuts_text + at, (size_t)count) != 0)
        test_fail(__FILE__, __LINE__, "%s: wrong bytes at %zu", cuts_verb->name,
                  at);
    return count;
}

static ssize_t cuts_read(fm_stream *stream, size_t at)
{
    char bytes[7];
    return cuts_compare(bytes, fm_read(stream, bytes, sizeof bytes), at);
}

static size_t cuts_left(size_t at, size_t most)
{
    size_t left = cuts_size - at;
    return left < most ? left : most;
}

static ssize_t cuts_exactly(fm_stream *stream, size_t at)
{
    char bytes[301];
    size_t size = cuts_left(at, sizeof bytes);
    return cuts_compare(bytes, fm_read_exactly(stream, bytes, size), at);
}

static ssize_t cuts_until(fm_stream *stream, size_t at)
{
    char bytes[400];
    ssize_t rc = fm_read_until(stream, ".\n", bytes, sizeof bytes);
    return cuts_compare(bytes, rc, at);
}

static ssize_t cuts_line(fm_stream *stream, size_t at)
{
    char bytes[400];
    ssize_t rc = fm_read_line(stream, bytes, sizeof bytes);
    return rc < 0 ? rc : cuts_compare(bytes, rc, at) + 1;
}

static ssize_t cuts_peek(fm_stream *stream, size_t at)
{
    const void *bytes;
    ssize_t rc = fm_peek(stream, cuts_left(at, 333), &bytes);
    if (rc <= 0)
        return rc;
    cuts_compare(bytes, rc, at);
    size_t size = (size_t)rc < 50 ? (size_t)rc : 50;
    fm_consume(stream, size);
    return (ssize_t)size;
}

static ssize_t cuts_until_any(fm_stream *stream, size_t at)
{
    static const char *const list[] = {"never there", ".\n"};
    fm_texts texts = {.texts = list, .count = 2};
    char bytes[400];
    ssize_t rc = fm_read_until_any(stream, &texts, bytes, sizeof bytes);
    return cuts_compare(bytes, rc, at);
}

static ssize_t cuts_read_vector(fm_stream *stream, size_t at)
{
    char bytes[70];
    const struct iovec parts[] = {{bytes, 7}, {bytes + 7, 63}};
    return cuts_compare(bytes, fm_read_vector(stream, parts, 2), at);
}

/* A part of what was read goes back, with nothing before the next call. */
static ssize_t cuts_unread(fm_stream *stream, size_t at)
{
    char bytes[50];
    ssize_t rc = cuts_compare(bytes, fm_read(stream, bytes, sizeof bytes), at);
    if (rc < 2)
        return rc;
    size_t back = (size_t)rc / 2;
    if (fm_unread(stream, bytes + (size_t)rc - back, back) < 0)
        return rc;
    return rc - (ssize_t)back;
}

static const struct cuts_verb cuts_reads[] = {
    {"fm_read", cuts_read},
    {"fm_read_exactly", cuts_exactly},
    {"fm_read_until", cuts_until},
    {"fm_read_line", cuts_line},
    {"fm_peek", cuts_peek},
    {"fm_read_until_any", cuts_until_any},
    {"fm_read_vector", cuts_read_vector},
    {"fm_unread", cuts_unread},
};

/* ---- Calls that write --------------------------------------------------- */

static ssize_t cuts_write(fm_stream *stream, size_t at)
{
    return fm_write(stream, cuts_text + at, cuts_left(at, cuts_chunk));
}

static ssize_t cuts_write_all(fm_stream *stream, size_t at)
{
    return fm_write(stream, cuts_text + at, cuts_left(at, 100000));
}

/* What was accepted stays so, whatever becomes of the flush. */
static ssize_t cuts_write_flush(fm_stream *stream, size_t at)
{
    static size_t flushed;
    if (at > flushed) {
        int rc = fm_flush(stream);
        if (rc < 0)
            return rc;
    }
    flushed = at;
    return cuts_write(stream, at);
}

/* Small parts and a large one, as one write. */
static ssize_t cuts_write_vector(fm_stream *stream, size_t at)
{
    size_t size = cuts_left(at, 30000), third = size / 3;
    char *bytes = (char *)(uintptr_t)cuts_text + at;
    const struct iovec parts[] = {
        {bytes, third / 10},
        {bytes + third / 10, 2 * third},
        {bytes + third / 10 + 2 * third, size - third / 10 - 2 * third}};
    return fm_write_vector(stream, parts, 3);
}

static ssize_t cuts_printf(fm_stream *stream, size_t at)
{
    size_t size = cuts_left(at, at % 3 == 0 ? 20000 : 700);
    return fm_printf(stream, "%.*s", (int)size, cuts_text + at);
}

static int cuts_file; /* has the text */

static ssize_t cuts_sendfile(fm_stream *stream, size_t at)
{
    int64_t offset = (int64_t)at;
    ssize_t rc = fm_sendfile(stream, cuts_file, &offset, FM_TO_THE_END);
    if (rc >= 0)
        CHECK_INT(offset, at + (size_t)rc);
    else
        CHECK_INT(offset, at);
    return rc;
}

static const struct cuts_verb cuts_writes[] = {
    {"fm_write", cuts_write},       {"fm_write of all", cuts_write_all},
    {"fm_flush", cuts_write_flush}, {"fm_write_vector", cuts_write_vector},
    {"fm_printf", cuts_printf},     {"fm_sendfile", cuts_sendfile},
};

/* ---- Who is cancelled, and who goes on ---------------------------------- */

struct cuts_caller {
    fm_stream *stream;
    size_t *at;
};

static int cuts_caller(struct cuts_caller *self)
{
    while (*self->at < cuts_size) {
        ssize_t rc = cuts_verb->call(self->stream, *self->at);
        if (rc <= 0)
            return rc < 0 ? (int)rc : -FM_EEOF;
        *self->at += (size_t)rc;
    }
    return 0;
}

/* The other side of a reader. */
static int cuts_sender(struct cuts_caller *self)
{
    ssize_t rc = 0;
    while (rc >= 0 && *self->at < cuts_size) {
        size_t count = cuts_left(*self->at, cuts_chunk);
        rc = fm_write(self->stream, cuts_text + *self->at, count);
        *self->at += count;
        if (rc >= 0)
            rc = fm_sleep(check_span() / 50);
    }
    return rc < 0 ? (int)rc : fm_write_eof(self->stream);
}

/* The other side of a writer. */
static int cuts_receiver(struct cuts_caller *self)
{
    char bytes[5000];
    ssize_t rc;
    while ((rc = fm_read(self->stream, bytes, sizeof bytes)) > 0) {
        if ((size_t)rc > cuts_size - *self->at)
            return -EBADMSG;
        cuts_compare(bytes, rc, *self->at);
        *self->at += (size_t)rc;
    }
    return (int)rc;
}

struct cuts_sends {
    struct cuts_caller other;
};

static int cuts_sends(struct cuts_sends *self)
{
    return cuts_sender(&self->other);
}

struct cuts_receives {
    struct cuts_caller other;
};

static int cuts_receives(struct cuts_receives *self)
{
    return cuts_receiver(&self->other);
}

/* The first, who may be cancelled, and the second. */
static void cuts_both(fm_stream *stream)
{
    size_t at = 0;
    cuts_victim = fm_go(cuts_caller, stream, &at);
    int rc = fm_await(cuts_victim);
    cuts_victim = NULL;
    CHECK(rc == 0 || (rc == -ECANCELED && at <= cuts_size));
    CHECK_INT(fm_await(fm_go(cuts_caller, stream, &at)), 0);
    CHECK_INT(at, cuts_size);
}

static void cuts_of_reader(void)
{
    fm_stream *ends[2];
    size_t sent = 0;
    check_pair(ends, NULL);
    fm_task *task = fm_go(cuts_sends, {ends[0], &sent});
    cuts_both(ends[1]);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    check_close_pair(ends);
}

static void cuts_of_writer(void)
{
    const fm_stream_options options = {
        .high_water = 1000, .low_water = 10, .send_buffer = 16384};
    fm_stream *ends[2];
    size_t received = 0;
    check_pair(ends, &options);
    fm_task *task = fm_go(cuts_receives, {ends[1], &received});
    cuts_both(ends[0]);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(received, cuts_size);
    check_close_pair(ends);
}

static struct fm__task *cuts_choose(struct fm__task *passing)
{
    (void)passing;
    return cuts_victim != NULL ? fm__handle_find(cuts_victim) : NULL;
}

/* How many points were passed. */
static uint64_t cuts_once(void (*body)(void), enum fm__probe_phase phase,
                          uint64_t k)
{
    struct fm__probe probe = {
        .phase = phase, .cancel_at = k, .victim = cuts_choose};
    fm__probe = &probe;
    check_run(body, 1);
    fm__probe = NULL;
    return probe.passed[phase];
}

static void cuts_everywhere(void (*body)(void), const struct cuts_verb *verb)
{
    uint64_t stride = check_stride();
    cuts_verb = verb;
    for (int phase = 0; phase < FM__PROBE_PHASES; phase++) {
        uint64_t passed = 1;
        for (uint64_t k = 1; k <= passed; k += stride) {
            uint64_t now = cuts_once(body, (enum fm__probe_phase)phase, k);
            passed = k == 1 ? now : passed;
        }
    }
}

/* Sentences of lengths up to 300, each with its end. */
static char *cuts_compose(size_t size)
{
    uint64_t state = 5;
    char *text = malloc(size);
    memset(text, 'x', size);
    for (size_t i = 2; i <= size; i += 2 + test_random(&state) % 300)
        memcpy(text + i - 2, ".\n", 2);
    memcpy(text + size - 2, ".\n", 2);
    return text;
}

static void cuts_with(size_t size, size_t chunk)
{
    cuts_size = size;
    cuts_chunk = chunk;
    cuts_text = cuts_compose(size);
}

void check_a_reader_cancelled_anywhere_loses_nothing(void)
{
    cuts_with(CUTS_SIZE, 101);
    for (size_t i = 0; i < sizeof cuts_reads / sizeof cuts_reads[0]; i++)
        cuts_everywhere(cuts_of_reader, &cuts_reads[i]);
    free((char *)(uintptr_t)cuts_text);
}

void check_a_writer_cancelled_anywhere_repeats_nothing(void)
{
    cuts_with(140000, 9001);
    cuts_file = memfd_create("text", MFD_CLOEXEC);
    CHECK_INT(write(cuts_file, cuts_text, cuts_size), cuts_size);
    for (size_t i = 0; i < sizeof cuts_writes / sizeof cuts_writes[0]; i++)
        cuts_everywhere(cuts_of_writer, &cuts_writes[i]);
    close(cuts_file);
    free((char *)(uintptr_t)cuts_text);
}

/* ---- Timeouts ----------------------------------------------------------- */

/* Each call has next to no time; some have none. */
static int cuts_hurried(fm_stream *stream)
{
    size_t at = 0;
    unsigned tries = 0;
    while (at < cuts_size) {
        ssize_t rc = 0;
        int cut;
        FM_TIMEOUT(tries++ % 3 * check_span() / 200, cut) {
            rc = cuts_verb->call(stream, at);
        }
        if (rc <= 0 && rc != -ETIMEDOUT)
            return rc < 0 ? (int)rc : -FM_EEOF;
        at += rc > 0 ? (size_t)rc : 0;
    }
    return 0;
}

static void cuts_by_time(void)
{
    fm_stream *ends[2];
    size_t sent = 0;
    check_pair(ends, NULL);
    fm_task *task = fm_go(cuts_sends, {ends[0], &sent});
    CHECK_INT(cuts_hurried(ends[1]), 0);
    CHECK_INT(fm_await(task), 0);
    check_close_pair(ends);
}

void check_a_reader_that_times_out_loses_nothing(void)
{
    cuts_with(CUTS_SIZE, 101);
    for (size_t i = 0; i < sizeof cuts_reads / sizeof cuts_reads[0]; i++) {
        cuts_verb = &cuts_reads[i];
        check_run(cuts_by_time, 20);
    }
    free((char *)(uintptr_t)cuts_text);
}
