/*
 * view_sound.h - what holds of each picture
 */
#ifndef TESTS_INSPECT_VIEW_SOUND_H
#define TESTS_INSPECT_VIEW_SOUND_H

#include <fermata/inspect.h>

static inline bool view_sound_wait(const fm_picture *picture,
                                   const fm_picture_task *task)
{
    const fm_picture_wait *wait = &task->wait;
    bool sound = wait->name != NULL && wait->kind >= FM_WAIT_NOTHING &&
                 wait->kind <= FM_WAIT_CHOICES && wait->fd >= -1;
    for (size_t i = 0; i < wait->task_count; i++)
        sound = sound && wait->tasks[i] < picture->task_count;
    for (size_t i = 0; i < wait->choice_count; i++)
        sound = sound && wait->choices[i].name != NULL &&
                wait->choices[i].fd >= -1 &&
                (wait->choices[i].task < picture->task_count ||
                 wait->choices[i].task == FM_PICTURE_NONE);
    if (task->state != FM_TASK_WAITING)
        sound = sound && wait->task_count == 0 && task->circle == 0;
    return sound && task->circle <= picture->circles;
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
