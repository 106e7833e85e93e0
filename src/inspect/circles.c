/*
 * circles.c - tasks that wait for each other, so that none can ever go on
 *
 * Who waits for all of some tasks, or for a lock's holder, waits for each of
 * them. Where one can get from a task by such waits back to it, those on the
 * way are a circle: Tarjan's strong components, without recursion. Who waits
 * for one of many may be let go by any of them, and who has a timeout around
 * it by that: they are in no circle.
 */
#include "inspect/sight.h"

#include <errno.h>

/* Of a task, while they are gone through. */
struct circle_node {
    uint32_t index; /* in the order of coming, from 1; 0: not yet */
    uint32_t low;   /* the least index that it leads to */
    uint32_t next;  /* of its edges */
    bool open;      /* it is on the stack of those without a component */
};

struct circle_work {
    const struct fm_inspect *inspect;
    struct circle_node *nodes;
    uint32_t *path; /* from the first to where we are */
    uint32_t *open;
    size_t deep;
    size_t open_count;
    uint32_t index;
    bool found;
};

static int circles_begin(struct fm_inspect *self, struct circle_work *work)
{
    size_t count = self->seen_count;
    int rc = fm__kept_fit(&self->order, count + 1,
                          sizeof *work->nodes + 2 * sizeof(uint32_t));
    if (rc < 0)
        return rc;
    *work = (struct circle_work){.inspect = self, .nodes = self->order.data};
    work->path = (uint32_t *)(work->nodes + count);
    work->open = work->path + count;
    memset(work->nodes, 0, count * sizeof *work->nodes);
    return 0;
}

/* How many it waits for all of, with no other way out. */
static size_t circles_edges(const struct fm_inspect *self,
                            const struct fm__task_seen *task)
{
    const struct fm__kind_seen *kind = fm__sight_kind(self, task);
    if (kind == NULL || kind->what == FM__WAIT_LOOKOUT)
        return 0;
    return task->expires == FM__SIGHT_NEVER && !task->doubtful ? task->edges
                                                               : 0;
}

static void circles_enter(struct circle_work *work, uint32_t place)
{
    struct circle_node *node = &work->nodes[place];
    node->index = node->low = ++work->index;
    node->open = true;
    work->open[work->open_count++] = place;
    work->path[work->deep++] = place;
}

/* Whether the task waits for itself alone. */
static bool circles_alone(const struct fm_inspect *self, uint32_t place)
{
    const struct fm__task_seen *task = &fm__sight_seen(self)[place];
    const size_t *edges = self->edges.data;
    for (size_t i = 0; i < circles_edges(self, task); i++) {
        if (edges[task->edge + i] == place)
            return true;
    }
    return false;
}

/* Those on the stack down to this one are a component. Its mark is the least
 * that is not used, to be counted anew. */
static void circles_component(struct circle_work *work, uint32_t place)
{
    struct fm__task_seen *seen = fm__sight_seen(work->inspect);
    size_t first = work->open_count;
    do {
        first--;
        work->nodes[work->open[first]].open = false;
    } while (work->open[first] != place);
    bool circle =
        work->open_count - first > 1 || circles_alone(work->inspect, place);
    for (size_t i = first; i < work->open_count && circle; i++)
        seen[work->open[i]].circle = place + 1;
    work->open_count = first;
}

static void circles_leave(struct circle_work *work)
{
    uint32_t place = work->path[--work->deep];
    const struct circle_node *node = &work->nodes[place];
    if (node->low == node->index)
        circles_component(work, place);
    if (work->deep == 0)
        return;
    struct circle_node *before = &work->nodes[work->path[work->deep - 1]];
    before->low = node->low < before->low ? node->low : before->low;
}

/* One step from where we are: along its next edge, or back. */
static void circles_step(struct circle_work *work)
{
    uint32_t place = work->path[work->deep - 1];
    struct circle_node *node = &work->nodes[place];
    const struct fm__task_seen *task = &fm__sight_seen(work->inspect)[place];
    const size_t *edges = work->inspect->edges.data;
    if (node->next == circles_edges(work->inspect, task)) {
        circles_leave(work);
        return;
    }
    uint32_t to = (uint32_t)edges[task->edge + node->next++];
    const struct circle_node *other = &work->nodes[to];
    if (other->index == 0)
        circles_enter(work, to);
    else if (other->open && other->index < node->low)
        node->low = other->index;
}

/* From 1 on, in the order of the first task of each. */
static void circles_number(struct fm_inspect *self, uint32_t *numbers)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    memset(numbers, 0, self->seen_count * sizeof *numbers);
    self->circles = 0;
    for (size_t i = 0; i < self->seen_count; i++) {
        if (seen[i].circle == 0)
            continue;
        uint32_t *number = &numbers[seen[i].circle - 1];
        if (*number == 0)
            *number = ++self->circles;
        seen[i].circle = *number;
    }
}

static int circles_find(struct fm_inspect *self)
{
    struct circle_work work;
    int rc = circles_begin(self, &work);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < self->seen_count; i++) {
        if (work.nodes[i].index != 0)
            continue;
        circles_enter(&work, (uint32_t)i);
        while (work.deep > 0)
            circles_step(&work);
    }
    circles_number(self, work.path);
    return 0;
}

/* Those that are in doubt lead nowhere: what is left was confirmed. */
int fm__circles_look(struct fm_inspect *self)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    bool doubts = false;
    int rc = circles_find(self);
    if (rc == 0)
        rc = fm__confirm_circles(self, &doubts);
    if (rc < 0 || !doubts)
        return rc;
    for (size_t i = 0; i < self->seen_count; i++)
        seen[i].circle = 0;
    return circles_find(self);
}
