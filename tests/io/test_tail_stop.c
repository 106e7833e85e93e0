/*
 * test_tail_stop.c - the lines of a log, to its end and no further
 */
#include "io/tail_kit.h"

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
