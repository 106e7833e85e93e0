/*
 * top_draw.c - what is on the screen
 */
#include "top.h"

#include <errno.h>
#include <string.h>

/* As many rows for the head as leave enough for the tasks. */
static size_t top_head_rows(const struct top *top, size_t rows)
{
    size_t loops = top_picture(top)->loop_count, most = rows / 4;
    if (rows < 8)
        return 1;
    if (rows < 16)
        return rows < 12 ? 2 : 3;
    return 4 + (loops < most ? loops : most);
}

static void top_scroll_to_cursor(struct top_view *view, size_t count)
{
    size_t rows = view->page_rows > 0 ? view->page_rows : 1;
    if (view->cursor < view->first)
        view->first = view->cursor;
    if (view->cursor >= view->first + rows)
        view->first = view->cursor - rows + 1;
    if (view->first + rows > count)
        view->first = count > rows ? count - rows : 0;
}

static void top_mark(struct top_line *line)
{
    top_pad(line, TOP_MARKED, line->limit);
    memset(line->styles, TOP_MARKED, line->size);
}

static void top_list_draw(struct top *top, struct top_canvas *canvas)
{
    struct top_view *view = &top->view;
    struct top_widths widths;
    top_head_draw(top, canvas, top_head_rows(top, canvas->rows));
    if (canvas->rows >= 16)
        top_canvas_next(canvas);
    top_table_plan(top, canvas->columns, &widths);
    top_table_heads(top, &widths, top_canvas_next(canvas));
    view->page_rows =
        canvas->rows > canvas->count + 1 ? canvas->rows - canvas->count - 1 : 0;
    top_scroll_to_cursor(view, top->rows.count);
    for (size_t i = 0; i < view->page_rows; i++) {
        struct top_line *line = top_canvas_next(canvas);
        size_t row = view->first + i;
        if (row < top->rows.count)
            top_table_row(top, &widths, row, line);
        if (row < top->rows.count && row == view->cursor)
            top_mark(line);
    }
}

/* What is not as it is at the beginning. */
static void top_conditions(const struct top *top, struct top_line *line)
{
    const struct top_view *view = &top->view;
    if (view->paused)
        top_put(line, TOP_YELLOW, "paused  ");
    if (view->state != TOP_ALL)
        top_format(line, TOP_BLUE, "only %s  ", top_state(view->state));
    if (view->site[0] != '\0')
        top_format(line, TOP_BLUE, "only %s  ", view->site);
    if (view->filter[0] != '\0')
        top_format(line, TOP_BLUE, "/%s  ", view->filter);
    if (line->size > 0)
        top_format(line, TOP_PLAIN, "%zu rows  ", top->rows.count);
}

static void top_hints(const struct top *top, struct top_line *line)
{
    if (top->view.page != TOP_LIST) {
        top_put(line, TOP_FAINT, "Esc back  p pause  ? help");
        return;
    }
    top_put(line, TOP_FAINT,
            line->limit < 60
                ? "? help  q quit"
                : "? help  q quit  / filter  < > sort  g groups  t tree  "
                  "s state  Enter more");
}

/* Why what is shown is not new. */
static const char *top_why(int rc)
{
    if (rc == -ESRCH)
        return "The program has ended; this was the last look.";
    if (rc == -ENODATA)
        return "Its tasks have ended; this was the last look at them.";
    if (rc == -EPROTO)
        return "What it was is gone: has it become another program?";
    return fm_strerror(rc);
}

static void top_status(const struct top *top, struct top_line *line)
{
    if (top->view.typing) {
        top_format(line, TOP_BLUE, "/%s", top->view.filter);
        top_put(line, TOP_MARKED, " ");
        top_put(line, TOP_FAINT, "  Enter keeps it, Esc does not");
        return;
    }
    if (top->ended < 0)
        top_format(line, TOP_RED, "%s  ", top_why(top->ended));
    top_conditions(top, line);
    top_hints(top, line);
}

static void top_sheet_draw(struct top *top, struct top_canvas *canvas)
{
    struct top_view *view = &top->view;
    size_t rows = canvas->rows - 1, most;
    for (;;) {
        struct top_sheet sheet = {
            .canvas = canvas, .rows = rows, .skip = view->scroll};
        canvas->count = 0;
        if (view->page == TOP_HELP)
            top_help_draw(&sheet);
        else
            top_detail_draw(top, &sheet);
        most = sheet.total > rows ? sheet.total - rows : 0;
        if (view->scroll <= most)
            break;
        view->scroll = most;
    }
    while (canvas->count < rows)
        top_canvas_next(canvas);
    view->page_rows = rows;
}

void top_draw(struct top *top, struct top_canvas *canvas)
{
    canvas->count = 0;
    if (canvas->rows > 1 && top->view.page == TOP_LIST)
        top_list_draw(top, canvas);
    else if (canvas->rows > 1)
        top_sheet_draw(top, canvas);
    top_status(top, top_canvas_next(canvas));
}

static int top_print(const struct top_line *line, FILE *out)
{
    size_t size = line->size;
    while (size > 0 && line->text[size - 1] == ' ')
        size--;
    fprintf(out, "%.*s\n", (int)size, line->text);
    return ferror(out) ? -EIO : 0;
}

int top_write(struct top *top, FILE *out, size_t columns)
{
    size_t loops = top_picture(top)->loop_count;
    struct top_canvas canvas = {NULL, 0, 0, 0};
    struct top_widths widths;
    if (top_canvas_resize(&canvas, loops + 6, columns) < 0)
        return -ENOMEM;
    top_head_draw(top, &canvas, loops + 4);
    top_canvas_next(&canvas);
    top_table_plan(top, canvas.columns, &widths);
    top_table_heads(top, &widths, top_canvas_next(&canvas));
    for (size_t i = 0; i < canvas.count; i++)
        top_print(&canvas.lines[i], out);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < top->rows.count; i++) {
        canvas.count = 0;
        struct top_line *line = top_canvas_next(&canvas);
        top_table_row(top, &widths, i, line);
        rc = top_print(line, out);
    }
    top_canvas_fini(&canvas);
    return rc;
}
