/*
 * test_tail_rotated.c - the lines of a log whose files get other names
 */
#include "io/tail_kit.h"

#include <pthread.h>

/* log.2 is log.3, log.1 is log.2, log is log.1. */
static void rotate(int count)
{
    for (int i = count; i > 1; i--)
        (void)rename(at("log.%d", i - 1), at("log.%d", i));
    moved("log", "log.1");
}

SCENE(a_renamed_log_is_read_to_its_end_and_then_the_new_one)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    rotate(1);
    expect_no_line(tail);
    append(at("log.1"), "two\nthree\n");
    append(at("log"), "four\n");
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "three");
    EXPECT_LINE(tail, "four");
    append(at("log"), "five\n");
    EXPECT_LINE(tail, "five");
    fm_tail_close(tail);
}

/* As logrotate(8) does: who writes is told after the new one was made. */
SCENE(a_renamed_log_is_read_until_something_is_in_the_new_one)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    rotate(1);
    append(at("log"), "");
    for (int i = 0; i < 3; i++) {
        expect_no_line(tail);
        append(at("log.1"), "two\n");
        EXPECT_LINE(tail, "two");
    }
    append(at("log.1"), "three\n");
    append(at("log"), "four\n");
    EXPECT_LINE(tail, "three");
    EXPECT_LINE(tail, "four");
    rotate(2);
    append(at("log"), "");
    expect_no_line(tail);
    rotate(3);
    append(at("log"), "five\n");
    EXPECT_LINE(tail, "five");
    fm_tail_close(tail);
}

SCENE(the_last_line_of_a_renamed_log_needs_no_newline)
{
    append(at("log"), "one\npart");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    rotate(1);
    expect_no_line(tail);
    append(at("log"), "two\n");
    EXPECT_LINE(tail, "part");
    EXPECT_LINE(tail, "two");
    fm_tail_close(tail);
}

SCENE(of_many_rotations_none_is_left_out)
{
    char text[32];
    append(at("log"), "line 0\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "line 0");
    for (int i = 1; i <= 12; i++) {
        rotate(12);
        snprintf(text, sizeof text, "line %d\n", i);
        append(at("log"), text);
    }
    for (int i = 1; i <= 12; i++) {
        snprintf(text, sizeof text, "line %d", i);
        EXPECT_LINE(tail, text);
    }
    fm_tail_close(tail);
}

SCENE(files_with_dates_come_in_the_order_of_their_dates)
{
    fm_tail_place place;
    append(at("log-20251231"), "too old\n");
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    moved("log", "log-20260101");
    append(at("log-20260103"), "three\n");
    append(at("log-20260102"), "two\n");
    append(at("log-20260102.gz"), "no\n");
    append(at("log.1"), "no\n");
    append(at("log"), "four\n");
    for (int i = 0; i < 2; i++) {
        EXPECT_LINE(tail, "two");
        EXPECT_LINE(tail, "three");
        EXPECT_LINE(tail, "four");
        fm_tail_close(tail);
        tail = tail_of(at("log"), &place, false);
    }
    fm_tail_close(tail);
}

SCENE(after_a_log_that_was_removed_comes_the_new_one)
{
    append(at("log.1"), "old\n");
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    CHECK_INT(unlink(at("log")), 0);
    append(at("log"), "three\n");
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "three");
    fm_tail_close(tail);
}

SCENE(a_log_that_has_moved_elsewhere_is_read_to_its_end)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    CHECK_INT(mkdir(at("old"), 0700), 0);
    moved("log", "old/log");
    append(at("old/log"), "two\n");
    append(at("log"), "three\n");
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "three");
    fm_tail_close(tail);
}

SCENE(a_log_that_has_two_names_for_a_moment_is_read_once)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    CHECK_INT(link(at("log"), at("log.1")), 0);
    expect_no_line(tail);
    CHECK_INT(unlink(at("log")), 0);
    expect_no_line(tail);
    append(at("log"), "two\n");
    EXPECT_LINE(tail, "two");
    fm_tail_close(tail);
}

/* ---- Places -------------------------------------------------------------- */

SCENE(a_place_leads_into_the_file_whatever_it_is_called)
{
    fm_tail_place place;
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    for (int i = 0; i < 3; i++) {
        rotate(3);
        append(at("log"), i == 0 ? "three\n" : i == 1 ? "four\n" : "five\n");
    }
    tail = tail_of(at("log"), &place, false);
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "three");
    fm_tail_tell(tail, &place);
    EXPECT_LINE(tail, "four");
    fm_tail_close(tail);
    rotate(4);
    tail = tail_of(at("log"), &place, false);
    EXPECT_LINE(tail, "four");
    EXPECT_LINE(tail, "five");
    append(at("log"), "six\n");
    EXPECT_LINE(tail, "six");
    fm_tail_close(tail);
}

SCENE(a_place_in_what_is_gone_is_the_beginning_of_the_log)
{
    fm_tail_place place;
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    append(at("log.1"), "old\n");
    append(at("new"), "three\n");
    moved("new", "log");
    tail = tail_of(at("log"), &place, false);
    EXPECT_LINE(tail, "three");
    fm_tail_close(tail);
}

/* What got the number of a file that was removed. */
SCENE(a_new_file_with_the_same_inode_is_another_file)
{
    struct stat found;
    fm_tail_place place;
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    append(at("new"), "abc\ndef\n");
    moved("new", "log");
    CHECK_INT(stat(at("log"), &found), 0);
    place.inode = found.st_ino;
    tail = tail_of(at("log"), &place, false);
    EXPECT_LINE(tail, "abc");
    fm_tail_close(tail);
}

/* ---- A writer in a hurry ------------------------------------------------- */

enum {
    HURRY_LINES = 1500
};

/* With paths of its own: those of at() are of the loop's thread. */
struct hurry {
    char path[sizeof scene + 8];
    int files; /* that the log was */
};

static void hurry_rotate(struct hurry *self)
{
    char from[sizeof self->path + 16], to[sizeof self->path + 16];
    for (int i = self->files++; i >= 0; i--) {
        snprintf(to, sizeof to, "%s.%d", self->path, i + 1);
        snprintf(from, sizeof from, "%s.%d", self->path, i);
        CHECK_INT(rename(i > 0 ? from : self->path, to), 0);
    }
}

static void *hurry(void *arg)
{
    struct hurry *self = arg;
    uint32_t random = 1;
    for (int i = 1; i < HURRY_LINES;) {
        hurry_rotate(self);
        int fd =
            open(self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        random = random * 1664525 + 1013904223;
        for (uint32_t left = random >> 28; i < HURRY_LINES && left > 0; left--)
            dprintf(fd, "line %d\n", i++);
        close(fd);
    }
    return NULL;
}

SCENE(a_writer_in_a_hurry_is_read_line_by_line)
{
    static struct hurry self;
    pthread_t writer;
    char text[32];
    snprintf(self.path, sizeof self.path, "%s", at("log"));
    append(at("log"), "line 0\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "line 0");
    CHECK_INT(pthread_create(&writer, NULL, hurry, &self), 0);
    for (int i = 1; i < HURRY_LINES; i++) {
        snprintf(text, sizeof text, "line %d", i);
        EXPECT_LINE(tail, text);
    }
    fm_tail_close(tail);
    pthread_join(writer, NULL);
}
