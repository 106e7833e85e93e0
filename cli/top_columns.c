/*
 * top_columns.c - what a table of tasks has, and how wide that is
 *
 * Where there is not room for all, those go first that tell least; what is left
 * over then goes to the texts.
 */
#include "top.h"

#include <string.h>

#define TOP_ROOMY 132 /* columns where those may be that few look for */

struct top_column_kind {
    const char *name;
    const char *word;
    size_t width; /* the least, with the space behind it */
    unsigned letter;
    unsigned rank; /* the highest go first */
};

static const struct top_column_kind top_columns[TOP_COLUMNS] = {
    [TOP_START] = {"ID", "start", 11, 'O', 9},
    [TOP_NAME] = {"NAME", "name", 14, 'N', 0},
    [TOP_MANY] = {"TASKS", "tasks", 8, '#', 1},
    [TOP_STATE] = {"STATE", "state", 11, 'S', 4},
    [TOP_WAIT] = {"WAITS FOR", "wait", 24, 'W', 2},
    [TOP_SPAN] = {"FOR", "waited", 8, 'F', 3},
    [TOP_TURNS] = {"TURNS/s", "turns", 11, 'T', 5},
    [TOP_CPU] = {"CPU%", "cpu", 7, 'C', 6},
    [TOP_STACK] = {"STACK", "stack", 8, 'K', 8},
    [TOP_SITE] = {"STARTED AT", "place", 14, 'A', 7},
};

enum top_column top_column_of(unsigned letter)
{
    int i = 0;
    while (i < TOP_COLUMNS && top_columns[i].letter != letter)
        i++;
    return (enum top_column)i;
}

enum top_column top_column_called(const char *word)
{
    int i = 0;
    while (i < TOP_COLUMNS && strcmp(top_columns[i].word, word) != 0)
        i++;
    return (enum top_column)i;
}

bool top_column_counts(enum top_column column)
{
    return column == TOP_MANY || (column >= TOP_SPAN && column <= TOP_STACK);
}

const char *top_column_name(enum top_column column)
{
    return top_columns[column].name;
}

static size_t top_taken(const struct top_widths *widths)
{
    size_t sum = 0;
    for (int i = 0; i < TOP_COLUMNS; i++)
        sum += widths->of[i];
    return sum;
}

/* Groups are places. */
static unsigned top_rank(const struct top *top, int column)
{
    if (top->view.mode == TOP_GROUPS && column == TOP_SITE)
        return 1;
    if (top->view.mode == TOP_GROUPS && column == TOP_STATE)
        return 7;
    return top_columns[column].rank;
}

static void top_drop_one(const struct top *top, struct top_widths *widths)
{
    int worst = TOP_NAME;
    for (int i = 0; i < TOP_COLUMNS; i++)
        if (widths->of[i] > 0 && top_rank(top, i) > top_rank(top, worst))
            worst = i;
    widths->of[worst] = 0;
}

/* Lets a column grow up to so many; what it does not take is for others. */
static void top_grow(struct top_widths *widths, enum top_column column,
                     size_t most, size_t columns)
{
    size_t left = columns - top_taken(widths), *width = &widths->of[column];
    if (*width > 0 && *width < most)
        *width += left < most - *width ? left : most - *width;
}

void top_table_plan(const struct top *top, size_t columns,
                    struct top_widths *widths)
{
    for (int i = 0; i < TOP_COLUMNS; i++)
        widths->of[i] = top_columns[i].width;
    widths->of[top->view.mode == TOP_GROUPS ? TOP_START : TOP_MANY] = 0;
    if (columns < TOP_ROOMY)
        widths->of[TOP_START] = 0;
    if (!top->rates.measured)
        widths->of[TOP_CPU] = 0;
    while (top_taken(widths) > columns &&
           top_taken(widths) > widths->of[TOP_NAME])
        top_drop_one(top, widths);
    if (top_taken(widths) > columns) {
        widths->of[TOP_NAME] = columns;
        return;
    }
    top_grow(widths, TOP_SITE, 18, columns);
    bool tree = top->view.mode == TOP_TREE;
    top_grow(widths, TOP_NAME, tree ? 21 : 18, columns);
    top_grow(widths, TOP_WAIT, 30, columns);
    top_grow(widths, TOP_SITE, 22, columns);
    top_grow(widths, TOP_NAME, tree ? 32 : 24, columns);
    top_grow(widths, TOP_WAIT, 44, columns);
    top_grow(widths, TOP_SITE, 40, columns);
    top_grow(widths, TOP_WAIT, 60, columns);
    top_grow(widths, TOP_SITE, TOP_WIDTH, columns);
}
