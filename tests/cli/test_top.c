/*
 * test_top.c - what fermata top makes of pictures: rates and rows
 */
#include "top_play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- rates -------------------------------------------------------------- */

TEST(nothing_is_known_of_rates_after_one_look)
{
    struct stage stage;
    stage_open(&stage, 3);
    CHECK(stage.top.rates.turns[MADE_COOK] < 0);
    CHECK(stage.top.rates.loops[0].polls < 0);
    CHECK(stage.top.rates.program < 0);
    CHECK(stage_shows(&stage, "CPU -%"));
    stage_close(&stage);
}

TEST(rates_are_what_changed_between_two_looks)
{
    struct stage stage;
    stage_open(&stage, 3);
    stage.program.step = 2;
    stage.program.looks = 1;
    stage.top.looks[stage.top.now].moment = 2;
    CHECK_INT(top_see(&stage.top), 0);
    /* 20 turns in two seconds, and 340 polls. */
    CHECK(stage.top.rates.turns[MADE_COOK] == 10);
    CHECK(stage.top.rates.loops[0].polls == 170);
    CHECK(stage.top.rates.loops[0].started == 6);
    CHECK(stage.top.rates.loops[0].cpu == 5);
    CHECK(stage.top.rates.loops[1].turns == 20);
    CHECK(stage.top.rates.program == 12.5);
    stage_close(&stage);
}

/* Two looks, a second apart, at the same few tasks. */
struct pair {
    fm_picture_task before[2], now[2];
    fm_picture pictures[2];
    struct top_look looks[2];
};

static void pair_init(struct pair *self)
{
    *self = (struct pair){.before = {{.id = 7}, {.id = 8}},
                          .now = {{.id = 8}, {.id = 9}}};
    self->pictures[0] = (fm_picture){.tasks = self->before, .task_count = 2};
    self->pictures[1] = (fm_picture){.tasks = self->now, .task_count = 2};
    for (int i = 0; i < 2; i++)
        self->looks[i] =
            (struct top_look){.picture = &self->pictures[i], .moment = 1 + i};
}

TEST(a_task_is_known_again_by_its_handle_and_turns_go_round)
{
    struct pair pair;
    struct top_rates rates = {.turns = NULL};
    pair_init(&pair);
    pair.before[1].turns = UINT32_MAX;
    pair.before[1].cpu = 1000;
    pair.now[0].turns = 4;
    pair.now[0].cpu = 1000 + 50000000;
    CHECK_INT(top_rates_make(&rates, &pair.looks[0], &pair.looks[1]), 0);
    CHECK(rates.turns[0] == 5);
    CHECK(rates.cpu[0] == 5);
    CHECK(rates.measured);
    top_rates_fini(&rates);
}

TEST(a_new_task_began_at_nothing_unless_it_may_have_been_missed)
{
    struct pair pair;
    struct top_rates rates = {.turns = NULL};
    pair_init(&pair);
    pair.now[1].turns = 6;
    CHECK_INT(top_rates_make(&rates, &pair.looks[0], &pair.looks[1]), 0);
    CHECK(rates.turns[1] == 6);
    pair.pictures[0].skipped = 1;
    CHECK_INT(top_rates_make(&rates, &pair.looks[0], &pair.looks[1]), 0);
    CHECK(rates.turns[1] < 0);
    top_rates_fini(&rates);
}

TEST(cpu_that_is_not_measured_has_no_column)
{
    struct stage stage;
    stage_open(&stage, 1);
    CHECK(stage_lacks(&stage, "CPU%  STACK"));
    stage.program.tasks[0][0].cpu = 5;
    CHECK_INT(top_rates_make(&stage.top.rates, NULL, top_last(&stage.top)), 0);
    CHECK(stage_shows(&stage, "CPU%   STACK"));
    stage_close(&stage);
}

/* --- rows --------------------------------------------------------------- */

TEST(rows_come_in_the_order_of_their_start)
{
    struct stage stage;
    stage_open(&stage, 2);
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + 2);
    for (size_t i = 0; i < stage.top.rows.count; i++)
        CHECK_INT(stage.top.rows.rows[i].task, i);
    stage_type(&stage, "O");
    CHECK_INT(stage.top.rows.rows[0].task, MADE_CLIENTS + 1);
    stage_close(&stage);
}

/* Whether no row comes before one that belongs there. */
static bool is_sorted(const struct stage *stage, bool down)
{
    const struct top_rows *rows = &stage->top.rows;
    for (size_t i = 1; i < rows->count; i++) {
        const struct top_row *one = &rows->rows[i - 1], *two = &rows->rows[i];
        int order = strcmp(one->text, two->text);
        if (order == 0)
            order = (one->number > two->number) - (one->number < two->number);
        if (down ? order < 0 : order > 0)
            return false;
        if (order == 0 && one->task > two->task)
            return false;
    }
    return true;
}

TEST(each_letter_sorts_and_sorts_the_other_way_round)
{
    struct stage stage;
    stage_open(&stage, test_many(3000));
    CHECK_INT(top_see(&stage.top), 0);
    for (const char *letter = "NSWFTCKA"; *letter != '\0'; letter++) {
        const char keys[] = {*letter, '\0'};
        stage_type(&stage, keys);
        bool down = stage.top.view.orders[TOP_TASKS].down;
        CHECK_INT(down, top_column_counts(top_column_of((unsigned)*letter)));
        CHECK(is_sorted(&stage, down));
        stage_type(&stage, keys);
        CHECK(is_sorted(&stage, !down));
    }
    stage_close(&stage);
}

TEST(what_is_sorted_by_turns_begins_with_the_most)
{
    struct stage stage;
    stage_open(&stage, 0);
    CHECK_INT(top_see(&stage.top), 0);
    stage_type(&stage, "T");
    CHECK(strcmp(stage_name(&stage, 0), "runner") == 0);
    stage_type(&stage, "S");
    CHECK(strcmp(stage_name(&stage, 0), "cook") == 0);
    stage_close(&stage);
}

TEST(left_and_right_sort_by_each_column_that_there_is)
{
    struct stage stage;
    stage_open(&stage, 0);
    for (int i = 0; i < TOP_COLUMNS - 2; i++)
        stage_type(&stage, ">");
    CHECK_INT(stage.top.view.orders[TOP_TASKS].column, TOP_START);
    stage_type(&stage, "<");
    CHECK_INT(stage.top.view.orders[TOP_TASKS].column, TOP_SITE);
    stage_close(&stage);
}

TEST(a_typed_text_filters_by_name_wait_and_place)
{
    struct stage stage;
    stage_open(&stage, 5);
    stage_type(&stage, "/STOVE");
    CHECK_INT(stage.top.rows.count, 3);
    CHECK(stage_shows(&stage, "/STOVE"));
    top_key(&stage.top, TOP_KEY_ENTER);
    CHECK_INT(stage.top.rows.count, 3);
    stage_type(&stage, "/");
    for (int i = 0; i < 9; i++)
        top_key(&stage.top, TOP_KEY_ERASE);
    stage_type(&stage, "held by c");
    CHECK_INT(stage.top.rows.count, 1);
    CHECK(strcmp(stage_name(&stage, 0), "waiter") == 0);
    top_key(&stage.top, TOP_KEY_ESCAPE);
    CHECK(strcmp(stage.top.view.filter, "STOVE") == 0);
    top_key(&stage.top, TOP_KEY_ESCAPE);
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + 5);
    stage_type(&stage, "/100000003");
    CHECK_INT(stage.top.rows.count, 1);
    CHECK(strcmp(stage_name(&stage, 0), "waiter") == 0);
    stage_close(&stage);
}

TEST(a_filter_takes_characters_of_any_alphabet)
{
    struct stage stage;
    stage_open(&stage, 0);
    stage_type(&stage, "/f");
    top_key(&stage.top, 0xfc);
    CHECK_INT(stage.top.rows.count, 1);
    CHECK(strcmp(stage.top.view.filter, "f\u00fc") == 0);
    top_key(&stage.top, TOP_KEY_ERASE);
    CHECK(strcmp(stage.top.view.filter, "f") == 0);
    top_key(&stage.top, 7);
    top_key(&stage.top, TOP_KEY_UP);
    CHECK(strcmp(stage.top.view.filter, "f") == 0);
    for (int i = 0; i < 2 * TOP_FILTER; i++)
        top_key(&stage.top, 0x20ac);
    CHECK(strlen(stage.top.view.filter) < TOP_FILTER);
    stage_close(&stage);
}

TEST(one_state_after_the_other_is_shown)
{
    static const size_t counts[TOP_STATES] = {
        [TOP_ALL] = MADE_CLIENTS + 4, [FM_TASK_RUNNING] = 1,
        [FM_TASK_READY] = 1,          [FM_TASK_WAITING] = 9,
        [FM_TASK_ENDED] = 1,          [TOP_STUCK] = 2,
        [TOP_CANCELLED] = 1};
    struct stage stage;
    stage_open(&stage, 4);
    for (int i = 1; i <= TOP_STATES; i++) {
        stage_type(&stage, "s");
        CHECK_INT(stage.top.rows.count, counts[i % TOP_STATES]);
    }
    stage_close(&stage);
}

TEST(tasks_of_one_place_fold_to_one_row)
{
    struct stage stage;
    stage_open(&stage, 9);
    CHECK_INT(top_see(&stage.top), 0);
    stage_type(&stage, "g");
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + 1);
    const struct top_row *row = &stage.top.rows.rows[0];
    double turns = 0, span = 0;
    size_t stack = 0;
    for (size_t i = MADE_CLIENTS; i < MADE_CLIENTS + 9; i++) {
        const fm_picture_task *task = &top_picture(&stage.top)->tasks[i];
        turns += stage.top.rates.turns[i];
        span = task->wait.seconds > span ? task->wait.seconds : span;
        stack = task->stack_used > stack ? task->stack_used : stack;
    }
    CHECK_INT(row->count, 9);
    CHECK(row->turns == turns);
    CHECK(row->span == span && stage_task(&stage, 0)->wait.seconds == span);
    CHECK_INT(row->stack, stack);
    CHECK_INT(row->state, FM_TASK_WAITING);
    CHECK(stage_shows(&stage, "client "));
    stage_close(&stage);
}

TEST(names_of_a_group_are_told_as_far_as_they_are_alike)
{
    struct stage stage;
    stage_open(&stage, 3);
    fm_picture_task *tasks = stage.program.tasks[0];
    tasks[MADE_CLIENTS].name = "guest 12";
    tasks[MADE_CLIENTS + 1].name = "guest 13";
    tasks[MADE_CLIENTS + 2].name = "guest 1";
    stage_type(&stage, "g");
    CHECK(stage_shows(&stage, "guest 1* "));
    tasks[MADE_CLIENTS].name = "g\u00e4ste";
    tasks[MADE_CLIENTS + 1].name = "g\u00f6ste";
    stage_type(&stage, "gg");
    CHECK(stage_shows(&stage, "g* "));
    tasks[MADE_CLIENTS + 2].state = FM_TASK_READY;
    stage_type(&stage, "gg");
    CHECK_INT(stage.top.rows.rows[0].state, TOP_ALL);
    CHECK(stage_shows(&stage, "mixed"));
    stage_close(&stage);
}

TEST(enter_goes_from_a_group_to_its_tasks_and_escape_comes_back)
{
    struct stage stage;
    stage_open(&stage, 6);
    stage_type(&stage, "g");
    top_key(&stage.top, TOP_KEY_ENTER);
    CHECK_INT(stage.top.view.mode, TOP_TASKS);
    CHECK_INT(stage.top.rows.count, 6);
    CHECK(stage_shows(&stage, "only kitchen/serve.c:44"));
    top_key(&stage.top, TOP_KEY_ESCAPE);
    CHECK_INT(stage.top.view.mode, TOP_GROUPS);
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + 1);
    stage_close(&stage);
}

TEST(a_hundred_thousand_tasks_are_a_few_rows)
{
    struct stage stage;
    size_t clients = test_many(100000);
    stage_open(&stage, clients);
    CHECK_INT(top_see(&stage.top), 0);
    stage_type(&stage, "g");
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + 1);
    CHECK_INT(stage.top.rows.rows[0].count, clients);
    stage_type(&stage, "tT");
    CHECK_INT(stage.top.rows.count, MADE_CLIENTS + clients);
    stage_close(&stage);
}

TEST(a_tree_has_each_task_below_its_owner_and_sorts_siblings)
{
    struct stage stage;
    stage_open(&stage, 3);
    stage_type(&stage, "tN");
    CHECK(strcmp(stage_name(&stage, 0), "conductor") == 0);
    CHECK(strcmp(stage_name(&stage, 1), "bereit für alles") == 0);
    CHECK(strcmp(stage_name(&stage, 5), "server") == 0);
    CHECK(strcmp(stage_name(&stage, 6), "client") == 0);
    CHECK_INT(stage.top.rows.rows[6].depth, 2);
    CHECK(stage_shows(&stage, "│ └─client "));
    CHECK(stage_shows(&stage, "├─grüße "));
    CHECK(stage_shows(&stage, "└─餐具 "));
    stage_type(&stage, "/client");
    CHECK_INT(stage.top.rows.count, 5);
    CHECK(stage.top.rows.rows[0].faint && stage.top.rows.rows[1].faint);
    CHECK(!stage.top.rows.rows[2].faint);
    stage_close(&stage);
}

TEST(a_tree_may_be_as_deep_as_there_are_tasks)
{
    struct stage stage;
    size_t clients = test_many(20000);
    stage_open(&stage, clients);
    for (size_t i = 1; i < MADE_CLIENTS + clients; i++)
        stage.program.tasks[0][i].parent = i - 1;
    stage_type(&stage, "t");
    for (size_t i = 0; i < stage.top.rows.count; i++)
        CHECK_INT(stage.top.rows.rows[i].depth, i);
    top_key(&stage.top, TOP_KEY_END);
    free(stage_draw(&stage, 24, 80));
    stage_close(&stage);
}

/* --- the cursor --------------------------------------------------------- */

TEST(the_mark_stays_at_its_task)
{
    struct stage stage;
    stage_open(&stage, 50);
    for (int i = 0; i < MADE_CLIENTS + 20; i++)
        top_key(&stage.top, TOP_KEY_DOWN);
    uint64_t id = stage_task(&stage, stage.top.view.cursor)->id;
    stage.program.gone = 10;
    CHECK_INT(top_see(&stage.top), 0);
    CHECK_INT(stage.top.view.cursor, MADE_CLIENTS + 10);
    CHECK(stage_task(&stage, stage.top.view.cursor)->id == id);
    stage.program.gone = 50;
    CHECK_INT(top_see(&stage.top), 0);
    CHECK_INT(stage.top.view.cursor, MADE_CLIENTS - 1);
    stage_close(&stage);
}

TEST(at_the_first_row_the_mark_stays_there)
{
    struct stage stage;
    stage_open(&stage, 5);
    top_key(&stage.top, TOP_KEY_DOWN);
    top_key(&stage.top, TOP_KEY_UP);
    stage.program.gone = 5;
    stage_type(&stage, "O");
    CHECK_INT(top_see(&stage.top), 0);
    CHECK_INT(stage.top.view.cursor, 0);
    stage_close(&stage);
}

TEST(the_cursor_moves_by_rows_and_pages_and_is_always_seen)
{
    struct stage stage;
    stage_open(&stage, 200);
    struct top_view *view = &stage.top.view;
    free(stage_draw(&stage, 24, 80));
    size_t page = view->page_rows, last = MADE_CLIENTS + 199;
    CHECK(page > 10 && page < 24);
    top_key(&stage.top, TOP_KEY_PAGE_DOWN);
    CHECK_INT(view->cursor, page);
    top_key(&stage.top, TOP_KEY_END);
    CHECK_INT(view->cursor, last);
    top_key(&stage.top, TOP_KEY_DOWN);
    CHECK_INT(view->cursor, last);
    free(stage_draw(&stage, 24, 80));
    CHECK_INT(view->first, last + 1 - page);
    top_key(&stage.top, TOP_KEY_PAGE_UP);
    CHECK_INT(view->cursor, last - page);
    top_key(&stage.top, TOP_KEY_HOME);
    top_key(&stage.top, TOP_KEY_UP);
    CHECK_INT(view->cursor, 0);
    free(stage_draw(&stage, 24, 80));
    CHECK_INT(view->first, 0);
    stage_close(&stage);
}
