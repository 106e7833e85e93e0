/*
 * ours_queue.c - Fermata: numbers from one task to another through a queue
 *
 * ours_queue CAPACITY; with 0 it is `handover`.
 */
#include "measure.h"
#include <fermata.h>

enum {
    MESSAGES = 100000
};

FM_QUEUE_OF(numbers, uint64_t);

static size_t capacity;
static numbers *queue;

static int produce(void)
{
    int rc = 0;

    for (uint64_t n = 0; rc == 0; n++)
        rc = numbers_put(queue, n);
    return rc;
}

static void queue_batch(void)
{
    static uint64_t wanted;
    uint64_t n;

    for (int i = 0; i < MESSAGES; i++)
        if (numbers_get(queue, &n) < 0 || n != wanted++)
            exit(1);
}

static int queue_main(void *arg)
{
    char name[32];

    (void)arg;
    queue = numbers_new(capacity, NULL);
    fm_task *producer = fm_go(produce);
    snprintf(name, sizeof name, "%zu", capacity);
    if (capacity == 0)
        measure("handover", "message", MESSAGES, queue_batch);
    else
        measure("queue", name, MESSAGES, queue_batch);
    fm_stop(producer);
    numbers_free(queue);
    return 0;
}

int main(int argc, char **argv)
{
    capacity = measure_argument(argc, argv, 1, 1);
    return fm_run(queue_main, NULL) < 0;
}
