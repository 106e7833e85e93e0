/*
 * test_channel.c - items go from loop to loop, in order, and none is lost
 */
#include "task/story.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

static void *item_of(intptr_t number)
{
    return (void *)number;
}

struct sender {
    fm_channel *channel;
    intptr_t number;
};

static int sender(struct sender *self)
{
    return fm_channel_send(self->channel, item_of(self->number));
}

struct receiver {
    fm_channel *channel;
};

static int receiver(struct receiver *self)
{
    void *item = NULL;
    int rc = fm_channel_receive(self->channel, &item);
    return rc < 0 ? rc : (int)(intptr_t)item;
}

static int receive_try(fm_channel *channel)
{
    void *item = NULL;
    int rc = fm_channel_receive_try(channel, &item);
    return rc < 0 ? rc : (int)(intptr_t)item;
}

/* ---- On one loop -------------------------------------------------------- */

STORY(items_come_out_in_the_order_in_which_they_were_sent)
{
    fm_channel *channel = fm_channel_new(3);
    for (intptr_t i = 1; i <= 3; i++)
        CHECK_INT(fm_channel_send(channel, item_of(i)), 0);
    CHECK_INT(fm_channel_count(channel), 3);
    CHECK_INT(fm_channel_capacity(channel), 3);
    CHECK_INT(fm_channel_send_try(channel, item_of(4)), -EAGAIN);
    for (int i = 1; i <= 3; i++)
        CHECK_INT(receive_try(channel), i);
    CHECK_INT(receive_try(channel), -EAGAIN);
    fm_channel_put(channel);
}

STORY(the_task_that_has_waited_longest_is_served_and_nobody_overtakes_it)
{
    fm_channel *channel = fm_channel_new(1);
    fm_task *first = fm_go(receiver, channel);
    fm_task *second = fm_go(receiver, channel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_channel_send(channel, item_of(1)), 0);
    CHECK_INT(receive_try(channel), -EAGAIN);
    CHECK_INT(fm_channel_send(channel, item_of(2)), 0);
    CHECK_INT(fm_await(second), 2);
    CHECK_INT(fm_await(first), 1);
    fm_channel_put(channel);
}

STORY(a_free_place_goes_to_the_sender_that_has_waited_longest)
{
    fm_channel *channel = fm_channel_new(1);
    CHECK_INT(fm_channel_send(channel, item_of(1)), 0);
    fm_task *first = fm_go(sender, channel, 2);
    fm_task *second = fm_go(sender, channel, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(channel), 1);
    CHECK_INT(fm_channel_send_try(channel, item_of(4)), -EAGAIN);
    CHECK_INT(receive_try(channel), 2);
    CHECK_INT(receive_try(channel), 3);
    CHECK_INT(fm_gather(first, second), 0);
    fm_channel_put(channel);
}

STORY(without_places_an_item_goes_from_hand_to_hand)
{
    fm_channel *channel = fm_channel_new(0);
    CHECK_INT(fm_channel_send_try(channel, item_of(1)), -EAGAIN);
    fm_task *giver = fm_go(sender, channel, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(channel), 2);
    CHECK_INT(fm_await(giver), 0);
    fm_task *taker = fm_go(receiver, channel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_channel_send_try(channel, item_of(3)), 0);
    CHECK_INT(fm_await(taker), 3);
    fm_channel_put(channel);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_receiver_takes_nothing_with_it)
{
    fm_channel *channel = fm_channel_new(1);
    fm_task *first = fm_go(receiver, channel);
    fm_task *second = fm_go(receiver, channel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(fm_channel_send(channel, item_of(3)), 0);
    CHECK_INT(fm_await(second), 3);
    fm_channel_put(channel);
}

STORY(a_receiver_that_was_cut_after_it_was_served_has_its_item)
{
    fm_channel *channel = fm_channel_new(1);
    fm_task *taker = fm_go(receiver, channel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_channel_send(channel, item_of(4)), 0);
    CHECK_INT(fm_stop(taker), 4);
    CHECK_INT(fm_channel_count(channel), 0);
    fm_channel_put(channel);
}

STORY(a_cut_sender_keeps_its_item)
{
    int rc;
    fm_channel *channel = fm_channel_new(1);
    CHECK_INT(fm_channel_send(channel, item_of(1)), 0);
    fm_task *first = fm_go(sender, channel, 2);
    fm_task *second = fm_go(sender, channel, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    FM_TIMEOUT(0.001, rc) {
        rc = fm_channel_send(channel, item_of(9));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(receive_try(channel), 1);
    CHECK_INT(receive_try(channel), 3);
    CHECK_INT(receive_try(channel), -EAGAIN);
    CHECK_INT(fm_await(second), 0);
    fm_channel_put(channel);
}

static int refused(void *arg)
{
    void *item = NULL;
    CHECK_INT(fm_cancel(fm_self()), 0);
    CHECK_INT(fm_channel_send(arg, item_of(1)), -ECANCELED);
    CHECK_INT(fm_channel_send_try(arg, item_of(1)), 0);
    CHECK_INT(fm_channel_receive(arg, &item), -ECANCELED);
    CHECK(item == NULL);
    return 0;
}

STORY(both_are_cancel_points_also_when_they_need_not_wait)
{
    fm_channel *channel = fm_channel_new(2);
    CHECK_INT(fm_await(fm_start(refused, channel)), 0);
    CHECK_INT(receive_try(channel), 1);
    fm_channel_put(channel);
}

/* ---- The close ---------------------------------------------------------- */

STORY(what_is_in_a_closed_channel_can_be_received_and_then_it_says_so)
{
    fm_channel *channel = fm_channel_new(2);
    CHECK_INT(fm_channel_send(channel, item_of(1)), 0);
    CHECK_INT(fm_channel_send(channel, item_of(2)), 0);
    fm_channel_close(channel);
    fm_channel_close(channel);
    CHECK_INT(fm_channel_send(channel, item_of(3)), -ESHUTDOWN);
    CHECK_INT(fm_channel_send_try(channel, item_of(3)), -ESHUTDOWN);
    CHECK_INT(receive_try(channel), 1);
    CHECK_INT(fm_await(fm_go(receiver, channel)), 2);
    CHECK_INT(receive_try(channel), -ESHUTDOWN);
    CHECK_INT(fm_await(fm_go(receiver, channel)), -ESHUTDOWN);
    fm_channel_put(channel);
}

STORY(a_close_ends_the_waits_of_senders_and_receivers)
{
    fm_channel *empty = fm_channel_new(1), *full = fm_channel_new(0);
    fm_task *taker = fm_go(receiver, empty);
    fm_task *giver = fm_go(sender, full, 1);
    CHECK_INT(fm_yield(), 0);
    fm_channel_close(empty);
    fm_channel_close(full);
    CHECK_INT(fm_await(taker), -ESHUTDOWN);
    CHECK_INT(fm_await(giver), -ESHUTDOWN);
    CHECK_INT(receive_try(full), -ESHUTDOWN);
    fm_channel_put(empty);
    fm_channel_put(full);
}

/* ---- Two loops ---------------------------------------------------------- */

/* A loop on another thread, with a main task. */
struct other {
    int (*main)(void *arg);
    fm_channel *there, *back;
    intptr_t count;
    sem_t waits;
    int rc;
    pthread_t thread;
};

static void *other_run(void *arg)
{
    struct other *other = arg;
    other->rc = fm_run(other->main, other);
    return NULL;
}

static void other_start(struct other *other)
{
    pthread_create(&other->thread, NULL, other_run, other);
}

static int other_join(struct other *other)
{
    pthread_join(other->thread, NULL);
    return other->rc;
}

static int send_all(void *arg)
{
    struct other *other = arg;
    for (intptr_t i = 1; i <= other->count; i++) {
        int rc = fm_channel_send(other->there, item_of(i));
        if (rc < 0)
            return rc;
    }
    fm_channel_close(other->there);
    return 0;
}

static intptr_t receive_all(fm_channel *channel)
{
    void *item;
    intptr_t received = 0;
    int rc;
    while ((rc = fm_channel_receive(channel, &item)) == 0) {
        received++;
        CHECK_INT((intptr_t)item, received);
    }
    CHECK_INT(rc, -ESHUTDOWN);
    return received;
}

static void stream_of(size_t capacity)
{
    struct other other = {.main = send_all,
                          .there = fm_channel_new(capacity),
                          .count = (intptr_t)test_many(20000)};
    other_start(&other);
    CHECK_INT(receive_all(other.there), other.count);
    CHECK_INT(other_join(&other), 0);
    fm_channel_put(other.there);
}

STORY(items_of_another_loop_arrive_all_and_in_order)
{
    stream_of(128);
    stream_of(1);
    stream_of(0);
}

/* Says so when its child waits. */
static int receive_one(void *arg)
{
    struct other *other = arg;
    fm_task *task = fm_go(receiver, other->there);
    CHECK_INT(fm_yield(), 0);
    sem_post(&other->waits);
    return fm_await(task);
}

STORY(receivers_of_several_loops_are_served_in_order_of_arrival)
{
    struct other others[3];
    fm_channel *channel = fm_channel_new(0);
    for (int i = 0; i < 3; i++) {
        others[i] = (struct other){.main = receive_one, .there = channel};
        sem_init(&others[i].waits, 0, 0);
        other_start(&others[i]);
        while (sem_wait(&others[i].waits) < 0)
            ;
    }
    for (intptr_t i = 0; i < 3; i++)
        CHECK_INT(fm_channel_send_try(channel, item_of(i)), 0);
    CHECK_INT(fm_channel_send_try(channel, item_of(3)), -EAGAIN);
    for (int i = 0; i < 3; i++)
        CHECK_INT(other_join(&others[i]), i);
    fm_channel_put(channel);
}

static int echo_all(void *arg)
{
    struct other *other = arg;
    void *item;
    int rc;
    do {
        rc = fm_channel_receive(other->there, &item);
        if (rc == 0)
            rc = fm_channel_send(other->back, item);
    } while (rc == 0);
    return rc == -ESHUTDOWN ? 0 : rc;
}

STORY(a_loop_that_sleeps_is_woken_by_an_item)
{
    struct other other = {.main = echo_all,
                          .there = fm_channel_new(0),
                          .back = fm_channel_new(0)};
    void *item = NULL;
    other_start(&other);
    for (intptr_t i = 0; i < (intptr_t)test_many(1000); i++) {
        CHECK_INT(fm_channel_send(other.there, item_of(i)), 0);
        CHECK_INT(fm_channel_receive(other.back, &item), 0);
        CHECK(item == item_of(i));
    }
    fm_channel_close(other.there);
    CHECK_INT(other_join(&other), 0);
    fm_channel_put(other.there);
    fm_channel_put(other.back);
}

/* Receives until it is cut, or the channel closed: hastily. */
static int receive_hastily(void *arg)
{
    struct other *other = arg;
    void *item;
    int rc = 0;
    while (rc == 0 || rc == -ETIMEDOUT) {
        FM_TIMEOUT(0.0001, rc) {
            rc = fm_channel_receive(other->there, &item);
            if (rc == 0)
                other->count++;
        }
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}

/* A race between the hand-over and the cut, on two loops. */
STORY(no_item_is_lost_to_timeouts_on_the_other_loop)
{
    struct other others[2];
    intptr_t sent = (intptr_t)test_many(3000);
    fm_channel *channel = fm_channel_new(1);
    for (int i = 0; i < 2; i++) {
        others[i] = (struct other){.main = receive_hastily, .there = channel};
        other_start(&others[i]);
    }
    for (intptr_t i = 0; i < sent; i++) {
        CHECK_INT(fm_channel_send(channel, item_of(i)), 0);
        if (i % 64 == 0)
            CHECK_INT(fm_sleep(0.0002), 0);
    }
    fm_channel_close(channel);
    CHECK_INT(other_join(&others[0]), 0);
    CHECK_INT(other_join(&others[1]), 0);
    CHECK_INT(others[0].count + others[1].count, sent);
    fm_channel_put(channel);
}

/* ---- Threads without a loop --------------------------------------------- */

static void *try_to_send_all(void *arg)
{
    struct other *other = arg;
    for (intptr_t i = 1; i <= other->count;) {
        int rc = fm_channel_send_try(other->there, item_of(i));
        CHECK(rc == 0 || rc == -EAGAIN);
        i += rc == 0;
        if (rc < 0)
            sched_yield();
    }
    fm_channel_close(other->there);
    fm_channel_put(other->there);
    return NULL;
}

static void *send_and_put(void *channel)
{
    int rc = fm_channel_send_try(channel, item_of(5));
    fm_channel_put(channel);
    return rc == 0 ? channel : NULL;
}

/* No turn of this loop passes between the last share and the cut. */
STORY(a_cut_may_come_when_the_last_share_is_gone_and_the_item_on_its_way)
{
    for (size_t i = 0; i < test_many(100); i++) {
        pthread_t thread;
        void *sent = NULL;
        fm_channel *channel = fm_channel_new(0);
        fm_task *taker = fm_go(receiver, channel);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(pthread_create(&thread, NULL, send_and_put, channel), 0);
        CHECK_INT(pthread_join(thread, &sent), 0);
        CHECK(sent == channel);
        CHECK_INT(fm_stop(taker), 5);
    }
}

STORY(any_thread_may_send_and_receive_without_waiting)
{
    fm_channel *channel = fm_channel_new(16);
    struct other other = {.there = fm_channel_get(channel),
                          .count = (intptr_t)test_many(20000)};
    pthread_create(&other.thread, NULL, try_to_send_all, &other);
    CHECK_INT(receive_all(channel), other.count);
    pthread_join(other.thread, NULL);
    fm_channel_put(channel);
}

TEST(a_channel_needs_no_loop)
{
    fm_channel *channel = fm_channel_new(1);
    CHECK_INT(fm_channel_send_try(channel, item_of(1)), 0);
    CHECK_INT(receive_try(channel), 1);
    fm_channel_put(channel);
}

/* ---- Limits and mistakes ------------------------------------------------ */

STORY(a_channel_that_is_null_answers_enomem)
{
    void *item = item_of(1);
    CHECK_INT(fm_channel_send(NULL, item), -ENOMEM);
    CHECK_INT(fm_channel_receive(NULL, &item), -ENOMEM);
    CHECK_INT(fm_channel_send_try(NULL, item), -ENOMEM);
    CHECK_INT(fm_channel_receive_try(NULL, &item), -ENOMEM);
    CHECK_INT(fm_channel_count(NULL), 0);
    CHECK_INT(fm_channel_capacity(NULL), 0);
    CHECK(fm_channel_get(NULL) == NULL);
    CHECK(item == item_of(1));
    fm_channel_close(NULL);
    fm_channel_put(NULL);
}

STORY(without_memory_there_is_no_channel)
{
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = 1};
    fm__fault_plan = &plan;
    fm_channel *channel = fm_channel_new(4);
    fm__fault_plan = NULL;
    CHECK(channel == NULL);
    CHECK(fm_channel_new(SIZE_MAX / 4) == NULL);
}

STORY(without_memory_for_the_loops_first_use_nothing_was_sent)
{
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = 1};
    fm_channel *channel = fm_channel_new(4);
    fm__fault_plan = &plan;
    CHECK_INT(fm_channel_send(channel, item_of(1)), -ENOMEM);
    fm__fault_plan = NULL;
    CHECK_INT(fm_channel_count(channel), 0);
    CHECK_INT(fm_channel_send(channel, item_of(1)), 0);
    fm_channel_put(channel);
}

static void put_while_waited_in(void)
{
    fm_channel *channel = fm_channel_new(1);
    fm_task *task = fm_go(receiver, channel);
    fm_yield();
    fm_channel_put(channel);
    fm_await(task);
}

TEST(to_put_the_last_share_while_a_task_waits_aborts_with_a_sentence)
{
    CHECK_DOOMED(put_while_waited_in, "a task waits in this channel");
}

static void send_outside(void *arg)
{
    int rc = fm_channel_send(arg, NULL);
    (void)rc;
}

TEST(fm_channel_send_outside_a_task_aborts_with_a_sentence)
{
    fm_channel *channel = fm_channel_new(1);
    CHECK_DIES(send_outside, channel, "fm_channel_send was called outside");
    fm_channel_put(channel);
}
