/*
 * event.c - a flag that tasks wait for
 *
 * Invariant: nobody waits while the flag is set.
 */
#include <fermata/event.h>

#include "sync/line.h"
#include "task/watcher.h"

struct event {
    bool set;
    struct fm__list line; /* struct fm__queued */
    struct fm__watchers watchers;
};

_Static_assert(sizeof(struct event) <= sizeof(fm_event), "grow the record");

static const struct fm__wait_kind event_kind = {
    .cut = fm__park_cut,
    .name = "event",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(struct event, line),
};

int fm_event_wait(fm_event *record)
{
    struct event *event = (struct event *)record;
    int rc = fm__checkpoint(fm__current, "fm_event_wait");
    if (FM__UNLIKELY(rc < 0) || event->set)
        return rc;
    fm__line_first(&event->line, "fm_event_wait");
    return fm__line_wait(&event->line, &event_kind);
}

void fm_event_set(fm_event *record)
{
    struct event *event = (struct event *)record;
    struct fm__queued *queued;
    if (event->set)
        return;
    event->set = true;
    while ((queued = fm__line_shift(&event->line, "fm_event_set")) != NULL)
        fm__wake(&queued->waiter, 0);
    fm__watchers_tell(&event->watchers);
}

void fm_event_clear(fm_event *record)
{
    ((struct event *)record)->set = false;
}

bool fm_event_is_set(const fm_event *record)
{
    return ((const struct event *)record)->set;
}

static bool event_ready(const fm_when *when)
{
    return fm_event_is_set(when->object);
}

static struct fm__watchers *event_watchers(const fm_when *when)
{
    return &((struct event *)when->object)->watchers;
}

static const struct fm__when_kind event_when = {
    .ready = event_ready,
    .watchers = event_watchers,
    .wait = &event_kind,
};

fm_when fm_when_set(fm_event *event)
{
    return (fm_when){.kind = &event_when, .object = event};
}
