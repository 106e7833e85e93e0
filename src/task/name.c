/*
 * name.c - what a task is called
 */
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

/* Bytes of it that there is room for, of UTF-8 no half character. */
static size_t name_size(const char *name)
{
    size_t size = strnlen(name, FM__NAME_SIZE - 1), from = size;
    if (size < FM__NAME_SIZE - 1)
        return size;
    while (from > size - 3 && (name[from - 1] & 0xC0) == 0x80)
        from--;
    unsigned char first = (unsigned char)name[--from];
    size_t whole = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return from + whole > size ? from : size;
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
    size_t size = name_size(name);
    memcpy(own, name, size);
    own[size] = '\0';
    task->name = own;
    fm__loop_notice(&task->home->loop, FM__EVENT_NAME, task);
    return 0;
}
