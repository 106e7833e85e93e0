/*
 * test_queue_end.c - work that is done, and queues that are shut down
 */
#include "call_kit.h"
#include "queue_kit.h"

#include <stdlib.h>

struct join {
    fm_queue *queue;
};

static int join(struct join *self)
{
    return fm_queue_join(self->queue);
}

static size_t dropped[8], drops;

static void drop(void *item)
{
    if (drops < 8)
        dropped[drops] = number_of(item);
    drops++;
}

static const fm_queue_options dropping = {.drop = drop};

static void put_each(fm_queue *queue, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(fm_queue_put(queue, item_of(i)), 0);
}

/* ---- Done ---------------------------------------------------------------- */

STORY(a_join_returns_at_once_when_nothing_is_left_to_do)
{
    fm_queue *queue = fm_queue_new(2);
    CHECK_INT(fm_queue_join(queue), 0);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK_INT(get_try(queue), 1);
    fm_queue_done(queue);
    CHECK_INT(fm_queue_join(queue), 0);
    fm_queue_free(queue);
}

STORY(a_join_waits_for_what_was_taken_and_is_not_done)
{
    fm_queue *queue = fm_queue_new(2);
    put_each(queue, 2);
    fm_task *first = fm_go(join, queue);
    fm_task *second = fm_go(join, queue);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(get_try(queue), 0);
    CHECK_INT(get_try(queue), 1);
    fm_queue_done(queue);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_cancelled(), 0);
    fm_queue_done(queue);
    CHECK_INT(fm_gather(first, second), 0);
    fm_queue_free(queue);
}

/* Which of two happens first. */
static int joined_at;

struct joins_and_notes {
    fm_queue *queue;
    const int *clock;
};

static int joins_and_notes(struct joins_and_notes *self)
{
    int rc = fm_queue_join(self->queue);
    joined_at = *self->clock;
    return rc;
}

STORY(an_item_that_went_from_hand_to_hand_has_to_be_done_too)
{
    int clock = 0;
    fm_queue *queue = fm_queue_new(0);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_put(queue, item_of(5)), 0);
    CHECK_INT(fm_await(getter), 5);
    fm_task *joins = fm_go(joins_and_notes, queue, &clock);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    clock = 1;
    fm_queue_done(queue);
    CHECK_INT(fm_await(joins), 0);
    CHECK_INT(joined_at, 1);
    fm_queue_free(queue);
}

STORY(an_item_whose_putter_had_to_wait_has_to_be_done_too)
{
    int clock = 0;
    fm_queue *queue = fm_queue_new(1);
    fm_task *first = fm_go(put, queue, 1);
    fm_task *second = fm_go(put, queue, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(get_try(queue), 2);
    CHECK_INT(fm_gather(first, second), 0);
    fm_task *joins = fm_go(joins_and_notes, queue, &clock);
    fm_queue_done(queue);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    clock = 1;
    fm_queue_done(queue);
    CHECK_INT(fm_await(joins), 0);
    CHECK_INT(joined_at, 1);
    fm_queue_free(queue);
}

/* As asyncio's: it waits for a moment at which all was done. */
STORY(a_join_that_was_woken_returns_also_when_more_was_put_meanwhile)
{
    fm_queue *queue = fm_queue_new(2);
    put_each(queue, 1);
    fm_task *joins = fm_go(join, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 0);
    fm_queue_done(queue);
    put_each(queue, 1);
    CHECK_INT(fm_await(joins), 0);
    fm_queue_free(queue);
}

STORY(a_cut_join_waits_no_longer)
{
    fm_queue *queue = fm_queue_new(1);
    int rc;
    put_each(queue, 1);
    fm_task *joins = fm_go(join, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(joins), -ECANCELED);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_queue_join(queue);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_queue_free(queue);
}

STORY(a_join_that_was_cut_after_all_was_done_has_joined)
{
    fm_queue *queue = fm_queue_new(1);
    put_each(queue, 1);
    fm_task *joins = fm_go(join, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 0);
    fm_queue_done(queue);
    CHECK_INT(fm_stop(joins), 0);
    fm_queue_free(queue);
}

static int joins_cancelled(void *queue)
{
    fm_cancel(fm_self());
    CHECK_INT(fm_queue_join(queue), -ECANCELED);
    return 0;
}

STORY(a_join_is_a_cancel_point_also_when_nothing_is_left_to_do)
{
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(fm_await(fm_start(joins_cancelled, queue)), 0);
    fm_queue_free(queue);
}

/* ---- Shut down ----------------------------------------------------------- */

STORY(after_a_shutdown_puts_are_refused_and_gets_have_what_is_left)
{
    void *item = item_of(9);
    fm_queue *queue = fm_queue_new(4);
    put_each(queue, 2);
    fm_queue_shutdown(queue, false);
    CHECK_INT(fm_queue_put(queue, item_of(3)), -ESHUTDOWN);
    CHECK_INT(fm_queue_put_try(queue, item_of(3)), -ESHUTDOWN);
    CHECK_INT(fm_queue_count(queue), 2);
    CHECK_INT(get_try(queue), 0);
    CHECK_INT(fm_await(fm_go(get, queue)), 1);
    CHECK_INT(fm_queue_get(queue, &item), -ESHUTDOWN);
    CHECK_INT(fm_queue_get_try(queue, &item), -ESHUTDOWN);
    CHECK(item == item_of(9));
    fm_queue_shutdown(queue, false);
    fm_queue_free(queue);
}

STORY(a_shutdown_ends_the_wait_of_putters_and_getters)
{
    fm_queue *full = fm_queue_new(1), *empty = fm_queue_new(1);
    CHECK_INT(fm_queue_put(full, item_of(1)), 0);
    fm_task *tasks[4] = {fm_go(put, full, 2), fm_go(put, full, 3),
                         fm_go(get, empty), fm_go(get, empty)};
    CHECK_INT(fm_yield(), 0);
    fm_queue_shutdown(full, false);
    fm_queue_shutdown(empty, false);
    for (int i = 0; i < 4; i++)
        CHECK_INT(fm_await(tasks[i]), -ESHUTDOWN);
    CHECK_INT(get_try(full), 1);
    CHECK_INT(get_try(full), -ESHUTDOWN);
    fm_queue_free(full);
    fm_queue_free(empty);
}

STORY(a_shutdown_ends_those_who_wait_hand_to_hand)
{
    fm_queue *queue = fm_queue_new(0);
    fm_task *putter = fm_go(put, queue, 2);
    CHECK_INT(fm_yield(), 0);
    fm_queue_shutdown(queue, false);
    CHECK_INT(get_try(queue), -ESHUTDOWN);
    CHECK_INT(fm_await(putter), -ESHUTDOWN);
    fm_queue_free(queue);
}

STORY(an_item_that_was_handed_over_before_the_shutdown_has_arrived)
{
    fm_queue *queue = fm_queue_new(1);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_put(queue, item_of(6)), 0);
    fm_queue_shutdown(queue, true);
    CHECK_INT(fm_await(getter), 6);
    fm_queue_free(queue);
}

STORY(a_putter_that_had_its_place_before_the_shutdown_has_put)
{
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    fm_task *putter = fm_go(put, queue, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 1);
    fm_queue_shutdown(queue, false);
    CHECK_INT(fm_await(putter), 0);
    CHECK_INT(get_try(queue), 2);
    CHECK_INT(get_try(queue), -ESHUTDOWN);
    fm_queue_free(queue);
}

STORY(a_join_goes_on_after_a_shutdown_until_what_is_left_is_done)
{
    int clock = 0;
    fm_queue *queue = fm_queue_new(2);
    put_each(queue, 2);
    fm_task *joins = fm_go(joins_and_notes, queue, &clock);
    CHECK_INT(fm_yield(), 0);
    fm_queue_shutdown(queue, false);
    for (clock = 1; clock <= 2; clock++) {
        CHECK_INT(get_try(queue), clock - 1);
        fm_queue_done(queue);
        CHECK_INT(fm_sleep(story_span(1)), 0);
    }
    CHECK_INT(fm_await(joins), 0);
    CHECK_INT(joined_at, 2);
    fm_queue_free(queue);
}

STORY(an_immediate_shutdown_drops_each_item_and_counts_it_as_done)
{
    fm_queue *queue = fm_queue_new(4, &dropping);
    drops = 0;
    put_each(queue, 3);
    fm_task *joins = fm_go(join, queue);
    CHECK_INT(fm_yield(), 0);
    fm_queue_shutdown(queue, true);
    CHECK_INT(fm_queue_count(queue), 0);
    CHECK_INT(drops, 3);
    CHECK(dropped[0] == 0 && dropped[1] == 1 && dropped[2] == 2);
    CHECK_INT(get_try(queue), -ESHUTDOWN);
    CHECK_INT(fm_await(joins), 0);
    fm_queue_free(queue);
    CHECK_INT(drops, 3);
}

STORY(an_immediate_shutdown_leaves_a_join_waiting_for_what_was_taken)
{
    int clock = 0;
    fm_queue *queue = fm_queue_new(4);
    put_each(queue, 3);
    CHECK_INT(get_try(queue), 0);
    fm_task *joins = fm_go(joins_and_notes, queue, &clock);
    CHECK_INT(fm_yield(), 0);
    fm_queue_shutdown(queue, true);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    clock = 1;
    fm_queue_done(queue);
    CHECK_INT(fm_await(joins), 0);
    CHECK_INT(joined_at, 1);
    fm_queue_free(queue);
}

STORY(a_shutdown_may_become_immediate)
{
    fm_queue *queue = fm_queue_new(4, &dropping);
    drops = 0;
    put_each(queue, 2);
    fm_queue_shutdown(queue, false);
    CHECK_INT(fm_queue_count(queue), 2);
    fm_queue_shutdown(queue, true);
    CHECK_INT(fm_queue_count(queue), 0);
    CHECK_INT(drops, 2);
    fm_queue_free(queue);
}

STORY(a_free_drops_what_is_left)
{
    fm_queue *queue = fm_queue_new(4, &dropping);
    drops = 0;
    put_each(queue, 3);
    CHECK_INT(get_try(queue), 0);
    fm_queue_free(queue);
    CHECK_INT(drops, 2);
    CHECK(dropped[0] == 1 && dropped[1] == 2);
}

STORY(items_that_free_can_release_do_not_leak)
{
    const fm_queue_options owning = {.drop = free};
    fm_queue *queue = fm_queue_new(4, &owning);
    CHECK_INT(fm_queue_put(queue, malloc(8)), 0);
    CHECK_INT(fm_queue_put(queue, malloc(8)), 0);
    fm_queue_free(queue);
}

static fm_queue *shared;

static void drops_and_looks(void *item)
{
    drop(item);
    CHECK_INT(fm_queue_count(shared), 3 - drops);
    CHECK_INT(fm_queue_put_try(shared, item), -ESHUTDOWN);
    fm_queue_shutdown(shared, false);
}

STORY(who_drops_an_item_may_look_at_the_queue)
{
    const fm_queue_options looking = {.drop = drops_and_looks};
    shared = fm_queue_new(3, &looking);
    drops = 0;
    put_each(shared, 3);
    fm_queue_shutdown(shared, true);
    CHECK_INT(drops, 3);
    fm_queue_free(shared);
}

/* ---- Its life ------------------------------------------------------------ */

static void ends_from_outside(void *queue)
{
    CHECK_INT(fm_queue_put_try(queue, item_of(7)), 0);
    CHECK_INT(get_try(queue), 7);
    fm_queue_done(queue);
    fm_queue_shutdown(queue, true);
}

STORY(a_queue_may_be_ended_wherever_the_loop_calls_back)
{
    fm_queue *queue = fm_queue_new(2);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK_INT(get_try(queue), 1);
    fm_task *joins = fm_go(join, queue);
    CHECK_INT(fm_yield(), 0);
    call_back(ends_from_outside, queue);
    CHECK_INT(get_try(queue), -ESHUTDOWN);
    fm_queue_done(queue);
    CHECK_INT(fm_await(joins), 0);
    fm_queue_free(queue);
}

STORY(to_end_a_queue_that_is_null_does_nothing)
{
    CHECK_INT(fm_queue_join(NULL), -ENOMEM);
    fm_queue_done(NULL);
    fm_queue_shutdown(NULL, true);
}

static void is_done_too_often(void)
{
    fm_queue *queue = fm_queue_new(2);
    put_each(queue, 2);
    CHECK_INT(get_try(queue), 0);
    fm_queue_done(queue);
    fm_queue_done(queue);
}

static void frees_while_a_task_joins(void)
{
    fm_queue *queue = fm_queue_new(1);
    put_each(queue, 1);
    fm_task *joins = fm_go(join, queue);
    fm_yield();
    fm_queue_free(queue);
    fm_stop(joins);
}

static int shuts(void *queue)
{
    fm_queue_shutdown(queue, true);
    return 0;
}

static int is_done(void *queue)
{
    fm_queue_done(queue);
    return 0;
}

static int joins_it(void *queue)
{
    return fm_queue_join(queue);
}

static void shuts_it_elsewhere(void)
{
    call_elsewhere(shuts, fm_queue_new(1));
}

static void is_done_elsewhere(void)
{
    call_elsewhere(is_done, fm_queue_new(1));
}

static void joins_it_elsewhere(void)
{
    call_elsewhere(joins_it, fm_queue_new(1));
}

TEST(mistakes_at_the_end_of_a_queue_abort_with_a_sentence)
{
    CHECK_DOOMED(is_done_too_often,
                 "fm_queue_done: every item that was taken is done already");
    CHECK_DOOMED(frees_while_a_task_joins,
                 "fm_queue_free: a task waits in this queue");
    CHECK_DOOMED(shuts_it_elsewhere,
                 "fm_queue_shutdown: the queue belongs to another loop");
    CHECK_DOOMED(is_done_elsewhere,
                 "fm_queue_done: the queue belongs to another loop");
    CHECK_DOOMED(joins_it_elsewhere,
                 "fm_queue_join: the queue belongs to another loop");
}
