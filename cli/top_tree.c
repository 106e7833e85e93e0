/*
 * top_tree.c - each row below the one that has its parent
 *
 * Siblings keep the order that they came in.
 */
#include "top.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TOP_DEEP 63 /* levels whose lines are drawn */

/* Rows as a tree: numbers + 1 of rows. */
struct top_tree {
    const struct top_row *from;
    struct top_row *to;
    size_t count;
    size_t *rows;     /* by task, until all have their place in the lists; */
    size_t *siblings; /* by row + 1; that of nobody, 0, is the first root */
    size_t *children; /* by row */
};

static void top_tree_link(struct top_tree *self, const fm_picture *picture)
{
    for (size_t i = 0; i < self->count; i++)
        self->rows[self->from[i].task] = i + 1;
    /* Backwards, because each goes to the head of a list. */
    for (size_t i = self->count; i-- > 0;) {
        size_t task = self->from[i].task, parent = picture->tasks[task].parent;
        size_t above = parent < task ? self->rows[parent] : 0;
        size_t *head = above == 0 ? self->siblings : &self->children[above - 1];
        self->siblings[i + 1] = *head;
        *head = i + 1;
    }
}

static void top_tree_put(struct top_tree *self, size_t row, unsigned depth,
                         uint64_t beside)
{
    struct top_row *to = self->to++;
    *to = self->from[row - 1];
    to->depth = depth;
    to->beside = beside;
}

/* Goes down as long as there are children, and up by `rows`, which has nothing
 * else to do by then: who is above each depth. */
static void top_tree_walk(struct top_tree *self)
{
    size_t depth = 0, row = self->siblings[0];
    uint64_t beside = 0;
    while (row != 0) {
        uint64_t bit = UINT64_C(1) << (depth < TOP_DEEP ? depth : TOP_DEEP);
        bool last = self->siblings[row] == 0;
        beside = last ? beside & ~bit : beside | bit;
        top_tree_put(self, row, (unsigned)depth, beside);
        if (self->children[row - 1] != 0) {
            self->rows[depth++] = row;
            row = self->children[row - 1];
            continue;
        }
        while (depth > 0 && self->siblings[row] == 0)
            row = self->rows[--depth];
        row = self->siblings[row];
    }
}

int top_tree_order(const fm_picture *picture, struct top_rows *rows)
{
    size_t tasks = picture->task_count + 1, count = rows->count;
    struct top_row *sorted = malloc((count + 1) * sizeof *sorted);
    size_t *children = calloc(count + 1, sizeof *children);
    struct top_tree tree = {.from = sorted,
                            .to = rows->rows,
                            .count = count,
                            .rows = rows->chain,
                            .siblings = rows->chain + tasks,
                            .children = children};
    bool room = sorted != NULL && children != NULL;
    if (room) {
        memcpy(sorted, rows->rows, count * sizeof *sorted);
        memset(rows->chain, 0, 2 * tasks * sizeof *rows->chain);
        top_tree_link(&tree, picture);
        top_tree_walk(&tree);
    }
    free(sorted);
    free(children);
    return room ? 0 : -ENOMEM;
}
