/*
 * test_awaitable_kinds.c - what may be awaited, beside times
 */
#include "task/story.h"

#include "task/watcher.h"

struct opener {
    fm_event *event;
    double units;
};

static int opener(struct opener *self)
{
    int rc = fm_sleep(story_span(self->units));
    fm_event_set(self->event);
    return rc;
}

STORY(an_event_a_queue_and_a_permit_are_gathered)
{
    fm_event event = {0};
    fm_semaphore permits;
    fm_semaphore_init(&permits, 0, 0);
    fm_queue *queue = fm_queue_new(1);
    fm_when whens[] = {fm_when_set(&event), fm_when_get(queue),
                       fm_when_permit(&permits), fm_when_put(queue)};
    int results[4], item = 0;
    void *got = NULL;
    FM_AWAITABLES(some, 4);
    for (int i = 0; i < 4; i++)
        CHECK_INT(fm_awaitable_begin(&some[i], &whens[i]), 0);
    CHECK(fm_awaitable_done(&some[3]));
    fm_task *task = fm_go(opener, &event, 1);
    CHECK_INT(fm_queue_put(queue, &item), 0);
    CHECK(fm_awaitable_done(&some[1]));
    fm_semaphore_release(&permits);
    CHECK_INT(fm_awaitable_gather(some, 4, results), 0);
    CHECK(fm_event_is_set(&event));
    CHECK_INT(fm_queue_get_try(queue, &got), 0);
    CHECK(got == &item);
    CHECK_INT(fm_semaphore_acquire_try(&permits), 0);
    CHECK_INT(fm_await(task), 0);
    fm_queue_free(queue);
}

STORY(a_message_and_a_newer_value_are_gathered)
{
    int seven = 7;
    fm_cell *cell = fm_cell_new(sizeof(int));
    fm_broadcast *news = fm_broadcast_new(2, sizeof(int));
    fm_subscriber reader = {0};
    uint64_t seen = 0;
    fm_broadcast_subscribe(news, &reader);
    CHECK_INT(fm_cell_set(cell, &seven), 0);
    CHECK_INT(fm_cell_get(cell, &seven, &seen), 0);
    fm_when whens[] = {fm_when_newer(cell, seen), fm_when_receive(&reader)};
    FM_AWAITABLES(some, 2);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_awaitable_begin(&some[i], &whens[i]), 0);
    CHECK(!fm_awaitable_done(&some[0]) && !fm_awaitable_done(&some[1]));
    CHECK_INT(fm_broadcast_send(news, &seven), 0);
    CHECK_INT(fm_cell_set(cell, &seven), 0);
    CHECK_INT(fm_awaitable_gather(some, 2, NULL), 0);
    fm_broadcast_unsubscribe(&reader);
    fm_broadcast_free(news);
    fm_cell_free(cell);
}

STORY(a_future_is_done_with_its_result)
{
    fm_future *futures[3];
    fm_when whens[3];
    int results[3];
    FM_AWAITABLES(some, 3);
    for (int i = 0; i < 3; i++) {
        futures[i] = fm_future_new();
        whens[i] = fm_when_done(futures[i]);
        if (i == 2)
            CHECK_INT(fm_future_set(futures[i], 9, NULL), 0);
        CHECK_INT(fm_awaitable_begin(&some[i], &whens[i]), 0);
    }
    CHECK_INT(fm_future_set(futures[1], 8, NULL), 0);
    CHECK_INT(fm_awaitable_await(&some[1]), 8);
    CHECK_INT(fm_awaitable_await(&some[2]), 9);
    CHECK_INT(fm_future_set(futures[0], -EPROTO, NULL), 0);
    CHECK_INT(fm_awaitable_settle(some, 3, results), 1);
    CHECK(results[0] == -EPROTO && results[1] == 8 && results[2] == 9);
    for (int i = 0; i < 3; i++)
        fm_future_put(futures[i]);
}

struct failing {
    fm_future *future;
    int result;
};

static int failing(struct failing *self)
{
    return fm_future_set(self->future, self->result, NULL);
}

/* Two of the records are next to each other in the future's list. */
STORY(a_future_that_fails_withdraws_what_is_gathered_with_it)
{
    fm_future *future = fm_future_new();
    fm_event event = {0};
    fm_when done = fm_when_done(future), set = fm_when_set(&event);
    int results[4];
    FM_AWAITABLES(some, 4);
    CHECK_INT(fm_awaitable_begin(&some[0], &done), 0);
    CHECK_INT(fm_awaitable_begin(&some[1], &done), 0);
    CHECK_INT(fm_awaitable_begin(&some[2], &set), 0);
    CHECK_INT(fm_awaitable_sleep(&some[3], 1e6), 0);
    fm_task *task = fm_go(failing, future, -EPROTO);
    CHECK_INT(fm_awaitable_gather(some, 4, results), -EPROTO);
    CHECK(results[0] == -EPROTO && results[1] == -EPROTO);
    CHECK(results[2] == -ECANCELED && results[3] == -ECANCELED);
    CHECK_INT(fm_await(task), 0);
    fm_future_put(future);
}

static int sets_from_a_thread(void *future)
{
    return fm_future_set(future, 3, NULL);
}

static int runs_a_thread(void *future)
{
    return fm_thread_run(sets_from_a_thread, future);
}

STORY(a_future_that_a_thread_sets_is_awaited_beside_times)
{
    fm_future *future = fm_future_new();
    fm_when when = fm_when_done(future);
    FM_AWAITABLES(some, 2);
    CHECK_INT(fm_awaitable_begin(&some[0], &when), 0);
    CHECK_INT(fm_awaitable_sleep(&some[1], story_span(1)), 0);
    fm_task *task = fm_start(runs_a_thread, future);
    CHECK_INT(fm_awaitable_gather(some, 2, NULL), 0);
    CHECK_INT(fm_awaitable_result(&some[0]), 3);
    CHECK_INT(fm_await(task), 0);
    fm_future_put(future);
}

STORY(an_object_that_had_no_memory_is_done_with_enomem)
{
    fm_when whens[] = {fm_when_done(NULL), fm_when_get(NULL)};
    FM_AWAITABLES(some, 2);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_awaitable_begin(&some[i], &whens[i]), -ENOMEM);
    CHECK_INT(fm_awaitable_gather(some, 2, NULL), -ENOMEM);
}

static void puts_what_is_awaited(void)
{
    fm_future *future = fm_future_new();
    fm_when when = fm_when_done(future);
    FM_AWAITABLES(some, 1);
    (void)fm_awaitable_begin(some, &when);
    fm_future_put(future);
}

TEST(to_put_the_last_share_of_a_future_that_is_awaited_is_a_sentence)
{
    CHECK_DOOMED(puts_what_is_awaited,
                 "fm_future_put: a task still selects this future");
}
