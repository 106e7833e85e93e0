/*
 * test_coded_stream.c - streams that are coded in their place
 */
#include "http/pack.h"
#include "task/story.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    ROOM = 1 << 18,
    LARGE = 200000
};

static const char *const names[] = {"gzip", "deflate", "br", "zstd"};
static char coded[ROOM], text[LARGE], heard[ROOM];

static void write_text(void)
{
    uint64_t seed = 7;
    for (size_t i = 0; i < LARGE; i++)
        text[i] = (char)("the quick brown fox\n"[test_random(&seed) % 20]);
}

/* Writes so many coded bytes and ends. */
struct source {
    fm_stream *stream;
    size_t size;
};

static int source(struct source *self)
{
    ssize_t rc = fm_write(self->stream, coded, self->size);
    int ended = rc < 0 ? (int)rc : fm_write_eof(self->stream);
    return ended == -EPIPE || ended == -ECONNRESET ? 0 : ended;
}

static ssize_t hear_all(fm_stream *stream)
{
    size_t size = 0;
    ssize_t rc = 1;
    while (rc > 0 && size < ROOM) {
        rc = fm_read(stream, heard + size, ROOM - size);
        size += rc > 0 ? (size_t)rc : 0;
    }
    return rc < 0 ? rc : (ssize_t)size;
}

/* What comes of so many bytes of `coded`. */
static ssize_t decode(const char *codings, size_t size,
                      const fm_decode_options *options)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_decode_start(ends[0], codings, options), 0);
    fm_task *writer = fm_go(source, ends[1], size);
    ssize_t rc = hear_all(ends[0]);
    fm_abort(ends[0]);
    CHECK_INT(fm_await(writer), 0);
    fm_abort(ends[1]);
    return rc;
}

STORY(what_is_read_is_decoded)
{
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size =
            pack(names[i], (struct fm__slice){text, LARGE}, coded, ROOM);
        CHECK_INT(decode(names[i], size, NULL), LARGE);
        CHECK(memcmp(heard, text, LARGE) == 0);
        CHECK_INT(decode(names[i], size - 1, NULL), -FM_ECODEDSHORT);
        CHECK_INT(decode(names[i], 0, NULL), 0);
    }
}

/* ---- written and read back ---------------------------------------------- */

struct parrot {
    fm_stream *stream;
    const char *coding;
    fm_encode_options options;
};

static int parrot(struct parrot *self)
{
    size_t size = 0;
    int rc = fm_encode_start(self->stream, self->coding, &self->options);
    for (size_t piece = 1; rc >= 0 && size < LARGE; piece = 3 * piece) {
        size_t count = piece < LARGE - size ? piece : LARGE - size;
        rc = (int)fm_write(self->stream, text + size, count);
        size += count;
    }
    int closed = fm_close(self->stream);
    return rc < 0 ? rc : closed;
}

static void check_parrot(const char *coding, fm_encode_options options)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_task *writer = fm_go(parrot, ends[1], coding, options);
    CHECK_INT(fm_decode_start(ends[0], coding), 0);
    CHECK_INT(hear_all(ends[0]), LARGE);
    CHECK(memcmp(heard, text, LARGE) == 0);
    CHECK_INT(fm_await(writer), 0);
    CHECK_INT(fm_close(ends[0]), 0);
}

STORY(what_is_written_is_encoded_at_a_level_that_there_is)
{
    static const int most[] = {9, 9, 11, 19};
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        check_parrot(names[i], (fm_encode_options){0});
        check_parrot(names[i], (fm_encode_options){.level = 1, .live = true});
    }
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        fm_encode_options options = {.level = -1};
        CHECK_INT(fm_encode_start(ends[0], names[i], &options), -EINVAL);
        options.level = most[i] + 1;
        CHECK_INT(fm_encode_start(ends[0], names[i], &options), -EINVAL);
    }
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(what_is_written_alive_can_be_read_before_the_end)
{
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        const fm_encode_options live = {.live = true};
        fm_stream *ends[2];
        char line[16];
        CHECK_INT(fm_stream_pair(ends), 0);
        CHECK_INT(fm_encode_start(ends[1], names[i], &live), 0);
        CHECK_INT(fm_decode_start(ends[0], names[i]), 0);
        for (int j = 0; j < 3; j++) {
            CHECK_INT(fm_write(ends[1], "hello\n", 6), 6);
            CHECK_INT(fm_read_line(ends[0], line, sizeof line), 5);
            CHECK(strcmp(line, "hello") == 0);
        }
        CHECK_INT(fm_write_eof(ends[1]), 0);
        CHECK_INT(fm_read(ends[0], heard, 1), 0);
        CHECK_INT(fm_close(ends[0]), 0);
        CHECK_INT(fm_close(ends[1]), 0);
    }
}

STORY(the_other_direction_goes_as_it_is)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_decode_start(ends[0], "gzip"), 0);
    CHECK_INT(fm_write(ends[0], "plain", 5), 5);
    CHECK_INT(fm_read(ends[1], heard, 5), 5);
    CHECK_INT(fm_encode_start(ends[1], "gzip"), 0);
    CHECK_INT(fm_write(ends[0], "plain", 5), 5);
    CHECK_INT(fm_read(ends[1], heard, 5), 5);
    CHECK_INT(fm_write(ends[1], "coded", 5), 5);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    CHECK_INT(fm_read(ends[0], heard, 16), 5);
    CHECK(memcmp(heard, "coded", 5) == 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

/* ---- files --------------------------------------------------------------- */

static const fm_file_options writing = {.flags = O_WRONLY | O_CREAT};
static char place[64];
static fm_file *file;

static fm_stream *open_file(const char *path, const fm_file_options *options)
{
    fm_stream *stream = NULL;
    CHECK_INT(fm_file_open(path, &file, options), 0);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    return stream;
}

STORY(a_packed_log_is_read_line_by_line)
{
    char line[32], wanted[32];
    int count = 0;
    ssize_t rc;
    snprintf(place, sizeof place, "/tmp/fermata-coded-%d", (int)getpid());
    fm_stream *log = open_file(place, &writing);
    CHECK_INT(fm_encode_start(log, "gzip"), 0);
    for (int i = 0; i < 5000; i++)
        CHECK(fm_printf(log, "line %d\n", i) > 0);
    CHECK_INT(fm_close(log), 0);
    CHECK_INT(fm_file_close(file), 0);
    log = open_file(place, NULL);
    CHECK_INT(fm_decode_start(log, "gzip"), 0);
    while ((rc = fm_read_line(log, line, sizeof line)) >= 0) {
        snprintf(wanted, sizeof wanted, "line %d", count++);
        CHECK(strcmp(line, wanted) == 0);
    }
    CHECK_INT(rc, -FM_EEOF);
    CHECK_INT(count, 5000);
    CHECK_INT(fm_close(log), 0);
    CHECK_INT(fm_file_close(file), 0);
    unlink(place);
}

STORY(what_an_encoder_could_not_write_is_told_by_the_close)
{
    fm_stream *stream = open_file("/dev/full", &writing);
    CHECK_INT(fm_encode_start(stream, "gzip"), 0);
    CHECK_INT(fm_write(stream, "hello", 5), 5);
    CHECK_INT(fm_close(stream), -ENOSPC);
    fm_file_close(file);
}

/* ---- limits, errors, cuts ------------------------------------------------ */

STORY(a_limit_is_what_comes_and_not_a_byte_more)
{
    size_t size = pack_zeros("gzip", 1000, coded, ROOM);
    CHECK_INT(decode("gzip", size, &(fm_decode_options){.limit = 1000}), 1000);
    CHECK_INT(decode("gzip", size, &(fm_decode_options){.limit = 999}),
              -FM_ECODEDSIZE);
}

static ssize_t count_all(size_t size, int ratio)
{
    const fm_decode_options options = {.ratio = ratio};
    fm_stream *ends[2];
    ssize_t rc = 1, count = 0;
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_decode_start(ends[0], "zstd", &options), 0);
    fm_task *writer = fm_go(source, ends[1], size);
    while (rc > 0) {
        rc = fm_read(ends[0], heard, ROOM);
        count += rc > 0 ? rc : 0;
    }
    fm_abort(ends[0]);
    CHECK_INT(fm_await(writer), 0);
    fm_abort(ends[1]);
    return rc < 0 ? rc : count;
}

STORY(a_bomb_is_refused_unless_it_was_asked_for)
{
    size_t size = pack_zeros("zstd", 2000000, coded, ROOM);
    CHECK_INT(count_all(size, 0), -FM_ECODEDSIZE);
    CHECK_INT(count_all(size, -1), 2000000);
    CHECK_INT(count_all(size, 1000000), 2000000);
}

/* How often others have their turn. */
static int count_turns(void *arg)
{
    unsigned *turns = arg;
    do
        ++*turns;
    while (fm_yield() == 0);
    return 0;
}

/* All of it lies there, and is read so many bytes at a time. */
static void check_turns(const char *name, size_t size)
{
    static char zeros[1 << 20];
    const fm_decode_options any = {.ratio = -1};
    fm_stream *ends[2];
    size_t all = 0;
    ssize_t rc;
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_decode_start(ends[0], name, &any), 0);
    size_t packed = pack_zeros(name, sizeof zeros, coded, ROOM);
    CHECK_INT(fm_write(ends[1], coded, packed), (ssize_t)packed);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    unsigned turns = 0;
    fm_task *counter = fm_start(count_turns, &turns);
    while ((rc = fm_read(ends[0], zeros, size)) > 0)
        all += (size_t)rc;
    CHECK_INT(rc, 0);
    CHECK_INT(all, sizeof zeros);
    CHECK(turns >= sizeof zeros / 65536 - 2);
    fm_stop(counter);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

STORY(who_decodes_much_lets_others_have_their_turn)
{
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        check_turns(names[i], 4096);
        check_turns(names[i], 65536);
        check_turns(names[i], 1 << 20);
    }
}

STORY(what_cannot_start_changes_nothing)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_decode_start(ends[0], "compress"), -FM_ECODEDKIND);
    CHECK_INT(fm_decode_start(ends[0], "gzip,gzip,gzip"), -FM_ECODEDKIND);
    CHECK_INT(fm_encode_start(ends[0], "gzip, br"), -FM_ECODEDKIND);
    CHECK_INT(fm_decode_start(ends[0], "identity"), 0);
    CHECK_INT(fm_decode_start(ends[0], ""), 0);
    CHECK_INT(fm_encode_start(ends[0], "zstd"), 0);
    CHECK_INT(fm_encode_start(ends[0], "zstd"), -EALREADY);
    CHECK_INT(fm_decode_start(ends[0], "zstd"), -EALREADY);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK(fm_coding_known("gzip") && fm_coding_known("X-Gzip"));
    CHECK(!fm_coding_known("identity") && !fm_coding_known(""));
}

struct peeker {
    fm_stream *stream;
};

static int peeker(struct peeker *self)
{
    const void *bytes;
    ssize_t rc = fm_peek(self->stream, 1, &bytes);
    return rc < 0 ? (int)rc : 0;
}

STORY(a_cut_reader_loses_nothing)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    size_t size = pack("br", FM__SLICE("all of it"), coded, ROOM);
    CHECK_INT(fm_decode_start(ends[0], "br"), 0);
    for (size_t i = 0; i < size - 1; i++) {
        CHECK_INT(fm_write(ends[1], coded + i, 1), 1);
        fm_task *reader = fm_go(peeker, ends[0]);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_yield(), 0);
        int rc = fm_stop(reader);
        CHECK(rc == -ECANCELED || rc == 0);
    }
    CHECK_INT(fm_write(ends[1], coded + size - 1, 1), 1);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    CHECK_INT(hear_all(ends[0]), 9);
    CHECK(memcmp(heard, "all of it", 9) == 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}
