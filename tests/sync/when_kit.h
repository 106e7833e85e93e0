/*
 * when_kit.h - asks what a select would ask, without one
 */
#ifndef TESTS_SYNC_WHEN_KIT_H
#define TESTS_SYNC_WHEN_KIT_H

#include "task/watcher.h"

/* Watches one thing, and counts how often it is told to look. */
struct when_eye {
    struct fm__watcher watcher;
    int told;
};

static inline bool when_ready(fm_when when)
{
    return when.kind->ready(&when);
}

static inline void when_told(struct fm__watcher *watcher)
{
    FM__CONTAINER(watcher, struct when_eye, watcher)->told++;
}

static inline void when_watch(struct when_eye *eye, fm_when when)
{
    *eye = (struct when_eye){.watcher = {.look = when_told}};
    fm__watch(when.kind->watchers(&when), &eye->watcher);
}

static inline void when_stop(struct when_eye *eye)
{
    fm__list_remove(&eye->watcher.link);
}

/* How often it was told since it was asked last. */
static inline int when_news(struct when_eye *eye)
{
    int told = eye->told;
    eye->told = 0;
    return told;
}

#endif
