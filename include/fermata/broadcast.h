/*
 * broadcast.h - every message to everybody who listens
 *
 *     FM_BROADCAST_OF(news, struct headline);
 *
 *     news *channel = news_new(100);
 *     rc = news_send(channel, headline);        // waits for the slowest
 *
 *     news_subscriber reader;                   // another task
 *     news_subscribe(channel, &reader, NULL);
 *     rc = news_receive(&reader, &headline);    // waits for the next
 *
 * Messages are copied in, kept until each subscriber has its copy, and copied
 * out; what they point to must outlive all who read it. A broadcast belongs to
 * the loop it was made on.
 */
#ifndef FERMATA_BROADCAST_H
#define FERMATA_BROADCAST_H

#include <fermata/api.h>
#include <fermata/when.h>
#include <stdbool.h>

/* A broadcast. One that is NULL, because there was no memory, may be used all
 * the same: whatever waits or tries answers -ENOMEM. */
typedef struct fm_broadcast fm_broadcast;

/*
 * Somebody who listens, in the caller's memory, from fm_broadcast_subscribe to
 * fm_broadcast_unsubscribe; its words are private. All zero it listens to
 * nothing, and -ENOMEM is what it receives.
 */
typedef struct fm_subscriber {
    uintptr_t reserved[8];
} fm_subscriber;

/*
 * Options of a subscriber; zero is the default.
 *
 *   lossy  nobody waits for this one: when more messages were sent than the
 *          broadcast has room for, it loses the oldest, and its next receive
 *          says so with -FM_ELAGGED
 */
typedef struct fm_subscriber_options {
    bool lossy;
} fm_subscriber_options;

/*
 * FM_BROADCAST_OF(name, type) declares a type `name` of broadcasts whose
 * messages are values of `type`, a type `name_subscriber`, and what can be done
 * with them, as static functions. They are those below, with `name` for
 * fm_broadcast: name_new takes the capacity, name_send a message, name_receive
 * the address of one, name_subscribe always three arguments, the last of which
 * may be NULL; name_when_send and name_when_receive are fm_when_send and
 * fm_when_receive. In C++ the type has to be trivially copyable.
 */
#define FM_BROADCAST_OF(name, type)                                            \
    FM__BROADCAST_SENDS(name, type)                                            \
    FM__BROADCAST_RECEIVES(name, type)                                         \
    FM__COPIED(type)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a broadcast with room for `capacity` messages of `size` bytes each.
 * Aborts with a sentence when capacity is 0, and on a thread that runs no
 * loop.
 *
 * Returns the broadcast, to be ended by fm_broadcast_free, or NULL without
 * memory.
 */
FM_API FM_MUST_USE fm_broadcast *fm_broadcast_new(size_t capacity, size_t size);

/*
 * Ends a broadcast. Aborts with a sentence while it has subscribers, a task
 * waits to send, or one selects. NULL does nothing.
 */
FM_API void fm_broadcast_free(fm_broadcast *broadcast);

/*
 * Sends a message to all who subscribe now; while a subscriber that is not
 * lossy has as many messages before it as there is room for, it waits, in
 * order of arrival. Without subscribers the message is gone. The message is
 * copied, and the caller's again when this returns.
 *
 * Returns 0; or, with nothing sent, -ECANCELED or -ETIMEDOUT when cut,
 * -ESHUTDOWN when the broadcast is shut down, also meanwhile, -ENOMEM where
 * broadcast is NULL.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_broadcast_send(fm_broadcast *broadcast,
                                                     const void *message);

/*
 * fm_broadcast_send without the wait; no cancel point. May be called wherever
 * the loop calls back, too.
 *
 * Returns 0; or, with nothing sent, -EAGAIN when it would have to wait,
 * -ESHUTDOWN when the broadcast is shut down, -ENOMEM where broadcast is NULL.
 */
FM_API FM_MUST_USE int fm_broadcast_send_try(fm_broadcast *broadcast,
                                             const void *message);

/*
 * Ends the coming of messages: sends are refused with -ESHUTDOWN, as are those
 * that wait; receives have what is left, and then -ESHUTDOWN, as have those
 * that wait. May be called again. Never suspends, and may be called wherever
 * the loop calls back. NULL does nothing.
 */
FM_API void fm_broadcast_shutdown(fm_broadcast *broadcast);

/* Returns how many subscribe; 0 for NULL. */
FM_API size_t fm_broadcast_subscribers(const fm_broadcast *broadcast);

/*
 *     void fm_broadcast_subscribe(fm_broadcast *broadcast,
 *                                 fm_subscriber *subscriber, ...);
 *
 * Lets the subscriber have what is sent from now on. The record is borrowed
 * until fm_broadcast_unsubscribe and must not be moved; one task at a time may
 * receive with it. A third argument, a `const fm_subscriber_options *`, is
 * optional. Returns nothing and cannot fail: where broadcast is NULL each
 * receive says -ENOMEM.
 */
#define fm_broadcast_subscribe(...) FM__SUBSCRIBE(__VA_ARGS__, NULL, )

/*
 * Ends it: what the subscriber has not received is not for it any more. Aborts
 * with a sentence while a task waits in it; one that selects it finds it ready.
 * Does nothing for one that listens to nothing.
 */
FM_API void fm_broadcast_unsubscribe(fm_subscriber *subscriber);

/*
 * Receives the next message, waits for it; the message is copied to where
 * `message` points. Aborts with a sentence while another task receives with
 * this subscriber.
 *
 * Returns 0; or, with *message as it was, -ECANCELED or -ETIMEDOUT when cut:
 * then nothing was taken; -FM_ELAGGED, once, when a lossy subscriber has lost
 * messages: fm_broadcast_lost tells how many, and the next receive has the
 * oldest that is left; -ESHUTDOWN when the broadcast is shut down and the
 * subscriber has all of it; -ENOMEM where it listens to nothing.
 */
FM_API FM_SUSPENDS FM_MUST_USE int
fm_broadcast_receive(fm_subscriber *subscriber, void *message);

/*
 * fm_broadcast_receive without the wait; no cancel point. May be called
 * wherever the loop calls back, too.
 *
 * Returns 0; or, with *message as it was, -EAGAIN when there is none so far,
 * -FM_ELAGGED, -ESHUTDOWN or -ENOMEM as fm_broadcast_receive does.
 */
FM_API FM_MUST_USE int fm_broadcast_receive_try(fm_subscriber *subscriber,
                                                void *message);

/* Returns how many messages were lost when -FM_ELAGGED was last received. */
FM_API uint64_t fm_broadcast_lost(const fm_subscriber *subscriber);

/*
 * For fm_select: ready while fm_broadcast_receive would not wait, whatever it
 * says; NULL is never ready. Borrows the subscriber.
 * Returns what to select.
 */
FM_API fm_when fm_when_receive(fm_subscriber *subscriber);

/*
 * For fm_select: ready while fm_broadcast_send would not wait, also because
 * the broadcast is shut down; NULL is never ready. Borrows the broadcast.
 * Returns what to select.
 */
FM_API fm_when fm_when_send(fm_broadcast *broadcast);

/* Private: what the macro above calls. */
FM_API void fm__broadcast_subscribe(fm_broadcast *broadcast,
                                    fm_subscriber *subscriber,
                                    const fm_subscriber_options *options);

#ifdef __cplusplus
}
#endif

#define FM__SUBSCRIBE(broadcast, subscriber, ...)                              \
    fm__broadcast_subscribe((broadcast), (subscriber),                         \
                            FM__OPTIONS(fm_subscriber_options, __VA_ARGS__))

/* `name` is never defined: it stands for an fm_broadcast. */
#define FM__BROADCAST_SENDS(name, type)                                        \
    typedef struct name name;                                                  \
    FM__VERB fm_broadcast *name##__broadcast(name *broadcast)                  \
    {                                                                          \
        void *same = broadcast;                                                \
        return FM__STATIC_CAST(fm_broadcast *, same);                          \
    }                                                                          \
    FM__VERB FM_MUST_USE name *name##_new(size_t capacity)                     \
    {                                                                          \
        void *same = fm_broadcast_new(capacity, sizeof(type));                 \
        return FM__STATIC_CAST(name *, same);                                  \
    }                                                                          \
    FM__VERB void name##_free(name *broadcast)                                 \
    {                                                                          \
        fm_broadcast_free(name##__broadcast(broadcast));                       \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_send(name *broadcast, type message)        \
    {                                                                          \
        return fm_broadcast_send(name##__broadcast(broadcast), &message);      \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_send_try(name *broadcast, type message)    \
    {                                                                          \
        return fm_broadcast_send_try(name##__broadcast(broadcast), &message);  \
    }                                                                          \
    FM__VERB void name##_shutdown(name *broadcast)                             \
    {                                                                          \
        fm_broadcast_shutdown(name##__broadcast(broadcast));                   \
    }                                                                          \
    FM__VERB size_t name##_subscribers(name *broadcast)                        \
    {                                                                          \
        return fm_broadcast_subscribers(name##__broadcast(broadcast));         \
    }                                                                          \
    FM__VERB fm_when name##_when_send(name *broadcast)                         \
    {                                                                          \
        return fm_when_send(name##__broadcast(broadcast));                     \
    }

#define FM__BROADCAST_RECEIVES(name, type)                                     \
    typedef struct name##_subscriber {                                         \
        fm_subscriber subscriber;                                              \
    } name##_subscriber;                                                       \
    FM__VERB void name##_subscribe(name *broadcast, name##_subscriber *self,   \
                                   const fm_subscriber_options *options)       \
    {                                                                          \
        fm__broadcast_subscribe(name##__broadcast(broadcast),                  \
                                &self->subscriber, options);                   \
    }                                                                          \
    FM__VERB void name##_unsubscribe(name##_subscriber *self)                  \
    {                                                                          \
        fm_broadcast_unsubscribe(&self->subscriber);                           \
    }                                                                          \
    FM__VERB                                                                   \
    FM_MUST_USE int name##_receive(name##_subscriber *self, type *message)     \
    {                                                                          \
        return fm_broadcast_receive(&self->subscriber, message);               \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_receive_try(name##_subscriber *self,       \
                                                type *message)                 \
    {                                                                          \
        return fm_broadcast_receive_try(&self->subscriber, message);           \
    }                                                                          \
    FM__VERB uint64_t name##_lost(const name##_subscriber *self)               \
    {                                                                          \
        return fm_broadcast_lost(&self->subscriber);                           \
    }                                                                          \
    FM__VERB fm_when name##_when_receive(name##_subscriber *self)              \
    {                                                                          \
        return fm_when_receive(&self->subscriber);                             \
    }

#endif
