/*
 * test_tail_stop.c - the lines of a log, to its end and no further
 */
#include "io/rotation.h"
#include "io/tail_kit.h"

#include <sys/mman.h>

static void expect_end(fm_tail *tail)
{
    char line[256];
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_tail_line(tail, line, sizeof line), -FM_EEOF);
}

SCENE(a_log_is_read_to_its_end)
{
    append(at("log"), "one\n\ntwo");
    fm_tail *tail = tail_of(at("log"), NULL, true);
    EXPECT_LINE(tail, "one");
    EXPECT_LINE(tail, "");
    EXPECT_LINE(tail, "two");
    expect_end(tail);
    append(at("log"), "three\n");
    EXPECT_LINE(tail, "three");
    expect_end(tail);
    fm_tail_close(tail);
}

SCENE(an_empty_log_has_no_lines)
{
    append(at("log"), "");
    fm_tail *tail = tail_of(at("log"), NULL, true);
    expect_end(tail);
    fm_tail_close(tail);
}

SCENE(without_a_log_there_is_nothing_to_stop_at)
{
    char line[8];
    fm_tail *tail = tail_of(at("log"), NULL, true);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_tail_line(tail, line, sizeof line), -ENOENT);
    fm_tail_close(tail);
}

SCENE(what_was_rotated_since_is_read_first)
{
    fm_tail_place place;
    append(at("log"), "one\ntwo\nthr");
    fm_tail *tail = tail_of(at("log"), NULL, true);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    append(at("log.3"), "too old\n");
    moved("log", "log.2");
    append(at("log.1"), "four\n");
    append(at("log"), "five\nsix");
    tail = tail_of(at("log"), &place, true);
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "thr");
    EXPECT_LINE(tail, "four");
    EXPECT_LINE(tail, "five");
    EXPECT_LINE(tail, "six");
    expect_end(tail);
    fm_tail_close(tail);
}

SCENE(a_new_log_with_nothing_in_it_is_the_end)
{
    append(at("log"), "one\npart");
    fm_tail *tail = tail_of(at("log"), NULL, true);
    EXPECT_LINE(tail, "one");
    moved("log", "log.1");
    append(at("log"), "");
    EXPECT_LINE(tail, "part");
    expect_end(tail);
    fm_tail_close(tail);
}

struct write_all {
    fm_stream *stream;
    const char *bytes;
    size_t size;
};

static int write_all(struct write_all *self)
{
    ssize_t size = fm_write(self->stream, self->bytes, self->size);
    return size == (ssize_t)self->size ? 0 : (int)size;
}

SCENE(a_stream_is_read_as_a_log_is)
{
    static char long_line[FM_TAIL_LINE + 2];
    fm_tail_place place = {1, 2, 3, 4};
    fm_stream *ends[2];
    fm_tail *tail = NULL;
    memset(long_line, 'a', sizeof long_line);
    long_line[sizeof long_line - 1] = '\n';
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_tail_options options = {.from = &place, .stream = ends[0]};
    CHECK_INT(fm_tail_open(NULL, &tail, &options), 0);
    for (const char *text = "one\r\n\ntwo"; *text != '\0'; text++)
        CHECK_INT(fm_write(ends[1], text, 1), 1);
    EXPECT_LINE(tail, "one");
    EXPECT_LINE(tail, "");
    expect_no_line(tail);
    fm_task *writer = fm_go(write_all, ends[1], "\n", 1);
    EXPECT_LINE(tail, "two");
    CHECK_INT(fm_await(writer), 0);
    writer = fm_go(write_all, ends[1], long_line, sizeof long_line);
    CHECK_INT(fm_tail_line(tail, long_line, sizeof long_line), -EMSGSIZE);
    CHECK_INT(fm_await(writer), 0);
    CHECK_INT(fm_write(ends[1], "end", 3), 3);
    CHECK_INT(fm_close(ends[1]), 0);
    EXPECT_LINE(tail, "end");
    expect_end(tail);
    fm_tail_tell(tail, &place);
    CHECK(place.device == 1 && place.inode == 2 && place.offset == 3 &&
          place.mark == 4);
    fm_tail_close(tail);
    fm_close(ends[0]);
}

/* Every size of file, and every place in it. */
SCENE(every_place_leads_on_from_there)
{
    static const char text[] = "a\n\nbcd\n"
                               "0123456789012345678901234567890123456789\n"
                               "abcdefghijabcdefghijabcdefghijabcdefghij\n"
                               "e\n";
    fm_tail_place places[8];
    char line[64], again[64];
    int count = 0;
    append(at("log"), text);
    fm_tail *tail = tail_of(at("log"), NULL, true);
    do {
        fm_tail_tell(tail, &places[count++]);
    } while (fm_tail_line(tail, line, sizeof line) >= 0);
    CHECK_INT(count, 7);
    fm_tail_close(tail);
    for (int i = 0; i < count; i++) {
        tail = tail_of(at("log"), &places[i], true);
        const char *rest = text + places[i].offset;
        while (fm_tail_line(tail, line, sizeof line) >= 0) {
            CHECK_INT(sscanf(rest, "%63[^\n]", again), *rest != '\n');
            CHECK(*rest == '\n' ? *line == '\0' : strcmp(line, again) == 0);
            rest += strlen(line) + 1;
        }
        CHECK(*rest == '\0');
        fm_tail_close(tail);
    }
}

/* ---- A disk that fails --------------------------------------------------- */

static const char memory[] = "/proc/self/mem"; /* a file with holes */
static fm_tail_place hole;

/* Behind the end of a file that is mapped no memory is. */
static bool find_hole(int fd)
{
    struct stat found = {0};
    char path[] = "/tmp/hole-XXXXXX", byte;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int file = mkostemp(path, O_CLOEXEC);
    CHECK(file >= 0 && unlink(path) == 0 && fstat(fd, &found) == 0);
    CHECK_INT(ftruncate(file, (off_t)page), 0);
    char *pages = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, file, 0);
    CHECK(pages != MAP_FAILED);
    close(file);
    hole = (fm_tail_place){found.st_dev, found.st_ino,
                           (int64_t)(intptr_t)(pages + page), 0};
    hole.mark =
        fm__rotation_mark(pages + page - FM__ROTATION_SEEN, FM__ROTATION_SEEN);
    return S_ISREG(found.st_mode) &&
           pread(fd, &byte, 1, hole.offset - 1) == 1 &&
           pread(fd, &byte, 1, hole.offset) < 0 && errno == EIO;
}

static void read_hole(void)
{
    char line[8];
    fm_tail *tail = tail_of(memory, &hole, true);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_tail_line(tail, line, sizeof line), -EIO);
    fm_tail_close(tail);
}

TEST(what_cannot_be_read_is_not_the_end)
{
    int fd = open(memory, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || !find_hole(fd))
        test_skip("no file has holes that cannot be read");
    CHECK_INT(story_run(read_hole, (fm_run_options){0}), 0);
    close(fd);
}
