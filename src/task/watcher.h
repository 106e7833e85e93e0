/*
 * watcher.h - who is to look again when something may have changed
 *
 * Beside those who wait in a thing to be handed what it has, there are those
 * who look at several things at once and take nothing: a select, or records
 * that are awaited. They are told whenever the thing may have become ready,
 * each of them, in order of coming; who finds nothing keeps its place.
 *
 * Watchers that are all zero are none. A thing that is freed has none.
 */
#ifndef FM_TASK_WATCHER_H
#define FM_TASK_WATCHER_H

#include "base/list.h"

#include <fermata/when.h>

struct fm__wait_kind;

struct fm__watchers {
    struct fm__list list; /* of struct fm__watcher; zero: none so far */
};

/* One that looks; told, it may leave the list, but must not touch others. */
struct fm__watcher {
    struct fm__list link;
    void (*look)(struct fm__watcher *watcher);
};

FM__INLINE bool fm__watched(const struct fm__watchers *watchers)
{
    return !fm__list_none(&watchers->list);
}

FM__INLINE void fm__watch(struct fm__watchers *watchers,
                          struct fm__watcher *watcher)
{
    fm__list_begin(&watchers->list);
    fm__list_push(&watchers->list, &watcher->link);
}

/* The thing may have become ready. */
FM__INLINE void fm__watchers_tell(struct fm__watchers *watchers)
{
    if (FM__LIKELY(!fm__watched(watchers)))
        return;
    struct fm__list *link = watchers->list.next;
    while (link != &watchers->list) {
        struct fm__watcher *watcher =
            FM__CONTAINER(link, struct fm__watcher, link);
        link = link->next;
        watcher->look(watcher);
    }
}

/* What a thing that can be selected answers for itself. */
struct fm__when_kind {
    /* Whether it is ready now; without a side effect. */
    bool (*ready)(const fm_when *when);
    struct fm__watchers *(*watchers)(const fm_when *when);
    /* What it is ready with, for who keeps that; NULL: 0. */
    int (*result)(const fm_when *when);
    /* What a wait for it alone is: its name, and what `object` is. */
    const struct fm__wait_kind *wait;
};

#endif
