/*
 * fill.c - the public records of a picture
 */
#include "inspect/sight.h"

#include <errno.h>

#define FILL_STACK_MOST (UINT64_C(1) << 32) /* bytes; more is nonsense */

/* By enum fm__wait_what. */
static const uint8_t fill_kinds[] = {
    [FM__WAIT_NOTHING] = FM_WAIT_NOTHING,
    [FM__WAIT_OPERATION] = FM_WAIT_OPERATION,
    [FM__WAIT_TIMER] = FM_WAIT_TIMER,
    [FM__WAIT_REAPER] = FM_WAIT_TASKS,
    [FM__WAIT_MEMBERS] = FM_WAIT_TASKS,
    [FM__WAIT_LOOKOUT] = FM_WAIT_ANY,
    [FM__WAIT_TASK] = FM_WAIT_TASKS,
    [FM__WAIT_DESCRIPTOR] = FM_WAIT_DESCRIPTOR,
    [FM__WAIT_LOCK] = FM_WAIT_LOCK,
    [FM__WAIT_COUNTED] = FM_WAIT_COUNTED,
    [FM__WAIT_OBJECT] = FM_WAIT_OBJECT,
    [FM__WAIT_CHOICES] = FM_WAIT_CHOICES,
};

_Static_assert(FM__COUNT(fill_kinds) == FM__WAIT_CHOICES + 1, "all of them");

static bool fill_simulated(const struct fm__home_seen *home)
{
    return strcmp(home->name.text, "sim") == 0;
}

static double fill_seconds(int64_t from, int64_t to)
{
    return to > from ? ((double)to - (double)from) / 1e9 : 0;
}

/* Until a moment; negative: there is none. */
static double fill_left(const struct fm__home_seen *home, int64_t when)
{
    return when != FM__SIGHT_NEVER ? fill_seconds(home->clock, when) : -1;
}

/* An operation is called what it does. */
static int fill_name(struct fm_inspect *self, const struct fm__task_seen *seen,
                     const char **name)
{
    const struct fm__kind_seen *kind = fm__sight_kind(self, seen);
    struct fm__naming naming;
    uint64_t names = (uint64_t)(uintptr_t)self->root.op_names, address = 0;
    *name = kind->name;
    if (seen->op < 0 || (uint32_t)seen->op >= self->root.op_count)
        return 0;
    names += 8 * (uint64_t)seen->op;
    if (fm__image_read(self->image, names, &address, 8) != 8)
        return 0;
    int rc = fm__naming_read(self, address, &naming);
    if (rc == 0 && naming.size > 0)
        *name = naming.text;
    return rc;
}

/* Whether the kernel knows it. */
static bool fill_is_fd(const struct fm_inspect *self,
                       const struct fm__task_seen *seen, int fd)
{
    return fd >= 0 && !fill_simulated(&fm__sight_homes(self)[seen->home]);
}

static void fill_choices(struct fm_inspect *self,
                         const struct fm__task_seen *seen,
                         fm_picture_wait *wait)
{
    const struct fm__kind_seen *kinds = self->kinds.data;
    fm_picture_choice *told = self->told.data;
    wait->choices = told + seen->choice;
    wait->choice_count = seen->choices;
    for (size_t i = seen->choice; i < seen->choice + seen->choices; i++) {
        const struct fm__choice_seen *choice = &fm__sight_choices(self)[i];
        told[i] = (fm_picture_choice){
            .name = kinds[choice->kind].name,
            .fd = choice->fd >= 0 ? choice->fd : -1,
            .object = choice->object,
            .task = choice->task,
        };
        if (choice->task == FM__NO_PLACE)
            told[i].task = FM_PICTURE_NONE;
        if (fill_is_fd(self, seen, choice->fd))
            fm__image_socket(self->image, choice->fd, &told[i].local,
                             &told[i].peer);
    }
}

static int fill_wait(struct fm_inspect *self, const struct fm__task_seen *seen,
                     fm_picture_wait *wait)
{
    const struct fm__home_seen *home = &fm__sight_homes(self)[seen->home];
    const struct fm__kind_seen *kind = fm__sight_kind(self, seen);
    const size_t *edges = self->edges.data;
    *wait =
        (fm_picture_wait){FM_WAIT_NOTHING, .name = "?", .left = -1, .fd = -1};
    if (seen->waiter == 0 || kind == NULL)
        return 0;
    wait->kind = fill_kinds[kind->what];
    wait->seconds = fill_seconds(seen->since, home->clock);
    wait->left = fill_left(home, seen->when);
    if (wait->kind == FM_WAIT_COUNTED)
        wait->count = seen->count;
    wait->limit = seen->limit;
    wait->tasks = edges + seen->edge;
    wait->task_count = seen->edges;
    if (wait->kind != FM_WAIT_TASKS && wait->kind != FM_WAIT_ANY)
        wait->object = seen->object;
    wait->fd = seen->fd >= 0 ? seen->fd : -1;
    if (fill_is_fd(self, seen, seen->fd))
        fm__image_socket(self->image, seen->fd, &wait->local, &wait->peer);
    fill_choices(self, seen, wait);
    return fill_name(self, seen, &wait->name);
}

static fm_task_state fill_state(const struct fm__home_seen *home,
                                const struct fm__task_seen *seen)
{
    if (seen->state != 0)
        return FM_TASK_ENDED;
    if (seen->waiter != 0)
        return FM_TASK_WAITING;
    return seen->record == home->current ? FM_TASK_RUNNING : FM_TASK_READY;
}

/* Name, and site: that comes behind the name in the label. */
static int fill_names(struct fm_inspect *self, const struct fm__task_seen *seen,
                      fm_picture_task *task)
{
    struct fm__naming label, naming;
    int rc = fm__naming_read(self, seen->label, &label);
    task->name = label.text;
    task->site = "?";
    if (rc == 0 && label.size > 0) {
        rc = fm__naming_read(self, seen->label + label.size + 1, &naming);
        task->site = naming.text;
    }
    if (rc < 0 || seen->name == seen->label)
        return rc;
    rc = fm__naming_read(self, seen->name, &naming);
    if (rc == 0 && naming.size > 0)
        task->name = naming.text;
    return rc;
}

static void fill_stack(struct fm_inspect *self,
                       const struct fm__task_seen *seen, fm_picture_task *task)
{
    uint64_t size = seen->record - seen->bottom;
    if (seen->bottom >= seen->record || size > FILL_STACK_MOST)
        return;
    task->stack_size = (size_t)size;
    if (!seen->dense)
        task->stack_used =
            fm__image_depth(self->image, seen->bottom, seen->record);
    if (task->stack_used > task->stack_size)
        task->stack_used = task->stack_size;
}

static int fill_task(struct fm_inspect *self, const struct fm__task_seen *seen,
                     fm_picture_task *task)
{
    const struct fm__home_seen *home = &fm__sight_homes(self)[seen->home];
    bool none = seen->parent == FM__NO_PLACE;
    *task = (fm_picture_task){
        .id = seen->handle,
        .loop = seen->home,
        .parent = none ? FM_PICTURE_NONE : seen->parent,
        .state = fill_state(home, seen),
        .cancelled = seen->cancelled,
        .dense = seen->dense,
        .timeout = fill_left(home, seen->expires),
        .circle = seen->circle,
        .turns = seen->turns,
        .cpu = seen->cpu,
    };
    if (task->state != FM_TASK_RUNNING && task->state != FM_TASK_ENDED) {
        task->sp = seen->context[0];
        task->fp = seen->context[1];
        task->pc = seen->context[2];
    }
    fill_stack(self, seen, task);
    int rc = fill_names(self, seen, task);
    return rc == 0 ? fill_wait(self, seen, &task->wait) : rc;
}

static void fill_loops(struct fm_inspect *self)
{
    fm_picture_loop *loops = self->loops.data;
    for (size_t i = 0; i < self->home_count; i++) {
        struct fm__home_seen *home = &fm__sight_homes(self)[i];
        loops[i] = (fm_picture_loop){
            .backend = home->name.text,
            .thread = home->thread,
            .waiting = home->polls % 2 == 1,
            .whole = home->whole,
            .polls = home->polls / 2 + home->polls % 2,
            .started = home->started,
            .alive = home->alive,
            .now = (double)home->clock / 1e9,
        };
    }
}

/* The machine's clock goes on while the loop waits; a simulated one does not,
 * nor that of a program that has crashed. */
static void fill_clocks(struct fm_inspect *self)
{
    int64_t clock = fm__image_clock(self->image);
    for (size_t i = 0; i < self->home_count; i++) {
        struct fm__home_seen *home = &fm__sight_homes(self)[i];
        bool own = clock < home->now || fill_simulated(home);
        home->clock = own ? home->now : clock;
    }
}

int fm__fill_look(struct fm_inspect *self)
{
    const struct fm__task_seen *seen = fm__sight_seen(self);
    size_t count = self->seen_count;
    int rc = fm__kept_fit(&self->tasks, count + 1, sizeof(fm_picture_task));
    if (rc == 0)
        rc = fm__kept_fit(&self->loops, self->home_count + 1,
                          sizeof(fm_picture_loop));
    if (rc == 0)
        rc = fm__kept_fit(&self->told, self->choice_count + 1,
                          sizeof(fm_picture_choice));
    if (rc < 0)
        return rc;
    fm_picture_task *tasks = self->tasks.data;
    fill_clocks(self);
    fill_loops(self);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = fill_task(self, &seen[i], &tasks[i]);
    return rc;
}
