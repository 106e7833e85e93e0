/*
 * ours_select.c - Fermata: one of eight queues becomes ready at a time
 */
#include "measure.h"
#include <fermata.h>

enum {
    SOURCES = 8,
    MESSAGES = 100000
};

FM_QUEUE_OF(numbers, uint64_t);

static numbers *sources[SOURCES];
static size_t seen;
static uint64_t sum;

static int select_forever(void)
{
    fm_when whens[SOURCES];

    for (int i = 0; i < SOURCES; i++)
        whens[i] = numbers_when_get(sources[i]);
    for (;;) {
        uint64_t n;
        int ready = fm_select_array(whens, SOURCES);
        if (ready < 0)
            return ready;
        if (numbers_get_try(sources[ready], &n) < 0)
            exit(1);
        seen++;
        sum += n;
    }
}

static void select_batch(void)
{
    size_t all = seen + MESSAGES;

    for (size_t n = 0; n < MESSAGES; n++) {
        if (numbers_put(sources[n % SOURCES], n) < 0)
            exit(1);
        fm_yield();
    }
    while (seen < all)
        fm_yield();
}

static int select_main(void *arg)
{
    (void)arg;
    for (int i = 0; i < SOURCES; i++)
        sources[i] = numbers_new(1, NULL);
    fm_task *selector = fm_go(select_forever);
    measure("select", "8", MESSAGES, select_batch);
    fm_stop(selector);
    for (int i = 0; i < SOURCES; i++)
        numbers_free(sources[i]);
    return 0;
}

int main(void)
{
    return fm_run(select_main, NULL) < 0;
}
