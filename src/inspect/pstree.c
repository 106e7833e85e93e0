/*
 * pstree.c - a picture as a tree: who owns whom
 *
 * Tasks of one owner that are alike, down to their children, are one line: a
 * shape says so, a number of the names, places, states and waits. Who is in a
 * circle is like nobody.
 */
#include "inspect/wording.h"

#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PSTREE_FOLD 4   /* that are alike, and more, are one line */
#define PSTREE_DEPTH 32 /* owners that a line is drawn to */
#define PSTREE_NONE SIZE_MAX

struct pstree_node {
    uint64_t shape;
    size_t place;
    size_t owner; /* its place; or PSTREE_NONE */
    size_t loop;
    size_t next;    /* of the same owner, that is shown */
    size_t below;   /* the first of its own */
    size_t depth;   /* owners above it */
    size_t copies;  /* itself and those it stands for; 0: another one does */
    bool general;   /* it, or an owner of it, stands for others as well */
    double longest; /* that one of these has waited */
};

struct pstree {
    const fm_picture *picture;
    const fm_picture_options *options; /* or NULL */
    struct fm__line line;
    struct pstree_node *nodes; /* by place */
    struct pstree_node **order;
    size_t *roots; /* by loop: the first */
};

/* ---- Who is alike ------------------------------------------------------- */

/* FNV-1a */
static uint64_t pstree_mix(uint64_t shape, const char *text)
{
    do {
        shape = (shape ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++ != '\0');
    return shape;
}

static uint64_t pstree_shape(const fm_picture_task *task, size_t place)
{
    uint64_t shape = UINT64_C(0xcbf29ce484222325);
    shape = pstree_mix(shape, task->name);
    shape = pstree_mix(shape, task->site);
    shape = pstree_mix(shape, fm__words_state(task->state));
    shape = pstree_mix(shape, task->cancelled ? "cancelled" : "");
    if (task->state == FM_TASK_WAITING)
        shape = pstree_mix(shape, task->wait.name);
    return task->circle > 0 ? shape + place : shape;
}

/* Of each owner those that are alike side by side, the eldest first. */
static int pstree_compare(const void *left, const void *right)
{
    const struct pstree_node *a = *(const struct pstree_node *const *)left;
    const struct pstree_node *b = *(const struct pstree_node *const *)right;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    if (a->loop != b->loop)
        return a->loop < b->loop ? -1 : 1;
    if (a->shape != b->shape)
        return a->shape < b->shape ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static bool pstree_alike(const struct pstree_node *a,
                         const struct pstree_node *b)
{
    return a->owner == b->owner && a->loop == b->loop && a->shape == b->shape;
}

/* Children come after their owners, so backwards each shape is complete when it
 * becomes a part of its owner's. */
static void pstree_fill(struct pstree *tree)
{
    for (size_t i = tree->picture->task_count; i-- > 0;) {
        const fm_picture_task *task = &tree->picture->tasks[i];
        struct pstree_node *node = &tree->nodes[i];
        node->shape += pstree_shape(task, i);
        node->place = i;
        node->owner = task->parent < i ? task->parent : PSTREE_NONE;
        node->loop = task->loop;
        node->next = node->below = PSTREE_NONE;
        node->copies = 1;
        node->longest = task->wait.seconds;
        tree->order[i] = node;
        if (node->owner != PSTREE_NONE)
            tree->nodes[node->owner].shape +=
                (node->shape ^ node->shape >> 29) *
                UINT64_C(0x9e3779b97f4a7c15);
    }
}

static void pstree_fold(struct pstree *tree)
{
    size_t count = tree->picture->task_count, end;
    qsort(tree->order, count, sizeof *tree->order, pstree_compare);
    for (size_t i = 0; i < count; i = end) {
        struct pstree_node *first = tree->order[i];
        for (end = i + 1; end < count; end++) {
            if (!pstree_alike(first, tree->order[end]))
                break;
        }
        if (end - i < PSTREE_FOLD)
            continue;
        first->copies = end - i;
        first->general = true;
        for (size_t k = i + 1; k < end; k++) {
            tree->order[k]->copies = 0;
            if (tree->order[k]->longest > first->longest)
                first->longest = tree->order[k]->longest;
        }
    }
}

static void pstree_link(struct pstree *tree)
{
    for (size_t i = 0; i < tree->picture->loop_count; i++)
        tree->roots[i] = PSTREE_NONE;
    for (size_t i = 0; i < tree->picture->task_count; i++) {
        struct pstree_node *node = &tree->nodes[i];
        if (node->owner == PSTREE_NONE)
            continue;
        node->depth = tree->nodes[node->owner].depth + 1;
        node->general |= tree->nodes[node->owner].general;
    }
    for (size_t i = tree->picture->task_count; i-- > 0;) {
        struct pstree_node *node = &tree->nodes[i];
        if (node->copies == 0)
            continue;
        size_t *first = node->owner != PSTREE_NONE
                            ? &tree->nodes[node->owner].below
                            : &tree->roots[node->loop];
        node->next = *first;
        *first = i;
    }
}

/* ---- Lines -------------------------------------------------------------- */

/* The node's line ends the list of its owner's, or those below it stand beside
 * such lines. */
static const char *pstree_stem(const struct pstree *tree, bool last, bool own)
{
    static const char *const drawn[2][2][2] = {
        {{"|  ", "|- "}, {"   ", "`- "}},
        {{"│  ", "├─ "}, {"   ", "└─ "}},
    };
    return drawn[tree->line.utf8][last][own];
}

/* What stands to the left of a node, or of what is below it. */
static void pstree_indent(const struct pstree *tree, size_t place, bool own,
                          struct fm__words *words)
{
    size_t path[PSTREE_DEPTH], depth = 0, all = tree->nodes[place].depth + 1;
    do {
        path[depth++] = place;
        place = tree->nodes[place].owner;
    } while (place != PSTREE_NONE && depth < PSTREE_DEPTH);
    if (all > depth)
        fm__words_add(words, "(%zu) ", all - depth);
    while (depth-- > 0) {
        const struct pstree_node *node = &tree->nodes[path[depth]];
        fm__words_add(
            words, "%s",
            pstree_stem(tree, node->next == PSTREE_NONE, own && depth == 0));
    }
}

static void pstree_put_name(struct pstree *tree, const struct pstree_node *node)
{
    const fm_picture_task *task = &tree->picture->tasks[node->place];
    char text[FM__WORDS_SIZE], number[FM__WORDS_NUMBER];
    struct fm__words words = {text, sizeof text, 0};
    text[0] = '\0';
    if (node->copies > 1)
        fm__words_add(&words, "%s x ", fm__words_count(node->copies, number));
    fm__words_add(&words, "%s", task->name);
    if (task->circle > 0)
        fm__words_add(&words, " %" PRIx64, task->id);
    fm__line_put(&tree->line,
                 task->circle > 0 ? FM__STYLE_ALARM : FM__STYLE_STRONG, text);
}

/* Of one that stands for others no more than holds of all. */
static void pstree_put_wait(struct pstree *tree, const struct pstree_node *node)
{
    const fm_picture_task *task = &tree->picture->tasks[node->place];
    char text[FM__WORDS_SIZE], span[FM__WORDS_NUMBER];
    if (node->general)
        snprintf(text, sizeof text, "%s", task->wait.name);
    else
        fm_picture_wait_text(tree->picture, task, text, sizeof text);
    fm__line_put(&tree->line, FM__STYLE_PLAIN, text);
    if (!(node->longest >= 0) || (node->general && node->copies == 1))
        return;
    snprintf(text, sizeof text, " (for %s%s)", node->copies > 1 ? "up to " : "",
             fm__words_span(node->longest, span));
    fm__line_put(&tree->line, FM__STYLE_FAINT, text);
}

static void pstree_put_state(struct pstree *tree,
                             const struct pstree_node *node)
{
    const fm_picture_task *task = &tree->picture->tasks[node->place];
    char marks[FM__WORDS_NUMBER] = "";
    struct fm__words words = {marks, sizeof marks, 0};
    fm__words_marks(&words, task);
    fm__line_pad(&tree->line, 2);
    fm__line_put(&tree->line, FM__STYLE_ALARM, marks);
    if (task->state == FM_TASK_WAITING)
        pstree_put_wait(tree, node);
    else
        fm__line_put(&tree->line, FM__STYLE_PLAIN,
                     fm__words_state(task->state));
}

static void pstree_put(struct pstree *tree, size_t place)
{
    const fm_picture_options *options = tree->options;
    const struct pstree_node *node = &tree->nodes[place];
    char indent[PSTREE_DEPTH * 8 + FM__WORDS_NUMBER] = "";
    struct fm__words words = {indent, sizeof indent, 0};
    pstree_indent(tree, place, true, &words);
    fm__line_put(&tree->line, FM__STYLE_PLAIN, indent);
    pstree_put_name(tree, node);
    pstree_put_state(tree, node);
    fm__line_pad(&tree->line, 2);
    fm__line_put(&tree->line, FM__STYLE_FAINT,
                 tree->picture->tasks[place].site);
    fm__line_end(&tree->line);
    if (options == NULL || options->more == NULL)
        return;
    words.used = 0;
    pstree_indent(tree, place, false, &words);
    fm__words_add(&words, "%s ",
                  pstree_stem(tree, node->below == PSTREE_NONE, false));
    options->more(&tree->picture->tasks[place], indent, tree->line.out,
                  options->arg);
}

/* Down, else on, else up and on. */
static size_t pstree_after(const struct pstree *tree, size_t place)
{
    if (tree->nodes[place].below != PSTREE_NONE)
        return tree->nodes[place].below;
    while (place != PSTREE_NONE && tree->nodes[place].next == PSTREE_NONE)
        place = tree->nodes[place].owner;
    return place != PSTREE_NONE ? tree->nodes[place].next : PSTREE_NONE;
}

static void pstree_put_loop(struct pstree *tree, size_t loop)
{
    char text[FM__WORDS_NUMBER];
    if (tree->picture->loop_count > 1) {
        snprintf(text, sizeof text, "loop %zu", loop + 1);
        fm__line_put(&tree->line, FM__STYLE_PLAIN, text);
        fm__line_end(&tree->line);
    }
    for (size_t place = tree->roots[loop]; place != PSTREE_NONE;
         place = pstree_after(tree, place))
        pstree_put(tree, place);
}

/* ---- All of it ---------------------------------------------------------- */

static int pstree_open(struct pstree *tree)
{
    const fm_picture *picture = tree->picture;
    size_t count = picture->task_count + 1;
    tree->nodes = fm__memory_new(count * sizeof *tree->nodes);
    tree->order = fm__memory_new(count * sizeof(struct pstree_node *));
    tree->roots =
        fm__memory_new((picture->loop_count + 1) * sizeof *tree->roots);
    bool all = tree->nodes != NULL && tree->order != NULL;
    return all && tree->roots != NULL ? 0 : -ENOMEM;
}

static void pstree_close(struct pstree *tree)
{
    fm__memory_free(tree->nodes);
    fm__memory_free(tree->order);
    fm__memory_free(tree->roots);
}

static int pstree_write(struct pstree *tree)
{
    pstree_fill(tree);
    if (tree->options == NULL || !tree->options->unfold)
        pstree_fold(tree);
    pstree_link(tree);
    bool bare = tree->options != NULL && tree->options->bare;
    if (!bare)
        fm__words_head(tree->picture, &tree->line);
    for (size_t i = 0; i < tree->picture->loop_count; i++)
        pstree_put_loop(tree, i);
    if (!bare)
        fm__words_tail(tree->picture, &tree->line);
    return fm__words_done(tree->line.out);
}

int fm__picture_tree(const fm_picture *picture, FILE *out,
                     const fm_picture_options *options)
{
    struct pstree tree = {.picture = picture, .options = options};
    fm__line_init(&tree.line, out, options);
    int rc = pstree_open(&tree);
    if (rc == 0)
        rc = pstree_write(&tree);
    pstree_close(&tree);
    return rc;
}
