/*
 * limit_timer.c - a node linked into a list and taken out again
 *
 * COUNT other nodes are spread over as many lists as a wheel of six levels
 * has. Nothing ever expires here, and nothing knows which is due next.
 */
#include "measure.h"

enum {
    BATCH = 100000,
    SLOTS = 6 * 64
};

struct limit_node {
    struct limit_node *next, *prev;
    uint64_t deadline;
};

static struct limit_node slots[SLOTS];
static struct limit_node timer;
static struct limit_node *pending;
static uint64_t spans[BATCH];
static size_t order[BATCH];

static void limit_link(struct limit_node *node, uint64_t deadline)
{
    struct limit_node *slot = &slots[deadline % SLOTS];

    node->deadline = deadline;
    node->next = slot->next;
    node->prev = slot;
    slot->next->prev = node;
    slot->next = node;
}

static void limit_unlink(struct limit_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
}

static void limit_arm(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        limit_link(&timer, spans[i]);
        limit_unlink(&timer);
    }
}

static void limit_rearm(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        limit_unlink(&pending[order[i]]);
        limit_link(&pending[order[i]], spans[i]);
    }
}

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 100000);

    pending = calloc(count, sizeof *pending);
    for (size_t i = 0; i < SLOTS; i++)
        slots[i].next = slots[i].prev = &slots[i];
    for (size_t i = 0; i < BATCH; i++) {
        spans[i] = measure_timeout();
        order[i] = measure_number() % count;
    }
    for (size_t i = 0; i < count; i++)
        limit_link(&pending[i], measure_timeout());

    measure("timer", "arm", BATCH, limit_arm);
    measure("timer", "rearm", BATCH, limit_rearm);
    free(pending);
    return 0;
}
