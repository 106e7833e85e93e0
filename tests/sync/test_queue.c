/*
 * test_queue.c - a bounded queue between tasks: order and limits
 */
#include "queue_kit.h"

#include <pthread.h>

static size_t order[4096], ordered;

static void note(size_t number)
{
    if (ordered < 4096)
        order[ordered] = number;
    ordered++;
}

struct puts {
    fm_queue *queue;
    size_t first, count;
};

static int puts_all(void *arg)
{
    struct puts *self = arg;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < self->count; i++)
        rc = fm_queue_put(self->queue, item_of(self->first + i));
    return rc;
}

/* ---- First come, first served ------------------------------------------- */

STORY(items_come_out_in_the_order_they_went_in)
{
    static const size_t capacities[] = {0, 1, 2, 7, 128};
    for (size_t i = 0; i < 5; i++) {
        fm_queue *queue = fm_queue_new(capacities[i]);
        struct puts putter = {queue, 0, 1000};
        fm_task *task = fm_start(puts_all, &putter);
        for (size_t n = 0; n < 1000; n++) {
            void *item = NULL;
            CHECK_INT(fm_queue_get(queue, &item), 0);
            CHECK_INT(number_of(item), n);
            CHECK(fm_queue_count(queue) <= capacities[i]);
        }
        CHECK_INT(fm_await(task), 0);
        fm_queue_free(queue);
    }
}

STORY(an_item_goes_to_the_getter_that_waited_longest)
{
    fm_queue *queue = fm_queue_new(4);
    fm_task *getters[4];
    for (int i = 0; i < 4; i++)
        getters[i] = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(fm_queue_put(queue, item_of(i)), 0);
    CHECK_INT(fm_queue_count(queue), 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(fm_await(getters[i]), i);
    fm_queue_free(queue);
}

STORY(a_latecomer_overtakes_no_getter_that_waits)
{
    fm_queue *queue = fm_queue_new(4);
    fm_task *waits = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK_INT(get_try(queue), -EAGAIN);
    CHECK_INT(fm_await(waits), 1);
    fm_queue_free(queue);
}

STORY(a_place_goes_to_the_putter_that_waited_longest)
{
    fm_queue *queue = fm_queue_new(2);
    fm_task *putters[6];
    for (size_t i = 0; i < 6; i++)
        putters[i] = fm_go(put, queue, i);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_count(queue), 2);
    for (int i = 0; i < 6; i++) {
        CHECK_INT(get_try(queue), i);
        CHECK_INT(fm_queue_put_try(queue, item_of(99)), i < 4 ? -EAGAIN : 0);
        if (i >= 4)
            CHECK_INT(fm_queue_count(queue), 2);
    }
    CHECK_INT(fm_gather_array(putters, 6, NULL), 0);
    fm_queue_free(queue);
}

STORY(a_putter_waits_only_while_the_queue_is_full)
{
    fm_queue *queue = fm_queue_new(3);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(fm_queue_put(queue, item_of(i)), 0);
    fm_task *waits = fm_go(put, queue, 3);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_queue_count(queue), 3);
    CHECK_INT(get_try(queue), 0);
    CHECK_INT(fm_queue_count(queue), 3);
    CHECK_INT(fm_await(waits), 0);
    fm_queue_free(queue);
}

/* ---- Without a place: hand to hand -------------------------------------- */

static int put_then_note(struct put *self, size_t mark)
{
    int rc = fm_queue_put(self->queue, item_of(self->number));
    note(mark);
    return rc;
}

static int puts_and_notes(void *arg)
{
    return put_then_note(arg, 1000);
}

STORY(a_queue_for_nothing_hands_over_from_task_to_task)
{
    fm_queue *queue = fm_queue_new(0);
    struct put with = {queue, 5};
    ordered = 0;
    fm_task *putter = fm_start(puts_and_notes, &with);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(ordered, 0);
    CHECK_INT(fm_queue_count(queue), 0);
    CHECK_INT(fm_await(fm_go(get, queue)), 5);
    CHECK_INT(fm_await(putter), 0);
    CHECK_INT(ordered, 1);
    CHECK_INT(fm_queue_put_try(queue, item_of(1)), -EAGAIN);
    CHECK_INT(get_try(queue), -EAGAIN);
    fm_queue_free(queue);
}

STORY(a_try_meets_who_waits_hand_to_hand)
{
    fm_queue *queue = fm_queue_new(0);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_put_try(queue, item_of(7)), 0);
    CHECK_INT(fm_await(getter), 7);
    fm_task *putter = fm_go(put, queue, 8);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 8);
    CHECK_INT(fm_await(putter), 0);
    fm_queue_free(queue);
}

/* ---- Without waiting ---------------------------------------------------- */

STORY(the_try_forms_say_eagain_where_the_others_would_wait)
{
    fm_queue *queue = fm_queue_new(2);
    CHECK_INT(fm_queue_capacity(queue), 2);
    CHECK_INT(get_try(queue), -EAGAIN);
    CHECK_INT(fm_queue_put_try(queue, item_of(1)), 0);
    CHECK_INT(fm_queue_put_try(queue, item_of(2)), 0);
    CHECK_INT(fm_queue_put_try(queue, item_of(3)), -EAGAIN);
    CHECK_INT(fm_queue_count(queue), 2);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(get_try(queue), 2);
    CHECK_INT(get_try(queue), -EAGAIN);
    fm_queue_free(queue);
}

STORY(an_item_may_be_null)
{
    void *item = item_of(1);
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(fm_queue_put(queue, NULL), 0);
    CHECK_INT(fm_queue_get(queue, &item), 0);
    CHECK(item == NULL);
    fm_queue_free(queue);
}

static int puts_without_rest(void *arg)
{
    fm_queue *queue = arg;
    void *item;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 1000; i++) {
        rc = fm_queue_put(queue, item_of(0));
        if (rc == 0)
            rc = fm_queue_get(queue, &item);
    }
    note(1);
    return rc;
}

static int notes_once(void)
{
    note(2);
    return 0;
}

STORY(a_task_that_never_has_to_wait_lets_others_run)
{
    fm_queue *queue = fm_queue_new(1);
    ordered = 0;
    fm_task *busy = fm_start(puts_without_rest, queue);
    fm_task *other = fm_go(notes_once);
    CHECK_INT(fm_gather(busy, other), 0);
    CHECK_INT(order[0], 2);
    fm_queue_free(queue);
}

/* ---- Many --------------------------------------------------------------- */

/* Takes until it is told to stop by an item that is NULL. */
static int takes_all(void *arg)
{
    void *item;
    int rc = fm_queue_get(arg, &item);
    while (rc == 0 && item != NULL) {
        note(number_of(item));
        rc = fm_queue_get(arg, &item);
    }
    return rc;
}

STORY(many_putters_and_many_getters_lose_and_double_nothing)
{
    static char seen[4096];
    fm_queue *queue = fm_queue_new(5);
    struct puts puts[8];
    fm_task *putters[8], *getters[8];
    memset(seen, 0, sizeof seen);
    ordered = 0;
    for (size_t i = 0; i < 8; i++) {
        puts[i] = (struct puts){queue, i * 500, 500};
        getters[i] = fm_start(takes_all, queue);
        putters[i] = fm_start(puts_all, &puts[i]);
    }
    CHECK_INT(fm_gather_array(putters, 8, NULL), 0);
    for (int i = 0; i < 8; i++)
        CHECK_INT(fm_queue_put(queue, NULL), 0);
    CHECK_INT(fm_gather_array(getters, 8, NULL), 0);
    CHECK_INT(ordered, 4000);
    for (size_t i = 0; i < 4000; i++)
        seen[order[i]]++;
    for (size_t i = 0; i < 4000; i++)
        CHECK_INT(seen[i], 1);
    fm_queue_free(queue);
}

/* ---- Its life ----------------------------------------------------------- */

STORY(a_queue_that_is_null_has_no_memory)
{
    void *item = NULL;
    CHECK(fm_queue_new(SIZE_MAX) == NULL);
    CHECK(fm_queue_new(SIZE_MAX / sizeof(void *)) == NULL);
    CHECK_INT(fm_queue_put(NULL, item), -ENOMEM);
    CHECK_INT(fm_queue_get(NULL, &item), -ENOMEM);
    CHECK_INT(fm_queue_put_try(NULL, item), -ENOMEM);
    CHECK_INT(fm_queue_get_try(NULL, &item), -ENOMEM);
    CHECK_INT(fm_queue_count(NULL), 0);
    CHECK_INT(fm_queue_capacity(NULL), 0);
    fm_queue_free(NULL);
}

static int makes(void *arg)
{
    *(fm_queue **)arg = fm_queue_new(1);
    return fm_queue_put(*(fm_queue **)arg, item_of(1));
}

TEST(a_queue_may_be_freed_with_items_and_after_its_loop)
{
    fm_queue *queue = NULL;
    CHECK_INT(fm_run(makes, &queue), 0);
    CHECK_INT(fm_queue_count(queue), 1);
    fm_queue_free(queue);
}

static void frees_while_a_task_waits(void)
{
    fm_queue *queue = fm_queue_new(1);
    fm_task *getter = fm_go(get, queue);
    fm_yield();
    fm_queue_free(queue);
    fm_stop(getter);
}

static int tries(void *queue)
{
    CHECK_INT(fm_queue_put_try(queue, NULL), 0);
    return 0;
}

static void *runs_a_loop(void *queue)
{
    fm_run(tries, queue);
    return NULL;
}

static void lends_to_another_loop(void)
{
    pthread_t thread;
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(pthread_create(&thread, NULL, runs_a_loop, queue), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
    fm_queue_free(queue);
}

static void makes_outside(void *arg)
{
    (void)arg;
    fm_queue_free(fm_queue_new(1));
}

TEST(mistakes_with_a_queue_abort_with_a_sentence)
{
    CHECK_DOOMED(frees_while_a_task_waits,
                 "fm_queue_free: a task waits in this queue");
    CHECK_DOOMED(lends_to_another_loop,
                 "fm_queue_put_try: the queue belongs to another loop");
    CHECK_DIES(makes_outside, NULL, "fm_queue_new was called outside a task");
}
