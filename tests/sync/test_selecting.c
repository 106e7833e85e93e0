/*
 * test_selecting.c - whatever tasks share, selected beside the others
 */
#include "task/story.h"

#include <errno.h>
#include <pthread.h>

/* One of each, and what makes it ready. */
static struct all {
    fm_queue *queue;
    fm_queue *full;
    fm_event event;
    fm_semaphore permits;
    fm_broadcast *news;
    fm_broadcast *busy;
    fm_subscriber reader;
    fm_subscriber slow;
    fm_cell *cell;
} all;

enum {
    TAKE,
    PUT,
    SET,
    PERMIT,
    RECEIVE,
    SEND,
    NEWER,
    KINDS
};

static void all_open(void)
{
    int word = 1;
    memset(&all, 0, sizeof all);
    fm_semaphore_init(&all.permits, 0, 0);
    all.queue = fm_queue_new(1);
    all.full = fm_queue_new(1);
    all.news = fm_broadcast_new(1, sizeof word);
    all.busy = fm_broadcast_new(1, sizeof word);
    all.cell = fm_cell_new(sizeof word);
    fm_broadcast_subscribe(all.news, &all.reader);
    fm_broadcast_subscribe(all.busy, &all.slow);
    CHECK_INT(fm_queue_put_try(all.full, &all), 0);
    CHECK_INT(fm_broadcast_send_try(all.busy, &word), 0);
}

static void all_close(void)
{
    fm_broadcast_unsubscribe(&all.reader);
    fm_broadcast_unsubscribe(&all.slow);
    fm_broadcast_free(all.news);
    fm_broadcast_free(all.busy);
    fm_cell_free(all.cell);
    fm_queue_free(all.queue);
    fm_queue_free(all.full);
}

static int all_select(void)
{
    return fm_select(fm_when_get(all.queue), fm_when_put(all.full),
                     fm_when_set(&all.event), fm_when_permit(&all.permits),
                     fm_when_receive(&all.reader), fm_when_send(all.busy),
                     fm_when_newer(all.cell, 0));
}

/* Makes it ready. */
struct bringer {
    int kind;
};

static int bringer(struct bringer *self)
{
    int word = 7;
    void *item;
    switch (self->kind) {
    case TAKE:
        return fm_queue_put_try(all.queue, &all);
    case PUT:
        return fm_queue_get_try(all.full, &item);
    case SET:
        fm_event_set(&all.event);
        return 0;
    case PERMIT:
        fm_semaphore_release(&all.permits);
        return 0;
    case RECEIVE:
        return fm_broadcast_send_try(all.news, &word);
    case SEND:
        return fm_broadcast_receive_try(&all.slow, &word);
    default:
        return fm_cell_set(all.cell, &word);
    }
}

/* Does at once what was said not to wait. */
static int use(int kind)
{
    int word = 7;
    void *item;
    uint64_t seen = 0;
    switch (kind) {
    case TAKE:
        return fm_queue_get_try(all.queue, &item);
    case PUT:
        return fm_queue_put_try(all.full, &all);
    case SET:
        fm_event_clear(&all.event);
        return 0;
    case PERMIT:
        return fm_semaphore_acquire_try(&all.permits);
    case RECEIVE:
        return fm_broadcast_receive_try(&all.reader, &word);
    case SEND:
        return fm_broadcast_send_try(all.busy, &word);
    default:
        return fm_cell_get(all.cell, &word, &seen);
    }
}

STORY(whatever_becomes_ready_is_named_and_its_verb_need_not_wait)
{
    all_open();
    for (int kind = 0; kind < KINDS; kind++) {
        fm_task *task = fm_go(bringer, kind);
        CHECK_INT(all_select(), kind);
        CHECK_INT(use(kind), 0);
        CHECK_INT(fm_await(task), 0);
    }
    all_close();
}

static int takes_one_permit(void)
{
    int rc = fm_select(fm_when_permit(&all.permits));
    return rc < 0 ? rc : fm_semaphore_acquire_try(&all.permits);
}

STORY(of_many_who_select_a_permit_each_has_one_in_the_end)
{
    int rc;
    fm_semaphore_init(&all.permits, 0, 0);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 10; i++)
            CHECK_INT(fm_group_go(group, takes_one_permit), 0);
        for (int i = 0; i < 10; i++) {
            CHECK_INT(fm_yield(), 0);
            fm_semaphore_release(&all.permits);
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_semaphore_count(&all.permits), 0);
}

static int acquires(void)
{
    return fm_semaphore_acquire(&all.permits);
}

STORY(who_waits_for_a_permit_is_served_before_who_only_looks)
{
    fm_semaphore_init(&all.permits, 0, 0);
    fm_task *looks = fm_go(takes_one_permit);
    CHECK_INT(fm_yield(), 0);
    fm_task *waits = fm_go(acquires);
    CHECK_INT(fm_yield(), 0);
    fm_semaphore_release(&all.permits);
    CHECK_INT(fm_await(waits), 0);
    fm_semaphore_release(&all.permits);
    CHECK_INT(fm_await(looks), 0);
}

/* ---- Mistakes ------------------------------------------------------------ */

static int puts_two(void)
{
    int rc = fm_queue_put(all.queue, &all);
    return rc < 0 ? rc : fm_queue_put(all.queue, &all);
}

static void free_while_one_puts(void)
{
    all.queue = fm_queue_new(1);
    FM_TASK task = fm_go(puts_two);
    (void)task;
    fm_yield();
    fm_queue_free(all.queue);
}

static int looks_for_room(void)
{
    return fm_select(fm_when_put(all.queue));
}

static void free_while_one_looks(void)
{
    all.queue = fm_queue_new(0);
    FM_TASK task = fm_go(looks_for_room);
    (void)task;
    fm_yield();
    fm_queue_free(all.queue);
}

TEST(a_queue_is_not_freed_while_a_task_puts_or_selects_it)
{
    CHECK_DOOMED(free_while_one_puts,
                 "fm_queue_free: a task waits in this queue");
    CHECK_DOOMED(free_while_one_looks,
                 "fm_queue_free: a task waits in this queue");
}

static int ends_a_strangers_queue(void *queue)
{
    fm_queue_shutdown(queue, false);
    return 0;
}

static void *another_thread(void *queue)
{
    fm_run(ends_a_strangers_queue, queue);
    return NULL;
}

static void end_by_another_loop(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, another_thread, fm_queue_new(1));
    pthread_join(thread, NULL);
}

TEST(a_queue_is_ended_by_its_own_loop_only)
{
    CHECK_DOOMED(end_by_another_loop,
                 "fm_queue_shutdown: the queue belongs to another loop");
}

static int looks_for_a_place(void)
{
    return fm_select(fm_when_send(all.busy));
}

static int looks_for_news(void)
{
    return fm_select(fm_when_newer(all.cell, 0));
}

static void free_the_busy(void)
{
    FM_TASK task = fm_go(looks_for_a_place);
    (void)task;
    all_open();
    fm_yield();
    fm_broadcast_unsubscribe(&all.slow);
    fm_broadcast_free(all.busy);
}

static void free_the_cell(void)
{
    FM_TASK task = fm_go(looks_for_news);
    (void)task;
    all_open();
    fm_yield();
    fm_cell_free(all.cell);
}

TEST(nothing_is_freed_while_a_task_selects_it)
{
    CHECK_DOOMED(free_the_busy, "fm_broadcast_free: a task waits to send");
    CHECK_DOOMED(free_the_cell, "fm_cell_free: a task waits in this cell");
}

STORY(a_send_to_what_is_shut_is_ready_for_its_refusal)
{
    int word = 1;
    all_open();
    fm_broadcast_shutdown(all.busy);
    CHECK_INT(fm_select(fm_when_send(all.busy)), 0);
    CHECK_INT(fm_broadcast_send_try(all.busy, &word), -ESHUTDOWN);
    all_close();
}

STORY(what_is_larger_than_memory_is_null)
{
    fm_queue *queue = fm_queue_new(SIZE_MAX / sizeof(void *));
    fm_broadcast *news = fm_broadcast_new(2, SIZE_MAX / 2);
    CHECK(queue == NULL && news == NULL);
    fm_queue_free(queue);
    fm_broadcast_free(news);
}
