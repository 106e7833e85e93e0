/*
 * limit_queue.c - a ring of 8-byte items between two stacks, and no runtime
 *
 * limit_queue CAPACITY, or 0 for the limit of `handover`. One stack puts until
 * the ring is full, the other takes until it is empty. It has two places more
 * than the capacity: what they who wait have in their hands.
 */
#include "bare.h"
#include "measure.h"

enum {
    MESSAGES = 1000000,
    PLACES = 256
};

static struct bare putter, taker;
static uint64_t ring[PLACES];
static size_t places, count, first, last;

static inline void limit_put(uint64_t item)
{
    if (count == places)
        BARE_JUMP(&putter, &taker);
    ring[last] = item;
    if (++last == places)
        last = 0;
    count++;
}

static inline uint64_t limit_get(void)
{
    if (count == 0)
        BARE_JUMP(&taker, &putter);
    uint64_t item = ring[first];
    if (++first == places)
        first = 0;
    count--;
    return item;
}

static void limit_putter(void)
{
    for (uint64_t n = 0;; n++)
        limit_put(n);
}

static void limit_batch(void)
{
    static uint64_t wanted;

    for (int i = 0; i < MESSAGES; i++)
        if (limit_get() != wanted++)
            exit(1);
}

int main(int argc, char **argv)
{
    size_t capacity = measure_argument(argc, argv, 1, 1);
    char name[32];

    places = capacity + 2;
    if (places > PLACES)
        return 2;
    snprintf(name, sizeof name, "%zu", capacity);
    bare_make(&putter, bare_top(bare_stacks(1), 0), limit_putter);
    if (capacity == 0)
        measure("handover", "message", MESSAGES, limit_batch);
    else
        measure("queue", name, MESSAGES, limit_batch);
    return 0;
}
