/*
 * list.h - a circular list through its members
 *
 * Invariant: a head or a member that is in no list points to itself, so
 * removing twice does no harm and emptiness is one comparison.
 */
#ifndef FM_BASE_LIST_H
#define FM_BASE_LIST_H

#include "base/compiler.h"

struct fm__list {
    struct fm__list *next;
    struct fm__list *prev;
};

FM__INLINE void fm__list_init(struct fm__list *list)
{
    list->next = list;
    list->prev = list;
}

FM__INLINE bool fm__list_empty(const struct fm__list *list)
{
    return list->next == list;
}

/* For heads in records that begin as zero: that is an empty list as well,
 * until the first push, which has to be preceded by fm__list_begin. */
FM__INLINE bool fm__list_none(const struct fm__list *list)
{
    return list->next == NULL || list->next == list;
}

FM__INLINE void fm__list_begin(struct fm__list *list)
{
    if (list->next == NULL)
        fm__list_init(list);
}

FM__INLINE void fm__list_push(struct fm__list *head, struct fm__list *item)
{
    struct fm__list *last = head->prev;
    item->prev = last;
    item->next = head;
    last->next = item;
    head->prev = item;
}

/* The item keeps its own links: for items that are about to go away. */
FM__INLINE void fm__list_cut(struct fm__list *item)
{
    item->prev->next = item->next;
    item->next->prev = item->prev;
}

FM__INLINE void fm__list_remove(struct fm__list *item)
{
    fm__list_cut(item);
    fm__list_init(item);
}

FM__INLINE struct fm__list *fm__list_shift(struct fm__list *head)
{
    struct fm__list *first = head->next;
    if (first == head)
        return NULL;
    fm__list_remove(first);
    return first;
}

/* Moves all members to the end of another list. */
FM__INLINE void fm__list_move(struct fm__list *from, struct fm__list *to)
{
    if (fm__list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    fm__list_init(from);
}

#endif
