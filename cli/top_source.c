/*
 * top_source.c - pictures of a program that runs
 *
 * Two readers take turns, so that a picture is still there beside the next one,
 * and after a look that failed.
 */
#include "top.h"

#include "unwind.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct top_process {
    struct top_source source;
    fm_inspect *readers[2];
    unsigned next;
    bool begun;            /* tasks were seen */
    struct unwind *unwind; /* once a stack was asked for */
    int pid;
};

static double top_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int top_process_look(struct top_source *source, struct top_look *look)
{
    struct top_process *self = (struct top_process *)source;
    double began = top_clock();
    int rc = fm_inspect_look(self->readers[self->next], &look->picture);
    if (rc < 0)
        return rc;
    if (self->begun && look->picture->task_count == 0)
        return -ENODATA;
    self->begun = look->picture->task_count > 0;
    self->next = 1 - self->next;
    top_proc_read(look);
    look->moment = top_clock();
    look->cost = look->moment - began;
    return 0;
}

static int top_process_stack(struct top_source *source,
                             const fm_picture_task *task, FILE *out)
{
    struct top_process *self = (struct top_process *)source;
    struct unwind_frame frames[UNWIND_FRAMES];
    char text[TOP_WORDS];
    int rc = 0;
    if (self->unwind == NULL)
        rc = unwind_open(&self->unwind, self->readers[0], self->pid, NULL);
    if (rc < 0)
        return rc;
    int count = unwind_frames(self->unwind, task, frames, UNWIND_FRAMES);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s\n", unwind_text(&frames[i], text, sizeof text));
    return count < 0 ? count : 0;
}

int top_source_open(struct top_source **source, int pid)
{
    struct top_process *self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    int rc = fm_inspect_open(&self->readers[0], pid);
    if (rc == 0)
        rc = fm_inspect_open(&self->readers[1], pid);
    if (rc < 0) {
        top_source_close(&self->source);
        return rc;
    }
    self->source.look = top_process_look;
    self->source.wait = fm_picture_wait_text;
    self->source.stack = top_process_stack;
    self->pid = pid;
    *source = &self->source;
    return 0;
}

void top_source_close(struct top_source *source)
{
    struct top_process *self = (struct top_process *)source;
    if (self == NULL)
        return;
    unwind_close(self->unwind);
    fm_inspect_close(self->readers[0]);
    fm_inspect_close(self->readers[1]);
    free(self);
}
