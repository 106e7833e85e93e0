/*
 * queue_end.c - when all is done, when no more comes, and when it is freed
 *
 * Invariant: a task waits in `joiners` only while items are unfinished; of
 * those as many are in the queue as it counts, the others were taken and are
 * not done. A queue that is shut has no waiting putter, and a waiting getter
 * has none either, for it has nothing to wait for.
 */
#include "sync/queue_record.h"

#include "base/die.h"
#include "base/memory.h"

#include <errno.h>

static void queue_end_check(const fm_queue *queue, const char *caller)
{
    if (queue->home != fm__home)
        fm__die("%s: the queue belongs to another loop", caller);
}

static void queue_end_wake(struct fm__list *list, int result)
{
    while (fm__wake_first(list, result))
        continue;
}

static bool queue_end_waits(const fm_queue *queue)
{
    return !fm__list_empty(&queue->getters) ||
           !fm__list_empty(&queue->putters) ||
           !fm__list_empty(&queue->joiners) ||
           fm__watched(&queue->get_watchers) ||
           fm__watched(&queue->put_watchers);
}

/* Each item is out of the queue when it is dropped: who drops may look. */
static void queue_end_empty(fm_queue *queue)
{
    while (queue->count > 0) {
        void *place = fm__queue_shift(queue, queue->size);
        queue->unfinished--;
        if (queue->drop != NULL)
            queue->drop(fm__queue_item(queue, place));
    }
}

void fm_queue_free(fm_queue *queue)
{
    if (queue == NULL)
        return;
    if (queue_end_waits(queue))
        fm__die("fm_queue_free: a task waits in this queue");
    queue->shut = true;
    if (queue->drop != NULL)
        queue_end_empty(queue);
    fm__memory_free(queue);
}

void fm_queue_done(fm_queue *queue)
{
    if (queue == NULL)
        return;
    queue_end_check(queue, "fm_queue_done");
    if (queue->unfinished == queue->count)
        fm__die("fm_queue_done: every item that was taken is done already");
    if (--queue->unfinished == 0)
        queue_end_wake(&queue->joiners, 0);
}

static const struct fm__wait_kind queue_join_kind = {
    .cut = fm__park_cut,
    .name = "queue join",
    .what = FM__WAIT_LISTED | FM__WAIT_COUNTED,
    .at = FM__WAIT_BACK(fm_queue, joiners),
    .first = offsetof(fm_queue, unfinished),
};

int fm_queue_join(fm_queue *queue)
{
    int rc = fm__checkpoint(fm__current, "fm_queue_join");
    if (rc < 0)
        return rc;
    if (queue == NULL)
        return -ENOMEM;
    queue_end_check(queue, "fm_queue_join");
    if (queue->unfinished == 0)
        return 0;
    struct fm__queued self;
    return fm__park_in(&queue->joiners, &self, &queue_join_kind);
}

void fm_queue_shutdown(fm_queue *queue, bool immediate)
{
    if (queue == NULL)
        return;
    queue_end_check(queue, "fm_queue_shutdown");
    queue->shut = true;
    queue_end_wake(&queue->getters, -ESHUTDOWN);
    queue_end_wake(&queue->putters, -ESHUTDOWN);
    if (immediate)
        queue_end_empty(queue);
    if (queue->unfinished == 0)
        queue_end_wake(&queue->joiners, 0);
    fm__watchers_tell(&queue->get_watchers);
    fm__watchers_tell(&queue->put_watchers);
}
