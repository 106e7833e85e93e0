/*
 * test_queue_order.c - queues whose next item is not the oldest
 */
#include "queue_kit.h"

/* Urgency is the number's tens; its units tell equals apart. */
static bool more_urgent(const void *a, const void *b)
{
    return number_of(a) / 10 > number_of(b) / 10;
}

static const fm_queue_options lifo = {.newest_first = true};
static const fm_queue_options priority = {.before = more_urgent};
static const fm_queue_options priority_lifo = {.newest_first = true,
                                               .before = more_urgent};

static void put_each(fm_queue *queue, const size_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(fm_queue_put(queue, item_of(items[i])), 0);
}

static void get_each(fm_queue *queue, const int *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(get_try(queue), items[i]);
    CHECK_INT(get_try(queue), -EAGAIN);
}

/* ---- The newest first ---------------------------------------------------- */

STORY(the_newest_item_comes_out_first_where_it_was_asked_for)
{
    fm_queue *queue = fm_queue_new(4, &lifo);
    put_each(queue, (const size_t[]){1, 2, 3}, 3);
    CHECK_INT(get_try(queue), 3);
    CHECK_INT(fm_queue_put(queue, item_of(4)), 0);
    get_each(queue, (const int[]){4, 2, 1}, 3);
    fm_queue_free(queue);
}

STORY(a_full_stack_gives_its_place_to_the_putter_that_waited_longest)
{
    fm_queue *queue = fm_queue_new(2, &lifo);
    fm_task *putters[4];
    for (size_t i = 0; i < 4; i++)
        putters[i] = fm_go(put, queue, i);
    CHECK_INT(fm_yield(), 0);
    get_each(queue, (const int[]){1, 2, 3, 0}, 4);
    CHECK_INT(fm_gather_array(putters, 4, NULL), 0);
    fm_queue_free(queue);
}

/* ---- An order of its own ------------------------------------------------- */

STORY(the_first_in_order_comes_out_first)
{
    fm_queue *queue = fm_queue_new(8, &priority);
    put_each(queue, (const size_t[]){30, 10, 50, 20, 40}, 5);
    CHECK_INT(get_try(queue), 50);
    CHECK_INT(fm_queue_put(queue, item_of(60)), 0);
    get_each(queue, (const int[]){60, 40, 30, 20, 10}, 5);
    fm_queue_free(queue);
}

STORY(equals_come_out_in_the_order_they_went_in)
{
    fm_queue *queue = fm_queue_new(12, &priority);
    put_each(queue,
             (const size_t[]){11, 21, 12, 22, 13, 23, 14, 24, 15, 25, 16}, 11);
    get_each(queue, (const int[]){21, 22, 23, 24, 25, 11, 12, 13, 14, 15, 16},
             11);
    fm_queue_free(queue);
}

STORY(equals_come_out_newest_first_where_that_was_asked_for)
{
    fm_queue *queue = fm_queue_new(12, &priority_lifo);
    put_each(queue, (const size_t[]){11, 21, 12, 22, 13, 23}, 6);
    get_each(queue, (const int[]){23, 22, 21, 13, 12, 11}, 6);
    fm_queue_free(queue);
}

/* What waits outside is not yet ordered: it came too late for this place. */
STORY(a_full_heap_gives_its_place_to_the_putter_that_waited_longest)
{
    fm_queue *queue = fm_queue_new(2, &priority);
    put_each(queue, (const size_t[]){10, 20}, 2);
    fm_task *low = fm_go(put, queue, 5);
    fm_task *high = fm_go(put, queue, 90);
    CHECK_INT(fm_yield(), 0);
    get_each(queue, (const int[]){20, 10, 90, 5}, 4);
    CHECK_INT(fm_gather(low, high), 0);
    fm_queue_free(queue);
}

/* ---- By hand ------------------------------------------------------------- */

STORY(whatever_the_order_an_item_goes_to_the_getter_that_waited_longest)
{
    static const fm_queue_options *const orders[] = {&lifo, &priority};
    for (int order = 0; order < 2; order++) {
        fm_queue *queue = fm_queue_new(4, orders[order]);
        fm_task *getters[3];
        for (int i = 0; i < 3; i++)
            getters[i] = fm_go(get, queue);
        CHECK_INT(fm_yield(), 0);
        put_each(queue, (const size_t[]){10, 30, 20}, 3);
        CHECK_INT(fm_queue_count(queue), 0);
        CHECK_INT(fm_await(getters[0]), 10);
        CHECK_INT(fm_await(getters[1]), 30);
        CHECK_INT(fm_await(getters[2]), 20);
        fm_queue_free(queue);
    }
}

STORY(where_nothing_is_held_there_is_nothing_to_order)
{
    static const fm_queue_options *const orders[] = {&lifo, &priority};
    for (int order = 0; order < 2; order++) {
        fm_queue *queue = fm_queue_new(0, orders[order]);
        fm_task *putters[3];
        for (size_t i = 0; i < 3; i++)
            putters[i] = fm_go(put, queue, (i + 1) * 10);
        CHECK_INT(fm_yield(), 0);
        get_each(queue, (const int[]){10, 20, 30}, 3);
        CHECK_INT(fm_gather_array(putters, 3, NULL), 0);
        fm_queue_free(queue);
    }
}

/* ---- Cuts ---------------------------------------------------------------- */

STORY(a_cut_putter_of_a_heap_keeps_its_item)
{
    fm_queue *queue = fm_queue_new(1, &priority);
    CHECK_INT(fm_queue_put(queue, item_of(10)), 0);
    fm_task *first = fm_go(put, queue, 20);
    fm_task *second = fm_go(put, queue, 30);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    get_each(queue, (const int[]){10, 30}, 2);
    CHECK_INT(fm_await(second), 0);
    fm_queue_free(queue);
}

STORY(a_putter_of_a_stack_that_was_cut_after_it_had_a_place_has_put)
{
    fm_queue *queue = fm_queue_new(1, &lifo);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    fm_task *putter = fm_go(put, queue, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(fm_stop(putter), 0);
    CHECK_INT(get_try(queue), 2);
    fm_queue_free(queue);
}

/* ---- Beside an obvious reference ----------------------------------------- */

enum {
    MOST = 48
};

/* Items in the order of their coming; what is next is looked for. */
struct reference {
    size_t items[MOST], count;
    const fm_queue_options *options;
};

static bool reference_better(const struct reference *self, size_t a, size_t b)
{
    const fm_queue_options *options = self->options;
    if (options->before != NULL) {
        if (self->items[a] / 10 != self->items[b] / 10)
            return self->items[a] / 10 > self->items[b] / 10;
    }
    return options->newest_first ? a > b : a < b;
}

static size_t reference_take(struct reference *self)
{
    size_t best = 0;
    for (size_t i = 1; i < self->count; i++) {
        if (reference_better(self, i, best))
            best = i;
    }
    size_t item = self->items[best];
    self->count--;
    for (size_t i = best; i < self->count; i++)
        self->items[i] = self->items[i + 1];
    return item;
}

static void check_beside(struct reference *self, fm_queue *queue,
                         uint64_t *chance)
{
    size_t item = (size_t)(test_random(chance) % 120);
    if (test_random(chance) % 8 < 4) {
        bool fits = self->count < fm_queue_capacity(queue);
        CHECK_INT(fm_queue_put_try(queue, item_of(item)), fits ? 0 : -EAGAIN);
        if (fits)
            self->items[self->count++] = item;
    } else if (self->count > 0) {
        CHECK_INT(get_try(queue), reference_take(self));
    } else {
        CHECK_INT(get_try(queue), -EAGAIN);
    }
    CHECK_INT(fm_queue_count(queue), self->count);
}

STORY(each_order_is_that_of_an_obvious_reference)
{
    static const fm_queue_options fifo = {0};
    static const fm_queue_options *const orders[] = {&fifo, &lifo, &priority,
                                                     &priority_lifo};
    uint64_t chance = test_seed(11);
    for (size_t round = 0; round < test_many(400); round++) {
        struct reference self = {.options = orders[round % 4]};
        fm_queue *queue =
            fm_queue_new(test_random(&chance) % MOST, self.options);
        for (int step = 0; step < 300; step++)
            check_beside(&self, queue, &chance);
        fm_queue_free(queue);
    }
}
