/*
 * picture.c - a program is opened, and looked at again and again
 */
#include "inspect/sight.h"

#include "base/memory.h"
#include "base/sys_thread.h"

#include <errno.h>

enum {
    PICTURE_RECORD = 8192, /* bytes of a task's record that are read */
    PICTURE_SMALL = 128    /* and of others */
};

/* Whether the records fit where they are read to. That their parts lie in them
 * is the image's to see. */
static bool picture_fits(const struct fm__layout *layout)
{
    const uint32_t small[] = {layout->slot_size,   layout->waiter_size,
                              layout->queued_list, layout->kind_size,
                              layout->op_size,     layout->timer_when,
                              layout->block_outer, layout->block_kind,
                              layout->block_timer, layout->stack_bottom};
    uint32_t end = layout->block_timer + layout->timer_when + 8;
    for (size_t i = 0; i < FM__COUNT(small); i++) {
        if (small[i] > PICTURE_SMALL)
            return false;
    }
    return layout->task_size <= PICTURE_RECORD && layout->slot_size > 0 &&
           layout->block_outer + 8 <= end && layout->block_kind < end;
}

/* The root as it is now: 0, -ENOENT, -EPROTO or -ESRCH. */
static int picture_root(fm_inspect *self)
{
    int rc = fm__image_root(self->image, &self->root_at, &self->root);
    if (rc == 0 && !picture_fits(fm__sight_layout(self)))
        rc = -EPROTO;
    return rc;
}

int fm__inspect_begin(fm_inspect **inspect, struct fm__image *image)
{
    fm_inspect *self = fm__memory_new(sizeof *self);
    int rc = -ENOMEM;
    if (self == NULL)
        goto close_image;
    self->image = image;
    rc = picture_root(self);
    if (rc < 0)
        goto free_self;
    *inspect = self;
    return 0;

free_self:
    fm__memory_free(self);
close_image:
    fm__image_close(image);
    return rc;
}

int fm_inspect_open(fm_inspect **inspect, int pid)
{
    struct fm__image *image;
    int rc = fm__image_open(&image, pid);
    if (rc == 0)
        rc = fm__inspect_begin(inspect, image);
    if (rc == 0)
        (*inspect)->own = pid == fm__thread_process();
    return rc;
}

int fm_inspect_open_core(fm_inspect **inspect, const char *path)
{
    struct fm__image *image;
    int rc = fm__image_open_core(&image, path);
    return rc == 0 ? fm__inspect_begin(inspect, image) : rc;
}

void fm_inspect_close(fm_inspect *self)
{
    if (self == NULL)
        return;
    struct fm__room_kept *const rooms[] = {
        &self->kinds, &self->homes,   &self->seen,  &self->sorted, &self->batch,
        &self->chunk, &self->owners,  &self->order, &self->edges,  &self->loops,
        &self->tasks, &self->choices, &self->told};
    for (size_t i = 0; i < FM__COUNT(rooms); i++)
        fm__kept_free(rooms[i]);
    fm__naming_free(self);
    fm__places_free(&self->kinds_at);
    fm__places_free(&self->known);
    fm__places_free(&self->owners_at);
    fm__image_close(self->image);
    fm__memory_free(self);
}

/* What the last look has read is old. */
static void picture_clear(fm_inspect *self)
{
    fm__image_refresh(self->image);
    fm__naming_clear(self);
    fm__places_clear(&self->kinds_at);
    self->kind_count = 0;
    self->choice_count = 0;
}

static int picture_take(fm_inspect *self)
{
    static int (*const steps[])(fm_inspect *self) = {
        fm__homes_look, fm__owners_look,  fm__confirm_homes, fm__order_look,
        fm__edges_look, fm__circles_look, fm__fill_look};
    int rc = picture_root(self);
    for (size_t i = 0; i < FM__COUNT(steps) && rc == 0; i++)
        rc = steps[i](self);
    return rc;
}

int fm_inspect_look(fm_inspect *self, const fm_picture **picture)
{
    struct fm__naming version;
    picture_clear(self);
    int rc = picture_take(self);
    if (rc == 0)
        rc = fm__naming_read(self, (uint64_t)(uintptr_t)self->root.release,
                             &version);
    if (rc < 0)
        return rc == -ENOENT ? -EPROTO : rc;
    self->picture = (fm_picture){
        .pid = fm__image_pid(self->image),
        .program = fm__image_program(self->image),
        .version = version.text,
        .loops = self->loops.data,
        .loop_count = self->home_count,
        .tasks = self->tasks.data,
        .task_count = self->seen_count,
        .circles = self->circles,
        .skipped = self->skipped,
    };
    *picture = &self->picture;
    return 0;
}

ssize_t fm_inspect_memory(fm_inspect *self, uint64_t address, void *buf,
                          size_t size)
{
    return fm__image_read(self->image, address, buf, size);
}
