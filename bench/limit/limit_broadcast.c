/*
 * limit_broadcast.c - a ring that a hundred stacks read, one after the other
 *
 * limit_broadcast COUNT: so many messages are written before it is their turn.
 */
#include "bare.h"
#include "measure.h"

enum {
    SUBSCRIBERS = 100,
    PLACES = 64,
    MESSAGES = 10000
};

struct limit_subscriber {
    struct bare bare;
    struct bare *next;
    size_t seen;
};

static struct limit_subscriber subscribers[SUBSCRIBERS];
static struct limit_subscriber *current;
static struct bare sender;
static uint64_t ring[PLACES], sum;
static size_t sent, count;

static void limit_entry(void)
{
    struct limit_subscriber *self = current;

    for (;;) {
        while (self->seen < sent)
            sum += ring[self->seen++ % PLACES];
        current = self + 1;
        BARE_JUMP(&self->bare, self->next);
    }
}

static void limit_batch(void)
{
    for (size_t i = 0; i < MESSAGES / count; i++) {
        for (size_t n = 0; n < count; n++)
            ring[sent++ % PLACES] = n + 1;
        current = subscribers;
        BARE_JUMP(&sender, &subscribers[0].bare);
    }
}

int main(int argc, char **argv)
{
    char *stacks = bare_stacks(SUBSCRIBERS);
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    snprintf(name, sizeof name, "%zu", count);
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        bare_make(&subscribers[i].bare, bare_top(stacks, i), limit_entry);
        subscribers[i].next = &subscribers[i + 1].bare;
    }
    subscribers[SUBSCRIBERS - 1].next = &sender;
    measure("broadcast", name, MESSAGES / count * count * SUBSCRIBERS,
            limit_batch);
    return sum == 0;
}
