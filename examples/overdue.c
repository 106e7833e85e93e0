/*
 * overdue.c - the tasks of a running program that have waited for too long
 *
 *     overdue PID [SECONDS]
 *
 * For a watch over servers: says nothing and succeeds while all is well.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG 60 /* s, where nothing else is said */

/* [tell] */
static bool tell(const fm_picture *picture, const fm_picture_task *task)
{
    char what[256];
    fm_picture_wait_text(picture, task, what, sizeof what);
    printf("%s (%s) has waited for %.0f s: %s\n", task->name, task->site,
           task->wait.seconds, what);
    return true;
}

/* A circle never ends; a timer does, and so do tasks that wait for others who
 * are not overdue themselves. */
static bool is_stuck(const fm_picture_task *task, double limit)
{
    if (task->state != FM_TASK_WAITING)
        return false;
    if (task->circle > 0)
        return true;
    return task->wait.seconds > limit && task->wait.left < 0 &&
           task->timeout < 0 && task->wait.kind != FM_WAIT_TASKS;
}
/* [/tell] */

static int look(fm_inspect *inspect, double limit)
{
    const fm_picture *picture;
    int found = 0;
    int rc = fm_inspect_look(inspect, &picture);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        found += is_stuck(task, limit) && tell(picture, task);
    }
    return found;
}

int main(int argc, char **argv)
{
    int pid = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
    double limit = argc > 2 ? strtod(argv[2], NULL) : LONG;
    if (pid <= 0 || argc > 3) {
        fputs("usage: overdue PID [SECONDS]\n", stderr);
        return 2;
    }
    fm_inspect *inspect;
    int rc = fm_inspect_open(&inspect, pid);
    if (rc == 0) {
        rc = look(inspect, limit);
        fm_inspect_close(inspect);
    }
    if (rc < 0) {
        char why[256];
        fprintf(stderr, "overdue: %s\n",
                fm_inspect_explain(rc, pid, why, sizeof why));
        return 2;
    }
    return rc > 0;
}
