/*
 * test_broadcast_crowd.c - a broadcast beside an obvious reference
 */
#include "broadcast_kit.h"

enum {
    READERS = 6
};

struct listener {
    news_subscriber reader;
    bool listens, lossy;
    int next;
};

struct crowd {
    news *channel;
    struct listener listeners[READERS];
    int sent, capacity;
    uint64_t chance;
};

static int crowd_draw(struct crowd *crowd, int below)
{
    return (int)(test_random(&crowd->chance) % (uint64_t)below);
}

static bool crowd_full(const struct crowd *crowd)
{
    for (int i = 0; i < READERS; i++) {
        const struct listener *one = &crowd->listeners[i];
        if (one->listens && !one->lossy &&
            crowd->sent - one->next == crowd->capacity)
            return true;
    }
    return false;
}

static void crowd_come_or_go(struct crowd *crowd, struct listener *one)
{
    one->listens = !one->listens;
    if (!one->listens) {
        news_unsubscribe(&one->reader);
        return;
    }
    one->lossy = crowd_draw(crowd, 3) == 0;
    one->next = crowd->sent;
    news_subscribe(crowd->channel, &one->reader, one->lossy ? &lossy : NULL);
}

static void crowd_receive(struct crowd *crowd, struct listener *one)
{
    int oldest = crowd->sent - crowd->capacity;
    if (one->next == crowd->sent) {
        CHECK_INT(receive_try(&one->reader), -EAGAIN);
    } else if (one->next < oldest) {
        CHECK_INT(receive_try(&one->reader), -FM_ELAGGED);
        CHECK_INT(news_lost(&one->reader), oldest - one->next);
        one->next = oldest;
    } else {
        CHECK_INT(receive_try(&one->reader), one->next++);
    }
}

static void crowd_step(struct crowd *crowd)
{
    struct listener *one = &crowd->listeners[crowd_draw(crowd, READERS)];
    int what = crowd_draw(crowd, 16);
    if (what == 0) {
        crowd_come_or_go(crowd, one);
    } else if (what < 6) {
        bool full = crowd_full(crowd);
        CHECK_INT(news_send_try(crowd->channel, crowd->sent),
                  full ? -EAGAIN : 0);
        crowd->sent += !full;
    } else if (one->listens) {
        crowd_receive(crowd, one);
    }
}

STORY(what_each_receives_is_that_of_an_obvious_reference)
{
    uint64_t chance = test_seed(5);
    for (size_t round = 0; round < test_many(200); round++) {
        struct crowd crowd = {.chance = test_random(&chance)};
        crowd.capacity = 1 + crowd_draw(&crowd, 5);
        crowd.channel = news_new((size_t)crowd.capacity);
        for (int step = 0; step < 1000; step++)
            crowd_step(&crowd);
        for (int i = 0; i < READERS; i++) {
            if (crowd.listeners[i].listens)
                news_unsubscribe(&crowd.listeners[i].reader);
        }
        news_free(crowd.channel);
    }
}
