/*
 * top_keys.c - what a key does to the view
 */
#include "top.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const double top_intervals[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};

/* The mark stays at the row that it is moved to; at the first one it does
 * not. */
static void top_move_to(struct top *top, size_t row)
{
    struct top_view *view = &top->view;
    size_t count = top->rows.count;
    view->cursor = row < count ? row : count > 0 ? count - 1 : 0;
    view->marked =
        view->cursor == 0 ? 0 : top_row_id(top, &top->rows.rows[view->cursor]);
}

/* The place that a key leads to from one of so many. */
static size_t top_moved(const struct top *top, unsigned key, size_t at)
{
    size_t page = top->view.page_rows > 0 ? top->view.page_rows : 1;
    switch (key) {
    case TOP_KEY_UP:
        return at > 0 ? at - 1 : 0;
    case TOP_KEY_DOWN:
        return at + 1;
    case TOP_KEY_PAGE_UP:
        return at > page ? at - page : 0;
    case TOP_KEY_PAGE_DOWN:
        return at + page;
    case TOP_KEY_END:
        return SIZE_MAX / 2;
    default:
        return 0;
    }
}

static bool top_moves(unsigned key)
{
    return key >= TOP_KEY_UP && key <= TOP_KEY_END;
}

static void top_begin_anew(struct top_view *view)
{
    view->marked = 0;
    view->cursor = view->first = 0;
}

static void top_mode(struct top_view *view, enum top_mode mode)
{
    view->mode = view->mode == mode ? TOP_TASKS : mode;
    top_begin_anew(view);
}

void top_sort_by(struct top_view *view, enum top_column column)
{
    struct top_order *order = &view->orders[view->mode];
    if (column == TOP_MANY && view->mode != TOP_GROUPS)
        return;
    if (order->column == column)
        order->down = !order->down;
    else
        *order = (struct top_order){column, top_column_counts(column)};
    top_begin_anew(view);
}

static void top_sort_next(const struct top *top, struct top_view *view,
                          int step)
{
    int column = (int)view->orders[view->mode].column;
    do
        column = (column + step + TOP_COLUMNS) % TOP_COLUMNS;
    while ((column == TOP_MANY && view->mode != TOP_GROUPS) ||
           (column == TOP_CPU && !top->rates.measured));
    top_sort_by(view, (enum top_column)column);
}

static void top_pace(struct top_view *view, bool slower)
{
    const size_t count = sizeof top_intervals / sizeof top_intervals[0];
    double found = view->interval;
    for (size_t i = 0; i < count; i++) {
        double next = top_intervals[slower ? i : count - 1 - i];
        if (slower ? next > found : next < found) {
            view->interval = next;
            return;
        }
    }
}

/* Of a group to its tasks, of a task to all about it. */
static void top_enter(struct top *top)
{
    struct top_view *view = &top->view;
    if (view->cursor >= top->rows.count)
        return;
    const struct top_row *row = &top->rows.rows[view->cursor];
    const fm_picture_task *task = &top_picture(top)->tasks[row->task];
    if (view->mode == TOP_GROUPS) {
        snprintf(view->site, sizeof view->site, "%s", task->site);
        top_mode(view, TOP_TASKS);
        return;
    }
    view->marked = top_row_id(top, row);
    view->subject = task->id;
    snprintf(view->name, sizeof view->name, "%s", task->name);
    view->page = TOP_DETAIL;
    view->scroll = 0;
}

/* First what was entered last. */
static void top_escape(struct top_view *view)
{
    if (view->site[0] != '\0')
        view->mode = TOP_GROUPS;
    view->site[0] = view->filter[0] = '\0';
    view->state = TOP_ALL;
    top_begin_anew(view);
}

static void top_type(struct top_view *view, unsigned key)
{
    size_t size = strlen(view->filter);
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    if (key == TOP_KEY_ERASE) {
        while (size > 0 && (view->filter[size - 1] & 0xc0) == 0x80)
            size--;
        view->filter[size > 0 ? size - 1 : 0] = '\0';
        return;
    }
    size_t used = wcrtomb(bytes, (wchar_t)key, &state);
    if (key < ' ' || key >= TOP_KEY_UP || used == (size_t)-1 ||
        size + used >= sizeof view->filter)
        return;
    memcpy(view->filter + size, bytes, used);
    view->filter[size + used] = '\0';
}

static int top_typed(struct top *top, unsigned key)
{
    struct top_view *view = &top->view;
    if (key == TOP_KEY_ENTER || key == TOP_KEY_ESCAPE)
        view->typing = false;
    if (key == TOP_KEY_ESCAPE)
        memcpy(view->filter, view->before, sizeof view->filter);
    else
        top_type(view, key);
    top_begin_anew(view);
    return top_rows_make(top);
}

static void top_turn_page(struct top_view *view, enum top_page page)
{
    view->page = page;
    view->scroll = 0;
}

/* Keys of a list that change which rows there are. */
static void top_list_key(struct top *top, unsigned key)
{
    struct top_view *view = &top->view;
    enum top_column column = top_column_of(key);
    if (column < TOP_COLUMNS)
        top_sort_by(view, column);
    else if (key == '<' || key == '>')
        top_sort_next(top, view, key == '<' ? -1 : 1);
    else if (key == 'g' || key == 't')
        top_mode(view, key == 'g' ? TOP_GROUPS : TOP_TREE);
    else if (key == 's')
        view->state = (view->state + 1) % TOP_STATES;
    else if (key == TOP_KEY_ESCAPE)
        top_escape(view);
    else if (key == TOP_KEY_ENTER)
        top_enter(top);
    else if (key == '/') {
        memcpy(view->before, view->filter, sizeof view->before);
        view->typing = true;
    }
}

/* Keys that every page has; whether it was one. */
static bool top_common_key(struct top_view *view, unsigned key)
{
    if (key == 'p' || key == ' ')
        view->paused = !view->paused;
    else if (key == '+' || key == '-')
        top_pace(view, key == '+');
    else if (key == '?' || key == 'h')
        top_turn_page(view, view->page == TOP_HELP ? TOP_LIST : TOP_HELP);
    else
        return false;
    return true;
}

int top_key(struct top *top, unsigned key)
{
    struct top_view *view = &top->view;
    if (view->typing)
        return top_typed(top, key);
    if (top_common_key(view, key))
        return 0;
    if (view->page != TOP_LIST) {
        if (top_moves(key))
            view->scroll = top_moved(top, key, view->scroll);
        else if (key == 'q' || key == TOP_KEY_ESCAPE || key == TOP_KEY_ENTER ||
                 key == TOP_KEY_ERASE)
            top_turn_page(view, TOP_LIST);
        return 0;
    }
    if (key == 'q')
        top->quits = true;
    if (top_moves(key)) {
        top_move_to(top, top_moved(top, key, view->cursor));
        return 0;
    }
    top_list_key(top, key);
    return top_rows_make(top);
}
