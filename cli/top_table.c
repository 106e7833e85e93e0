/*
 * top_table.c - the heads of the columns, and a row below them
 */
#include "glyphs.h"
#include "top.h"

#include <inttypes.h>
#include <string.h>

struct top_cell {
    enum top_column column;
    enum top_style style;
    const char *text;
};

/* A field and the space behind it. */
static void top_put_cell(struct top_line *line, const struct top_cell *cell,
                         size_t width)
{
    size_t end = line->width + width;
    int room = (int)width - (cell->column == TOP_TURNS ? 1 : 2);
    if (!top_column_counts(cell->column))
        room = 1 - (int)width;
    top_field(line, cell->style, cell->text, -room);
    top_pad(line, cell->style, end);
}

static const char *top_arrow(bool down)
{
    if (glyphs_unicode())
        return down ? "\u25be" : "\u25b4";
    return down ? "v" : "^";
}

void top_table_heads(const struct top *top, const struct top_widths *widths,
                     struct top_line *line)
{
    struct top_order order = top->view.orders[top->view.mode];
    for (int i = TOP_START; i < TOP_COLUMNS; i++) {
        char text[TOP_NUMBER];
        struct top_cell cell = {(enum top_column)i, TOP_BAR, text};
        const char *arrow = "";
        if (widths->of[i] == 0)
            continue;
        if (i == (int)order.column) {
            cell.style = TOP_SORTED;
            arrow = top_arrow(order.down);
        }
        snprintf(text, sizeof text, "%s%s", top_column_name(cell.column),
                 arrow);
        top_put_cell(line, &cell, widths->of[i]);
    }
    top_pad(line, TOP_BAR, line->limit);
}

/* The lines that lead to a row from those above it. */
static void top_branch(struct top_line *line, enum top_style style,
                       const struct top_row *row)
{
    bool wide = glyphs_unicode();
    for (unsigned i = 1; i <= row->depth; i++) {
        bool more = row->beside >> (i < 63 ? i : 63) & 1;
        const char *text = more ? (wide ? "│ " : "| ") : "  ";
        if (i == row->depth && wide)
            text = more ? "├─" : "└─";
        else if (i == row->depth)
            text = more ? "|-" : "`-";
        top_put(line, style, text);
    }
}

/* All that a group's names have in common, and what else is there. */
static void top_name(const struct top *top, const struct top_row *row,
                     size_t width, struct top_line *line)
{
    const char *name = top_picture(top)->tasks[row->task].name;
    size_t limit = line->limit, end = line->width + width;
    enum top_style style = row->state == TOP_STUCK ? TOP_RED : TOP_STRONG;
    if (row->faint)
        style = TOP_FAINT;
    if (end - 1 < limit)
        line->limit = end - 1;
    top_branch(line, TOP_FAINT, row);
    if (row->count > 1 && row->common <= strlen(name))
        top_format(line, style, "%.*s*", (int)row->common, name);
    else
        top_put(line, style, name);
    line->limit = limit;
    top_pad(line, TOP_PLAIN, end);
}

/* Its folders go first where there is not room for all; the line is kept. */
static const char *top_short_site(const char *site, size_t width)
{
    while (top_width(site) > width) {
        const char *slash = strchr(site, '/');
        site = slash != NULL ? slash + 1 : site + 1;
        while ((*site & 0xc0) == 0x80)
            site++;
    }
    return site;
}

static enum top_style top_state_style(int state)
{
    switch (state) {
    case FM_TASK_RUNNING:
        return TOP_GREEN;
    case FM_TASK_READY:
        return TOP_YELLOW;
    case TOP_STUCK:
        return TOP_RED;
    case FM_TASK_ENDED:
        return TOP_FAINT;
    default:
        return TOP_PLAIN;
    }
}

static enum top_style top_cell_style(const struct top_row *row, int column)
{
    if (row->faint)
        return TOP_FAINT;
    if (row->state == TOP_STUCK && column <= TOP_WAIT)
        return TOP_RED;
    if (column == TOP_STATE)
        return top_state_style(row->state);
    if (column == TOP_SITE || (column == TOP_TURNS && row->turns <= 0))
        return TOP_FAINT;
    return TOP_PLAIN;
}

static const char *top_state_text(const fm_picture_task *task,
                                  const struct top_row *row)
{
    if (row->state == TOP_ALL)
        return "mixed";
    if (task->cancelled && row->state == FM_TASK_WAITING)
        return "cancelled";
    return top_state(row->state);
}

/* size: of text, which is at least TOP_NUMBER. */
static const char *top_cell_text(const struct top *top,
                                 const struct top_row *row, int column,
                                 char text[TOP_WORDS])
{
    const fm_picture_task *task = &top_picture(top)->tasks[row->task];
    switch (column) {
    case TOP_START:
        snprintf(text, TOP_NUMBER, "%" PRIx64, task->id);
        return text;
    case TOP_MANY:
        snprintf(text, TOP_NUMBER, "%zu", row->count);
        return text;
    case TOP_STATE:
        return top_state_text(task, row);
    case TOP_WAIT:
        return top_wait(top, task, text, TOP_WORDS);
    case TOP_SPAN:
        return top_span(row->span, text);
    case TOP_TURNS:
        return top_rate(row->turns, text);
    case TOP_CPU:
        return top_percent(row->cpu, text);
    case TOP_STACK:
        return row->stack == 0 ? "-" : top_size((double)row->stack, text);
    default:
        return task->site;
    }
}

void top_table_row(const struct top *top, const struct top_widths *widths,
                   size_t row, struct top_line *line)
{
    const struct top_row *this = &top->rows.rows[row];
    char text[TOP_WORDS];
    for (int i = TOP_START; i < TOP_COLUMNS; i++) {
        size_t width = widths->of[i];
        if (width == 0)
            continue;
        if (i == TOP_NAME) {
            top_name(top, this, width, line);
            continue;
        }
        struct top_cell cell = {(enum top_column)i, top_cell_style(this, i),
                                top_cell_text(top, this, i, text)};
        if (i == TOP_SITE)
            cell.text = top_short_site(cell.text, width - 1);
        top_put_cell(line, &cell, width);
    }
}
