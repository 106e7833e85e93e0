/*
 * test_queue_cuts.c - a cut task loses no item and takes none with it
 */
#include "queue_kit.h"

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_getter_takes_nothing_with_it)
{
    fm_queue *queue = fm_queue_new(1);
    fm_task *first = fm_go(get, queue);
    fm_task *second = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(fm_queue_put(queue, item_of(3)), 0);
    CHECK_INT(fm_await(second), 3);
    fm_queue_free(queue);
}

STORY(a_getter_that_was_cut_after_it_was_served_has_its_item)
{
    fm_queue *queue = fm_queue_new(1);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_queue_put(queue, item_of(4)), 0);
    CHECK_INT(fm_stop(getter), 4);
    CHECK_INT(fm_queue_count(queue), 0);
    fm_queue_free(queue);
}

STORY(a_cut_putter_keeps_its_item)
{
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    fm_task *first = fm_go(put, queue, 2);
    fm_task *second = fm_go(put, queue, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(get_try(queue), 3);
    CHECK_INT(get_try(queue), -EAGAIN);
    CHECK_INT(fm_await(second), 0);
    fm_queue_free(queue);
}

STORY(a_putter_that_was_cut_after_it_had_a_place_has_put)
{
    fm_queue *queue = fm_queue_new(1);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    fm_task *putter = fm_go(put, queue, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(fm_stop(putter), 0);
    CHECK_INT(get_try(queue), 2);
    fm_queue_free(queue);
}

STORY(a_wait_in_a_queue_ends_with_its_timeout)
{
    int rc;
    void *item = item_of(9);
    fm_queue *queue = fm_queue_new(1);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_queue_get(queue, &item);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(item == item_of(9));
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_queue_put(queue, item_of(2));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_queue_count(queue), 1);
    fm_queue_free(queue);
}

static int cancelled_puts_and_gets(void *arg)
{
    fm_queue *queue = arg;
    void *item = NULL;
    fm_cancel(fm_self());
    CHECK_INT(fm_queue_put(queue, item_of(2)), -ECANCELED);
    CHECK_INT(fm_queue_get(queue, &item), -ECANCELED);
    CHECK(item == NULL);
    CHECK_INT(fm_queue_put_try(queue, item_of(2)), 0);
    return 0;
}

STORY(both_are_cancel_points_also_when_they_need_not_wait)
{
    fm_queue *queue = fm_queue_new(2);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK_INT(fm_await(fm_start(cancelled_puts_and_gets, queue)), 0);
    CHECK_INT(get_try(queue), 1);
    CHECK_INT(get_try(queue), 2);
    fm_queue_free(queue);
}

/* ---- A storm of cuts ---------------------------------------------------- */

enum {
    STORM = 64
};

struct storm {
    fm_queue *queue;
    uint64_t chance;
    int brought[STORM]; /* by a put that returned 0 */
    int taken[STORM];   /* by a get that returned 0, or left in the queue */
};

struct brings {
    struct storm *storm;
    size_t number;
};

static int brings(struct brings *self)
{
    struct storm *storm = self->storm;
    int rc = fm_queue_put(storm->queue, item_of(self->number));
    storm->brought[self->number] += rc == 0;
    return rc;
}

struct takes {
    struct storm *storm;
};

static int takes(struct takes *self)
{
    void *item;
    int rc = fm_queue_get(self->storm->queue, &item);
    if (rc == 0)
        self->storm->taken[number_of(item)]++;
    return rc;
}

static size_t storm_draw(struct storm *storm, size_t below)
{
    return test_random(&storm->chance) % below;
}

/* Each step starts one or cuts one, or lets time pass. */
static void storm_step(struct storm *storm, fm_task **tasks, size_t i)
{
    tasks[i] = i % 2 == 0 ? fm_go(brings, storm, i) : fm_go(takes, storm);
    for (size_t cuts = storm_draw(storm, 3); cuts > 0; cuts--)
        fm_cancel(tasks[storm_draw(storm, i + 1)]);
    if (storm_draw(storm, 3) == 0)
        CHECK_INT(fm_yield(), 0);
}

static void storm_run(struct storm *storm)
{
    fm_task *tasks[STORM];
    void *item;
    for (size_t i = 0; i < STORM; i++)
        storm_step(storm, tasks, i);
    for (size_t i = 0; i < STORM; i++)
        fm_cancel(tasks[i]);
    fm_settle(tasks, STORM, NULL);
    while (fm_queue_get_try(storm->queue, &item) == 0)
        storm->taken[number_of(item)]++;
    for (size_t i = 0; i < STORM; i++) {
        CHECK(storm->brought[i] <= 1);
        CHECK_INT(storm->taken[i], storm->brought[i]);
    }
}

STORY(in_a_storm_of_cuts_no_item_is_lost_or_doubled)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(2000); round++) {
        struct storm storm = {.queue = fm_queue_new(round % 4)};
        storm.chance = test_random(&chance);
        storm_run(&storm);
        fm_queue_free(storm.queue);
    }
}
