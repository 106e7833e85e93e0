/*
 * test_broadcast_cuts.c - cuts and the end of a broadcast
 */
#include "broadcast_kit.h"

/* ---- Cuts ---------------------------------------------------------------- */

STORY(a_cut_sender_has_sent_nothing)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    CHECK_INT(news_send(channel, 1), 0);
    fm_task *first = fm_go(sends, channel, 2, 2);
    fm_task *second = fm_go(sends, channel, 3, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(receive_try(&reader), 1);
    CHECK_INT(receive_try(&reader), 3);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    CHECK_INT(fm_await(second), 0);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_sender_that_was_cut_after_it_had_room_has_sent)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    CHECK_INT(news_send(channel, 1), 0);
    fm_task *sender = fm_go(sends, channel, 2, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(&reader), 1);
    CHECK_INT(fm_stop(sender), 0);
    CHECK_INT(receive_try(&reader), 2);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_cut_receiver_has_taken_nothing)
{
    news *channel = news_new(2);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_go(receives, &reader);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(news_send(channel, 1), 0);
    CHECK_INT(receive_try(&reader), 1);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_receiver_that_was_cut_after_a_message_came_has_it)
{
    news *channel = news_new(2);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *task = fm_go(receives, &reader);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(news_send(channel, 5), 0);
    CHECK_INT(fm_stop(task), 5);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_wait_in_a_broadcast_ends_with_its_timeout)
{
    int rc, number = 7;
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    FM_TIMEOUT(story_span(1), rc) {
        rc = news_receive(&reader, &number);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(number, 7);
    CHECK_INT(news_send(channel, 1), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = news_send(channel, 2);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(receive_try(&reader), 1);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    news_unsubscribe(&reader);
    news_free(channel);
}

static int cancelled_sends_and_receives(void *arg)
{
    news *channel = arg;
    news_subscriber reader;
    int number = 7;
    news_subscribe(channel, &reader, NULL);
    CHECK_INT(news_send_try(channel, 1), 0);
    fm_cancel(fm_self());
    CHECK_INT(news_send(channel, 2), -ECANCELED);
    CHECK_INT(news_receive(&reader, &number), -ECANCELED);
    CHECK_INT(number, 7);
    CHECK_INT(receive_try(&reader), 1);
    CHECK_INT(receive_try(&reader), -EAGAIN);
    news_unsubscribe(&reader);
    return 0;
}

STORY(to_send_and_to_receive_are_cancel_points_also_without_a_wait)
{
    news *channel = news_new(2);
    CHECK_INT(fm_await(fm_start(cancelled_sends_and_receives, channel)), 0);
    news_free(channel);
}

/* ---- Shut down ----------------------------------------------------------- */

STORY(after_a_shutdown_receivers_have_what_is_left_and_then_the_end)
{
    news *channel = news_new(3);
    news_subscriber reader, late;
    news_subscribe(channel, &reader, NULL);
    CHECK_INT(fm_await(fm_go(sends, channel, 1, 2)), 0);
    news_shutdown(channel);
    CHECK_INT(news_send(channel, 3), -ESHUTDOWN);
    CHECK_INT(news_send_try(channel, 3), -ESHUTDOWN);
    news_subscribe(channel, &late, NULL);
    CHECK_INT(receive_try(&late), -ESHUTDOWN);
    CHECK_INT(receive_try(&reader), 1);
    CHECK_INT(receive_try(&reader), 2);
    CHECK_INT(fm_await(fm_go(receives, &reader)), -ESHUTDOWN);
    news_shutdown(channel);
    news_unsubscribe(&reader);
    news_unsubscribe(&late);
    news_free(channel);
}

STORY(a_shutdown_ends_the_wait_of_senders_and_receivers)
{
    news *channel = news_new(1);
    news_subscriber slow, fast;
    news_subscribe(channel, &slow, NULL);
    news_subscribe(channel, &fast, NULL);
    fm_task *sender = fm_go(sends, channel, 1, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(receive_try(&fast), 1);
    fm_task *receiver = fm_go(receives, &fast);
    CHECK_INT(fm_yield(), 0);
    news_shutdown(channel);
    CHECK_INT(fm_await(sender), -ESHUTDOWN);
    CHECK_INT(fm_await(receiver), -ESHUTDOWN);
    CHECK_INT(receive_try(&slow), 1);
    CHECK_INT(receive_try(&slow), -ESHUTDOWN);
    news_unsubscribe(&slow);
    news_unsubscribe(&fast);
    news_free(channel);
}

STORY(a_message_that_came_before_the_shutdown_arrives)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, NULL);
    fm_task *receiver = fm_go(receives, &reader);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(news_send(channel, 4), 0);
    news_shutdown(channel);
    CHECK_INT(fm_await(receiver), 4);
    news_unsubscribe(&reader);
    news_free(channel);
}

STORY(a_lossy_subscriber_learns_of_its_losses_before_the_end)
{
    news *channel = news_new(1);
    news_subscriber reader;
    news_subscribe(channel, &reader, &lossy);
    CHECK_INT(fm_await(fm_go(sends, channel, 1, 3)), 0);
    news_shutdown(channel);
    CHECK_INT(receive_try(&reader), -FM_ELAGGED);
    CHECK_INT(news_lost(&reader), 2);
    CHECK_INT(receive_try(&reader), 3);
    CHECK_INT(receive_try(&reader), -ESHUTDOWN);
    news_unsubscribe(&reader);
    news_free(channel);
}

/* ---- A storm of cuts ----------------------------------------------------- */

enum {
    STORM = 48
};

/* What a send that returned 0 sent, each who listens all the time has. */
struct storm {
    news *channel;
    uint64_t chance;
    int sent[STORM], received[2][STORM];
};

struct storms {
    struct storm *storm;
    int number;
};

static int storms(struct storms *self)
{
    int rc = news_send(self->storm->channel, self->number);
    self->storm->sent[self->number] += rc == 0;
    return rc;
}

struct drains {
    struct storm *storm;
    int which;
};

/* With a patience that often ends too early. */
static int drains(struct drains *self)
{
    struct storm *storm = self->storm;
    news_subscriber reader;
    int number, rc = 0;
    news_subscribe(storm->channel, &reader, NULL);
    while (rc != -ESHUTDOWN) {
        FM_TIMEOUT(story_span(0.5), rc) {
            rc = news_receive(&reader, &number);
        }
        if (rc == 0)
            storm->received[self->which][number]++;
        if (rc == 0 && test_random(&storm->chance) % 4 == 0)
            rc = fm_yield();
    }
    news_unsubscribe(&reader);
    return 0;
}

static void storm_run(struct storm *storm)
{
    fm_task *tasks[STORM];
    fm_task *first = fm_go(drains, storm, 0), *second = fm_go(drains, storm, 1);
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < STORM; i++) {
        tasks[i] = fm_go(storms, storm, i);
        uint64_t whom = test_random(&storm->chance) % (uint64_t)(i + 1);
        if (test_random(&storm->chance) % 2 == 0)
            fm_cancel(tasks[whom]);
        if (test_random(&storm->chance) % 3 == 0)
            CHECK_INT(fm_yield(), 0);
    }
    fm_settle(tasks, STORM, NULL);
    news_shutdown(storm->channel);
    CHECK_INT(fm_gather(first, second), 0);
}

STORY(in_a_storm_of_cuts_no_message_is_lost_or_doubled)
{
    uint64_t chance = test_seed(3);
    for (size_t round = 0; round < test_many(200); round++) {
        struct storm storm = {.channel = news_new(1 + round % 3)};
        storm.chance = test_random(&chance);
        storm_run(&storm);
        for (int i = 0; i < STORM; i++) {
            CHECK_INT(storm.received[0][i], storm.sent[i]);
            CHECK_INT(storm.received[1][i], storm.sent[i]);
        }
        news_free(storm.channel);
    }
}
