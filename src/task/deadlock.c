/*
 * deadlock.c - who waits for whom, when nothing can wake anybody
 *
 * What the picture of all tasks has is told; where there is none, for want of
 * memory perhaps, their names.
 */
#include "base/die.h"
#include "base/sys_thread.h"
#include "task/record.h"

#include <fermata/inspect.h>
#include <inttypes.h>

#define DEADLOCK_TOLD 20 /* tasks that are named */

/* Of this thread's loop; others are shown, too. */
static bool deadlock_has(const fm_picture *picture, const fm_picture_task *task)
{
    return picture->loops[task->loop].thread == fm__thread_number();
}

static void deadlock_tell(const fm_picture *picture,
                          const fm_picture_task *task)
{
    char wait[256], circle[32] = "";
    if (task->circle > 0)
        fm__sentence(circle, sizeof circle, " [circle %u]", task->circle);
    fm_picture_wait_text(picture, task, wait, sizeof wait);
    fm__say("    %s %" PRIx64 " (started at %s): %s%s", task->name, task->id,
            task->site, wait, circle);
}

static void deadlock_tell_all(const fm_picture *picture)
{
    size_t told = 0;
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        if (deadlock_has(picture, task) && told++ < DEADLOCK_TOLD)
            deadlock_tell(picture, task);
    }
    if (told > DEADLOCK_TOLD)
        fm__say("    and %zu more", told - DEADLOCK_TOLD);
}

static int deadlock_look(void)
{
    fm_inspect *inspect;
    const fm_picture *picture;
    int rc = fm_inspect_open(&inspect, fm__thread_process());
    if (rc < 0)
        return rc;
    rc = fm_inspect_look(inspect, &picture);
    if (rc == 0)
        deadlock_tell_all(picture);
    fm_inspect_close(inspect);
    return rc;
}

static void deadlock_name(struct fm__task *task, void *arg)
{
    size_t *told = arg;
    if ((*told)++ < DEADLOCK_TOLD)
        fm__say("    %s (started at %s)", task->name, fm__site(task));
}

void fm__tell_deadlock(struct fm__loop *loop)
{
    struct fm__conductor *home =
        FM__CONTAINER(loop, struct fm__conductor, loop);
    size_t told = 0;
    fm__say("%zu tasks wait for each other, or for nothing:", home->alive);
    if (deadlock_look() == 0)
        return;
    fm__each_task(home, deadlock_name, &told);
    if (told > DEADLOCK_TOLD)
        fm__say("    and %zu more", told - DEADLOCK_TOLD);
}
