/*
 * order.c - tasks in the order of their start, each one's parent before it
 *
 * Numbers of starts go round, so they count from the loop's next one. Where a
 * loop has lived for so long that a parent seems to be younger than its child,
 * or a program is broken, the parent comes before it all the same; a circle of
 * parents is cut.
 */
#include "inspect/sight.h"

#include <errno.h>

enum {
    ORDER_DIGITS = 1 << 8, /* of a number of four */
    ORDER_MARGIN = 1 << 24 /* starts while the loop was read */
};

/* Of a task, by its place while it is read. */
enum order_mark {
    ORDER_NEW,
    ORDER_CHAINED, /* it comes after its parents, which are looked for */
    ORDER_DONE
};

struct order_item {
    uint32_t key;
    uint32_t place;
};

struct order_work {
    struct order_item *items;
    struct order_item *other; /* as many */
    uint32_t *chain;          /* of parents, the youngest first */
    uint32_t *moved;          /* the new place of each */
    uint8_t *marks;
    size_t done;
};

static int order_begin(struct fm_inspect *self, struct order_work *work)
{
    size_t count = self->seen_count;
    size_t each = 2 * sizeof *work->items + 2 * sizeof(uint32_t) + 1;
    int rc = fm__kept_fit(&self->order, count + 1, each);
    if (rc == 0)
        rc = fm__kept_fit(&self->sorted, count + 1,
                          sizeof(struct fm__task_seen));
    if (rc < 0)
        return rc;
    work->items = self->order.data;
    work->other = work->items + count;
    work->chain = (uint32_t *)(work->other + count);
    work->moved = work->chain + count;
    work->marks = (uint8_t *)(work->moved + count);
    work->done = 0;
    memset(work->marks, ORDER_NEW, count);
    return 0;
}

static void order_pass(const struct order_item *from, struct order_item *to,
                       size_t count, unsigned shift)
{
    uint32_t starts[ORDER_DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        starts[from[i].key >> shift & (ORDER_DIGITS - 1)]++;
    for (size_t i = 0; i < ORDER_DIGITS; i++) {
        uint32_t here = starts[i];
        starts[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].key >> shift & (ORDER_DIGITS - 1)]++] = from[i];
}

/* The tasks of one loop, the oldest first. */
static void order_sort(const struct fm_inspect *self, struct order_work *work,
                       const struct fm__home_seen *home)
{
    struct order_item *items = work->items + home->first;
    struct order_item *other = work->other + home->first;
    const struct fm__task_seen *seen = fm__sight_seen(self);
    for (size_t i = 0; i < home->count; i++) {
        size_t place = home->first + i;
        uint32_t key = seen[place].serial - home->started - ORDER_MARGIN;
        items[i] = (struct order_item){key, (uint32_t)place};
    }
    for (unsigned shift = 0; shift < 32; shift += 16) {
        order_pass(items, other, home->count, shift);
        order_pass(other, items, home->count, shift + 8);
    }
}

static void order_emit(struct fm_inspect *self, struct order_work *work,
                       uint32_t place)
{
    struct fm__task_seen *sorted = self->sorted.data;
    work->marks[place] = ORDER_DONE;
    work->moved[place] = (uint32_t)work->done;
    sorted[work->done++] = fm__sight_seen(self)[place];
}

/* The task, after those of its parents that did not come yet. */
static void order_place(struct fm_inspect *self, struct order_work *work,
                        uint32_t place)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    size_t count = 0;
    while (place != FM__NO_PLACE && work->marks[place] == ORDER_NEW) {
        work->marks[place] = ORDER_CHAINED;
        work->chain[count++] = place;
        place = seen[place].parent;
    }
    if (place != FM__NO_PLACE && work->marks[place] == ORDER_CHAINED)
        seen[work->chain[count - 1]].parent = FM__NO_PLACE;
    while (count > 0)
        order_emit(self, work, work->chain[--count]);
}

int fm__order_look(struct fm_inspect *self)
{
    const struct fm__home_seen *homes = fm__sight_homes(self);
    struct order_work work;
    int rc = order_begin(self, &work);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < self->home_count; i++)
        order_sort(self, &work, &homes[i]);
    for (size_t i = 0; i < self->seen_count; i++)
        order_place(self, &work, work.items[i].place);
    struct fm__room_kept seen = self->seen;
    self->seen = self->sorted;
    self->sorted = seen;
    struct fm__task_seen *sorted = fm__sight_seen(self);
    for (size_t i = 0; i < self->seen_count; i++) {
        if (sorted[i].parent != FM__NO_PLACE)
            sorted[i].parent = work.moved[sorted[i].parent];
    }
    return 0;
}
