/*
 * heading.c - what stands above and below the tasks of a picture
 */
#include "inspect/wording.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Above -------------------------------------------------------------- */

static size_t heading_in_state(const fm_picture *picture, size_t loop,
                               fm_task_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        count += task->loop == loop && task->state == state;
    }
    return count;
}

/* "5 tasks: 4 waiting, 1 ready" */
static void heading_tasks(struct fm__words *words, const fm_picture *picture,
                          size_t loop)
{
    static const fm_task_state states[] = {FM_TASK_WAITING, FM_TASK_RUNNING,
                                           FM_TASK_READY, FM_TASK_ENDED};
    char number[FM__WORDS_NUMBER];
    size_t counts[FM__COUNT(states)], all = 0;
    for (size_t i = 0; i < FM__COUNT(states); i++)
        all += counts[i] = heading_in_state(picture, loop, states[i]);
    fm__words_add(words, "%s task%s", fm__words_count(all, number),
                  all == 1 ? "" : "s");
    const char *mark = ": ";
    for (size_t i = 0; i < FM__COUNT(states); i++) {
        if (counts[i] == 0)
            continue;
        fm__words_add(words, "%s%s %s", mark,
                      fm__words_count(counts[i], number),
                      fm__words_state(states[i]));
        mark = ", ";
    }
}

static void heading_loop(const fm_picture *picture, size_t place,
                         struct fm__line *line)
{
    const fm_picture_loop *loop = &picture->loops[place];
    char text[FM__WORDS_SIZE];
    struct fm__words words = {text, sizeof text, 0};
    fm__words_add(&words, "loop %zu: %s, thread %d%s; ", place + 1,
                  loop->backend, loop->thread,
                  loop->waiting ? ", waits in the kernel" : "");
    heading_tasks(&words, picture, place);
    fm__line_put(line, FM__STYLE_PLAIN, text);
    fm__line_end(line);
}

void fm__words_note(struct fm__line *line, const char *text)
{
    fm__line_put(line, FM__STYLE_FAINT, text);
    fm__line_end(line);
}

void fm__words_head(const fm_picture *picture, struct fm__line *line)
{
    char text[FM__WORDS_SIZE];
    struct fm__words words = {text, sizeof text, 0};
    fm__words_add(&words, ", pid %d, Fermata %s", picture->pid,
                  picture->version);
    fm__line_put(line, FM__STYLE_STRONG, picture->program);
    fm__line_put(line, FM__STYLE_PLAIN, text);
    fm__line_end(line);
    for (size_t i = 0; i < picture->loop_count; i++)
        heading_loop(picture, i, line);
    if (picture->loop_count == 0)
        fm__words_note(line, "no loop: none runs just now");
    fm__line_end(line);
}

/* ---- Circles ------------------------------------------------------------ */

/* One is behind those of the circle before: from there on it is looked for. */
static size_t heading_first(const fm_picture *picture, unsigned circle,
                            size_t from)
{
    size_t count = picture->task_count;
    for (size_t i = 0; i < count; i++) {
        size_t place = from < count - i ? from + i : from - (count - i);
        if (picture->tasks[place].circle == circle)
            return place;
    }
    return FM_PICTURE_NONE;
}

/* Whom of its circle a task waits for. */
static size_t heading_next(const fm_picture *picture, size_t place)
{
    const fm_picture_task *task = &picture->tasks[place];
    for (size_t i = 0; i < task->wait.task_count; i++) {
        size_t next = task->wait.tasks[i];
        if (picture->tasks[next].circle == task->circle)
            return next;
    }
    return FM_PICTURE_NONE;
}

/* Where the walk comes to one that it has been at, it begins there: circles
 * that touch are one, and not each of its tasks need be on the way. */
size_t fm__words_circle(const fm_picture *picture, unsigned circle, size_t from,
                        size_t path[FM__CIRCLE_PATH])
{
    size_t count = 0, place = heading_first(picture, circle, from);
    while (place != FM_PICTURE_NONE && count < FM__CIRCLE_PATH) {
        for (size_t i = 0; i < count; i++) {
            if (path[i] != place)
                continue;
            memmove(path, path + i, (count - i) * sizeof *path);
            return count - i;
        }
        path[count++] = place;
        place = heading_next(picture, place);
    }
    return count;
}

static bool heading_namesakes(const fm_picture *picture, const size_t *path,
                              size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(picture->tasks[path[i]].name,
                       picture->tasks[path[k]].name) == 0)
                return true;
        }
    }
    return false;
}

static void heading_step(struct fm__line *line, const fm_picture_task *task,
                         const char *before, bool with_id)
{
    char id[FM__WORDS_NUMBER];
    fm__line_put(line, FM__STYLE_PLAIN, before);
    fm__line_put(line, FM__STYLE_ALARM, task->name);
    if (!with_id)
        return;
    snprintf(id, sizeof id, " %" PRIx64, task->id);
    fm__line_put(line, FM__STYLE_ALARM, id);
}

/* Returns where to look for the next one. */
static size_t heading_circle(const fm_picture *picture, unsigned circle,
                             size_t from, struct fm__line *line)
{
    size_t path[FM__CIRCLE_PATH];
    size_t count = fm__words_circle(picture, circle, from, path);
    bool ids = heading_namesakes(picture, path, count);
    char text[FM__WORDS_NUMBER];
    snprintf(text, sizeof text, "circle %u: ", circle);
    for (size_t i = 0; i < count; i++)
        heading_step(line, &picture->tasks[path[i]], i == 0 ? text : " -> ",
                     ids);
    if (count == 0)
        return from;
    if (heading_next(picture, path[count - 1]) == path[0])
        heading_step(line, &picture->tasks[path[0]], " -> ", ids);
    else
        fm__line_put(line, FM__STYLE_PLAIN, " -> ...");
    fm__line_end(line);
    return path[0];
}

/* ---- Below -------------------------------------------------------------- */

bool fm__words_whole(const fm_picture *picture)
{
    for (size_t i = 0; i < picture->loop_count; i++) {
        if (!picture->loops[i].whole)
            return false;
    }
    return true;
}

void fm__words_tail(const fm_picture *picture, struct fm__line *line)
{
    char text[128], number[FM__WORDS_NUMBER];
    bool whole = fm__words_whole(picture);
    size_t from = 0;
    if (picture->circles > 0 || !whole || picture->skipped > 0)
        fm__line_end(line);
    for (unsigned i = 1; i <= picture->circles; i++)
        from = heading_circle(picture, i, from, line);
    if (!whole)
        fm__words_note(line, "not whole: tasks ran while it was taken, so each "
                             "is true by itself");
    if (picture->skipped == 0)
        return;
    snprintf(text, sizeof text,
             "skipped: %s that could not be read, or changed meanwhile",
             fm__words_count(picture->skipped, number));
    fm__words_note(line, text);
}
