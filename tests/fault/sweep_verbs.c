/*
 * sweep_verbs.c - scenarios: formats, vectors, several texts, files
 *
 * Whatever fails, what a reader gets is the beginning of what was written.
 */
#include "fault/sweep.h"

#include "base/memory.h"
#include "io/stream_ends.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WIDE 20000       /* is longer than a buffer */
#define FILE_SIZE 140000 /* of which not all is copied where that is needless */

static const char *what_was_read_was_written(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes were lost or changed" : NULL;
}

/* After a failure nobody may be left to read what a close would wait for. */
static int close_both(fm_stream *ends[2], int rc)
{
    if (rc < 0) {
        fm_abort(ends[0]);
        fm_abort(ends[1]);
        return rc;
    }
    int one = fm_close(ends[0]), other = fm_close(ends[1]);
    return one < 0 ? one : other;
}

/* ---- Formats, vectors, texts --------------------------------------------- */

struct tells {
    fm_stream *stream;
};

static int tells(struct tells *self)
{
    struct iovec parts[] = {{(char[]){"three,"}, 6}, {(char[]){"four;"}, 5}};
    ssize_t rc = fm_printf(self->stream, "%s,%s;", "one", "two");
    if (rc == 8)
        rc = sweep_sleep(1);
    if (rc >= 0)
        rc = fm_write_vector(self->stream, parts, 2);
    if (rc == 11)
        rc = fm_printf(self->stream, "%*d.", WIDE - 1, 7);
    if (rc >= 0 && rc < WIDE)
        return -ECANCELED;
    return rc < 0 ? (int)rc : fm_write_eof(self->stream);
}

/* A call that takes nothing when it fails may be made again. */
static ssize_t asks_word(fm_stream *stream, char *word, size_t size)
{
    static const char *const list[] = {";", ",", "."};
    fm_texts texts = {.texts = list, .count = 3};
    ssize_t rc = fm_read_until_any(stream, &texts, word, size);
    return rc != -ENOMEM ? rc : fm_read_until_any(stream, &texts, word, size);
}

static ssize_t asks_back(fm_stream *stream)
{
    char word[8];
    struct iovec parts[] = {{word, 2}, {word + 2, 3}};
    ssize_t rc = fm_read_vector(stream, parts, 2);
    if (rc > 0 && fm_unread(stream, word, (size_t)rc) == 0)
        return 0;
    sweep_state.noted += rc > 0 && memcmp(word, "one,t", (size_t)rc) != 0;
    return rc < 0 ? rc : rc > 0 ? -ENOMEM : -FM_EEOF;
}

struct asks {
    fm_stream *stream;
};

static int asks(struct asks *self)
{
    static const char *const words[] = {"one,", "two;", "three,", "four;"};
    static char wide[WIDE + 1];
    ssize_t rc = asks_back(self->stream);
    for (int i = 0; rc >= 0 && i < 4; i++) {
        rc = asks_word(self->stream, wide, 10);
        sweep_state.noted +=
            rc >= 0 && ((size_t)rc != strlen(words[i]) ||
                        memcmp(wide, words[i], strlen(words[i])) != 0);
    }
    if (rc >= 0)
        rc = asks_word(self->stream, wide, WIDE);
    sweep_state.noted += rc >= 0 && (rc != WIDE || wide[WIDE - 2] != '7');
    return rc < 0 ? (int)rc : 0;
}

static int talks(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = stream_ends_pair(ends, NULL);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(tells, ends[0]), fm_go(asks, ends[1]));
    return close_both(ends, rc);
}

/* ---- Files --------------------------------------------------------------- */

static char byte_at(size_t offset)
{
    return (char)(offset * 7 + offset / 251);
}

static int make_file(void)
{
    static char bytes[FILE_SIZE];
    int fd = memfd_create("sweep", MFD_CLOEXEC);
    for (size_t i = 0; i < FILE_SIZE; i++)
        bytes[i] = byte_at(i);
    if (write(fd, bytes, FILE_SIZE) != FILE_SIZE)
        sweep_state.noted++;
    return fd;
}

struct sends {
    fm_stream *stream;
    int fd;
    int64_t *sent;
};

/* The middle, then all that is left, after an attempt that failed too. */
static int sends(struct sends *self)
{
    ssize_t rc = fm_sendfile(self->stream, self->fd, self->sent, 10);
    if (rc >= 0)
        rc = fm_sendfile(self->stream, self->fd, self->sent, FM_TO_THE_END);
    if (rc >= 0 && *self->sent < FILE_SIZE)
        rc = -ECANCELED;
    return rc < 0 ? (int)rc : fm_write_eof(self->stream);
}

struct takes {
    fm_stream *stream;
    int64_t *taken;
};

static int takes(struct takes *self)
{
    static char bytes[9000];
    ssize_t rc;
    while ((rc = fm_read(self->stream, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < rc; i++)
            sweep_state.noted += bytes[i] != byte_at((size_t)(*self->taken)++);
    }
    if (rc == 0 && *self->taken < FILE_SIZE)
        rc = -FM_EEOF;
    return (int)rc;
}

static int files(void *arg)
{
    fm_stream *ends[2];
    int64_t sent = 0, taken = 0;
    (void)arg;
    int rc = stream_ends_pair(ends, NULL);
    if (rc < 0)
        return rc;
    int fd = make_file();
    rc = fm_gather(fm_go(sends, ends[0], fd, &sent),
                   fm_go(takes, ends[1], &taken));
    close(fd);
    return close_both(ends, rc);
}

const struct scenario sweep_verbs[] = {
    {"stream-verbs", talks, .also = {-FM_EEOF, -EPIPE, -ECONNRESET},
     .wrong = what_was_read_was_written},
    {"stream-file", files, .also = {-FM_EEOF, -EPIPE, -EAGAIN},
     .wrong = what_was_read_was_written},
    {.name = NULL},
};
