/*
 * tree.c - every task that is alive, each after its owner
 *
 * Not in it: members of groups under the root, whose records nobody lists.
 */
#include "task/block.h"

/* In tree order without recursion: down, then on, then up and on. */
static struct fm__task *tree_first(const struct fm__owner *owner)
{
    const struct fm__list *first = owner->members.next;
    if (first == &owner->members)
        return NULL;
    return FM__CONTAINER(first, struct fm__task, link);
}

static struct fm__task *tree_next(struct fm__task *task)
{
    const struct fm__owner *owner = task->owner;
    if (task->link.next == &owner->members)
        return NULL;
    return FM__CONTAINER(task->link.next, struct fm__task, link);
}

/* The first member of the task's groups after `last`, or of its children: they
 * come first, then the group that is being closed, which was the innermost. */
static struct fm__task *tree_below(struct fm__task *task,
                                   const struct fm__owner *last)
{
    struct fm__block *block = task->blocks;
    if (last == NULL && tree_first(&task->children) != NULL)
        return tree_first(&task->children);
    bool past = last == NULL || last == &task->children;
    const struct fm__owner *closing = fm__group_closing(task);
    if (closing != NULL && past && tree_first(closing) != NULL)
        return tree_first(closing);
    past = past || (closing != NULL && closing == last);
    for (; block != NULL; block = block->outer) {
        if (block->kind != FM__BLOCK_GROUP)
            continue;
        const struct fm__owner *owner = fm__group_owner(block);
        if (past && tree_first(owner) != NULL)
            return tree_first(owner);
        past = past || owner == last;
    }
    return NULL;
}

void fm__each_task(struct fm__conductor *home,
                   void (*visit)(struct fm__task *task, void *arg), void *arg)
{
    struct fm__task *task = tree_first(&home->root);
    while (task != NULL) {
        visit(task, arg);
        struct fm__task *next = tree_below(task, NULL);
        while (next == NULL && task != NULL) {
            struct fm__task *parent = task->owner->task;
            next = tree_next(task);
            if (next == NULL && parent != NULL)
                next = tree_below(parent, task->owner);
            task = parent;
        }
        task = next;
    }
}

size_t fm_task_count(void)
{
    return fm__home != NULL ? fm__home->alive : 0;
}
