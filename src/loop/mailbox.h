/*
 * mailbox.h - how other threads reach a loop, and what is left when it is gone
 *
 * fm__loop_post asks its caller to know that the loop still runs. A mailbox is
 * for those who cannot know: it is counted, outlives its loop, and refuses
 * once that has closed. What it took runs on the loop's thread, in order of
 * posting, the last of it while the loop closes.
 *
 * There are two ways in. A post takes a slot, of which there are so many. A
 * node of the caller's own is delivered without one: that can fail for nothing
 * but the loop's end.
 */
#ifndef FM_LOOP_MAILBOX_H
#define FM_LOOP_MAILBOX_H

#include "loop/loop_core.h"

#define FM__MAILBOX_LIMIT 65536 /* posts that wait to be run; a power of 2 */

struct fm__mailbox;

/* The loop's, counted once more, on its thread; NULL without memory. */
struct fm__mailbox *fm__mailbox_get(struct fm__loop *loop);

/* The same for those who need not be waited for: they keep the mailbox, but
 * tell the simulator of nobody who may post. */
struct fm__mailbox *fm__mailbox_get_quiet(struct fm__loop *loop);
void fm__mailbox_put_quiet(struct fm__mailbox *mailbox);

/* The loop's, not counted: for whoever knows that the loop still runs when it
 * is entered. NULL without memory. */
struct fm__mailbox *fm__mailbox_of(struct fm__loop *loop);

/* From any thread: the loop, which is there until the leave; or NULL, with
 * nothing to leave: it has closed, or this is a forked child. Who is inside
 * does not wait. */
struct fm__loop *fm__mailbox_enter(struct fm__mailbox *mailbox);
void fm__mailbox_leave(struct fm__mailbox *mailbox);

/* From any thread: true, and the loop will run the work, in the end while it
 * closes; or false, as fm__mailbox_enter. */
bool fm__mailbox_deliver(struct fm__mailbox *mailbox, struct fm__work *work);

/* From any thread: 0, -EAGAIN at the limit, or -ESHUTDOWN: the loop has
 * closed, or this is a forked child and the loop its parent's. */
int fm__mailbox_post(struct fm__mailbox *mailbox, void (*fn)(void *arg),
                     void *arg);

/* From any thread; frees it with the last. */
void fm__mailbox_put(struct fm__mailbox *mailbox);

/* Whether another thread may still post, by it or from a call: then the
 * simulator waits for real. */
bool fm__mailbox_expects(const struct fm__loop *loop);

/* For the loop; it may have none. What is there becomes ready, as one work. */
void fm__mailbox_take(struct fm__loop *loop);
/* Whether there is something to take. */
bool fm__mailbox_waits(const struct fm__loop *loop);
/* Whether who posts has to ring. */
void fm__mailbox_sleeps(struct fm__loop *loop, bool sleeps);
/* The loop's own end of it: takes no more posts, and runs those it took. */
void fm__mailbox_close(struct fm__loop *loop);

#endif
