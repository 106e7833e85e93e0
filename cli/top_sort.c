/*
 * top_sort.c - rows by one of their columns
 *
 * Rows that are alike there keep the order in which their tasks were started.
 */
#include "top.h"

#include <stdlib.h>
#include <string.h>

static double top_sort_number(const struct top_row *row, enum top_column column)
{
    switch (column) {
    case TOP_MANY:
        return (double)row->count;
    case TOP_STATE:
        return row->state == TOP_STUCK ? 0 : row->state;
    case TOP_SPAN:
        return row->span;
    case TOP_TURNS:
        return row->turns;
    case TOP_CPU:
        return row->cpu;
    case TOP_STACK:
        return (double)row->stack;
    default:
        return 0;
    }
}

/* Those that wait for one thing are to stand together. */
static double top_sort_object(const fm_picture_task *task)
{
    if (task->wait.task_count > 0)
        return (double)task->wait.tasks[0];
    return task->wait.fd >= 0 ? task->wait.fd : (double)task->wait.object;
}

static void top_sort_key(const fm_picture *picture, struct top_row *row,
                         enum top_column column)
{
    const fm_picture_task *task = &picture->tasks[row->task];
    row->number = top_sort_number(row, column);
    row->text = "";
    if (column == TOP_NAME)
        row->text = task->name;
    if (column == TOP_SITE)
        row->text = task->site;
    if (column == TOP_WAIT && task->state == FM_TASK_WAITING) {
        row->text = task->wait.name;
        row->number = top_sort_object(task);
    }
}

static int top_sort_compare(const struct top_row *left,
                            const struct top_row *right)
{
    int order = strcmp(left->text, right->text);
    if (order == 0)
        order = (left->number > right->number) - (left->number < right->number);
    return order;
}

static int top_sort_start(const struct top_row *left,
                          const struct top_row *right)
{
    return (left->task > right->task) - (left->task < right->task);
}

static int top_sort_up(const void *left, const void *right)
{
    int order = top_sort_compare(left, right);
    return order != 0 ? order : top_sort_start(left, right);
}

static int top_sort_down(const void *left, const void *right)
{
    int order = top_sort_compare(right, left);
    return order != 0 ? order : top_sort_start(left, right);
}

static int top_sort_latest(const void *left, const void *right)
{
    return top_sort_start(right, left);
}

void top_rows_sort(const fm_picture *picture, struct top_rows *rows,
                   struct top_order order)
{
    int (*compare)(const void *, const void *) =
        order.down ? top_sort_down : top_sort_up;
    if (order.column == TOP_START && order.down)
        compare = top_sort_latest;
    for (size_t i = 0; i < rows->count; i++)
        top_sort_key(picture, &rows->rows[i], order.column);
    if (rows->count > 1)
        qsort(rows->rows, rows->count, sizeof *rows->rows, compare);
}
