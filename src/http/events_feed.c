/*
 * events_feed.c - the same messages for many clients
 *
 * Messages have numbers, and the last ones lie in a ring: who follows knows
 * the number of its next, and holds a text while it sends it. Nobody waits for
 * who is slow: what it has not sent when its place in the ring is taken is lost
 * to it.
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/events_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>
#include <string.h>

enum {
    EVENTS_KEPT_MOST = 1 << 24
};

static void events_check(const fm_event_feed *feed, const char *caller)
{
    if (feed->loop != fm_loop_current())
        fm__die("%s: the feed belongs to another loop", caller);
}

fm_event_feed *fm_event_feed_new(size_t kept)
{
    fm_loop *loop = fm_loop_current();
    if (loop == NULL)
        fm__die("fm_event_feed_new: this thread runs no loop");
    if (kept == 0)
        kept = FM_EVENT_FEED_KEPT;
    if (kept > EVENTS_KEPT_MOST)
        return NULL;
    fm_event_feed *feed =
        fm__memory_new(sizeof *feed + kept * sizeof feed->ring[0]);
    if (feed == NULL)
        return NULL;
    feed->loop = loop;
    feed->kept = kept;
    return feed;
}

void fm_event_feed_free(fm_event_feed *feed)
{
    if (feed == NULL)
        return;
    if (feed->followers > 0)
        fm__die("fm_event_feed_free: somebody follows it");
    for (size_t i = 0; i < feed->kept; i++)
        fm__event_text_put(feed->ring[i]);
    fm__memory_free(feed);
}

size_t fm_event_feed_followers(const fm_event_feed *feed)
{
    return feed != NULL ? feed->followers : 0;
}

static void events_tell(fm_event_feed *feed)
{
    fm_event_set(&feed->came);
    fm_event_clear(&feed->came);
}

int fm_event_feed_send(fm_event_feed *feed, const fm_event_message *message)
{
    struct fm__event_text *text;
    if (feed == NULL)
        return -ENOMEM;
    events_check(feed, "fm_event_feed_send");
    if (feed->shut)
        return -ESHUTDOWN;
    int rc = fm__event_text_new(message, &text);
    if (rc < 0)
        return rc;
    struct fm__event_text **place = &feed->ring[feed->next % feed->kept];
    fm__event_text_put(*place);
    *place = text;
    feed->next++;
    events_tell(feed);
    return 0;
}

void fm_event_feed_shutdown(fm_event_feed *feed)
{
    if (feed == NULL || feed->shut)
        return;
    feed->shut = true;
    events_tell(feed);
}

/* ---- who follows -------------------------------------------------------- */

static uint64_t events_oldest(const fm_event_feed *feed)
{
    return feed->next > feed->kept ? feed->next - feed->kept : 0;
}

/* Behind that id; or all there is, where nobody knows it. */
static uint64_t events_begin_at(const fm_event_feed *feed, const char *last_id)
{
    uint64_t oldest = events_oldest(feed), number = feed->next;
    if (*last_id == '\0')
        return feed->next;
    for (; number > oldest; number--) {
        const char *id = feed->ring[(number - 1) % feed->kept]->id;
        if (id != NULL && strcmp(id, last_id) == 0)
            return number;
    }
    return oldest;
}

/* Waits for no longer than a client may be left without a word: 1, or 0 where
 * that time is over. */
static int events_wait(const struct fm_events *events, fm_event_feed *feed)
{
    fm_timeout timeout;
    fm_timeout_open(&timeout, fm__events_patience(events));
    int rc = fm_timeout_close(&timeout, fm_event_wait(&feed->came));
    return rc == -ETIMEDOUT ? 0 : rc == 0 ? 1 : rc;
}

/* Sends the text of that number, which it holds meanwhile. */
static int events_send_text(struct fm_events *events, const fm_event_feed *feed,
                            uint64_t number)
{
    struct fm__event_text *text = feed->ring[number % feed->kept];
    text->holders++;
    int rc = fm__events_write(events, text->bytes, text->size);
    fm__event_text_put(text);
    return rc;
}

static int events_go_on(struct fm_events *events, fm_event_feed *feed,
                        uint64_t number)
{
    int rc = 0;
    while (rc >= 0 && (number < feed->next || !feed->shut)) {
        uint64_t oldest = events_oldest(feed);
        if (number < oldest) {
            events->lost += oldest - number;
            number = oldest;
        }
        if (number < feed->next) {
            rc = events_send_text(events, feed, number++);
            continue;
        }
        rc = events_wait(events, feed);
        if (rc == 0)
            rc = fm__events_comment(events);
    }
    return rc < 0 ? rc : 0;
}

/* The task that says comments rests, and not in the middle of one. */
static int events_take_over(struct fm_events *events)
{
    int rc = fm_lock_acquire(&events->lock);
    if (rc < 0)
        return rc;
    fm__events_rest(events);
    fm_lock_release(&events->lock);
    return 0;
}

int fm_events_follow(fm_events *events, fm_event_feed *feed)
{
    if (feed == NULL)
        return -ENOMEM;
    events_check(feed, "fm_events_follow");
    int rc = events_take_over(events);
    if (rc < 0)
        return rc;
    feed->followers++;
    rc = events_go_on(events, feed, events_begin_at(feed, events->last_id));
    feed->followers--;
    int kept = fm__events_keep(events);
    return rc < 0 ? rc : kept;
}
