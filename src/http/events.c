/*
 * events.c - events that go to a client
 *
 * They are pieces of the body of a reply, so whatever carries replies carries
 * them. A block on the handler's task cuts it where it waits once there is
 * nobody to send to. Comments are said by whoever follows a feed, while it
 * does; else by a task of the stream's own.
 */
#include <fermata/events.h>

#include "base/memory.h"
#include "http/events_record.h"
#include "http/exchange_record.h"
#include "proto/event_text.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/shield.h>
#include <fermata/sleep.h>
#include <math.h>

#define EVENTS_SECOND 1e9 /* ns */

/* ---- writing ------------------------------------------------------------ */

static int events_put(struct fm_events *events, const char *bytes, size_t size)
{
    ssize_t rc = fm_reply_write(events->exchange, bytes, size);
    events->said = fm_now();
    return rc < 0 ? (int)rc : 0;
}

int fm__events_write(struct fm_events *events, const char *bytes, size_t size)
{
    int rc = fm_lock_acquire(&events->lock);
    if (rc < 0)
        return rc;
    rc = fm_cancelled(); /* refused in the middle, the reply would break */
    if (rc == 0 && events->exchange->over)
        rc = -ESHUTDOWN;
    if (rc == 0)
        rc = events_put(events, bytes, size);
    fm_lock_release(&events->lock);
    return rc;
}

int fm_events_send(fm_events *events, const fm_event_message *message)
{
    struct fm__event_text *text;
    int rc = fm__checkpoint(fm__current, "fm_events_send");
    if (rc == 0)
        rc = fm__event_text_new(message, &text);
    if (rc != 0)
        return rc;
    rc = fm__events_write(events, text->bytes, text->size);
    fm__event_text_put(text);
    return rc;
}

/* ---- comments ----------------------------------------------------------- */

int fm__events_comment(struct fm_events *events)
{
    return fm__events_write(events, ":\n\n", 3);
}

double fm__events_patience(const struct fm_events *events)
{
    if (events->alive < 0)
        return INFINITY;
    return events->alive - (double)(fm_now() - events->said) / EVENTS_SECOND;
}

/* The handler waits for something else, and has nobody to send it to. */
static void events_cut(struct fm_events *events)
{
    events->block.cut = true;
    fm__recut(events->block.task);
}

void fm__events_leave(struct fm_events *events)
{
    events->exchange->over = true;
    events_cut(events);
}

static void events_fail(struct fm_events *events, int rc)
{
    if (events->exchange->gone == 0)
        events->exchange->gone = rc;
    events_cut(events);
}

/* [a member under the root] */
static int events_keeper(void *arg)
{
    struct fm_events *events = arg;
    int rc = 0;
    while (rc == 0) {
        if (fm_lock_held(&events->lock)) /* somebody is saying something */
            events->said = fm_now();
        double seconds = fm__events_patience(events);
        rc = seconds > 0 ? fm_sleep(seconds) : fm__events_comment(events);
    }
    if (rc != -ECANCELED && rc != -ESHUTDOWN)
        events_fail(events, rc);
    return 0;
}

int fm__events_keep(struct fm_events *events)
{
    const fm_group_options how = {.under_root = true};
    const fm_task_options options = {.name = "fm_events"};
    int rc = 0;
    if (events->alive < 0 || events->keeping ||
        events->exchange->state != FM__REPLY_BODY)
        return 0;
    fm_group_open(&events->keepers, &how);
    events->keeping = true;
    FM_SHIELD(INFINITY) {
        rc = fm_group_start(&events->keepers, events_keeper, events, &options);
    }
    return rc;
}

void fm__events_rest(struct fm_events *events)
{
    if (!events->keeping)
        return;
    fm_group_cancel(&events->keepers);
    fm_group_close(&events->keepers);
    events->keeping = false;
}

/* ---- its life ----------------------------------------------------------- */

static int events_set_fields(fm_exchange *exchange)
{
    int rc = 0;
    if (!exchange->typed)
        rc = fm_reply_set(exchange, "Content-Type", "text/event-stream");
    if (rc == 0)
        rc = fm_reply_set(exchange, "Cache-Control", "no-store");
    if (rc == 0) /* proxies that would collect them are asked not to */
        rc = fm_reply_set(exchange, "X-Accel-Buffering", "no");
    return rc;
}

static void events_begin(struct fm_events *events)
{
    fm_exchange *exchange = events->exchange;
    exchange->events = events;
    fm__block_push(&events->block, FM__BLOCK_WARD, "fm_events_open");
    fm__list_push(&exchange->http->events, &events->link);
    if (exchange->http->stopping || exchange->bodiless)
        fm__events_leave(events);
}

static int events_say_retry(struct fm_events *events, double seconds)
{
    if (seconds == 0)
        return 0;
    return fm_events_send(events, &(fm_event_message){.retry = seconds});
}

static struct fm_events *events_new(fm_exchange *exchange, double alive)
{
    struct fm_events *events = fm__memory_new(sizeof *events);
    if (events == NULL)
        return NULL;
    const char *id = fm_exchange_field(exchange, "Last-Event-ID");
    events->exchange = exchange;
    events->last_id = id != NULL ? id : "";
    events->alive = alive != 0 ? alive : FM_EVENTS_ALIVE;
    events->said = fm_now();
    return events;
}

int fm__events_open(fm_exchange *exchange, fm_events **out,
                    const fm_events_options *options)
{
    double alive = options != NULL ? options->alive : 0;
    double retry = options != NULL ? options->retry : 0;
    if (isnan(alive) || fm__event_retry(retry) < -1)
        return -EINVAL;
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    struct fm_events *events = events_new(exchange, alive);
    if (events == NULL)
        return -ENOMEM;
    int rc = events_set_fields(exchange);
    exchange->as_is = true; /* or each client had an encoder of its own */
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, -1);
    if (rc < 0) {
        fm__memory_free(events);
        return rc;
    }
    events_begin(events);
    if (!exchange->over)
        rc = events_say_retry(events, retry);
    if (rc == 0)
        rc = fm__events_keep(events);
    if (rc < 0) {
        fm_events_close(events);
        return rc;
    }
    *out = events;
    return 0;
}

const char *fm_events_last_id(const fm_events *events)
{
    return events->last_id;
}

uint64_t fm_events_lost(const fm_events *events)
{
    return events->lost;
}

int fm_events_close(fm_events *events)
{
    if (events == NULL)
        return 0;
    fm__block_pop(&events->block, "fm_events_close");
    fm__events_rest(events);
    fm__list_remove(&events->link);
    events->exchange->events = NULL;
    fm__memory_free(events);
    return 0;
}
