/*
 * check_calls.c - a promise: calls in any order read the same bytes
 *
 * The sender writes in chunks and the receiver reads by calls that chance
 * chooses; what each call must return is read off the text itself.
 */
#include "io/check_kit.h"

#include <stdio.h>
#include <stdlib.h>

#define CALLS_SIZE 60000

struct calls {
    fm_stream *stream;
    const char *text;
    size_t size;
    size_t at;
    uint64_t chance;
    char buf[20001]; /* is all that a call may write to */
};

static size_t calls_some(struct calls *calls)
{
    static const size_t most[] = {4, 40, 400, 4000, 20000};
    uint64_t random = test_random(&calls->chance);
    return (size_t)(random >> 8) % most[random % 5];
}

static void calls_took(struct calls *calls, const char *bytes, size_t count)
{
    CHECK(count <= calls->size - calls->at);
    CHECK(memcmp(bytes, calls->text + calls->at, count) == 0);
    calls->at += count;
}

static void calls_read(struct calls *calls)
{
    size_t size = calls_some(calls);
    ssize_t rc = fm_read(calls->stream, calls->buf, size);
    if (size > 0 && calls->at < calls->size)
        CHECK(rc > 0 && (size_t)rc <= size);
    else
        CHECK_INT(rc, 0);
    if (rc > 0)
        calls_took(calls, calls->buf, (size_t)rc);
}

static void calls_exactly(struct calls *calls)
{
    size_t size = calls_some(calls);
    bool there = size <= calls->size - calls->at;
    ssize_t rc = fm_read_exactly(calls->stream, calls->buf, size);
    CHECK_INT(rc, there ? (ssize_t)size : -FM_EEOF);
    if (rc > 0)
        calls_took(calls, calls->buf, (size_t)rc);
}

/* What fm_read_until says of a text that ends at `end`, NULL: nowhere. */
static ssize_t calls_verdict(const struct calls *calls, const char *end,
                             size_t limit)
{
    size_t left = calls->size - calls->at;
    const char *now = calls->text + calls->at;
    if (end != NULL && (size_t)(end - now) <= limit)
        return end - now;
    return left >= limit ? -EMSGSIZE : -FM_EEOF;
}

static void calls_until(struct calls *calls)
{
    static const char *const texts[] = {"\n", ".\n", "qu", "e.\n"};
    size_t limit = calls_some(calls);
    const char *text = texts[test_random(&calls->chance) % 4];
    const char *end = memmem(calls->text + calls->at, calls->size - calls->at,
                             text, strlen(text));
    if (end != NULL)
        end += strlen(text);
    ssize_t rc = fm_read_until(calls->stream, text, calls->buf, limit);
    CHECK_INT(rc, calls_verdict(calls, end, limit));
    if (rc > 0)
        calls_took(calls, calls->buf, (size_t)rc);
}

/* The first end of one of them, and of those that end there the longest. */
static const char *calls_first(const struct calls *calls, const fm_texts *texts,
                               size_t *found)
{
    const char *now = calls->text + calls->at, *best = NULL;
    size_t left = calls->size - calls->at, length = 0;
    for (size_t i = 0; i < texts->count; i++) {
        size_t size = strlen(texts->texts[i]);
        const char *end = memmem(now, left, texts->texts[i], size);
        if (end == NULL)
            continue;
        end += size;
        if (best != NULL && (end > best || (end == best && size <= length)))
            continue;
        best = end;
        length = size;
        *found = i;
    }
    return best;
}

static void calls_until_any(struct calls *calls)
{
    static const char *const list[] = {"\n\n", "the .\n", "e .", "qua"};
    size_t limit = calls_some(calls), found = 0;
    fm_texts texts = {.texts = list};
    texts.count = 1 + test_random(&calls->chance) % 4;
    const char *end = calls_first(calls, &texts, &found);
    ssize_t rc = fm_read_until_any(calls->stream, &texts, calls->buf, limit);
    CHECK_INT(rc, calls_verdict(calls, end, limit));
    if (rc <= 0)
        return;
    CHECK_INT(texts.found, found);
    calls_took(calls, calls->buf, (size_t)rc);
}

static void calls_vector(struct calls *calls)
{
    size_t size = calls_some(calls), first = size / 3;
    const struct iovec parts[] = {
        {calls->buf, first}, {NULL, 0}, {calls->buf + first, size - first}};
    ssize_t rc = fm_read_vector(calls->stream, parts, 3);
    if (size > 0 && calls->at < calls->size)
        CHECK(rc > 0 && (size_t)rc <= size);
    else
        CHECK_INT(rc, 0);
    if (rc > 0)
        calls_took(calls, calls->buf, (size_t)rc);
}

/* Some of what was read, or more than that would hold: then none. */
static void calls_unread(struct calls *calls)
{
    size_t size = calls_some(calls);
    size = size < calls->at ? size : calls->at;
    const char *back = calls->text + calls->at - size;
    int rc = fm_unread(calls->stream, back, size);
    CHECK(rc == 0 || (rc == -EMSGSIZE && size > 0));
    calls->at -= rc == 0 ? size : 0;
}

/* The next line: its length, and what it takes with its end. */
static size_t calls_next_line(const struct calls *calls, size_t *raw)
{
    const char *now = calls->text + calls->at;
    size_t left = calls->size - calls->at;
    const char *end = memchr(now, '\n', left);
    *raw = end != NULL ? (size_t)(end - now) + 1 : left;
    size_t length = end != NULL ? *raw - 1 : left;
    return end != NULL && length > 0 && now[length - 1] == '\r' ? length - 1
                                                                : length;
}

static void calls_line(struct calls *calls)
{
    size_t raw, limit = calls_some(calls);
    size_t length = calls_next_line(calls, &raw);
    ssize_t rc = fm_read_line(calls->stream, calls->buf, limit);
    if (raw == 0 && limit > 0) {
        CHECK_INT(rc, -FM_EEOF);
        return;
    }
    if (length >= limit || raw == 0) {
        CHECK(rc == -EMSGSIZE || (raw == 0 && rc == -FM_EEOF));
        return;
    }
    CHECK_INT(rc, length);
    CHECK_INT(strlen(calls->buf), length);
    CHECK(memcmp(calls->buf, calls->text + calls->at, length) == 0);
    calls->at += raw;
}

static void calls_peek(struct calls *calls)
{
    const void *bytes;
    size_t least = calls_some(calls), left = calls->size - calls->at;
    ssize_t rc = fm_peek(calls->stream, least, &bytes);
    CHECK(rc >= (ssize_t)(least < left ? least : left));
    CHECK(rc <= (ssize_t)left);
    if (rc <= 0)
        return;
    CHECK(memcmp(bytes, calls->text + calls->at, (size_t)rc) == 0);
    size_t taken = (size_t)test_random(&calls->chance) % ((size_t)rc + 1);
    fm_consume(calls->stream, taken);
    calls->at += taken;
}

static void (*const calls_kinds[])(struct calls *) = {
    calls_read, calls_exactly,   calls_until,  calls_line,
    calls_peek, calls_until_any, calls_vector, calls_unread};

#define CALLS_KINDS (sizeof calls_kinds / sizeof calls_kinds[0])

static char *calls_compose(uint64_t seed)
{
    static const char *const words[] = {"qu", "a", "the ", ".\n", "\r\n", "\n"};
    char *text = malloc(CALLS_SIZE + 4);
    for (size_t size = 0; size < CALLS_SIZE;) {
        const char *word = words[test_random(&seed) % 6];
        size_t times = test_random(&seed) % 20 == 0 ? 999 : 1;
        for (; times > 0 && size < CALLS_SIZE; times--) {
            memcpy(text + size, word, strlen(word));
            size += word[0] == '\n' && times > 1 ? 0 : strlen(word);
        }
    }
    return text;
}

struct calls_sender {
    fm_stream *stream;
    const char *text;
    uint64_t chance;
};

static int calls_sender(struct calls_sender *self)
{
    size_t at = 0;
    while (at < CALLS_SIZE) {
        uint64_t random = test_random(&self->chance);
        size_t left = CALLS_SIZE - at;
        size_t count =
            1 + (size_t)(random >> 8) % (random % 7 == 0 ? 30000 : 300);
        count = count < left ? count : left;
        CHECK_INT(fm_write(self->stream, self->text + at, count), count);
        at += count;
        if (random % 16 == 1)
            CHECK_INT(fm_sleep(check_span() / 100), 0);
    }
    return fm_write_eof(self->stream);
}

static uint64_t calls_seed;

static void calls_run(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    char *text = calls_compose(++calls_seed);
    struct calls *calls = malloc(sizeof *calls);
    *calls = (struct calls){.stream = ends[1],
                            .text = text,
                            .size = CALLS_SIZE,
                            .chance = calls_seed};
    fm_task *task = fm_go(calls_sender, ends[0], text, calls_seed);
    while (calls->at < calls->size)
        calls_kinds[test_random(&calls->chance) % CALLS_KINDS](calls);
    for (unsigned i = 0; i < CALLS_KINDS; i++)
        calls_kinds[i](calls);
    CHECK_INT(fm_await(task), 0);
    check_close_pair(ends);
    free(calls);
    free(text);
}

void check_calls_in_any_order_read_the_same_bytes(void)
{
    calls_seed = test_seed(1);
    unsigned rounds = (unsigned)test_many(test_simulated() ? 1 : 20);
    for (unsigned i = 0; i < rounds; i++)
        check_run(calls_run, 20);
}
