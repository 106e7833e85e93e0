/*
 * uv_crossloop.c - libuv: messages between two loops on two threads
 *
 * uv_async_send is the one call that other threads may make, and it carries
 * nothing: each loop has a list under a lock beside it. Nothing bounds it.
 */
#include "measure.h"
#include <uv.h>

enum {
    RATE = 100000,
    TRIPS = 10000
};

struct message {
    struct message *next;
    uint64_t value;
};

struct mailbox {
    uv_loop_t loop;
    uv_async_t async;
    uv_mutex_t lock;
    struct message *first, **last;
    void (*heard)(uint64_t value);
};

static struct mailbox here, there;
static size_t answered;

static void mailbox_send(struct mailbox *to, uint64_t value)
{
    struct message *message = malloc(sizeof *message);

    if (message == NULL)
        exit(1);
    *message = (struct message){NULL, value};
    uv_mutex_lock(&to->lock);
    *to->last = message;
    to->last = &message->next;
    uv_mutex_unlock(&to->lock);
    uv_async_send(&to->async);
}

static void mailbox_read(uv_async_t *async)
{
    struct mailbox *mailbox = async->data;

    uv_mutex_lock(&mailbox->lock);
    struct message *message = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    uv_mutex_unlock(&mailbox->lock);
    while (message != NULL) {
        struct message *next = message->next;
        mailbox->heard(message->value);
        free(message);
        message = next;
    }
}

static void mailbox_open(struct mailbox *mailbox, void (*heard)(uint64_t value))
{
    uv_loop_init(&mailbox->loop);
    uv_async_init(&mailbox->loop, &mailbox->async, mailbox_read);
    uv_mutex_init(&mailbox->lock);
    mailbox->async.data = mailbox;
    mailbox->last = &mailbox->first;
    mailbox->heard = heard;
}

/* Of a batch the last is answered, and each that is asked for by itself. */
static void crossloop_there(uint64_t value)
{
    if (value >= RATE - 1)
        mailbox_send(&here, value);
}

static void crossloop_here(uint64_t value)
{
    (void)value;
    answered++;
}

static void crossloop_wait(size_t all)
{
    while (answered < all)
        uv_run(&here.loop, UV_RUN_ONCE);
}

static void crossloop_rate(void)
{
    size_t all = answered + 1;

    for (uint64_t n = 0; n < RATE; n++)
        mailbox_send(&there, n);
    crossloop_wait(all);
}

static void crossloop_trip(void)
{
    for (uint64_t n = 0; n < TRIPS; n++) {
        size_t all = answered + 1;
        mailbox_send(&there, RATE + n);
        crossloop_wait(all);
    }
}

static void crossloop_run(void *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
}

int main(void)
{
    uv_thread_t thread;

    mailbox_open(&here, crossloop_here);
    mailbox_open(&there, crossloop_there);
    if (uv_thread_create(&thread, crossloop_run, &there.loop) < 0)
        return 1;
    measure("crossloop", "rate", RATE, crossloop_rate);
    measure("crossloop", "trip", TRIPS, crossloop_trip);
    return 0;
}
