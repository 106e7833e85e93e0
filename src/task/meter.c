/*
 * meter.c - the observer that measures
 *
 * Each event reads the clock once, if at all: by the loop's clock, so that in
 * virtual time all of it is exact.
 */
#include "task/meter.h"

#include "base/memory.h"
#include "loop/choose.h"
#include "task/sites.h"

#include <errno.h>

/* NULL: the task is not measured. */
static struct fm__meter *meter_of(const struct fm__meters *meters,
                                  const struct fm__task *task)
{
    uint32_t index = (uint32_t)(uintptr_t)task->handle & (FM__HANDLE_SLOTS - 1);
    struct fm__meter *chunk = meters->chunks[index / FM__HANDLE_CHUNK];
    return FM__LIKELY(chunk != NULL) ? &chunk[index % FM__HANDLE_CHUNK] : NULL;
}

static void meter_grow(struct fm__meters *meters, const struct fm__task *task)
{
    uint32_t index = (uint32_t)(uintptr_t)task->handle & (FM__HANDLE_SLOTS - 1);
    struct fm__meter **chunk = &meters->chunks[index / FM__HANDLE_CHUNK];
    if (FM__UNLIKELY(*chunk == NULL))
        *chunk = fm__memory_new(FM__HANDLE_CHUNK * sizeof **chunk);
}

static void meter_start(struct fm__meters *meters, const struct fm__task *task)
{
    struct fm__sites *sites = meters->home->sites;
    size_t place = fm__sites_at(sites, task->label);
    sites->entries[place].started++;
    meter_grow(meters, task);
    struct fm__meter *meter = meter_of(meters, task);
    if (meter == NULL)
        return;
    *meter = (struct fm__meter){
        .since = fm__loop_now(&meters->home->loop),
        .place = (uint32_t)place,
    };
}

/* Straight after another has left, it is the same moment. */
static void meter_run(struct fm__meters *meters, struct fm__meter *meter)
{
    int64_t now = meters->left;
    if (fm__current == &fm__nobody)
        now = fm__loop_now(&meters->home->loop);
    fm__histogram_add(&meters->ready_delay, now - meter->since);
    meter->since = now;
}

/* Its turn is over; it may be ready for the next. */
static void meter_leave(struct fm__meters *meters, struct fm__meter *meter,
                        const struct fm__task *task)
{
    fm_stats_place *place = &meters->home->sites->entries[meter->place];
    int64_t now = fm__loop_now(&meters->home->loop);
    int64_t span = now - meter->since;
    fm__histogram_add(&meters->task_turn, span);
    meter->cpu += span;
    meter->since = now;
    meter->waited = task->waiter != NULL ? task->waiter->kind : NULL;
    meters->left = now;
    place->cpu += span;
    place->turns++;
}

static void meter_task(struct fm__meters *meters, enum fm__event event,
                       const struct fm__task *task)
{
    struct fm__meter *meter = meter_of(meters, task);
    if (FM__UNLIKELY(meter == NULL))
        meters->left = fm__loop_now(&meters->home->loop);
    else if (event == FM__EVENT_RUN)
        meter_run(meters, meter);
    else if (event == FM__EVENT_WAKE)
        meter->since = fm__loop_now(&meters->home->loop);
    else
        meter_leave(meters, meter, task);
}

static void meter_end(struct fm__meters *meters, const struct fm__task *task)
{
    struct fm__sites *sites = meters->home->sites;
    sites->entries[fm__sites_at(sites, task->label)].ended++;
    meter_task(meters, FM__EVENT_END, task);
}

static void meter_poll(struct fm__meters *meters)
{
    struct fm__loop *loop = &meters->home->loop;
    meters->asked = fm__loop_now(loop);
    if (meters->polled > 0)
        fm__histogram_add(&meters->loop_turn, meters->asked - meters->polled);
    fm__histogram_add(&meters->buffer_use, (int64_t)loop->buffers.lent);
}

static void meter_polled(struct fm__meters *meters)
{
    meters->polled = meters->home->loop.now;
    fm__histogram_add(&meters->poll_time, meters->polled - meters->asked);
}

static void meter_fire(struct fm__meters *meters, const struct fm__timer *timer)
{
    fm__histogram_add(&meters->timer_lateness,
                      meters->home->loop.now - timer->when);
}

static void meter_notice(struct fm__observer *observer, enum fm__event event,
                         const void *subject)
{
    struct fm__meters *meters =
        FM__CONTAINER(observer, struct fm__meters, observer);
    switch (event) {
    case FM__EVENT_RUN:
    case FM__EVENT_LEAVE:
    case FM__EVENT_WAKE:
        meter_task(meters, event, subject);
        break;
    case FM__EVENT_START:
        meter_start(meters, subject);
        break;
    case FM__EVENT_END:
        meter_end(meters, subject);
        break;
    case FM__EVENT_POLL:
        meter_poll(meters);
        break;
    case FM__EVENT_POLLED:
        meter_polled(meters);
        break;
    case FM__EVENT_FIRE:
        meter_fire(meters, subject);
        break;
    case FM__EVENT_SUBMIT:
    case FM__EVENT_COMPLETE:
    case FM__EVENT_NAME:
        break;
    }
}

int fm__meters_open(struct fm__conductor *home)
{
    if (!home->options.stats && !fm__wished("FERMATA_STATS"))
        return 0;
    int rc = fm__sites_open(home);
    if (rc < 0)
        return rc;
    struct fm__meters *meters = fm__memory_new(sizeof *meters);
    if (meters == NULL)
        return -ENOMEM;
    meters->home = home;
    meters->observer.notice = meter_notice;
    home->meters = meters;
    fm__loop_observe(&home->loop, &meters->observer);
    return 0;
}

void fm__meters_close(struct fm__conductor *home)
{
    struct fm__meters *meters = home->meters;
    if (meters == NULL)
        return;
    home->meters = NULL;
    for (size_t i = 0; i < FM__COUNT(meters->chunks); i++)
        fm__memory_free(meters->chunks[i]);
    fm__memory_free(meters);
}
