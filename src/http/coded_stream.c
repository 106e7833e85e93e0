/*
 * coded_stream.c - a stream that is coded, in its place
 *
 * Engines of io/filter.h, one for each direction; the other goes through as it
 * is. What an encoder still has leaves when the stream finishes.
 */
#include "base/memory.h"
#include "http/decoding.h"
#include "io/filter.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/task.h>

enum {
    CODED_ROOM = 16384, /* bytes of the wire, in or out */
    CODED_TURN = 65536  /* that come or go, and then others have theirs */
};

struct coded_reader {
    struct fm__filter filter;
    struct fm__decoding *decoding; /* or NULL: nothing is to be undone */
    struct fm__slice in;           /* in the room */
    size_t worked;                 /* bytes in this turn */
    char room[CODED_ROOM];
};

struct coded_writer {
    struct fm__filter filter;
    const struct fm__encoder_kind *kind;
    void *state;
    enum fm__coder_mode mode; /* before the end */
    size_t worked;            /* bytes in this turn */
    unsigned char room[CODED_ROOM];
};

static int coded_begin(struct fm__filter *filter)
{
    (void)filter;
    return 0;
}

/* To code is work. */
static void coded_work(size_t *worked, size_t size)
{
    *worked += size;
    if (*worked < CODED_TURN)
        return;
    *worked = 0;
    fm__tire(fm__current);
}

/* ---- decoding ----------------------------------------------------------- */

static ssize_t coded_decode(struct fm__filter *filter, void *buf, size_t size)
{
    struct coded_reader *self =
        FM__CONTAINER(filter, struct coded_reader, filter);
    const struct iovec out = {buf, size < CODED_TURN ? size : CODED_TURN};
    bool ended = false;
    for (;;) {
        ssize_t rc = fm__decoding_run(self->decoding, &self->in, ended, out);
        coded_work(&self->worked, rc > 0 ? (size_t)rc : 0);
        if (rc != -EAGAIN)
            return rc;
        size_t taken = fm__filter_take(filter, self->room, sizeof self->room);
        if (taken == 0 && !filter->ended)
            return -EAGAIN;
        ended = taken == 0;
        self->in = (struct fm__slice){self->room, taken};
    }
}

static int coded_put(struct fm__filter *filter, const void *bytes, size_t size)
{
    return fm__filter_put(filter, bytes, size);
}

static int coded_no_end(struct fm__filter *filter)
{
    (void)filter;
    return 0;
}

static void coded_reader_free(struct fm__filter *filter)
{
    struct coded_reader *self =
        FM__CONTAINER(filter, struct coded_reader, filter);
    fm__decoding_close(self->decoding);
    fm__memory_free(self);
}

static const struct fm__filter_kind coded_reader_kind = {
    .begin = coded_begin,
    .encode = coded_put,
    .decode = coded_decode,
    .finish = coded_no_end,
    .free = coded_reader_free,
};

/* ---- encoding ----------------------------------------------------------- */

static int coded_write(struct coded_writer *self, const void *bytes,
                       size_t size, enum fm__coder_mode mode)
{
    struct fm__flow flow = {.in = bytes, .in_size = size};
    int rc = 0;
    while (rc == 0) {
        flow.out = self->room;
        flow.out_size = sizeof self->room;
        rc = self->kind->run(self->state, &flow, mode);
        size_t made = sizeof self->room - flow.out_size;
        int put = fm__filter_put(&self->filter, self->room, made);
        rc = put < 0 ? put : rc;
    }
    return rc < 0 ? rc : 0;
}

static int coded_encode(struct fm__filter *filter, const void *bytes,
                        size_t size)
{
    struct coded_writer *self =
        FM__CONTAINER(filter, struct coded_writer, filter);
    coded_work(&self->worked, size);
    return coded_write(self, bytes, size, self->mode);
}

/* All of it is sent by who finishes the stream. */
static int coded_end(struct fm__filter *filter)
{
    struct coded_writer *self =
        FM__CONTAINER(filter, struct coded_writer, filter);
    filter->encoding = true;
    int rc = coded_write(self, "", 0, FM__CODER_FINISH);
    filter->encoding = false;
    return rc;
}

static ssize_t coded_take(struct fm__filter *filter, void *buf, size_t size)
{
    size_t taken = fm__filter_take(filter, buf, size);
    if (taken == 0 && !filter->ended)
        return -EAGAIN;
    return (ssize_t)taken;
}

static void coded_writer_free(struct fm__filter *filter)
{
    struct coded_writer *self =
        FM__CONTAINER(filter, struct coded_writer, filter);
    self->kind->close(self->state);
    fm__memory_free(self);
}

static const struct fm__filter_kind coded_writer_kind = {
    .begin = coded_begin,
    .encode = coded_encode,
    .decode = coded_take,
    .finish = coded_end,
    .free = coded_writer_free,
};

/* ---- what users call ---------------------------------------------------- */

/* The stream's, or freed. */
static int coded_start(fm_stream *stream, struct fm__filter *filter,
                       const char *caller)
{
    int rc = fm__filter_start(stream, filter, caller);
    if (filter->stream == NULL)
        filter->kind->free(filter);
    return rc;
}

int fm__decode_start(fm_stream *stream, const char *codings,
                     const fm_decode_options *options)
{
    static const fm_decode_options defaults;
    int rc = fm__filter_check(stream, "fm_decode_start");
    if (rc < 0)
        return rc;
    if (options == NULL)
        options = &defaults;
    int ratio = options->ratio != 0 ? options->ratio : FM_DECODE_RATIO;
    const struct fm__decoding_terms terms = {
        .ratio = ratio > 0 ? (uint64_t)ratio : 0, .limit = options->limit};
    struct coded_reader *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->filter.kind = &coded_reader_kind;
    self->in = FM__SLICE("");
    rc = fm__decoding_open(&self->decoding, fm__slice_of(codings), &terms);
    bool coded = self->decoding != NULL;
    if (rc == 0 && coded)
        return coded_start(stream, &self->filter, "fm_decode_start");
    fm__memory_free(self);
    return rc;
}

static int coded_level(const struct fm__coder *coder,
                       const fm_encode_options *options)
{
    const struct fm__encoder_kind *kind = &coder->encoder;
    if (options->level == 0)
        return kind->usual;
    return options->level < kind->least || options->level > kind->most
               ? -EINVAL
               : options->level;
}

int fm__encode_start(fm_stream *stream, const char *coding,
                     const fm_encode_options *options)
{
    static const fm_encode_options defaults;
    int rc = fm__filter_check(stream, "fm_encode_start");
    if (rc < 0)
        return rc;
    if (options == NULL)
        options = &defaults;
    const struct fm__coder *coder = fm__coder_find(fm__slice_of(coding));
    int level = coder != NULL ? coded_level(coder, options) : -FM_ECODEDKIND;
    if (level < 0)
        return level;
    struct coded_writer *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->filter.kind = &coded_writer_kind;
    self->filter.keeps = true;
    self->kind = &coder->encoder;
    self->mode = options->live ? FM__CODER_FLUSH : FM__CODER_MORE;
    rc = self->kind->open(&self->state, level);
    if (rc == 0)
        return coded_start(stream, &self->filter, "fm_encode_start");
    fm__memory_free(self);
    return rc;
}

bool fm_coding_known(const char *coding)
{
    return fm__coder_find(fm__slice_of(coding)) != NULL;
}
