/*
 * top_last.c - what the last look has
 */
#include "top.h"

#include <stdint.h>

const struct top_look *top_last(const struct top *top)
{
    return &top->looks[top->now];
}

const fm_picture *top_picture(const struct top *top)
{
    return top_last(top)->picture;
}

size_t top_subject(const struct top *top)
{
    const fm_picture *picture = top_picture(top);
    for (size_t i = 0; i < picture->task_count; i++)
        if (picture->tasks[i].id == top->view.subject)
            return i;
    return SIZE_MAX;
}

const char *top_wait(const struct top *top, const fm_picture_task *task,
                     char *text, size_t size)
{
    text[0] = '\0';
    if (task->state != FM_TASK_WAITING)
        return text;
    return top->source->wait(top_picture(top), task, text, size);
}
