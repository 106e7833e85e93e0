/*
 * channel.c - a bounded FIFO of pointers between loops
 *
 * Invariant, under the lock: a task waits in `receivers` only while the ring
 * is empty and nobody waits in `senders`, and in `senders` only while the
 * ring is full; in a closed channel nobody waits. An item goes straight to
 * the task that has waited longest, of whatever loop.
 *
 * Nobody waits with the lock in hand. A task that was served is in no list
 * any more: it is woken by whoever served it and by nobody else, so its loop
 * is there until then, and the news lies in the waiter. Until it arrives a cut
 * may come, which asks the channel who was faster: the news has a share.
 */
#include <fermata/channel.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"
#include "loop/mailbox.h"
#include "task/record.h"

#include <errno.h>

struct fm_channel {
    struct fm__atomic_word users;
    struct fm__mutex lock;
    size_t capacity;
    size_t count;
    size_t first;              /* the oldest item's place in the ring */
    struct fm__list receivers; /* struct channel_waiter */
    struct fm__list senders;
    bool closed;
    void *ring[];
};

/* On the stack of the task that waits. */
struct channel_waiter {
    struct fm__list link; /* under the lock; alone: it was served */
    struct fm__waiter waiter;
    struct fm__work news;
    struct fm__mailbox *mailbox; /* of its loop */
    fm_channel *channel;
    void *item; /* a sender's own; a receiver's, once it was served */
    int result; /* once it was served */
};

/* ---- Shares ------------------------------------------------------------- */

fm_channel *fm_channel_new(size_t capacity)
{
    if (capacity > (SIZE_MAX - sizeof(fm_channel)) / sizeof(void *))
        return NULL;
    fm_channel *channel =
        fm__memory_new(sizeof *channel + capacity * sizeof(void *));
    if (channel == NULL)
        return NULL;
    channel->users.value = 1;
    channel->capacity = capacity;
    fm__mutex_init(&channel->lock);
    fm__list_init(&channel->receivers);
    fm__list_init(&channel->senders);
    return channel;
}

fm_channel *fm_channel_get(fm_channel *channel)
{
    if (channel != NULL)
        fm__atomic_add(&channel->users, 1);
    return channel;
}

void fm_channel_put(fm_channel *channel)
{
    if (channel == NULL || fm__atomic_add(&channel->users, UINT64_MAX) > 1)
        return;
    fm__mutex_lock(&channel->lock);
    if (!fm__list_empty(&channel->receivers) ||
        !fm__list_empty(&channel->senders))
        fm__die("fm_channel_put: a task waits in this channel");
    fm__mutex_unlock(&channel->lock);
    fm__mutex_fini(&channel->lock);
    fm__memory_free(channel);
}

/* ---- Under the lock ----------------------------------------------------- */

static void channel_push(fm_channel *channel, void *item)
{
    size_t place = channel->first + channel->count++;
    if (place >= channel->capacity)
        place -= channel->capacity;
    channel->ring[place] = item;
}

static void *channel_shift(fm_channel *channel)
{
    void *item = channel->ring[channel->first];
    if (++channel->first == channel->capacity)
        channel->first = 0;
    channel->count--;
    return item;
}

/* The one that has waited longest, served; NULL where nobody waits. */
static struct channel_waiter *channel_serve(struct fm__list *list, int result)
{
    struct fm__list *link = fm__list_shift(list);
    if (link == NULL)
        return NULL;
    struct channel_waiter *waiter =
        FM__CONTAINER(link, struct channel_waiter, link);
    waiter->result = result;
    return waiter;
}

/* 0, and *served is who is to be woken, or NULL. */
static int channel_take_in(fm_channel *channel, void *item,
                           struct channel_waiter **served)
{
    *served = NULL;
    if (channel->closed)
        return -ESHUTDOWN;
    *served = channel_serve(&channel->receivers, 0);
    if (*served != NULL)
        (*served)->item = item;
    else if (channel->count == channel->capacity)
        return -EAGAIN;
    else
        channel_push(channel, item);
    return 0;
}

/* The same for the oldest item, whose place goes to the first sender. */
static int channel_give_out(fm_channel *channel, void **item,
                            struct channel_waiter **served)
{
    *served = channel_serve(&channel->senders, 0);
    if (channel->count > 0)
        *item = channel_shift(channel);
    else if (*served != NULL)
        *item = (*served)->item;
    else
        return channel->closed ? -ESHUTDOWN : -EAGAIN;
    if (*served != NULL && channel->capacity > 0)
        channel_push(channel, (*served)->item);
    return 0;
}

/* ---- Waking ------------------------------------------------------------- */

static void channel_news(struct fm__work *work)
{
    struct channel_waiter *waiter =
        FM__CONTAINER(work, struct channel_waiter, news);
    fm__wake(&waiter->waiter, waiter->result);
    fm_channel_put(waiter->channel);
}

/* One of another loop may not have parked yet, and does before it hears. */
static void channel_wake(struct channel_waiter *waiter)
{
    if (waiter == NULL)
        return;
    if (fm__home != NULL && fm__home->loop.mailbox == waiter->mailbox) {
        fm__wake(&waiter->waiter, waiter->result);
        return;
    }
    fm_channel_get(waiter->channel);
    fm__mailbox_deliver(waiter->mailbox, &waiter->news);
}

static void channel_cut(struct fm__waiter *record, int reason)
{
    struct channel_waiter *waiter =
        FM__CONTAINER(record, struct channel_waiter, waiter);
    fm__mutex_lock(&waiter->channel->lock);
    bool waits = !fm__list_empty(&waiter->link);
    fm__list_remove(&waiter->link);
    fm__mutex_unlock(&waiter->channel->lock);
    if (waits)
        fm__wake(record, reason);
}

/* ---- Without waiting ---------------------------------------------------- */

int fm_channel_send_try(fm_channel *channel, void *item)
{
    struct channel_waiter *served;
    if (channel == NULL)
        return -ENOMEM;
    fm__mutex_lock(&channel->lock);
    int rc = channel_take_in(channel, item, &served);
    fm__mutex_unlock(&channel->lock);
    channel_wake(served);
    return rc;
}

int fm_channel_receive_try(fm_channel *channel, void **item)
{
    struct channel_waiter *served;
    if (channel == NULL)
        return -ENOMEM;
    fm__mutex_lock(&channel->lock);
    int rc = channel_give_out(channel, item, &served);
    fm__mutex_unlock(&channel->lock);
    channel_wake(served);
    return rc;
}

void fm_channel_close(fm_channel *channel)
{
    struct channel_waiter *waiter;
    if (channel == NULL)
        return;
    fm__mutex_lock(&channel->lock);
    channel->closed = true;
    while ((waiter = channel_serve(&channel->senders, -ESHUTDOWN)) != NULL ||
           (waiter = channel_serve(&channel->receivers, -ESHUTDOWN)) != NULL)
        channel_wake(waiter);
    fm__mutex_unlock(&channel->lock);
}

/* ---- Waiting ------------------------------------------------------------ */

static const struct fm__wait_kind channel_send_kind = {
    .cut = channel_cut,
    .name = "channel send",
    .what = FM__WAIT_COUNTED,
    .at = FM__WAIT_AT(struct channel_waiter, waiter, channel),
    .first = offsetof(fm_channel, count),
    .second = offsetof(fm_channel, capacity),
};

static const struct fm__wait_kind channel_receive_kind = {
    .cut = channel_cut,
    .name = "channel receive",
    .what = FM__WAIT_COUNTED,
    .at = FM__WAIT_AT(struct channel_waiter, waiter, channel),
    .first = offsetof(fm_channel, count),
    .second = offsetof(fm_channel, capacity),
};

/* The mailbox first: where it is wanting, nothing has been done. */
static int channel_begin(fm_channel *channel, struct channel_waiter *self,
                         const struct fm__wait_kind *kind, const char *caller)
{
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__UNLIKELY(channel == NULL))
        return -ENOMEM;
    self->channel = channel;
    self->waiter.kind = kind;
    self->news.run = channel_news;
    self->mailbox = fm__mailbox_of(&fm__home->loop);
    return self->mailbox != NULL ? 0 : -ENOMEM;
}

static int channel_park(struct channel_waiter *self)
{
    struct fm__loop *loop = &fm__home->loop;
    loop->remote_expected++;
    int rc = fm__park(&self->waiter);
    loop->remote_expected--;
    return rc;
}

int fm_channel_send(fm_channel *channel, void *item)
{
    struct channel_waiter self, *served;
    int rc =
        channel_begin(channel, &self, &channel_send_kind, "fm_channel_send");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    self.item = item;
    fm__mutex_lock(&channel->lock);
    rc = channel_take_in(channel, item, &served);
    if (rc == -EAGAIN)
        fm__list_push(&channel->senders, &self.link);
    fm__mutex_unlock(&channel->lock);
    channel_wake(served);
    return rc == -EAGAIN ? channel_park(&self) : rc;
}

int fm_channel_receive(fm_channel *channel, void **item)
{
    struct channel_waiter self, *served;
    int rc = channel_begin(channel, &self, &channel_receive_kind,
                           "fm_channel_receive");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__mutex_lock(&channel->lock);
    rc = channel_give_out(channel, item, &served);
    if (rc == -EAGAIN)
        fm__list_push(&channel->receivers, &self.link);
    fm__mutex_unlock(&channel->lock);
    channel_wake(served);
    if (rc != -EAGAIN)
        return rc;
    rc = channel_park(&self);
    if (rc == 0)
        *item = self.item;
    return rc;
}

/* ---- What there is ------------------------------------------------------ */

size_t fm_channel_count(fm_channel *channel)
{
    if (channel == NULL)
        return 0;
    fm__mutex_lock(&channel->lock);
    size_t count = channel->count;
    fm__mutex_unlock(&channel->lock);
    return count;
}

size_t fm_channel_capacity(const fm_channel *channel)
{
    return channel != NULL ? channel->capacity : 0;
}
