/*
 * channel.h - a bounded queue of pointers between loops, and threads
 *
 *     fm_channel *jobs = fm_channel_new(100);
 *
 *     rc = fm_channel_send(jobs, job);         // a task of one loop
 *     rc = fm_channel_receive(jobs, &item);    // a task of another
 *
 * As a queue is between tasks of one loop: first come first served, also
 * across loops, and by hand. What is handed over is the pointer: who receives
 * it has what it points to. Between tasks of one loop a queue is faster.
 */
#ifndef FERMATA_CHANNEL_H
#define FERMATA_CHANNEL_H

#include <fermata/api.h>

/* A channel; of no loop, and counted. One that is NULL, because there was no
 * memory, may be used all the same: every verb answers -ENOMEM. A forked
 * child leaves those of its parent alone. */
typedef struct fm_channel fm_channel;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a channel for at most `capacity` items, on any thread. With 0 it
 * holds none: each send waits for a receive, and hands its item over by hand.
 *
 * Returns the channel, one share of it, to be put back by fm_channel_put; or
 * NULL without memory.
 */
FM_API FM_MUST_USE fm_channel *fm_channel_new(size_t capacity);

/*
 * One more share of the channel, from any thread, for whoever has one: it
 * lives until the last is put back. Returns the channel; NULL for NULL.
 */
FM_API fm_channel *fm_channel_get(fm_channel *channel);

/*
 * Gives a share back, from any thread. With the last one the channel is gone;
 * items that are left in it stay whose they were. Aborts with a sentence
 * where a task waits in it then. NULL is harmless.
 */
FM_API void fm_channel_put(fm_channel *channel);

/*
 * Sends an item, any pointer, also NULL; waits while the channel is full, in
 * order of arrival. In the simulator time is real while a task waits in a
 * channel.
 *
 * Returns 0: the item is the channel's, or with the task that receives it.
 * Or, and it is still the caller's: -ECANCELED or -ETIMEDOUT when cut,
 * -ESHUTDOWN once the channel is closed, -ENOMEM where channel is NULL, or
 * without memory for this loop's first wait.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_channel_send(fm_channel *channel,
                                                   void *item);

/*
 * Takes the oldest item; waits while there is none, in order of arrival, as
 * fm_channel_send does.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -ECANCELED
 * or -ETIMEDOUT when cut, and nothing was taken; -ESHUTDOWN when the channel
 * is closed and empty; -ENOMEM as fm_channel_send.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_channel_receive(fm_channel *channel,
                                                      void **item);

/*
 * fm_channel_send without the wait, from any thread but not from a signal
 * handler; no cancel point.
 *
 * Returns 0; or -EAGAIN when the channel is full and nobody waits for an
 * item, -ESHUTDOWN once it is closed, -ENOMEM where channel is NULL: then the
 * item is still the caller's.
 */
FM_API FM_MUST_USE int fm_channel_send_try(fm_channel *channel, void *item);

/*
 * fm_channel_receive without the wait, from any thread but not from a signal
 * handler; no cancel point.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -EAGAIN
 * when there is none, -ESHUTDOWN when there is none and it is closed, -ENOMEM
 * where channel is NULL.
 */
FM_API FM_MUST_USE int fm_channel_receive_try(fm_channel *channel, void **item);

/*
 * Ends the sending, from any thread: who waits to send has -ESHUTDOWN and its
 * item, as has who sends from now on; what is in the channel can be received,
 * and after that receivers have -ESHUTDOWN. A second close does nothing, nor
 * does one of NULL.
 */
FM_API void fm_channel_close(fm_channel *channel);

/* Returns how many items are in it at the moment; 0 for NULL. */
FM_API size_t fm_channel_count(fm_channel *channel);

/* Returns how many items fit into it; 0 for NULL. */
FM_API size_t fm_channel_capacity(const fm_channel *channel);

#ifdef __cplusplus
}
#endif

#endif
