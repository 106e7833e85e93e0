/*
 * name.c - what a task is called
 */
#include "inspect/wording.h"
#include "loop/observer.h"
#include "task/record.h"

#include <errno.h>
#include <string.h>

const char *fm_task_name(fm_task *handle)
{
    const struct fm__task *task =
        handle != NULL ? fm__handle_find(handle) : NULL;
    return task != NULL && task->state == FM__TASK_ALIVE ? task->name : NULL;
}

int fm_task_set_name(fm_task *handle, const char *name)
{
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = fm__handle_find(handle);
    if (task == NULL || task->state == FM__TASK_ENDED)
        return -ESRCH;
    if ((task->marks & FM__MARK_DENSE) != 0)
        return -ENOTSUP;
    char *own = (char *)(fm__task_stack(task) + 1);
    size_t size = strnlen(name, FM__NAME_SIZE - 1);
    memcpy(own, name, size);
    own[size] = '\0';
    if (size == FM__NAME_SIZE - 1)
        own[fm__line_whole(own, size)] = '\0';
    task->name = own;
    fm__loop_notice(&task->home->loop, FM__EVENT_NAME, task);
    return 0;
}
