/*
 * fuzz_stream.c - any bytes, in any chunks, by any calls: what was sent
 *
 * The first byte is the world's seed, the second how many bytes after it are
 * calls, one each; what follows are the bytes that are sent. What a call has
 * to return is read off those.
 */
#include "fuzz.h"

#include "io/stream_ends.h"

#include <errno.h>
#include <string.h>

#define STREAM_BUF 300

struct stream_case {
    const uint8_t *calls;
    size_t calls_count;
    const char *text; /* what is sent */
    size_t size;
    size_t at; /* so much was read */
    uint64_t chance;
    fm_stream *stream;
};

/* Exactly as large as a call may fill it, so that ASan sees its end. */
static char *stream_buffer(size_t size)
{
    char *buf = malloc(size + (size == 0));
    if (buf == NULL)
        abort();
    return buf;
}

static size_t stream_left(const struct stream_case *self)
{
    return self->size - self->at;
}

static void stream_took(struct stream_case *self, const void *bytes,
                        size_t count)
{
    if (count > stream_left(self))
        fuzz_fail("more was read than was sent");
    if (memcmp(bytes, self->text + self->at, count) != 0)
        fuzz_fail("what was read is not what was sent");
    self->at += count;
}

static void stream_read(struct stream_case *self, size_t limit)
{
    char *buf = stream_buffer(limit);
    ssize_t rc = fm_read(self->stream, buf, limit);
    bool none = limit == 0 || stream_left(self) == 0;
    if (rc < 0 || (rc == 0) != none || (size_t)rc > limit)
        fuzz_fail("fm_read: a wrong count");
    stream_took(self, buf, (size_t)rc);
    free(buf);
}

static void stream_exactly(struct stream_case *self, size_t limit)
{
    char *buf = stream_buffer(limit);
    bool enough = limit <= stream_left(self);
    ssize_t rc = fm_read_exactly(self->stream, buf, limit);
    if (rc != (enough ? (ssize_t)limit : -FM_EEOF))
        fuzz_fail("fm_read_exactly: neither all nor nothing");
    if (rc > 0)
        stream_took(self, buf, (size_t)rc);
    free(buf);
}

/* The text that is sought is the beginning of what was sent. */
static void stream_until(struct stream_case *self, size_t limit)
{
    char text[4] = "\n", *buf = stream_buffer(limit);
    if (self->size >= 3)
        memcpy(text, self->text, 1 + limit % 3);
    if (text[0] == '\0')
        text[0] = 'x';
    const char *now = self->text + self->at;
    const char *found = memmem(now, stream_left(self), text, strlen(text));
    size_t end = found != NULL ? (size_t)(found - now) + strlen(text) : 0;
    ssize_t expected = stream_left(self) >= limit ? -EMSGSIZE : -FM_EEOF;
    if (end > 0 && end <= limit)
        expected = (ssize_t)end;
    ssize_t rc = fm_read_until(self->stream, text, buf, limit);
    if (rc != expected)
        fuzz_fail("fm_read_until: a wrong place");
    if (rc > 0)
        stream_took(self, buf, (size_t)rc);
    free(buf);
}

/* The length of the next line; *raw is that with its end. */
static size_t stream_next_line(const struct stream_case *self, size_t *raw)
{
    const char *now = self->text + self->at;
    const char *end = memchr(now, '\n', stream_left(self));
    *raw = stream_left(self);
    if (end == NULL)
        return *raw;
    *raw = (size_t)(end - now) + 1;
    size_t length = *raw - 1;
    return length > 0 && now[length - 1] == '\r' ? length - 1 : length;
}

static void stream_line(struct stream_case *self, size_t limit)
{
    size_t raw, length = stream_next_line(self, &raw);
    ssize_t expected = length < limit ? (ssize_t)length : -EMSGSIZE;
    if (raw == 0)
        expected = -FM_EEOF;
    char *buf = stream_buffer(limit);
    ssize_t rc = fm_read_line(self->stream, buf, limit);
    if (rc != expected)
        fuzz_fail("fm_read_line: a wrong length");
    if (rc >= 0 && buf[rc] != '\0')
        fuzz_fail("fm_read_line: no end");
    if (rc >= 0) {
        stream_took(self, buf, length);
        self->at += raw - length;
    }
    free(buf);
}

static void stream_peek(struct stream_case *self, size_t limit)
{
    const void *there;
    ssize_t rc = fm_peek(self->stream, limit, &there);
    size_t least = limit < stream_left(self) ? limit : stream_left(self);
    if (rc < (ssize_t)least)
        fuzz_fail("fm_peek: too few");
    if (rc == 0)
        return;
    size_t at = self->at;
    stream_took(self, there, (size_t)rc);
    self->at = at + (size_t)rc / 2;
    fm_consume(self->stream, (size_t)rc / 2);
}

/* Texts of the beginning of what was sent, of which each begins one further. */
static size_t stream_texts(const struct stream_case *self, size_t limit,
                           char texts[3][4])
{
    size_t count = 1 + limit % 3;
    memset(texts, 0, 3 * sizeof texts[0]);
    for (size_t i = 0; i < count; i++) {
        size_t size = 1 + (limit / 3 + i) % 3;
        if (self->size >= i + size)
            memcpy(texts[i], self->text + i, size);
        if (texts[i][0] == '\0')
            texts[i][0] = 'x';
    }
    return count;
}

/* Where the first of them ends, tried at each place; 0: nowhere. */
static size_t stream_first(const struct stream_case *self,
                           const fm_texts *texts, size_t *found)
{
    const char *now = self->text + self->at;
    for (size_t end = 1; end <= stream_left(self); end++) {
        size_t best = 0;
        for (size_t i = 0; i < texts->count; i++) {
            size_t size = strlen(texts->texts[i]);
            if (size > end || size <= best ||
                memcmp(now + end - size, texts->texts[i], size) != 0)
                continue;
            best = size;
            *found = i;
        }
        if (best > 0)
            return end;
    }
    return 0;
}

static void stream_until_any(struct stream_case *self, size_t limit)
{
    char made[3][4], *buf = stream_buffer(limit);
    const char *const list[] = {made[0], made[1], made[2]};
    fm_texts texts = {.texts = list};
    size_t found = 0;
    texts.count = stream_texts(self, limit, made);
    size_t end = stream_first(self, &texts, &found);
    ssize_t expected = stream_left(self) >= limit ? -EMSGSIZE : -FM_EEOF;
    if (end > 0 && end <= limit)
        expected = (ssize_t)end;
    ssize_t rc = fm_read_until_any(self->stream, &texts, buf, limit);
    if (rc != expected)
        fuzz_fail("fm_read_until_any: a wrong place");
    if (rc > 0 && texts.found != found)
        fuzz_fail("fm_read_until_any: a wrong text");
    if (rc > 0)
        stream_took(self, buf, (size_t)rc);
    free(buf);
}

static void stream_vector(struct stream_case *self, size_t limit)
{
    size_t first = limit / 4, second = limit - first;
    char *one = stream_buffer(first), *two = stream_buffer(second);
    const struct iovec parts[] = {{one, first}, {two, second}};
    ssize_t rc = fm_read_vector(self->stream, parts, 2);
    bool none = limit == 0 || stream_left(self) == 0;
    if (rc < 0 || (rc == 0) != none || (size_t)rc > limit)
        fuzz_fail("fm_read_vector: a wrong count");
    size_t count = (size_t)rc;
    stream_took(self, one, count < first ? count : first);
    if (count > first)
        stream_took(self, two, count - first);
    free(one);
    free(two);
}

/* Some of what was read: there is always room for so few. */
static void stream_unread(struct stream_case *self, size_t limit)
{
    size_t size = limit < self->at ? limit : self->at;
    self->at -= size;
    if (fm_unread(self->stream, self->text + self->at, size) < 0)
        fuzz_fail("fm_unread: no room");
}

struct stream_sender {
    struct stream_case *self;
    fm_stream *stream;
};

static int stream_sender(struct stream_sender *sender)
{
    struct stream_case *self = sender->self;
    ssize_t rc = 0;
    for (size_t sent = 0; rc >= 0 && sent < self->size; sent += (size_t)rc) {
        self->chance = self->chance * UINT64_C(6364136223846793005) + 1;
        size_t count = 1 + (size_t)(self->chance >> 33) % 40;
        size_t left = self->size - sent;
        rc = fm_write(sender->stream, self->text + sent,
                      count < left ? count : left);
        if (rc >= 0 && (self->chance >> 40) % 2 == 0)
            rc = fm_flush(sender->stream) < 0 ? -EIO : rc;
    }
    return rc < 0 ? (int)rc : fm_write_eof(sender->stream);
}

static int stream_run(void *arg)
{
    static void (*const kinds[])(struct stream_case *, size_t) = {
        stream_read, stream_exactly,   stream_until,  stream_line,
        stream_peek, stream_until_any, stream_vector, stream_unread};
    struct stream_case *self = arg;
    fm_stream *ends[2];
    if (stream_ends_pair(ends, NULL) < 0)
        return 0;
    self->stream = ends[1];
    fm_task *task = fm_go(stream_sender, self, ends[0]);
    for (size_t i = 0; i < self->calls_count; i++)
        kinds[self->calls[i] % 8](self, self->calls[i]);
    while (stream_left(self) > 0)
        stream_read(self, STREAM_BUF);
    stream_read(self, 1);
    if (fm_await(task) < 0)
        fuzz_fail("what was sent was not taken");
    if (fm_close(ends[0]) < 0 || fm_close(ends[1]) < 0)
        fuzz_fail("a stream that was read to its end ends badly");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    size_t calls = bytes[1] < size - 2 ? bytes[1] : size - 2;
    struct stream_case self = {
        .calls = bytes + 2,
        .calls_count = calls,
        .text = (const char *)bytes + 2 + calls,
        .size = size - 2 - calls,
        .chance = bytes[0],
    };
    const fm_run_options options = {.backend = "sim", .seed = bytes[0] + 1U};
    return fm_run(stream_run, &self, &options);
}
