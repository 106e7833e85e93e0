/*
 * broadcast.c - every message to everybody who listens
 *
 * Messages have numbers, and lie in a ring; a subscriber knows the number of
 * its next. How many are at a place, and have yet to receive from it on, is
 * counted there, so who is the slowest is never looked for: to receive, to
 * come and to go moves one from a count to another.
 *
 * Invariant: the ring's oldest message is one that somebody who is not lossy
 * has yet to receive, or there is none such. A task waits in `senders` only
 * while there is no room, and a subscriber in `receivers` only while it has
 * all that was sent.
 */
#include <fermata/broadcast.h>

#include "base/die.h"
#include "base/memory.h"
#include "task/record.h"
#include "task/watcher.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

/* A place in the ring. There is one more than there is room for messages:
 * where the next to be sent will lie, and who has them all is. */
struct broadcast_place {
    uint64_t number;
    size_t index;
};

struct fm_broadcast {
    struct fm__conductor *home;
    size_t capacity;
    size_t size;                   /* of a message, in bytes */
    struct broadcast_place next;   /* of the next message to be sent */
    struct broadcast_place oldest; /* that somebody has yet to receive */
    unsigned char *messages;
    struct fm__list receivers; /* struct fm__queued */
    struct fm__list senders;   /* struct broadcast_sender */
    struct fm__watchers receive_watchers;
    struct fm__watchers send_watchers;
    size_t subscribers;
    bool shut;
    size_t here[]; /* at each place: who is not lossy and comes from there */
};

struct broadcast_subscriber {
    fm_broadcast *broadcast; /* NULL: it listens to nothing */
    struct broadcast_place place;
    uint64_t lost;
    bool lossy;
    bool waiting; /* a task, in it */
};

_Static_assert(sizeof(struct broadcast_subscriber) <= sizeof(fm_subscriber),
               "grow the record");

/* On the stack of the task that waits. */
struct broadcast_sender {
    struct fm__queued queued;
    const void *message;
};

/* ---- Its life ------------------------------------------------------------ */

/* Bytes of the whole block, or 0 where there cannot be so many. */
static size_t broadcast_bytes(size_t capacity, size_t size)
{
    size_t each = size + sizeof(size_t);
    size_t most = SIZE_MAX - sizeof(fm_broadcast);
    if (each < size || capacity >= most / each)
        return 0;
    return sizeof(fm_broadcast) + (capacity + 1) * each;
}

fm_broadcast *fm_broadcast_new(size_t capacity, size_t size)
{
    if (fm__home == NULL)
        fm__task_none("fm_broadcast_new");
    if (capacity == 0)
        fm__die("fm_broadcast_new: there must be room for one message");
    size_t bytes = broadcast_bytes(capacity, size);
    fm_broadcast *broadcast = bytes > 0 ? fm__memory_new(bytes) : NULL;
    if (broadcast == NULL)
        return NULL;
    broadcast->home = fm__home;
    broadcast->capacity = capacity;
    broadcast->size = size;
    broadcast->messages = (unsigned char *)&broadcast->here[capacity + 1];
    fm__list_init(&broadcast->receivers);
    fm__list_init(&broadcast->senders);
    return broadcast;
}

void fm_broadcast_free(fm_broadcast *broadcast)
{
    if (broadcast == NULL)
        return;
    if (broadcast->subscribers > 0)
        fm__die("fm_broadcast_free: somebody still subscribes to it");
    if (!fm__list_empty(&broadcast->senders) ||
        fm__watched(&broadcast->send_watchers))
        fm__die("fm_broadcast_free: a task waits to send");
    if (fm__watched(&broadcast->receive_watchers))
        fm__die("fm_broadcast_free: a task selects what it would receive");
    fm__memory_free(broadcast);
}

/* 0, or why nothing can be done with it. */
static int broadcast_check(const fm_broadcast *broadcast, const char *caller)
{
    if (FM__UNLIKELY(broadcast == NULL))
        return -ENOMEM;
    if (FM__UNLIKELY(broadcast->home != fm__home))
        fm__die("%s: the broadcast belongs to another loop", caller);
    return 0;
}

/* ---- The ring ------------------------------------------------------------ */

static void broadcast_step(const fm_broadcast *broadcast,
                           struct broadcast_place *place)
{
    place->number++;
    if (place->index++ == broadcast->capacity)
        place->index = 0;
}

static void *broadcast_message(const fm_broadcast *broadcast, size_t index)
{
    return broadcast->messages + index * broadcast->size;
}

static bool broadcast_full(const fm_broadcast *broadcast)
{
    return broadcast->next.number - broadcast->oldest.number ==
           broadcast->capacity;
}

/* There is room. Who waited may look, each at its own place. */
static void broadcast_push(fm_broadcast *broadcast, const void *message)
{
    memcpy(broadcast_message(broadcast, broadcast->next.index), message,
           broadcast->size);
    broadcast_step(broadcast, &broadcast->next);
    while (fm__wake_first(&broadcast->receivers, 0))
        continue;
    fm__watchers_tell(&broadcast->receive_watchers);
}

static void broadcast_forget(fm_broadcast *broadcast)
{
    struct broadcast_place *oldest = &broadcast->oldest;
    while (oldest->number < broadcast->next.number &&
           broadcast->here[oldest->index] == 0)
        broadcast_step(broadcast, oldest);
}

/* Somebody has left a place: forgets what everybody has. The room is for who
 * waits longest to send, and then for whoever selects. */
static void broadcast_settle(fm_broadcast *broadcast)
{
    struct fm__list *senders = &broadcast->senders;
    broadcast_forget(broadcast);
    while (!broadcast_full(broadcast) && !fm__list_empty(senders)) {
        struct broadcast_sender *sender =
            FM__CONTAINER(senders->next, struct broadcast_sender, queued.link);
        broadcast_push(broadcast, sender->message);
        fm__wake_first(senders, 0);
        broadcast_forget(broadcast);
    }
    if (!broadcast_full(broadcast))
        fm__watchers_tell(&broadcast->send_watchers);
}

/* ---- Sending ------------------------------------------------------------- */

static int broadcast_send_now(fm_broadcast *broadcast, const void *message)
{
    if (broadcast->shut)
        return -ESHUTDOWN;
    if (broadcast_full(broadcast))
        return -EAGAIN;
    broadcast_push(broadcast, message);
    broadcast_forget(broadcast);
    return 0;
}

static const struct fm__wait_kind broadcast_send_kind = {
    .cut = fm__park_cut,
    .name = "broadcast send",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(fm_broadcast, senders),
};

int fm_broadcast_send(fm_broadcast *broadcast, const void *message)
{
    int rc = fm__checkpoint(fm__current, "fm_broadcast_send");
    if (rc == 0)
        rc = broadcast_check(broadcast, "fm_broadcast_send");
    if (rc == 0)
        rc = broadcast_send_now(broadcast, message);
    if (rc != -EAGAIN)
        return rc;
    struct broadcast_sender self = {.message = message};
    return fm__park_in(&broadcast->senders, &self.queued, &broadcast_send_kind);
}

int fm_broadcast_send_try(fm_broadcast *broadcast, const void *message)
{
    int rc = broadcast_check(broadcast, "fm_broadcast_send_try");
    return rc < 0 ? rc : broadcast_send_now(broadcast, message);
}

static void broadcast_refuse(struct fm__list *list)
{
    while (fm__wake_first(list, -ESHUTDOWN))
        continue;
}

void fm_broadcast_shutdown(fm_broadcast *broadcast)
{
    if (broadcast_check(broadcast, "fm_broadcast_shutdown") < 0)
        return;
    broadcast->shut = true;
    broadcast_refuse(&broadcast->receivers);
    broadcast_refuse(&broadcast->senders);
    fm__watchers_tell(&broadcast->receive_watchers);
    fm__watchers_tell(&broadcast->send_watchers);
}

size_t fm_broadcast_subscribers(const fm_broadcast *broadcast)
{
    return broadcast != NULL ? broadcast->subscribers : 0;
}

/* ---- Receiving ----------------------------------------------------------- */

static struct broadcast_subscriber *broadcast_open(fm_subscriber *subscriber)
{
    return (struct broadcast_subscriber *)(void *)subscriber;
}

void fm__broadcast_subscribe(fm_broadcast *broadcast, fm_subscriber *subscriber,
                             const fm_subscriber_options *options)
{
    struct broadcast_subscriber *self = broadcast_open(subscriber);
    *self = (struct broadcast_subscriber){.broadcast = broadcast};
    if (broadcast_check(broadcast, "fm_broadcast_subscribe") < 0)
        return;
    self->lossy = options != NULL && options->lossy;
    self->place = broadcast->next;
    broadcast->subscribers++;
    broadcast->here[self->place.index] += !self->lossy;
}

void fm_broadcast_unsubscribe(fm_subscriber *subscriber)
{
    struct broadcast_subscriber *self = broadcast_open(subscriber);
    fm_broadcast *broadcast = self->broadcast;
    if (broadcast_check(broadcast, "fm_broadcast_unsubscribe") < 0)
        return;
    if (self->waiting)
        fm__die("fm_broadcast_unsubscribe: a task waits in this subscriber");
    self->broadcast = NULL;
    broadcast->subscribers--;
    fm__watchers_tell(&broadcast->receive_watchers);
    if (self->lossy)
        return;
    broadcast->here[self->place.index]--;
    broadcast_settle(broadcast);
}

/* What was overwritten is lost: it goes on with the oldest that is left. One
 * place on is `capacity` places back. */
static int broadcast_lag(struct broadcast_subscriber *self, uint64_t behind)
{
    const fm_broadcast *broadcast = self->broadcast;
    self->lost = behind - broadcast->capacity;
    self->place = broadcast->next;
    broadcast_step(broadcast, &self->place);
    self->place.number = broadcast->next.number - broadcast->capacity;
    return -FM_ELAGGED;
}

/* A message, copied to where it is wanted, or -EAGAIN or what else is so. */
static int broadcast_take(struct broadcast_subscriber *self, void *message)
{
    fm_broadcast *broadcast = self->broadcast;
    uint64_t behind = broadcast->next.number - self->place.number;
    size_t index = self->place.index;
    if (behind == 0)
        return broadcast->shut ? -ESHUTDOWN : -EAGAIN;
    if (behind > broadcast->capacity)
        return broadcast_lag(self, behind);
    memcpy(message, broadcast_message(broadcast, index), broadcast->size);
    broadcast_step(broadcast, &self->place);
    if (self->lossy)
        return 0;
    broadcast->here[self->place.index]++;
    if (--broadcast->here[index] == 0 && index == broadcast->oldest.index)
        broadcast_settle(broadcast);
    return 0;
}

static int broadcast_receive(struct broadcast_subscriber *self, void *message,
                             const char *caller)
{
    int rc = broadcast_check(self->broadcast, caller);
    if (rc < 0)
        return rc;
    if (FM__UNLIKELY(self->waiting))
        fm__die("%s: another task receives with this subscriber", caller);
    return broadcast_take(self, message);
}

static const struct fm__wait_kind broadcast_receive_kind = {
    .cut = fm__park_cut,
    .name = "broadcast receive",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(fm_broadcast, receivers),
};

int fm_broadcast_receive(fm_subscriber *subscriber, void *message)
{
    struct broadcast_subscriber *self = broadcast_open(subscriber);
    int rc = fm__checkpoint(fm__current, "fm_broadcast_receive");
    if (rc == 0)
        rc = broadcast_receive(self, message, "fm_broadcast_receive");
    if (rc != -EAGAIN)
        return rc;
    struct fm__queued wait;
    self->waiting = true;
    rc = fm__park_in(&self->broadcast->receivers, &wait,
                     &broadcast_receive_kind);
    self->waiting = false;
    return rc < 0 ? rc : broadcast_take(self, message);
}

int fm_broadcast_receive_try(fm_subscriber *subscriber, void *message)
{
    return broadcast_receive(broadcast_open(subscriber), message,
                             "fm_broadcast_receive_try");
}

uint64_t fm_broadcast_lost(const fm_subscriber *subscriber)
{
    const void *self = subscriber;
    return ((const struct broadcast_subscriber *)self)->lost;
}

/* ---- Looking ------------------------------------------------------------- */

/* One that listens to nothing is told so at once. */
static bool broadcast_can_receive(const fm_when *when)
{
    const struct broadcast_subscriber *self = when->object;
    const fm_broadcast *broadcast = self->broadcast;
    if (broadcast_check(broadcast, "fm_when_receive") < 0)
        return true;
    return self->place.number != broadcast->next.number || broadcast->shut;
}

static struct fm__watchers *broadcast_receive_watchers(const fm_when *when)
{
    const struct broadcast_subscriber *self = when->object;
    return &self->broadcast->receive_watchers;
}

static bool broadcast_can_send(const fm_when *when)
{
    const fm_broadcast *broadcast = when->object;
    if (broadcast_check(broadcast, "fm_when_send") < 0)
        return false;
    return !broadcast_full(broadcast) || broadcast->shut;
}

static struct fm__watchers *broadcast_send_watchers(const fm_when *when)
{
    return &((fm_broadcast *)when->object)->send_watchers;
}

static const struct fm__when_kind broadcast_when_receive = {
    .ready = broadcast_can_receive,
    .watchers = broadcast_receive_watchers,
    .wait = &broadcast_receive_kind,
};
static const struct fm__when_kind broadcast_when_send = {
    .ready = broadcast_can_send,
    .watchers = broadcast_send_watchers,
    .wait = &broadcast_send_kind,
};

fm_when fm_when_receive(fm_subscriber *subscriber)
{
    return (fm_when){.kind = &broadcast_when_receive, .object = subscriber};
}

fm_when fm_when_send(fm_broadcast *broadcast)
{
    return (fm_when){.kind = &broadcast_when_send, .object = broadcast};
}
