/*
 * table.c - a picture as a table, a line for each task
 *
 * A column is as wide as what is in it. Where the line is too short, those
 * that lose least by it get less, the widest first.
 */
#include "inspect/wording.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TABLE_GAP 2  /* columns between two */
#define TABLE_MARK 4 /* bytes of what says that something was cut */

struct table {
    const fm_picture *picture;
    const fm_picture_options *options; /* or NULL */
    struct table_column *columns;
    struct fm__line line;
};

struct table_column {
    const char *title;
    void (*write)(const fm_picture *picture, const fm_picture_task *task,
                  struct fm__words *words);
    size_t least; /* what it may be cut to; 0: not at all */
    size_t width; /* 0: it is not shown */
    bool right;
};

static void table_id(const fm_picture *picture, const fm_picture_task *task,
                     struct fm__words *words)
{
    (void)picture;
    fm__words_add(words, "%" PRIx64, task->id);
}

static void table_name(const fm_picture *picture, const fm_picture_task *task,
                       struct fm__words *words)
{
    (void)picture;
    fm__words_add(words, "%s", task->name);
}

static void table_loop(const fm_picture *picture, const fm_picture_task *task,
                       struct fm__words *words)
{
    if (picture->loop_count > 1)
        fm__words_add(words, "%zu", task->loop + 1);
}

static void table_state(const fm_picture *picture, const fm_picture_task *task,
                        struct fm__words *words)
{
    (void)picture;
    fm__words_add(words, "%s", fm__words_state(task->state));
}

static void table_wait(const fm_picture *picture, const fm_picture_task *task,
                       struct fm__words *words)
{
    fm__words_marks(words, task);
    fm_picture_wait_text(picture, task, words->text + words->used,
                         words->size - words->used);
}

static void table_waited(const fm_picture *picture, const fm_picture_task *task,
                         struct fm__words *words)
{
    char span[FM__WORDS_NUMBER];
    (void)picture;
    if (task->state == FM_TASK_WAITING)
        fm__words_add(words, "%s", fm__words_span(task->wait.seconds, span));
}

static void table_turns(const fm_picture *picture, const fm_picture_task *task,
                        struct fm__words *words)
{
    char number[FM__WORDS_NUMBER];
    (void)picture;
    fm__words_add(words, "%s", fm__words_count(task->turns, number));
}

static void table_stack(const fm_picture *picture, const fm_picture_task *task,
                        struct fm__words *words)
{
    char number[FM__WORDS_NUMBER];
    (void)picture;
    fm__words_add(words, "%s/",
                  task->stack_used == 0
                      ? "?"
                      : fm__words_bytes(task->stack_used, number));
    fm__words_add(words, "%s", fm__words_bytes(task->stack_size, number));
}

static void table_cpu(const fm_picture *picture, const fm_picture_task *task,
                      struct fm__words *words)
{
    char span[FM__WORDS_NUMBER];
    (void)picture;
    if (task->cpu >= 0)
        fm__words_add(words, "%s",
                      fm__words_span((double)task->cpu / 1e9, span));
}

static void table_site(const fm_picture *picture, const fm_picture_task *task,
                       struct fm__words *words)
{
    (void)picture;
    fm__words_add(words, "%s", task->site);
}

enum {
    TABLE_ID,
    TABLE_NAME,
    TABLE_LOOP,
    TABLE_STATE,
    TABLE_WAIT,
    TABLE_WAITED,
    TABLE_TURNS,
    TABLE_STACK,
    TABLE_CPU,
    TABLE_SITE,
    TABLE_COLUMNS
};

static const struct table_column table_columns[TABLE_COLUMNS] = {
    [TABLE_ID] = {"ID", table_id, 0, 0, false},
    [TABLE_NAME] = {"NAME", table_name, 8, 0, false},
    [TABLE_LOOP] = {"LOOP", table_loop, 0, 0, true},
    [TABLE_STATE] = {"STATE", table_state, 0, 0, false},
    [TABLE_WAIT] = {"WAITS FOR", table_wait, 16, 0, false},
    [TABLE_WAITED] = {"FOR", table_waited, 0, 0, true},
    [TABLE_TURNS] = {"TURNS", table_turns, 0, 0, true},
    [TABLE_STACK] = {"STACK", table_stack, 0, 0, true},
    [TABLE_CPU] = {"CPU", table_cpu, 0, 0, true},
    [TABLE_SITE] = {"STARTED AT", table_site, 8, 0, false},
};

static size_t table_count(const struct table *table)
{
    const fm_picture_options *options = table->options;
    return options != NULL && options->order != NULL
               ? options->count
               : table->picture->task_count;
}

static const fm_picture_task *table_task(const struct table *table, size_t i)
{
    const fm_picture_options *options = table->options;
    bool ordered = options != NULL && options->order != NULL;
    return &table->picture->tasks[ordered ? options->order[i] : i];
}

static void table_write(const struct table *table,
                        const struct table_column *column,
                        const fm_picture_task *task, char text[FM__WORDS_SIZE])
{
    struct fm__words words = {text, FM__WORDS_SIZE, 0};
    text[0] = '\0';
    column->write(table->picture, task, &words);
}

/* A column in which nothing is has no title either. */
static void table_measure(struct table *table, struct table_column *column)
{
    char text[FM__WORDS_SIZE];
    size_t count = table_count(table);
    for (size_t i = 0; i < count; i++) {
        table_write(table, column, table_task(table, i), text);
        size_t width = fm__line_columns(text);
        if (width > column->width)
            column->width = width;
    }
    if (column->width > 0 && column->width < strlen(column->title))
        column->width = strlen(column->title);
}

/* What the columns take, or would if they were cut to the least. */
static size_t table_width(const struct table *table, bool cut)
{
    size_t width = 0;
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        const struct table_column *column = &table->columns[i];
        if (column->width == 0)
            continue;
        bool shorter =
            cut && column->least > 0 && column->least < column->width;
        width += (shorter ? column->least : column->width) + TABLE_GAP;
    }
    return width > 0 ? width - TABLE_GAP : 0;
}

/* The one that has most to give, or NULL. */
static struct table_column *table_widest(const struct table *table)
{
    struct table_column *widest = NULL;
    size_t most = 0;
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        struct table_column *column = &table->columns[i];
        if (column->least == 0 || column->width <= column->least + most)
            continue;
        most = column->width - column->least;
        widest = column;
    }
    return widest;
}

/* Whole columns go where all have given what they can. */
static void table_fit(struct table *table)
{
    static const int spare[] = {TABLE_STACK, TABLE_TURNS, TABLE_CPU};
    for (size_t i = 0; i < FM__COUNT(spare); i++) {
        if (table_width(table, true) > table->line.width)
            table->columns[spare[i]].width = 0;
    }
    size_t width = table_width(table, false);
    for (; width > table->line.width; width--) {
        struct table_column *column = table_widest(table);
        if (column == NULL)
            return;
        column->width--;
    }
}

/* The end of a place of start says most: its beginning is cut. */
static void table_shorten(const struct table *table, char *text, size_t width)
{
    const char *mark = table->line.utf8 ? "…" : "~", *from = text;
    size_t columns = fm__line_columns(text);
    if (columns <= width)
        return;
    for (; columns >= width && *from != '\0'; from += fm__line_step(from))
        columns -= fm__line_width(from);
    memmove(text + strlen(mark), from, strlen(from) + 1);
    memcpy(text, mark, strlen(mark));
}

static enum fm__style table_style(const struct table_column *column,
                                  const fm_picture_task *task)
{
    if (task == NULL)
        return FM__STYLE_STRONG;
    if (column->write == table_site)
        return FM__STYLE_FAINT;
    bool alarm = column->write == table_wait && task->circle > 0;
    return alarm ? FM__STYLE_ALARM : FM__STYLE_PLAIN;
}

/* Of a task, or NULL: the title. */
static void table_cell(struct table *table, const struct table_column *column,
                       const fm_picture_task *task)
{
    struct fm__line *line = &table->line;
    char buffer[FM__WORDS_SIZE + TABLE_MARK];
    const char *text = column->title;
    if (task != NULL) {
        table_write(table, column, task, buffer);
        text = buffer;
    }
    if (task != NULL && column->write == table_site)
        table_shorten(table, buffer, column->width);
    size_t taken = fm__line_columns(text);
    if (column->right && taken < column->width)
        fm__line_pad(line, column->width - taken);
    fm__line_cell(line, table_style(column, task), text,
                  column->right ? taken : column->width);
    fm__line_pad(line, TABLE_GAP);
}

static void table_row(struct table *table, const fm_picture_task *task)
{
    const fm_picture_options *options = table->options;
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        if (table->columns[i].width > 0)
            table_cell(table, &table->columns[i], task);
    }
    fm__line_end(&table->line);
    if (task != NULL && options != NULL && options->more != NULL)
        options->more(task, "    ", table->line.out, options->arg);
}

int fm__picture_table(const fm_picture *picture, FILE *out,
                      const fm_picture_options *options)
{
    struct table_column columns[TABLE_COLUMNS];
    struct table table = {
        .picture = picture, .options = options, .columns = columns};
    memcpy(columns, table_columns, sizeof columns);
    fm__line_init(&table.line, out, options);
    for (int i = 0; i < TABLE_COLUMNS; i++)
        table_measure(&table, &columns[i]);
    table_fit(&table);
    bool bare = options != NULL && options->bare;
    if (!bare)
        fm__words_head(picture, &table.line);
    if (table_count(&table) > 0)
        table_row(&table, NULL);
    for (size_t i = 0; i < table_count(&table); i++)
        table_row(&table, table_task(&table, i));
    if (!bare && table_count(&table) == 0 && picture->task_count > 0)
        fm__words_note(&table.line, "no task fits");
    if (!bare)
        fm__words_tail(picture, &table.line);
    return fm__words_done(out);
}
