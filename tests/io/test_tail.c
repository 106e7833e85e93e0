/*
 * test_tail.c - the lines of a log while it is written
 */
#include "io/tail_kit.h"

static char large[FM_TAIL_LINE + 4096];

SCENE(lines_come_as_they_are_written)
{
    append(at("log"), "one\ntwo\r\n\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    EXPECT_LINE(tail, "two");
    EXPECT_LINE(tail, "");
    expect_no_line(tail);
    append(at("log"), "three\n");
    EXPECT_LINE(tail, "three");
    fm_tail_close(tail);
    fm_tail_close(NULL);
}

struct read_line {
    fm_tail *tail;
    const char *text;
};

static int read_line(struct read_line *self)
{
    EXPECT_LINE(self->tail, self->text);
    return 0;
}

SCENE(a_reader_waits_until_the_line_has_its_end)
{
    append(at("log"), "o");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    fm_task *task = fm_go(read_line, tail, "one");
    for (const char *rest = "ne"; *rest != '\0'; rest++) {
        CHECK_INT(fm_sleep(0.001), 0);
        append(at("log"), (const char[]){*rest, '\0'});
    }
    append(at("log"), "\n");
    CHECK_INT(fm_await(task), 0);
    fm_tail_close(tail);
}

SCENE(a_log_need_not_be_there_yet)
{
    fm_tail *tail = tail_of(at("log"), NULL, false);
    fm_task *task = fm_go(read_line, tail, "one");
    CHECK_INT(fm_sleep(0.01), 0);
    append(at("log"), "one\n");
    CHECK_INT(fm_await(task), 0);
    fm_tail_close(tail);
}

SCENE(what_others_in_the_directory_do_is_nothing)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    append(at("log.gz"), "no\n");
    append(at("log2"), "no\n");
    append(at("other.1"), "no\n");
    CHECK_INT(mkdir(at("log.1"), 0700), 0);
    expect_no_line(tail);
    append(at("log"), "two\n");
    EXPECT_LINE(tail, "two");
    fm_tail_close(tail);
}

SCENE(a_cut_loses_no_part_of_a_line)
{
    append(at("log"), "one\nhalf");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    for (int i = 0; i < 3; i++)
        expect_no_line(tail);
    append(at("log"), " and half\n");
    EXPECT_LINE(tail, "half and half");
    fm_tail_close(tail);
}

static int read_refused(void)
{
    char line[8];
    fm_tail *tail = tail_of(at("log"), NULL, false);
    int rc = fm_cancel(fm_self());
    rc = rc == 0 ? (int)fm_tail_line(tail, line, sizeof line) : rc;
    fm_tail_close(tail);
    return rc;
}

static int open_refused(void)
{
    fm_tail *tail;
    return fm_tail_open(at("log"), &tail);
}

SCENE(a_cancelled_task_reads_nothing)
{
    append(at("log"), "one\n");
    CHECK_INT(refused(open_refused), -ECANCELED);
    CHECK_INT(fm_await(fm_go(read_refused)), -ECANCELED);
}

/* ---- Long lines ---------------------------------------------------------- */

SCENE(a_line_that_does_not_fit_is_passed_over)
{
    char line[4];
    append(at("log"), "four\nabc\nfives\n\nend\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    CHECK_INT(fm_tail_line(tail, line, sizeof line), -EMSGSIZE);
    CHECK_INT(fm_tail_line(tail, line, sizeof line), 3);
    CHECK_INT(fm_tail_line(tail, line, sizeof line), -EMSGSIZE);
    CHECK_INT(fm_tail_line(tail, line, 1), 0);
    CHECK_INT(fm_tail_line(tail, line, sizeof line), 3);
    fm_tail_close(tail);
}

static void append_large(size_t size, const char *end)
{
    memset(large, 'a', size);
    snprintf(large + size, sizeof large - size, "%s", end);
    append(at("log"), large);
}

SCENE(a_line_has_its_limit_wherever_it_begins)
{
    static char line[sizeof large];
    append_large(FM_TAIL_LINE, "\r\n");
    append_large(FM_TAIL_LINE + 1, "\n");
    append_large(FM_TAIL_LINE, "\n");
    append_large(FM_TAIL_LINE + 1, "\r\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_tail_line(tail, line, sizeof line), FM_TAIL_LINE);
        CHECK_INT(fm_tail_line(tail, line, sizeof line), -EMSGSIZE);
    }
    fm_tail_close(tail);
}

SCENE(a_very_long_line_is_one_line_and_its_place_is_its_end)
{
    fm_tail_place before, after;
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &before);
    for (int i = 0; i < 5; i++) {
        append_large(60000, "");
        expect_no_line(tail);
        fm_tail_tell(tail, &after);
        CHECK_INT(after.offset, before.offset);
        CHECK_INT(after.mark, before.mark);
    }
    append(at("log"), "\nend\n");
    CHECK_INT(fm_tail_line(tail, large, sizeof large), -EMSGSIZE);
    fm_tail_tell(tail, &after);
    CHECK_INT(after.offset, 4 + 5 * 60000 + 1);
    EXPECT_LINE(tail, "end");
    fm_tail_close(tail);
    tail = tail_of(at("log"), &after, false);
    EXPECT_LINE(tail, "end");
    fm_tail_close(tail);
}

/* ---- Emptied ------------------------------------------------------------- */

SCENE(a_log_that_is_emptied_begins_anew)
{
    append(at("log"), "one\ntwo\npart");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    EXPECT_LINE(tail, "two");
    expect_no_line(tail);
    CHECK_INT(truncate(at("log"), 0), 0);
    append(at("log"), "new\n");
    EXPECT_LINE(tail, "new");
    fm_tail_close(tail);
}

/* It is longer than it was before anybody looks. */
SCENE(a_log_that_is_emptied_and_has_grown_since_begins_anew)
{
    append(at("log"), "one\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    expect_no_line(tail);
    CHECK_INT(truncate(at("log"), 0), 0);
    append(at("log"), "new\nand more\n");
    EXPECT_LINE(tail, "new");
    EXPECT_LINE(tail, "and more");
    fm_tail_close(tail);
}

/* ---- Places -------------------------------------------------------------- */

SCENE(a_place_leads_behind_the_line_that_was_read_last)
{
    fm_tail_place place;
    append(at("log"), "one\ntwo\nthree\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    fm_tail_tell(tail, &place);
    CHECK(place.inode == 0 && place.offset == 0);
    for (int i = 0; i < 2; i++) {
        fm_tail_close(tail);
        tail = tail_of(at("log"), &place, false);
        EXPECT_LINE(tail, "one");
    }
    EXPECT_LINE(tail, "two");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    tail = tail_of(at("log"), &place, false);
    EXPECT_LINE(tail, "three");
    fm_tail_close(tail);
}

SCENE(a_place_in_what_was_emptied_since_is_the_beginning)
{
    fm_tail_place place;
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    const char *const texts[] = {"x\n", "xyz\nthree\n"};
    for (int i = 0; i < 2; i++) {
        put(at("log"), texts[i]);
        tail = tail_of(at("log"), &place, false);
        EXPECT_LINE(tail, i == 0 ? "x" : "xyz");
        fm_tail_close(tail);
    }
}

/* Such as one whose store is worth nothing any more. */
SCENE(a_place_that_no_file_can_have_is_the_beginning)
{
    static const int64_t offsets[] = {-1, INT64_MIN, INT64_MAX, 9};
    fm_tail_place place;
    append(at("log"), "one\ntwo\n");
    fm_tail *tail = tail_of(at("log"), NULL, false);
    EXPECT_LINE(tail, "one");
    fm_tail_tell(tail, &place);
    fm_tail_close(tail);
    for (size_t i = 0; i < FM__COUNT(offsets); i++) {
        place.offset = offsets[i];
        tail = tail_of(at("log"), &place, false);
        EXPECT_LINE(tail, "one");
        fm_tail_close(tail);
    }
}

/* ---- Mistakes ------------------------------------------------------------ */

SCENE(what_cannot_be_read_is_an_error)
{
    fm_tail *tail = NULL;
    CHECK_INT(fm_tail_open(at("none/log"), &tail), -ENOENT);
    static const char *const names[] = {"", "/", ".", "..", "log/", "log/.."};
    for (size_t i = 0; i < FM__COUNT(names); i++)
        CHECK_INT(fm_tail_open(names[i], &tail), -EINVAL);
    memset(large, 'a', sizeof large - 1);
    CHECK_INT(fm_tail_open(large, &tail), -ENAMETOOLONG);
    large[FM_ENTRY_SIZE] = '\0';
    CHECK_INT(fm_tail_open(large, &tail), -ENAMETOOLONG);
    CHECK(tail == NULL);
    CHECK_INT(mkdir(at("log"), 0700), 0);
    tail = tail_of(at("log"), NULL, false);
    CHECK_INT(fm_tail_line(tail, large, sizeof large), -EISDIR);
    fm_tail_close(tail);
    CHECK_INT(mkfifo(at("fifo"), 0600), 0);
    tail = tail_of(at("fifo"), NULL, false);
    CHECK_INT(fm_tail_line(tail, large, sizeof large), -ESPIPE);
    fm_tail_close(tail);
}

SCENE(a_directory_that_is_removed_ends_the_wait)
{
    CHECK_INT(mkdir(at("d"), 0700), 0);
    fm_tail *tail = tail_of(at("d/log"), NULL, false);
    CHECK_INT(rmdir(at("d")), 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_tail_line(tail, large, sizeof large), -ENOENT);
    fm_tail_close(tail);
}

/* What is there by then is read; nobody would hear of more. */
SCENE(a_directory_that_is_made_anew_is_another_one)
{
    CHECK_INT(mkdir(at("d"), 0700), 0);
    append(at("d/log"), "one\n");
    fm_tail *tail = tail_of(at("d/log"), NULL, false);
    EXPECT_LINE(tail, "one");
    expect_no_line(tail);
    CHECK_INT(unlink(at("d/log")), 0);
    CHECK_INT(rmdir(at("d")), 0);
    CHECK_INT(mkdir(at("d"), 0700), 0);
    append(at("d/log"), "two\n");
    EXPECT_LINE(tail, "two");
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_tail_line(tail, large, sizeof large), -ENOENT);
    fm_tail_close(tail);
}

static void leave_open(void)
{
    scene_begin();
    append(at("log"), "one\n");
    EXPECT_LINE(tail_of(at("log"), NULL, false), "one");
    scene_end();
}

TEST(one_that_is_left_open_is_reported_and_closed)
{
    CHECK_INT(story_run(leave_open, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a file (desc") != NULL);
    report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a watch") != NULL);
    story_silent(__FILE__, __LINE__);
}
