/*
 * test_select_kinds.c - each thing that can be selected, beside a time
 *
 * What was named can be taken without waiting, and what is NULL is nothing.
 */
#include "task/story.h"

/* Does something to an object a while later. */
struct later {
    void (*act)(void *object);
    void *object;
};

static int later(struct later *self)
{
    int rc = fm_sleep(story_span(2));
    if (rc == 0)
        self->act(self->object);
    return rc;
}

/* Not ready, then made ready by another task, then still ready. */
static void becomes_ready(fm_when when, void (*act)(void *), void *object)
{
    CHECK_INT(fm_select(when, fm_when_after(0)), 1);
    fm_task *task = fm_go(later, act, object);
    CHECK_INT(fm_select(fm_when_after(INFINITY), when), 1);
    CHECK_INT(fm_select(when, fm_when_after(0)), 0);
    CHECK_INT(fm_await(task), 0);
}

static void put_one(void *queue)
{
    CHECK_INT(fm_queue_put_try(queue, queue), 0);
}

static void get_one(void *queue)
{
    void *item;
    CHECK_INT(fm_queue_get_try(queue, &item), 0);
}

static void shut(void *queue)
{
    fm_queue_shutdown(queue, false);
}

STORY(a_queue_is_selected_for_an_item_and_for_a_place)
{
    fm_queue *queue = fm_queue_new(1);
    becomes_ready(fm_when_get(queue), put_one, queue);
    becomes_ready(fm_when_put(queue), get_one, queue);
    becomes_ready(fm_when_get(queue), shut, queue);
    CHECK_INT(fm_select(fm_when_put(queue)), 0);
    fm_queue_free(queue);
}

static void set(void *event)
{
    fm_event_set(event);
}

STORY(an_event_is_selected_until_it_is_cleared)
{
    fm_event event = {0};
    becomes_ready(fm_when_set(&event), set, &event);
    fm_event_clear(&event);
    becomes_ready(fm_when_set(&event), set, &event);
}

static void release(void *semaphore)
{
    fm_semaphore_release(semaphore);
}

STORY(a_permit_is_selected)
{
    fm_semaphore semaphore = {0};
    fm_semaphore_init(&semaphore, 0, 0);
    becomes_ready(fm_when_permit(&semaphore), release, &semaphore);
    CHECK_INT(fm_semaphore_acquire_try(&semaphore), 0);
    CHECK_INT(fm_select(fm_when_permit(&semaphore), fm_when_after(0)), 1);
}

static void send_one(void *broadcast)
{
    CHECK_INT(fm_broadcast_send_try(broadcast, &(int){7}), 0);
}

static void receive_one(void *subscriber)
{
    int message;
    CHECK_INT(fm_broadcast_receive_try(subscriber, &message), 0);
}

STORY(a_broadcast_is_selected_for_a_message_and_for_room)
{
    fm_broadcast *news = fm_broadcast_new(1, sizeof(int));
    fm_subscriber reader = {0};
    fm_broadcast_subscribe(news, &reader);
    becomes_ready(fm_when_receive(&reader), send_one, news);
    becomes_ready(fm_when_send(news), receive_one, &reader);
    fm_broadcast_unsubscribe(&reader);
    fm_broadcast_free(news);
}

static void leave(void *subscriber)
{
    fm_broadcast_unsubscribe(subscriber);
}

STORY(a_subscriber_that_leaves_is_selected_at_once)
{
    fm_broadcast *news = fm_broadcast_new(1, sizeof(int));
    fm_subscriber reader = {0};
    fm_broadcast_subscribe(news, &reader);
    becomes_ready(fm_when_receive(&reader), leave, &reader);
    fm_broadcast_free(news);
}

static int selects(void *when)
{
    return fm_select(*(const fm_when *)when);
}

static void frees_what_is_selected(void)
{
    fm_broadcast *news = fm_broadcast_new(1, sizeof(int));
    fm_subscriber reader = {0};
    fm_broadcast_subscribe(news, &reader);
    fm_when when = fm_when_receive(&reader);
    fm_task *task = fm_start(selects, &when);
    fm_yield();
    fm_broadcast_unsubscribe(&reader);
    fm_broadcast_free(news);
    fm_stop(task);
}

static void puts_what_is_selected(void)
{
    fm_future *future = fm_future_new();
    fm_when when = fm_when_done(future);
    fm_task *task = fm_start(selects, &when);
    fm_yield();
    fm_future_set(future, 0, NULL);
    fm_future_put(future);
    fm_stop(task);
}

TEST(to_put_the_last_share_of_a_future_that_is_selected_is_a_sentence)
{
    CHECK_DOOMED(puts_what_is_selected,
                 "fm_future_put: a task still selects this future");
}

TEST(to_free_a_broadcast_that_is_selected_is_a_sentence)
{
    CHECK_DOOMED(frees_what_is_selected,
                 "fm_broadcast_free: a task selects what it would receive");
}

static void set_cell(void *cell)
{
    CHECK_INT(fm_cell_set(cell, &(int){3}), 0);
}

STORY(a_cell_is_selected_for_a_newer_value)
{
    int value;
    uint64_t seen = 0;
    fm_cell *cell = fm_cell_new(sizeof(int));
    becomes_ready(fm_when_newer(cell, seen), set_cell, cell);
    CHECK_INT(fm_cell_get(cell, &value, &seen), 0);
    becomes_ready(fm_when_newer(cell, seen), set_cell, cell);
    fm_cell_free(cell);
}

STORY(what_is_null_is_never_ready)
{
    CHECK_INT(fm_select(fm_when_get(NULL), fm_when_put(NULL),
                        fm_when_receive(NULL), fm_when_send(NULL),
                        fm_when_newer(NULL, 0), fm_when_ended(NULL)),
              -ENOENT);
}

struct worker {
    fm_queue *jobs;
    fm_event *stop;
    int *done;
};

static int worker(struct worker *self)
{
    void *job;
    for (;;) {
        int rc = fm_select(fm_when_get(self->jobs), fm_when_set(self->stop));
        if (rc != 0)
            return rc < 0 ? rc : 0;
        CHECK_INT(fm_queue_get_try(self->jobs, &job), 0);
        ++*self->done;
    }
}

static int puts_jobs(void *jobs)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 100; i++)
        rc = fm_queue_put(jobs, NULL);
    return rc;
}

STORY(workers_that_select_take_each_job_once_and_stop)
{
    int done = 0;
    fm_queue *jobs = fm_queue_new(3);
    fm_event stop = {0};
    fm_task *workers[4];
    for (int i = 0; i < 4; i++)
        workers[i] = fm_go(worker, jobs, &stop, &done);
    CHECK_INT(fm_gather(fm_start(puts_jobs, jobs), fm_start(puts_jobs, jobs)),
              0);
    while (fm_queue_count(jobs) > 0)
        CHECK_INT(fm_yield(), 0);
    fm_event_set(&stop);
    CHECK_INT(fm_gather_array(workers, 4, NULL), 0);
    CHECK_INT(done, 200);
    fm_queue_free(jobs);
}
