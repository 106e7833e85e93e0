/*
 * test_top_pages.c - what fermata top shows, as lines of text, and its keys
 */
#include "top_play.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* --- pages -------------------------------------------------------------- */

TEST(the_head_says_what_the_program_and_its_loops_do)
{
    struct stage stage;
    stage_open(&stage, 3);
    CHECK_INT(top_see(&stage.top), 0);
    CHECK(stage_shows(&stage, "kitchen  pid 4242  fermata 0.1.0"));
    CHECK(stage_shows(&stage, "watched for 1.00s, every 1s, 12ms each"));
    CHECK(stage_shows(&stage, "tasks 11  running 1  ready 1  waiting 8"));
    CHECK(stage_shows(&stage, "1 deadlock of 2"));
    CHECK(stage_shows(&stage, "memory 12MiB  descriptors 14  CPU 25.0%"));
    CHECK(stage_shows(&stage, "340    10.0  waits"));
    CHECK(stage_shows(&stage, "2    20.0  runs runner"));
    stage_close(&stage);
}

TEST(all_is_told_of_a_task_that_is_entered)
{
    struct stage stage;
    stage_open(&stage, 3);
    CHECK_INT(top_see(&stage.top), 0);
    stage_type(&stage, "/cook");
    top_key(&stage.top, TOP_KEY_ENTER);
    top_key(&stage.top, TOP_KEY_ENTER);
    CHECK(stage_shows(&stage, "waits for   lock, held by waiter"));
    CHECK(stage_shows(&stage, "turns       40, 20.0 a second"));
    CHECK(stage_shows(&stage, "stack       12KiB used of 64KiB"));
    CHECK(
        stage_shows(&stage, "each waits for the next\n  cook 100000002 waits"));
    CHECK(stage_shows(&stage,
                      "Owned by\n  conductor 100000000 (kitchen/main.c:9)"));
    CHECK(stage_shows(&stage, "Waited for by\n  waiter 100000003 waits for"));
    CHECK(stage_shows(&stage, "Stack\n  cook at kitchen.c:7, in fm_sleep"));
    top_key(&stage.top, TOP_KEY_ESCAPE);
    CHECK_INT(stage.top.view.page, TOP_LIST);
    CHECK_INT(stage.top.rows.count, 2);
    stage_close(&stage);
}

TEST(a_task_that_ends_while_it_is_watched_is_said_to_be_gone)
{
    struct stage stage;
    stage_open(&stage, 1);
    top_key(&stage.top, TOP_KEY_END);
    top_key(&stage.top, TOP_KEY_ENTER);
    CHECK(stage_shows(&stage, "192.0.2.7:50123"));
    stage.program.gone = 1;
    CHECK_INT(top_see(&stage.top), 0);
    CHECK(stage_shows(&stage, "client\n\n  This task is gone"));
    stage_close(&stage);
}

TEST(of_very_many_relations_some_are_named_and_all_are_counted)
{
    struct stage stage;
    stage_open(&stage, 100);
    top_key(&stage.top, TOP_KEY_DOWN);
    top_key(&stage.top, TOP_KEY_ENTER);
    CHECK(stage_shows(&stage, "  and 70 more"));
    stage_close(&stage);
}

TEST(a_long_page_scrolls_to_its_end_and_no_further)
{
    struct stage stage;
    stage_open(&stage, 100);
    top_key(&stage.top, TOP_KEY_DOWN);
    top_key(&stage.top, TOP_KEY_ENTER);
    free(stage_draw(&stage, 10, 80));
    top_key(&stage.top, TOP_KEY_END);
    char *text = stage_draw(&stage, 10, 80);
    CHECK(strstr(text, "  and 70 more\nEsc back") != NULL);
    free(text);
    top_key(&stage.top, TOP_KEY_UP);
    text = stage_draw(&stage, 10, 80);
    CHECK(strstr(text, "and 70 more") == NULL);
    free(text);
    stage_close(&stage);
}

TEST(the_last_look_stays_when_the_program_has_ended)
{
    struct stage stage;
    stage_open(&stage, 3);
    CHECK_INT(top_see(&stage.top), 0);
    stage.program.fails = -ESRCH;
    CHECK_INT(top_see(&stage.top), -ESRCH);
    CHECK(stage_shows(&stage, "The program has ended"));
    CHECK(stage_shows(&stage, "lock, held by waiter"));
    stage_type(&stage, "T/run");
    CHECK_INT(stage.top.rows.count, 1);
    stage_close(&stage);
}

TEST(a_look_that_failed_is_told_until_one_succeeds)
{
    struct stage stage;
    stage_open(&stage, 3);
    stage.program.fails = -EPROTO;
    CHECK_INT(top_see(&stage.top), -EPROTO);
    CHECK(stage_shows(&stage, "has it become another program?"));
    stage.program.fails = -ENODATA;
    CHECK_INT(top_see(&stage.top), -ENODATA);
    CHECK(stage_shows(&stage, "Its tasks have ended"));
    CHECK(stage_shows(&stage, "lock, held by waiter"));
    stage.program.fails = 0;
    CHECK_INT(top_see(&stage.top), 0);
    CHECK(stage_lacks(&stage, "have ended"));
    stage_close(&stage);
}

TEST(no_screen_is_too_small_or_too_large)
{
    static const char *const pages[] = {"", "g", "t", "?", "?\r"};
    static const size_t rows[] = {1, 2, 3, 5, 8, 11, 16, 24, 70};
    static const size_t columns[] = {1, 2, 9, 20, 33, 59, 80, 132, 399};
    struct stage stage;
    stage_open(&stage, 30);
    for (size_t p = 0; p < sizeof pages / sizeof pages[0]; p++) {
        stage_type(&stage, pages[p]);
        if (stage.top.view.page == TOP_LIST && p == 4)
            top_key(&stage.top, TOP_KEY_ENTER);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            for (size_t j = 0; j < sizeof columns / sizeof columns[0]; j++)
                free(stage_draw(&stage, rows[i], columns[j]));
    }
    stage_close(&stage);
}

TEST(a_screen_of_20_by_5_has_its_program_and_its_tasks)
{
    struct stage stage;
    stage_open(&stage, 3);
    char *text = stage_draw(&stage, 5, 20);
    CHECK(strncmp(text, "kitchen  deadlock", 17) == 0);
    CHECK(strstr(text, "\nNAME") != NULL);
    CHECK(strstr(text, "\nconductor") != NULL);
    CHECK(strstr(text, "\nserver") != NULL);
    CHECK(strstr(text, "\n? help  q quit") != NULL);
    free(text);
    stage_close(&stage);
}

/* --- text --------------------------------------------------------------- */

static const char *put(struct top_line *line, size_t limit, const char *text)
{
    *line = (struct top_line){.limit = limit};
    top_put(line, TOP_PLAIN, text);
    return line->text;
}

TEST(texts_are_cut_between_characters)
{
    struct top_line line;
    setlocale(LC_CTYPE, "C.UTF-8");
    CHECK(strcmp(put(&line, 3, "f\u00fcr alle"), "f\u00fcr") == 0);
    CHECK(strcmp(put(&line, 3, "\u4f60\u597d"), "\u4f60") == 0);
    CHECK_INT(line.width, 2);
    CHECK(strcmp(put(&line, 0, "x"), "") == 0);
    CHECK_INT(top_width("\u4f60\u00fc"), 3);
    CHECK(strcmp(put(&line, 2, "u\u0308ber"), "u\u0308b") == 0);
    CHECK_INT(line.width, 2);
}

TEST(what_cannot_be_shown_is_a_question_mark)
{
    struct top_line line;
    setlocale(LC_CTYPE, "C.UTF-8");
    CHECK(strcmp(put(&line, 9, "a\033[1m\xff\xe2\x82"), "a?[1m???") == 0);
    CHECK_INT(line.width, 8);
    setlocale(LC_CTYPE, "C");
    CHECK(strcmp(put(&line, 9, "gr\u00fc\u00dfe \u4f60\xff"), "gr??e ??") == 0);
    CHECK_INT(line.width, 8);
}

/* The column at which a text stands in its line. */
static size_t column_of(const char *page, const char *text)
{
    char line[512];
    const char *found = strstr(page, text), *begin = found;
    CHECK(found != NULL);
    while (begin > page && begin[-1] != '\n')
        begin--;
    snprintf(line, sizeof line, "%.*s", (int)(found - begin), begin);
    return top_width(line);
}

TEST(columns_stand_below_each_other_whatever_is_in_them)
{
    struct stage stage;
    stage_open(&stage, 0);
    stage.program.tasks[0][MADE_COOK].name = "\u9910\u5177\u9910\u5177"
                                             "\u9910\u5177\u9910\u5177"
                                             "\u9910\u5177\u9910\u5177";
    stage.program.tasks[0][MADE_SLEEPER].name = "gru\u0308\u00dfe";
    for (size_t columns = 60; columns < 64; columns++) {
        char *page = stage_draw(&stage, 24, columns);
        size_t column = column_of(page, "STATE");
        CHECK_INT(column_of(page, "deadlock  "), column);
        CHECK_INT(column_of(page, "cancelled  "), column);
        CHECK_INT(column_of(page, "ended  "), column);
        free(page);
    }
    stage_close(&stage);
}

TEST(a_field_is_as_wide_as_it_was_asked_to_be)
{
    struct top_line line;
    put(&line, 20, "");
    top_field(&line, TOP_PLAIN, "abc", 5);
    top_field(&line, TOP_PLAIN, "12", -4);
    top_field(&line, TOP_PLAIN, "much too long", 4);
    top_field(&line, TOP_PLAIN, "longer still", -4);
    CHECK(strcmp(line.text, "abc    12muchlong") == 0);
    top_field(&line, TOP_PLAIN, "end", 9);
    CHECK(strcmp(line.text, "abc    12muchlongend") == 0);
}

#define CHECK_TEXT(call, wanted)                                               \
    do {                                                                       \
        char text[TOP_NUMBER];                                                 \
        const char *said = call;                                               \
        if (strcmp(said, wanted) != 0)                                         \
            test_fail(__FILE__, __LINE__, "%s says \"%s\"", #call, said);      \
    } while (0)

TEST(numbers_are_short_enough_for_their_columns)
{
    CHECK_TEXT(top_rate(-1, text), "- ");
    CHECK_TEXT(top_rate(0, text), "0 ");
    CHECK_TEXT(top_rate(12, text), "12 ");
    CHECK_TEXT(top_rate(1.25, text), "1.2 ");
    CHECK_TEXT(top_rate(999.4, text), "999 ");
    CHECK_TEXT(top_rate(999.6, text), "1.0k");
    CHECK_TEXT(top_rate(12345, text), "12.3k");
    CHECK_TEXT(top_rate(4.5e9, text), "4.5G");
    CHECK_TEXT(top_rate(1e15, text), "1000000G");
    CHECK_TEXT(top_percent(-1, text), "-");
    CHECK_TEXT(top_percent(99.94, text), "99.9");
    CHECK_TEXT(top_percent(99.96, text), "100");
    CHECK_TEXT(top_size(4096, text), "4K");
    CHECK_TEXT(top_size(1536, text), "1.5K");
    CHECK_TEXT(top_size(12.25 * 1024 * 1024, text), "12.2M");
    CHECK_TEXT(top_span(-1, text), "");
    CHECK_TEXT(top_span(0.1234, text), "123ms");
    CHECK_TEXT(top_span(9.999, text), "10.0s");
    CHECK_TEXT(top_span(61, text), "1m01s");
    CHECK_TEXT(top_span(3 * 3600 + 125, text), "3h02m");
    CHECK_TEXT(top_span(50 * 3600, text), "2d02h");
}

TEST(without_a_screen_all_rows_are_lines)
{
    struct stage stage;
    char *text;
    size_t size, lines = 0;
    stage_open(&stage, 300);
    FILE *out = open_memstream(&text, &size);
    CHECK_INT(top_write(&stage.top, out, 200), 0);
    CHECK_INT(fclose(out), 0);
    for (const char *c = text; *c != '\0'; c++) {
        lines += *c == '\n';
        CHECK(c[0] != ' ' || c[1] != '\n');
        CHECK(*c != '\033');
    }
    /* Three of the program, three of its loops, none, the heads, the tasks. */
    CHECK_INT(lines, 3 + 3 + 1 + 1 + MADE_CLIENTS + 300);
    CHECK(strstr(text, "  client ") != NULL);
    free(text);
    stage_close(&stage);
}

/* --- keys --------------------------------------------------------------- */

TEST(plus_and_minus_change_how_often_it_looks)
{
    struct stage stage;
    stage_open(&stage, 0);
    stage_type(&stage, "+");
    CHECK(stage.top.view.interval == 2);
    stage_type(&stage, "--");
    CHECK(stage.top.view.interval == 0.5);
    stage_type(&stage, "----------");
    CHECK(stage.top.view.interval == 0.1);
    stage_type(&stage, "++++++++++++");
    CHECK(stage.top.view.interval == 60);
    stage_close(&stage);
}

TEST(p_pauses_and_q_quits_from_the_list_alone)
{
    struct stage stage;
    stage_open(&stage, 0);
    stage_type(&stage, "p");
    CHECK(stage.top.view.paused);
    CHECK(stage_shows(&stage, "paused"));
    stage_type(&stage, " ");
    CHECK(!stage.top.view.paused);
    stage_type(&stage, "?q");
    CHECK(!stage.top.quits);
    stage_type(&stage, "/q");
    CHECK(!stage.top.quits);
    top_key(&stage.top, TOP_KEY_ENTER);
    stage_type(&stage, "q");
    CHECK(stage.top.quits);
    stage_close(&stage);
}

TEST(keys_that_mean_nothing_do_nothing)
{
    struct stage stage;
    uint64_t state = test_seed(1);
    stage_open(&stage, 20);
    for (int i = 0; i < 3000; i++) {
        unsigned key = (unsigned)(test_random(&state) % 160);
        if (key >= 128)
            key = TOP_KEY_UP + (key - 128) % 12;
        CHECK_INT(top_key(&stage.top, key), 0);
        if (i % 50 == 0)
            free(stage_draw(&stage, 1 + (size_t)i % 37, 1 + (size_t)i % 101));
        if (i % 300 == 0)
            CHECK_INT(top_see(&stage.top), 0);
    }
    stage_close(&stage);
}
