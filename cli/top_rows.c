/*
 * top_rows.c - the rows that are asked for, in the order that is asked for
 *
 * A tree keeps those above a row that is asked for, and they are faint.
 */
#include "top.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int top_row_state(const fm_picture_task *task)
{
    return task->circle > 0 ? TOP_STUCK : (int)task->state;
}

static struct top_row top_row_of(const struct top *top, size_t place)
{
    const fm_picture_task *task = &top_picture(top)->tasks[place];
    bool waits = task->state == FM_TASK_WAITING;
    return (struct top_row){.task = place,
                            .count = 1,
                            .state = top_row_state(task),
                            .span = waits ? task->wait.seconds : -1,
                            .turns = top->rates.turns[place],
                            .cpu = top->rates.cpu[place],
                            .stack = task->stack_used};
}

static bool top_has_state(const fm_picture_task *task, int state)
{
    if (state == TOP_CANCELLED)
        return task->cancelled;
    return state == TOP_ALL || state == (int)task->state ||
           state == top_row_state(task);
}

/* A task is found by its name, its handle, where it was started, and what it
 * waits for, which comes last because it is dear to have. */
static bool top_matches(const struct top *top, const fm_picture_task *task)
{
    const struct top_view *view = &top->view;
    char text[TOP_WORDS], id[TOP_NUMBER];
    if (!top_has_state(task, view->state) ||
        (view->site[0] != '\0' && strcmp(view->site, task->site) != 0))
        return false;
    if (view->filter[0] == '\0')
        return true;
    snprintf(id, sizeof id, "%" PRIx64, task->id);
    return strcasecmp(id, view->filter) == 0 ||
           strcasestr(task->name, view->filter) != NULL ||
           strcasestr(task->site, view->filter) != NULL ||
           strcasestr(top_wait(top, task, text, sizeof text), view->filter) !=
               NULL;
}

/* Marks who is asked for, and in a tree who is above them: parents come before
 * their children. */
static void top_choose(const struct top *top, size_t *chosen)
{
    const fm_picture *picture = top_picture(top);
    for (size_t i = 0; i < picture->task_count; i++)
        chosen[i] = top_matches(top, &picture->tasks[i]) ? 2 : 0;
    if (top->view.mode != TOP_TREE)
        return;
    for (size_t i = picture->task_count; i-- > 0;) {
        size_t parent = picture->tasks[i].parent;
        if (chosen[i] != 0 && parent < i && chosen[parent] == 0)
            chosen[parent] = 1;
    }
}

static int top_rows_room(struct top_rows *rows, size_t tasks)
{
    top_rows_fini(rows);
    rows->rows = malloc((tasks + 1) * sizeof *rows->rows);
    rows->chain = malloc(2 * (tasks + 1) * sizeof *rows->chain);
    return rows->rows == NULL || rows->chain == NULL ? -ENOMEM : 0;
}

/* A row that is not there any more leaves the cursor where it was. */
static void top_find_cursor(struct top *top)
{
    struct top_view *view = &top->view;
    size_t count = top->rows.count;
    if (view->marked == 0)
        view->cursor = 0;
    for (size_t i = 0; i < count && view->marked != 0; i++) {
        size_t at = (view->cursor + i) % count;
        if (top_row_id(top, &top->rows.rows[at]) == view->marked) {
            view->cursor = at;
            return;
        }
    }
    if (view->cursor >= count)
        view->cursor = count > 0 ? count - 1 : 0;
}

int top_rows_make(struct top *top)
{
    const fm_picture *picture = top_picture(top);
    struct top_rows *rows = &top->rows;
    struct top_order order = top->view.orders[top->view.mode];
    if (top_rows_room(rows, picture->task_count) < 0)
        return -ENOMEM;
    top_choose(top, rows->chain);
    for (size_t i = 0; i < picture->task_count; i++) {
        if (rows->chain[i] == 0)
            continue;
        struct top_row row = top_row_of(top, i);
        row.faint = rows->chain[i] == 1;
        rows->rows[rows->count++] = row;
    }
    if (top->view.mode == TOP_GROUPS)
        rows->count = top_groups_fold(picture, rows);
    top_rows_sort(picture, rows, order);
    if (top->view.mode == TOP_TREE && top_tree_order(picture, rows) < 0)
        return -ENOMEM;
    top_find_cursor(top);
    return 0;
}

void top_rows_fini(struct top_rows *rows)
{
    free(rows->rows);
    free(rows->chain);
    *rows = (struct top_rows){NULL, 0, NULL};
}

uint64_t top_row_id(const struct top *top, const struct top_row *row)
{
    const fm_picture_task *task = &top_picture(top)->tasks[row->task];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    if (top->view.mode != TOP_GROUPS)
        return task->id == 0 ? 1 : task->id;
    for (const char *c = task->site; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return hash == 0 ? 1 : hash;
}
