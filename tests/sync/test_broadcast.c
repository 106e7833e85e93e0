/*
 * test_broadcast.c - every message to everybody, the slow and the lossy
 */
#include "broadcast_kit.h"
#include "call_kit.h"
#include "when_kit.h"

/* ---- Everybody ----------------------------------------------------------- */

/* Subscribes, and checks that it has all from first to last. */
struct listens {
    news *channel;
    int first, last;
    double rest; /* between two */
};

static int listens(struct listens *self)
{
    news_subscriber reader;
    int number, rc = 0;
    news_subscribe(self->channel, &reader, NULL);
    for (int i = self->first; rc == 0 && i <= self->last; i++) {
        rc = news_receive(&reader, &number);
        if (rc == 0)
            CHECK_INT(number, i);
        if (rc == 0 && self->rest > 0)
            rc = fm_sleep(story_span(self->rest));
    }
    if (rc == 0)
        CHECK_INT(news_receive(&reader, &number), -ESHUTDOWN);
    news_unsubscribe(&reader);
    return rc;
}

STORY(each_subscriber_has_every_message_in_order)
{
    static const size_t capacities[] = {1, 2, 7, 128};
    for (size_t i = 0; i < 4; i++) {
        news *channel = news_new(capacities[i]);
        fm_task *tasks[5];
        for (int n = 0; n < 5; n++)
            tasks[n] = fm_go(listens, channel, 1, 500, 0);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(news_subscribers(channel), 5);
        CHECK_INT(fm_await(fm_go(sends, channel, 1, 500)), 0);
        news_shutdown(channel);
        CHECK_INT(fm_gather_array(tasks, 5, NULL), 0);
        CHECK_INT(news_subscribers(channel), 0);
        news_free(channel);
    }
}

STORY(the_fast_and_the_slow_have_the_same)
{
    news *channel = news_new(3);
    fm_task *tasks[3] = {fm_go(listens, channel, 1, 20, 0),
                         fm_go(listens, channel, 1, 20, 1),
                         fm_go(listens, channel, 1, 20, 2)};
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_await(fm_go(sends, channel, 1, 20)), 0);
    news_shutdown(channel);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
    news_free(channel);
}

STORY(many_senders_lose_nothing)
{
    news *channel = news_new(2);
    news_subscriber reader;
    fm_task *senders[4];
    int counts[4] = {0, 0, 0, 0}, number;
    news_subscribe(channel, &reader, NULL);
    for (int i = 0; i < 4; i++)
        senders[i] = fm_go(sends, channel, 100 * i, 100 * i + 49);
    for (int i = 0; i < 200; i++) {
        CHECK_INT(news_receive(&reader, &number), 0);
        CHECK_INT(number % 100, counts[number / 100]++);
    }
    CHECK_INT(fm_gather_array(senders, 4, NULL), 0);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(without_subscribers_a_message_is_gone)
{
    news *channel = news_new(1);
    news_subscriber reader;
    CHECK_INT(fm_await(fm_go(sends, channel, 1, 300)), 0);
    news_subscribe(channel, &reader, NULL);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    CHECK_INT(news_send(channel, 301), 0);
    CHECK_INT(receive_try(&reader), 301);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(who_comes_later_has_what_is_sent_from_then_on)
{
    news *channel = news_new(4);
    news_subscriber first, second;
    news_subscribe(channel, &first, NULL);
    CHECK_INT(news_send(channel, 1), 0);
    news_subscribe(channel, &second, NULL);
    CHECK_INT(news_send(channel, 2), 0);
    CHECK_INT(receive_try(&second), 2);
    CHECK_INT(receive_try(&second), -EAGAIN);
    CHECK_INT(receive_try(&first), 1);
    CHECK_INT(receive_try(&first), 2);
    news_unsubscribe(&first);
    news_unsubscribe(&second);
    news_free(channel);
}

/* ---- The slowest --------------------------------------------------------- */

STORY(a_sender_waits_for_the_slowest_and_no_longer)
{
    news *channel = news_new(2);
    news_subscriber fast, slow;
    news_subscribe(channel, &fast, NULL);
    news_subscribe(channel, &slow, NULL);
    fm_task *sender = fm_go(sends, channel, 1, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(&fast), 1);
    CHECK_INT(receive_try(&fast), 2);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(receive_try(&fast), -EAGAIN);
    CHECK_INT(news_send_try(channel, 9), -EAGAIN);
    CHECK_INT(receive_try(&slow), 1);
    CHECK_INT(receive_try(&fast), 3);
    CHECK_INT(fm_await(sender), 0);
    CHECK_INT(receive_try(&slow), 2);
    CHECK_INT(receive_try(&slow), 3);
    news_unsubscribe(&fast);
    news_unsubscribe(&slow);
    news_free(channel);
}

STORY(room_goes_to_the_sender_that_waited_longest)
{
    news *channel = news_new(1);
    news_subscriber reader;
    fm_task *senders[4];
    news_subscribe(channel, &reader, NULL);
    for (int i = 0; i < 4; i++)
        senders[i] = fm_go(sends, channel, i, i);
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(receive_try(&reader), i);
        CHECK_INT(news_send_try(channel, 99), i < 3 ? -EAGAIN : 0);
    }
    CHECK_INT(fm_gather_array(senders, 4, NULL), 0);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(when_the_slowest_leaves_its_room_is_for_who_waits)
{
    news *channel = news_new(2);
    news_subscriber fast, slow;
    news_subscribe(channel, &fast, NULL);
    news_subscribe(channel, &slow, NULL);
    fm_task *sender = fm_go(sends, channel, 1, 4);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(&fast), 1);
    CHECK_INT(receive_try(&fast), 2);
    news_unsubscribe(&slow);
    CHECK_INT(fm_await(sender), 0);
    CHECK_INT(receive_try(&fast), 3);
    CHECK_INT(receive_try(&fast), 4);
    news_unsubscribe(&fast);
    news_free(channel);
}

STORY(when_the_last_leaves_those_who_wait_send_to_nobody)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *sender = fm_go(sends, channel, 1, 20);
    CHECK_INT(fm_yield(), 0);
    news_unsubscribe(&reader);
    CHECK_INT(fm_await(sender), 0);
    news_free(channel);
}

/* ---- The lossy ----------------------------------------------------------- */

STORY(nobody_waits_for_a_lossy_subscriber_and_it_is_told_what_it_lost)
{
    news *channel = news_new(4);
    news_subscriber reader;
    int number = -1;
    news_subscribe(channel, &reader, &lossy);
    for (int i = 1; i <= 10; i++)
        CHECK_INT(news_send_try(channel, i), 0);
    CHECK_INT(news_receive(&reader, &number), -FM_ELAGGED);
    CHECK_INT(number, -1);
    CHECK_INT(news_lost(&reader), 6);
    for (int i = 7; i <= 10; i++)
        CHECK_INT(receive_try(&reader), i);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    CHECK_INT(news_lost(&reader), 6);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_lossy_subscriber_loses_nothing_while_there_is_room)
{
    news *channel = news_new(3);
    news_subscriber reader;
    news_subscribe(channel, &reader, &lossy);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++)
            CHECK_INT(news_send(channel, i), 0);
        for (int i = 0; i < 3; i++)
            CHECK_INT(receive_try(&reader), i);
    }
    CHECK_INT(news_lost(&reader), 0);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_lossy_subscriber_beside_another_loses_only_its_own)
{
    news *channel = news_new(2);
    news_subscriber careful, careless;
    news_subscribe(channel, &careful, NULL);
    news_subscribe(channel, &careless, &lossy);
    for (int i = 1; i <= 6; i++) {
        CHECK_INT(news_send_try(channel, i), 0);
        CHECK_INT(receive_try(&careful), i);
    }
    CHECK_INT(receive_try(&careless), -FM_ELAGGED);
    CHECK_INT(news_lost(&careless), 4);
    CHECK_INT(news_send_try(channel, 7), 0);
    CHECK_INT(receive_try(&careless), -FM_ELAGGED);
    CHECK_INT(news_lost(&careless), 1);
    CHECK_INT(receive_try(&careless), 6);
    CHECK_INT(receive_try(&careless), 7);
    news_unsubscribe(&careful);
    news_unsubscribe(&careless);
    news_free(channel);
}

/* Woken by the first, it had no turn before the room was used up. */
STORY(a_lossy_subscriber_that_waits_may_be_overtaken_by_a_burst)
{
    news *channel = news_new(2);
    news_subscriber reader;
    news_subscribe(channel, &reader, &lossy);
    fm_task *task = fm_go(receives, &reader);
    CHECK_INT(fm_yield(), 0);
    for (int i = 1; i <= 3; i++)
        CHECK_INT(news_send_try(channel, i), 0);
    CHECK_INT(fm_await(task), -FM_ELAGGED);
    CHECK_INT(news_lost(&reader), 1);
    CHECK_INT(receive_try(&reader), 2);
    news_unsubscribe(&reader);
    news_free(channel);
}

/* ---- For a select -------------------------------------------------------- */

STORY(a_receive_is_ready_while_it_would_not_wait)
{
    struct when_eye eye;
    news *channel = news_new(2);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_when when = news_when_receive(&reader);
    CHECK(!when_ready(when));
    when_watch(&eye, when);
    CHECK_INT(news_send(channel, 1), 0);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(receive_try(&reader), 1);
    CHECK(!when_ready(when));
    news_shutdown(channel);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(receive_try(&reader), -ESHUTDOWN);
    when_stop(&eye);
    news_unsubscribe(&reader);
    CHECK(when_ready(when));
    news_free(channel);
}

static int selects(void *reader)
{
    return fm_select(news_when_receive(reader));
}

STORY(who_selects_a_subscriber_is_told_when_that_ends)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_start(selects, &reader);
    CHECK_INT(fm_yield(), 0);
    news_unsubscribe(&reader);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(receive_try(&reader), -ENOMEM);
    news_free(channel);
}

STORY(a_send_is_ready_while_it_would_not_wait)
{
    struct when_eye eye;
    news *channel = news_new(1);
    news_subscriber reader;
    fm_when when = news_when_send(channel);
    news_subscribe(channel, &reader, NULL);
    CHECK(when_ready(when));
    CHECK_INT(news_send(channel, 1), 0);
    CHECK(!when_ready(when));
    when_watch(&eye, when);
    CHECK_INT(receive_try(&reader), 1);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(news_send(channel, 2), 0);
    CHECK(!when_ready(when));
    news_unsubscribe(&reader);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    news_shutdown(channel);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    when_stop(&eye);
    news_free(channel);
    CHECK(!when_ready(news_when_send(NULL)));
}

/* ---- Its life ------------------------------------------------------------ */

static void sends_from_outside(void *channel)
{
    CHECK_INT(news_send_try(channel, 5), 0);
    CHECK_INT(news_send_try(channel, 6), -EAGAIN);
    news_shutdown(channel);
}

static void receives_from_outside(void *reader)
{
    CHECK_INT(receive_try(reader), 5);
    CHECK_INT(receive_try(reader), -ESHUTDOWN);
}

STORY(a_broadcast_may_be_used_wherever_the_loop_calls_back)
{
    news *channel = news_new(1);
    news_subscriber slow, fast;
    news_subscribe(channel, &slow, NULL);
    news_subscribe(channel, &fast, NULL);
    fm_task *receiver = fm_go(receives, &fast);
    CHECK_INT(fm_yield(), 0);
    call_back(sends_from_outside, channel);
    CHECK_INT(fm_await(receiver), 5);
    call_back(receives_from_outside, &slow);
    news_unsubscribe(&slow);
    news_unsubscribe(&fast);
    news_free(channel);
}

STORY(a_broadcast_that_is_null_has_no_memory)
{
    fm_subscriber nothing = {{0}};
    int number = 7;
    CHECK(fm_broadcast_new(SIZE_MAX - 1, 1) == NULL);
    CHECK(fm_broadcast_new(2, SIZE_MAX / 2) == NULL);
    CHECK_INT(fm_broadcast_send(NULL, &number), -ENOMEM);
    CHECK_INT(fm_broadcast_send_try(NULL, &number), -ENOMEM);
    CHECK_INT(fm_broadcast_receive(&nothing, &number), -ENOMEM);
    fm_broadcast_subscribe(NULL, &nothing);
    CHECK_INT(fm_broadcast_receive(&nothing, &number), -ENOMEM);
    CHECK_INT(fm_broadcast_receive_try(&nothing, &number), -ENOMEM);
    CHECK_INT(fm_broadcast_lost(&nothing), 0);
    CHECK_INT(fm_broadcast_subscribers(NULL), 0);
    CHECK_INT(number, 7);
    fm_broadcast_unsubscribe(&nothing);
    fm_broadcast_shutdown(NULL);
    fm_broadcast_free(NULL);
}

static void makes_one_without_room(void)
{
    fm_broadcast_free(fm_broadcast_new(0, 1));
}

static void frees_what_is_subscribed(void)
{
    fm_subscriber reader;
    fm_broadcast *broadcast = fm_broadcast_new(1, 1);
    fm_broadcast_subscribe(broadcast, &reader, NULL);
    fm_broadcast_free(broadcast);
}

static void frees_what_is_selected(void)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_start(selects, &reader);
    fm_yield();
    news_unsubscribe(&reader);
    news_free(channel);
    fm_stop(task);
}

static void leaves_while_it_waits(void)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_go(receives, &reader);
    fm_yield();
    news_unsubscribe(&reader);
    fm_stop(task);
}

static void receives_in_two_tasks(void)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_go(receives, &reader);
    fm_yield();
    receive_try(&reader);
    fm_stop(task);
}

static int shuts(void *channel)
{
    news_shutdown(channel);
    return 0;
}

static void shuts_it_elsewhere(void)
{
    call_elsewhere(shuts, news_new(1));
}

static void makes_outside(void *arg)
{
    (void)arg;
    news_free(news_new(1));
}

TEST(mistakes_with_a_broadcast_abort_with_a_sentence)
{
    CHECK_DOOMED(makes_one_without_room,
                 "fm_broadcast_new: there must be room for one message");
    CHECK_DOOMED(frees_what_is_subscribed,
                 "fm_broadcast_free: somebody still subscribes to it");
    CHECK_DOOMED(frees_what_is_selected,
                 "fm_broadcast_free: a task selects what it would receive");
    CHECK_DOOMED(leaves_while_it_waits,
                 "fm_broadcast_unsubscribe: a task waits in this subscriber");
    CHECK_DOOMED(shuts_it_elsewhere,
                 "fm_broadcast_shutdown: the broadcast belongs to another "
                 "loop");
    CHECK_DIES(makes_outside, NULL,
               "fm_broadcast_new was called outside a task");
    CHECK_DOOMED(receives_in_two_tasks,
                 "fm_broadcast_receive_try: another task receives with this "
                 "subscriber");
}
