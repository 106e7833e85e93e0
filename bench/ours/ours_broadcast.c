/*
 * ours_broadcast.c - Fermata: messages to a hundred subscribers
 *
 * ours_broadcast COUNT: so many are sent before the sender waits until all
 * have them.
 */
#include "measure.h"
#include <fermata.h>

enum {
    SUBSCRIBERS = 100,
    CAPACITY = 64
};

FM_BROADCAST_OF(news, uint64_t);

static news *channel;
static size_t count, rounds, seen;

static int subscriber(void)
{
    news_subscriber self;
    uint64_t message;
    int rc;

    news_subscribe(channel, &self, NULL);
    while ((rc = news_receive(&self, &message)) == 0)
        seen++;
    news_unsubscribe(&self);
    return rc;
}

static void broadcast_batch(void)
{
    for (size_t i = 0; i < rounds; i++) {
        size_t all = seen + count * SUBSCRIBERS;
        for (size_t n = 0; n < count; n++)
            if (news_send(channel, n) < 0)
                exit(1);
        while (seen < all)
            fm_yield();
    }
}

static int broadcast_main(void *arg)
{
    fm_task *tasks[SUBSCRIBERS];
    char name[32];

    (void)arg;
    channel = news_new(CAPACITY);
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        tasks[i] = fm_go(subscriber);
    fm_yield();
    snprintf(name, sizeof name, "%zu", count);
    measure("broadcast", name, rounds * count * SUBSCRIBERS, broadcast_batch);
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        fm_cancel(tasks[i]);
    fm_settle(tasks, SUBSCRIBERS, NULL);
    news_free(channel);
    return 0;
}

int main(int argc, char **argv)
{
    count = measure_argument(argc, argv, 1, 1);
    rounds = 1000 / count;
    return fm_run(broadcast_main, NULL) < 0;
}
