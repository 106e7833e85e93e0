/*
 * view.h - a program that is looked at, for tests of what is seen
 */
#ifndef TESTS_INSPECT_VIEW_H
#define TESTS_INSPECT_VIEW_H

#include "harness.h"

#include "inspect/view_sound.h"

#include <errno.h>
#include <fermata.h>
#include <string.h>
#include <unistd.h>

struct view {
    fm_inspect *inspect;
    const fm_picture *picture;
};

#define VIEW_NONE SIZE_MAX

/* Of a process; or the test fails and all that follows finds nothing. */
static inline struct view view_of(int pid)
{
    static const fm_picture nothing = {.program = "?", .version = "?"};
    struct view view = {NULL, &nothing};
    CHECK_INT(fm_inspect_open(&view.inspect, pid), 0);
    return view;
}

/* Whether it could be looked at. */
static inline bool view_look(struct view *view)
{
    int rc = -ESRCH;
    if (view->inspect != NULL)
        rc = fm_inspect_look(view->inspect, &view->picture);
    CHECK_INT(rc, 0);
    return rc == 0;
}

static inline void view_close(struct view *view)
{
    fm_inspect_close(view->inspect);
}

/* The first task of that name from a place on, or VIEW_NONE. */
static inline size_t view_next(const struct view *view, const char *name,
                               size_t from)
{
    const fm_picture *picture = view->picture;
    for (size_t i = from; i < picture->task_count; i++) {
        if (strcmp(picture->tasks[i].name, name) == 0)
            return i;
    }
    return VIEW_NONE;
}

/* The task of that name; where there is none the test fails, and gets one that
 * is nothing. */
static inline const fm_picture_task *view_task(const struct view *view,
                                               const char *name)
{
    static const fm_picture_task nobody = {
        .name = "?", .site = "?", .wait = {.name = "?", .fd = -1}};
    size_t place = view_next(view, name, 0);
    if (place != VIEW_NONE)
        return &view->picture->tasks[place];
    test_fail(__FILE__, __LINE__, "there is no task %s", name);
    return &nobody;
}

static inline const fm_picture_wait *view_wait(const struct view *view,
                                               const char *name)
{
    return &view_task(view, name)->wait;
}

/* Whether the one waits for the other. */
static inline bool view_waits(const struct view *view, const char *name,
                              const char *other)
{
    const fm_picture_wait *wait = view_wait(view, name);
    for (size_t i = 0; i < wait->task_count; i++) {
        const fm_picture_task *task = &view->picture->tasks[wait->tasks[i]];
        if (strcmp(task->name, other) == 0)
            return true;
    }
    return false;
}

#endif
