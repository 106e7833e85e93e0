/*
 * sweep_looks.c - scenarios: a program looks at its own tasks
 */
#include "fault/sweep.h"

#include <errno.h>
#include <fermata/dump.h>
#include <fermata/inspect.h>
#include <stdio.h>
#include <unistd.h>

/* Nobody is missing without a word. */
static int looks_twice(fm_inspect *inspect, size_t tasks)
{
    const fm_picture *picture;
    int rc = 0;
    for (int i = 0; i < 2 && rc == 0; i++) {
        rc = fm_inspect_look(inspect, &picture);
        if (rc == 0 && picture->skipped == 0)
            sweep_state.noted += picture->task_count != tasks;
    }
    return rc;
}

static int looks_around(size_t tasks)
{
    fm_inspect *inspect;
    int rc = fm_inspect_open(&inspect, getpid());
    if (rc < 0)
        return rc;
    rc = looks_twice(inspect, tasks);
    fm_inspect_close(inspect);
    return rc;
}

static int chooser(void)
{
    static fm_event never;
    fm_task *task = fm_go(napper, 1e6, 0);
    int rc = fm_select(fm_when_set(&never), fm_when_ended(task),
                       fm_when_after(2e6), fm_when_after(1e6));
    (void)fm_stop(task);
    return rc < 0 ? rc : 0;
}

/* While tasks wait, one of them for several things. */
static int looks_at_itself(void *arg)
{
    (void)arg;
    fm_task *one = fm_go(waiter), *other = fm_go(napper, 1e6, 0);
    fm_task *third = fm_go(chooser);
    int rc = fm_yield();
    if (rc == 0)
        rc = looks_around(fm_task_count());
    (void)fm_stop(third);
    (void)fm_stop(one);
    (void)fm_stop(other);
    return rc;
}

static int looks_dumped(void *arg)
{
    FILE *out = fopen("/dev/null", "w");
    (void)arg;
    if (out == NULL)
        return -EMFILE;
    fm_task *other = fm_go(napper, 1e6, 0);
    int rc = fm_yield();
    if (rc == 0)
        rc = fm_dump(out);
    (void)fm_stop(other);
    fclose(out);
    return rc;
}

static const char *looks_wrong(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a picture lacks a task" : NULL;
}

const struct scenario sweep_looks[] = {
    {"looks", looks_at_itself, .also = {-EPROTO}, .wrong = looks_wrong},
    {"dump", looks_dumped, .also = {-EPROTO}},
    {.name = NULL},
};
