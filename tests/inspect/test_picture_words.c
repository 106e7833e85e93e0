/*
 * The words that texts of a picture are made of, and what they make of
 * programs that are not to be trusted.
 */
#include "pictures.h"

#include "inspect/wording.h"

#include <locale.h>

/* ---- Words -------------------------------------------------------------- */

static void check_span(double seconds, const char *words)
{
    fm_picture_task task = {
        .state = FM_TASK_WAITING,
        .timeout = -1,
        .wait = {.kind = FM_WAIT_TIMER, .name = "sleep", .left = seconds}};
    char text[64], expected[64];
    snprintf(expected, sizeof expected, "sleep, %s left", words);
    fm_picture_wait_text(&server, &task, text, sizeof text);
    if (strcmp(text, expected) != 0)
        test_fail(__FILE__, __LINE__, "%g: \"%s\"", seconds, text);
}

TEST(spans_are_told_in_the_unit_that_suits_them)
{
    check_span(0.0000004, "0 us");
    check_span(0.000999, "999 us");
    check_span(0.0009996, "1.0 ms");
    check_span(0.00995, "10 ms");
    check_span(0.0099, "9.9 ms");
    check_span(0.9994, "999 ms");
    check_span(0.9999, "1.0 s");
    check_span(9.94, "9.9 s");
    check_span(9.96, "10 s");
    check_span(59.4, "59 s");
    check_span(59.6, "1 min 0 s");
    check_span(3599, "59 min 59 s");
    check_span(3600, "1 h 0 min");
    check_span(47 * 3600.0, "47 h 0 min");
    check_span(50 * 3600.0, "2 d 2 h");
    check_span(1e9, "11574 d 1 h");
}

static void check_wait(fm_picture_wait wait, const char *words)
{
    fm_picture_task task = {
        .name = "self", .state = FM_TASK_WAITING, .timeout = -1, .wait = wait};
    char text[128];
    task.wait.left = -1;
    fm_picture_wait_text(&server, &task, text, sizeof text);
    if (strcmp(text, words) != 0)
        test_fail(__FILE__, __LINE__, "not \"%s\" but \"%s\"", words, text);
}

TEST(each_kind_of_wait_has_its_words)
{
    static const size_t all[] = {0, 1, 2, 3, 4};
    check_wait((fm_picture_wait){.kind = FM_WAIT_NOTHING, .name = "suspend"},
               "suspend");
    check_wait((fm_picture_wait){.kind = FM_WAIT_OPERATION,
                                 .name = "thread run",
                                 .fd = -1},
               "thread run");
    check_wait((fm_picture_wait){.kind = FM_WAIT_DESCRIPTOR,
                                 .name = "serve",
                                 .fd = 3,
                                 .local = "[::1]:80"},
               "serve on fd 3, [::1]:80");
    check_wait((fm_picture_wait){.kind = FM_WAIT_TASKS,
                                 .name = "await",
                                 .tasks = all,
                                 .task_count = 1},
               "await: serve 100000000");
    check_wait((fm_picture_wait){.kind = FM_WAIT_TASKS,
                                 .name = "gather",
                                 .tasks = all,
                                 .task_count = 5},
               "gather: serve, accept_all, conn and 2 more");
    check_wait((fm_picture_wait){.kind = FM_WAIT_TASKS, .name = "gather"},
               "gather");
    check_wait(
        (fm_picture_wait){
            .kind = FM_WAIT_ANY, .name = "wait", .tasks = all, .task_count = 2},
        "wait: any of serve, accept_all");
    check_wait((fm_picture_wait){.kind = FM_WAIT_LOCK, .name = "lock"}, "lock");
    /* Its name may be that of others, too. */
    check_wait((fm_picture_wait){.kind = FM_WAIT_LOCK,
                                 .name = "lock",
                                 .tasks = all + 2,
                                 .task_count = 1},
               "lock, held by conn 700000002");
    check_wait((fm_picture_wait){.kind = FM_WAIT_COUNTED,
                                 .name = "queue put",
                                 .count = 1024},
               "queue put, has 1,024");
    check_wait((fm_picture_wait){.kind = FM_WAIT_COUNTED,
                                 .name = "queue put",
                                 .count = 16,
                                 .limit = 16},
               "queue put, has 16 of 16");
    check_wait((fm_picture_wait){.kind = FM_WAIT_OBJECT,
                                 .name = "event",
                                 .object = 0xdeadbeef},
               "event at 0xdeadbeef");
}

TEST(a_choice_has_the_words_of_a_wait_for_it_alone)
{
    const fm_picture_choice some[] = {
        {"queue get", .fd = -1, .object = 0xabc, .task = FM_PICTURE_NONE},
        {"ready", .fd = 3, .peer = "[::1]:80", .task = FM_PICTURE_NONE},
        {"end of task", .fd = -1, .task = 0},
        {"event", .fd = -1, .object = 0xdef, .task = FM_PICTURE_NONE},
        {"event", .fd = -1, .object = 0xfed, .task = FM_PICTURE_NONE},
    };
    fm_picture_wait wait = {
        .kind = FM_WAIT_CHOICES, .name = "select", .choices = some};
    check_wait(wait, "select");
    wait.choice_count = 1;
    check_wait(wait, "select: queue get at 0xabc");
    wait.choice_count = 3;
    check_wait(wait, "select: queue get at 0xabc or ready on fd 3, peer "
                     "[::1]:80 or end of task serve 100000000");
    wait.choice_count = 5;
    check_wait(wait, "select: queue get at 0xabc or ready on fd 3, peer "
                     "[::1]:80 or end of task serve 100000000 or 2 more");
}

TEST(what_is_due_is_not_told_as_a_span)
{
    fm_picture_task task = {
        .name = "self",
        .state = FM_TASK_WAITING,
        .timeout = 0,
        .wait = {.kind = FM_WAIT_TIMER, .name = "sleep", .left = 0}};
    char text[64];
    fm_picture_wait_text(&server, &task, text, sizeof text);
    CHECK(strcmp(text, "sleep, time is up, timeout is due") == 0);
}

TEST(of_what_was_cut_no_more_than_half_a_character_goes)
{
    CHECK_INT(fm__line_whole("abc", 3), 3);
    CHECK_INT(fm__line_whole("ab\xc3\xa4", 4), 4);
    CHECK_INT(fm__line_whole("ab\xc3", 3), 2);
    CHECK_INT(fm__line_whole("a\xf0\x9f\x8e\xb5", 5), 5);
    CHECK_INT(fm__line_whole("a\xf0\x9f\x8e", 4), 1);
    CHECK_INT(fm__line_whole("a\xff\x80\x80\x80\x80\x80", 7), 7);
}

TEST(words_end_where_their_room_does)
{
    char text[8] = "untold";
    fm_picture_wait_text(&server, &server_tasks[2], text, 0);
    CHECK(strcmp(text, "untold") == 0);
    fm_picture_wait_text(&server, &server_tasks[2], text, 1);
    CHECK(strcmp(text, "") == 0);
    fm_picture_wait_text(&server, &server_tasks[2], text, sizeof text);
    CHECK(strcmp(text, "receive") == 0);
    fm_picture_wait_text(&server, &server_tasks[3], text, sizeof text);
    CHECK(strcmp(text, "") == 0);
}

TEST(words_end_between_characters)
{
    const fm_picture_task task = {
        .state = FM_TASK_WAITING,
        .timeout = -1,
        .wait = {.kind = FM_WAIT_LOCK, .name = "k\u6599\u00e4", .left = -1}};
    static const char *const wanted[] = {"k",       "k",       "k",
                                         "k\u6599", "k\u6599", "k\u6599\u00e4"};
    char text[8];
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        fm_picture_wait_text(&server, &task, text, 2 + i);
        CHECK(strcmp(text, wanted[i]) == 0);
    }
}

/* ---- What a hostile program may say ------------------------------------- */

/* A quote, an escape sequence, controls of 8 bits, and what is no UTF-8. */
#define HOSTILE "a\"\\\033[2J\x9b\xc2\x9b\xff\xc3\xa4\xe2\x82"

static const fm_picture *hostile_make(struct crowd *crowd)
{
    crowd_make(crowd);
    crowd->picture.task_count = 1;
    crowd->picture.program = HOSTILE;
    crowd->tasks[0].name = HOSTILE;
    crowd->tasks[0].site = HOSTILE;
    return &crowd->picture;
}

static void check_tame(int (*write)(const fm_picture *, FILE *,
                                    const fm_picture_options *))
{
    static struct crowd crowd;
    use_utf8();
    char *text = written(hostile_make(&crowd), write, NULL);
    CHECK(strstr(text, "a\"\\?[2J????\xc3\xa4??") != NULL);
    CHECK(strchr(text, '\033') == NULL && strchr(text, '\x9b') == NULL);
    free(text);
    use_ascii();
    text = written(hostile_make(&crowd), write, NULL);
    CHECK(strstr(text, "a\"\\?[2J???????") != NULL);
    CHECK(strchr(text, '\033') == NULL && strchr(text, '\x9b') == NULL);
    free(text);
}

TEST(no_name_controls_the_terminal)
{
    check_tame(fm__picture_table);
    check_tame(fm__picture_tree);
}

TEST(no_name_breaks_json)
{
    static struct crowd crowd;
    char *text = written(hostile_make(&crowd), fm__picture_json, NULL);
    CHECK(strstr(text, "\"a\\\"\\\\\\u001b[2J\\u009b\\u00c2\\u009b\\u00ff"
                       "\xc3\xa4\\u00e2\\u0082\"") != NULL);
    free(text);
}

/* ---- Wide characters ---------------------------------------------------- */

/* A wide one, an accent that takes no column, and none of these. */
static const fm_picture *wide_make(struct crowd *crowd)
{
    crowd_make(crowd);
    crowd->picture.task_count = 0;
    crowd_add(crowd, "\u9910\u5177\u9910\u5177\u9910\u5177", NONE);
    crowd_add(crowd, "gru\u0308\u00dfe", NONE);
    crowd_add(crowd, "plain", NONE)->site = "\u9910\u5177\u9910\u5177.c:7";
    return &crowd->picture;
}

TEST(columns_are_those_of_a_terminal)
{
    static struct crowd crowd;
    fm_picture_options options = {.bare = true};
    use_utf8();
    CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    CHECK_WRITTEN(written(wide_make(&crowd), fm__picture_table, &options),
                  "ID         NAME          LOOP  STATE    WAITS FO"
                  "R           FOR  TURNS  STACK  STARTED AT\n"
                  "100000000  餐具餐具餐具     1  waiting  sleep, 10 s le"
                  "ft  1.0 s      0  ?/64K  crowd.c:7\n"
                  "100000001  grüße            1  waiting  sleep, "
                  "10 s left  2.0 s      0  ?/64K  crowd.c:7\n"
                  "100000002  plain            1  waiting  sleep, 1"
                  "0 s left  3.0 s      0  ?/64K  餐具餐具.c:7\n");
    options.width = 70;
    CHECK_WRITTEN(written(wide_make(&crowd), fm__picture_table, &options),
                  "ID         NAME      LOOP  STATE    WAITS FOR   "
                  "        FOR  STARTED …\n"
                  "100000000  餐具餐 …     1  waiting  sleep, 10 s lef"
                  "t  1.0 s  crowd.c:7\n"
                  "100000001  grüße        1  waiting  sleep, 10 s"
                  " left  2.0 s  crowd.c:7\n"
                  "100000002  plain        1  waiting  sleep, 10 s "
                  "left  3.0 s  …餐具.c:7\n");
}

TEST(of_a_locale_that_is_not_set_each_character_is_one_column)
{
    static struct crowd crowd;
    fm_picture_options options = {.bare = true};
    use_ascii();
    setlocale(LC_CTYPE, "C");
    CHECK_WRITTEN(written(wide_make(&crowd), fm__picture_table, &options),
                  "ID         NAME    LOOP  STATE    WAITS FOR     "
                  "      FOR  TURNS  STACK  STARTED AT\n"
                  "100000000  ??????     1  waiting  sleep, 10 s le"
                  "ft  1.0 s      0  ?/64K  crowd.c:7\n"
                  "100000001  gru??e     1  waiting  sleep, 10 s le"
                  "ft  2.0 s      0  ?/64K  crowd.c:7\n"
                  "100000002  plain      1  waiting  sleep, 10 s le"
                  "ft  3.0 s      0  ?/64K  ????.c:7\n");
}

#define DEEP 2000

TEST(a_tree_of_any_depth_has_lines_of_some_width)
{
    static fm_picture_task tasks[DEEP];
    static const fm_picture picture = {.program = "deep",
                                       .version = "0",
                                       .loops = server_loops,
                                       .loop_count = 1,
                                       .tasks = tasks,
                                       .task_count = DEEP};
    use_ascii();
    for (size_t i = 0; i < DEEP; i++)
        tasks[i] = (fm_picture_task){TASK(i, "down", "deep.c:1", i - 1),
                                     .state = FM_TASK_READY};
    char *text = written(&picture, fm__picture_tree, NULL);
    CHECK(strstr(text, "\n(1968)    ") != NULL);
    CHECK(strstr(text, "   `- down  ready  deep.c:1\n") != NULL);
    CHECK(strlen(text) < DEEP * 160);
    free(text);
}

TEST(a_picture_that_cannot_be_written_says_so)
{
    FILE *full = fopen("/dev/full", "w");
    setvbuf(full, NULL, _IONBF, 0);
    CHECK_INT(fm_picture_table(&server, full), -EIO);
    CHECK_INT(fm_picture_tree(&server, full), -EIO);
    CHECK_INT(fm_picture_json(&server, full), -EIO);
    fclose(full);
}
