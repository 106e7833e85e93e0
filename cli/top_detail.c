/*
 * top_detail.c - all that is known of one task, and of those around it
 */
#include "top.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TOP_LISTED 30 /* tasks of a kind, at most */

__attribute__((format(printf, 3, 4))) static void
top_fact(struct top_sheet *sheet, const char *what, const char *format, ...)
{
    char text[2 * TOP_WORDS];
    struct top_line *line = top_sheet_next(sheet);
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    top_put(line, TOP_PLAIN, "  ");
    top_field(line, TOP_FAINT, what, 12);
    top_put(line, TOP_PLAIN, text);
}

static void top_chapter(struct top_sheet *sheet, enum top_style style,
                        const char *title)
{
    top_sheet_next(sheet);
    top_put(top_sheet_next(sheet), style, title);
}

/* A line about another task: its name, and what it waits for or where it was
 * started. */
static void top_other(const struct top *top, struct top_sheet *sheet,
                      size_t place, bool waits)
{
    const fm_picture_task *task = &top_picture(top)->tasks[place];
    struct top_line *line = top_sheet_next(sheet);
    char text[TOP_WORDS];
    top_put(line, TOP_PLAIN, "  ");
    top_put(line, TOP_STRONG, task->name);
    top_format(line, TOP_FAINT, " %" PRIx64, task->id);
    if (!waits)
        top_format(line, TOP_FAINT, " (%s)", task->site);
    else if (task->state == FM_TASK_WAITING)
        top_format(line, TOP_PLAIN, " waits for %s",
                   top_wait(top, task, text, sizeof text));
}

static void top_wait_facts(const struct top *top, struct top_sheet *sheet,
                           const fm_picture_task *task)
{
    const fm_picture_wait *wait = &task->wait;
    char text[TOP_WORDS];
    top_fact(sheet, "waits for", "%s", top_wait(top, task, text, sizeof text));
    top_fact(sheet, "for", "%s", top_span(wait->seconds, text));
    if (wait->left >= 0)
        top_fact(sheet, "timer", "in %s", top_span(wait->left, text));
    if (wait->fd >= 0)
        top_fact(sheet, "descriptor", "%d", wait->fd);
    if (wait->local != NULL)
        top_fact(sheet, "here", "%s", wait->local);
    if (wait->peer != NULL)
        top_fact(sheet, "there", "%s", wait->peer);
    if (wait->object != 0)
        top_fact(sheet, "object", "0x%" PRIx64, wait->object);
    if (wait->limit > 0)
        top_fact(sheet, "it has", "%zu of %zu", wait->count, wait->limit);
}

static void top_work_facts(const struct top *top, struct top_sheet *sheet,
                           size_t place)
{
    const fm_picture_task *task = &top_picture(top)->tasks[place];
    char text[TOP_NUMBER], other[TOP_NUMBER];
    double turns = top->rates.turns[place];
    if (task->timeout >= 0)
        top_fact(sheet, "timeout", "in %s", top_span(task->timeout, text));
    if (turns < 0)
        top_fact(sheet, "turns", "%" PRIu32, task->turns);
    else
        top_fact(sheet, "turns", "%" PRIu32 ", %.1f a second", task->turns,
                 turns);
    if (task->cpu >= 0)
        top_fact(sheet, "CPU", "%s, %s%%",
                 top_span((double)task->cpu / 1e9, text),
                 top_percent(top->rates.cpu[place], other));
    if (task->stack_used > 0)
        top_fact(sheet, "stack", "%siB used of %siB",
                 top_size((double)task->stack_used, text),
                 top_size((double)task->stack_size, other));
    else
        top_fact(sheet, "stack", "%siB",
                 top_size((double)task->stack_size, text));
}

static void top_place_facts(const struct top *top, struct top_sheet *sheet,
                            const fm_picture_task *task)
{
    const fm_picture *picture = top_picture(top);
    top_fact(sheet, "started at", "%s", task->site);
    if (task->loop < picture->loop_count)
        top_fact(sheet, "loop", "%zu, %s on thread %d", task->loop + 1,
                 picture->loops[task->loop].backend,
                 picture->loops[task->loop].thread);
    top_fact(sheet, "ID", "%" PRIx64, task->id);
    if (task->pc != 0)
        top_fact(sheet, "goes on at", "0x%" PRIx64 ", stack 0x%" PRIx64,
                 task->pc, task->sp);
}

static void top_owners(const struct top *top, struct top_sheet *sheet,
                       size_t place)
{
    const fm_picture *picture = top_picture(top);
    size_t parent = picture->tasks[place].parent;
    if (parent >= place)
        return;
    top_chapter(sheet, TOP_STRONG, "Owned by");
    for (; parent < place; parent = picture->tasks[place].parent) {
        top_other(top, sheet, parent, false);
        place = parent;
    }
}

static bool top_waits_for(const fm_picture_task *task, size_t place)
{
    for (size_t i = 0; i < task->wait.task_count; i++)
        if (task->wait.tasks[i] == place)
            return true;
    return false;
}

static bool top_is_child(const fm_picture_task *task, size_t place)
{
    return task->parent == place;
}

/* All tasks that are in some relation to this one. */
static void top_related(const struct top *top, struct top_sheet *sheet,
                        const char *title,
                        bool (*is)(const fm_picture_task *, size_t))
{
    const fm_picture *picture = top_picture(top);
    size_t count = 0, place = top_subject(top);
    for (size_t i = 0; i < picture->task_count; i++) {
        if (!is(&picture->tasks[i], place))
            continue;
        if (count++ == 0)
            top_chapter(sheet, TOP_STRONG, title);
        if (count <= TOP_LISTED)
            top_other(top, sheet, i, true);
    }
    if (count > TOP_LISTED)
        top_format(top_sheet_next(sheet), TOP_FAINT, "  and %zu more",
                   count - TOP_LISTED);
}

/* The next of a circle, or the place itself. */
static size_t top_circle_next(const fm_picture *picture, size_t place)
{
    const fm_picture_task *task = &picture->tasks[place];
    for (size_t i = 0; i < task->wait.task_count; i++) {
        size_t next = task->wait.tasks[i];
        if (next < picture->task_count &&
            picture->tasks[next].circle == task->circle)
            return next;
    }
    return place;
}

static void top_circle(const struct top *top, struct top_sheet *sheet,
                       size_t place)
{
    const fm_picture *picture = top_picture(top);
    size_t at = place, count = 0;
    if (picture->tasks[place].circle == 0)
        return;
    top_chapter(sheet, TOP_RED, "A deadlock: each waits for the next");
    do {
        top_other(top, sheet, at, true);
        at = top_circle_next(picture, at);
    } while (at != place && ++count < TOP_LISTED);
}

static void top_frames(const struct top *top, struct top_sheet *sheet,
                       const fm_picture_task *task)
{
    char *text = NULL, *rest;
    size_t size;
    FILE *out =
        top->source->stack == NULL ? NULL : open_memstream(&text, &size);
    if (out == NULL)
        return;
    int rc = top->source->stack(top->source, task, out);
    if (fclose(out) == 0 && rc == 0 && size > 0) {
        top_chapter(sheet, TOP_STRONG, "Stack");
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest))
            top_format(top_sheet_next(sheet), TOP_PLAIN, "  %s", line);
    }
    free(text);
}

static void top_task_draw(const struct top *top, struct top_sheet *sheet,
                          size_t place)
{
    const fm_picture_task *task = &top_picture(top)->tasks[place];
    top_put(top_sheet_next(sheet), task->circle > 0 ? TOP_RED : TOP_STRONG,
            task->name);
    top_sheet_next(sheet);
    top_fact(sheet, "state", "%s%s%s", top_state((int)task->state),
             task->cancelled ? ", cancelled" : "",
             task->dense ? ", dense" : "");
    if (task->state == FM_TASK_WAITING)
        top_wait_facts(top, sheet, task);
    top_work_facts(top, sheet, place);
    top_place_facts(top, sheet, task);
    top_circle(top, sheet, place);
    top_frames(top, sheet, task);
    top_owners(top, sheet, place);
    top_related(top, sheet, "Waited for by", top_waits_for);
    top_related(top, sheet, "Owns", top_is_child);
}

void top_detail_draw(const struct top *top, struct top_sheet *sheet)
{
    size_t place = top_subject(top);
    if (place < top_picture(top)->task_count) {
        top_task_draw(top, sheet, place);
        return;
    }
    top_put(top_sheet_next(sheet), TOP_STRONG, top->view.name);
    top_sheet_next(sheet);
    top_put(top_sheet_next(sheet), TOP_PLAIN,
            "  This task is gone: it has ended.");
}
