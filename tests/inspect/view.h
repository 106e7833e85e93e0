/*
 * view.h - a program that is looked at, for tests of what is seen
 */
#ifndef TESTS_INSPECT_VIEW_H
#define TESTS_INSPECT_VIEW_H

#include "harness.h"

#include <fermata.h>
#include <fermata/inspect.h>
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

static inline void view_look(struct view *view)
{
    if (view->inspect != NULL)
        CHECK_INT(fm_inspect_look(view->inspect, &view->picture), 0);
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

/* What holds of each picture. */
static inline bool view_sound_wait(const fm_picture *picture,
                                   const fm_picture_task *task)
{
    const fm_picture_wait *wait = &task->wait;
    bool sound = wait->name != NULL && wait->kind >= FM_WAIT_NOTHING &&
                 wait->kind <= FM_WAIT_OBJECT && wait->fd >= -1;
    for (size_t i = 0; i < wait->task_count; i++)
        sound = sound && wait->tasks[i] < picture->task_count;
    if (task->state != FM_TASK_WAITING)
        sound = sound && wait->task_count == 0 && task->cycle == 0;
    return sound && task->cycle <= picture->cycles;
}

static inline bool view_sound(const fm_picture *picture)
{
    bool sound = picture->program != NULL && picture->version != NULL;
    for (size_t i = 0; i < picture->loop_count; i++)
        sound = sound && picture->loops[i].backend != NULL;
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        sound = sound && task->name != NULL && task->site != NULL &&
                task->loop < picture->loop_count &&
                (task->parent < i || task->parent == FM_PICTURE_NONE) &&
                task->state >= FM_TASK_RUNNING &&
                task->state <= FM_TASK_ENDED &&
                task->stack_used <= task->stack_size &&
                view_sound_wait(picture, task);
    }
    return sound;
}

#endif
