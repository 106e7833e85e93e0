/*
 * unwind_none.c - no stacks: there is no libdw
 */
#include "unwind.h"

#include <errno.h>

int unwind_open(struct unwind **out, fm_inspect *inspect, int pid,
                const char *core)
{
    (void)out, (void)inspect, (void)pid, (void)core;
    return -ENOSYS;
}

void unwind_close(struct unwind *unwind)
{
    (void)unwind;
}

int unwind_frames(struct unwind *unwind, const fm_picture_task *task,
                  struct unwind_frame *frames, int max)
{
    (void)unwind, (void)task, (void)frames, (void)max;
    return -ENOSYS;
}
