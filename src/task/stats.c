/*
 * stats.c - what is counted in many places, in one struct
 */
#include <fermata/stats.h>

#include "loop/watchdog.h"
#include "loop/worker.h"
#include "task/meter.h"
#include "task/sites.h"

#include <errno.h>
#include <string.h>

static size_t stats_length(const struct fm__list *list)
{
    size_t count = 0;
    for (const struct fm__list *link = list->next; link != list;
         link = link->next)
        count++;
    return count;
}

static void stats_of_loop(fm_stats *stats, struct fm__loop *loop)
{
    stats->backend = loop->backend->name;
    stats->thread = loop->thread_number;
    stats->seconds = (double)(fm__loop_now(loop) - loop->opened) / 1e9;
    stats->polls = loop->polls / 2;
    stats->operations_submitted = loop->submitted;
    stats->operations_completed = loop->submitted - loop->operations;
    stats->operations = loop->operations;
    stats->timers = loop->wheel.count + stats_length(&loop->arming);
    stats->buffers = loop->buffers.made;
    stats->buffers_used = loop->buffers.lent;
    struct fm__workers_count jobs = fm__workers_count(loop);
    stats->threads = jobs.threads;
    stats->jobs = jobs.calls;
    stats->jobs_submitted = jobs.submitted;
    fm__watchdog_count(loop, &stats->slow_turns, &stats->blocking_calls);
}

static void stats_of_stacks(fm_stats *stats, const struct fm__arena *arena)
{
    static const unsigned shown[FM_STATS_STACKS] = {
        FM__STACK_SMALL, FM__STACK_MEDIUM, FM__STACK_LARGE, FM__STACK_DENSE};
    for (unsigned i = 0; i < FM_STATS_STACKS; i++) {
        const struct fm__stack_class *class = &arena->classes[shown[i]];
        stats->stacks[i] = (fm_stats_stacks){
            .size = class->size,
            .used = class->total - class->warm_count,
            .warm = class->warm_count,
        };
    }
    stats->mapped =
        fm__arena_mapped(arena) + stats->buffers * sizeof(struct fm__buffer);
}

static void stats_of_meters(fm_stats *stats, const struct fm__conductor *home)
{
    const struct fm__meters *meters = home->meters;
    if (home->sites != NULL)
        stats->places = fm__sites_list(home->sites, &stats->place_count);
    if (meters == NULL)
        return;
    stats->loop_turn = &meters->loop_turn;
    stats->poll_time = &meters->poll_time;
    stats->task_turn = &meters->task_turn;
    stats->ready_delay = &meters->ready_delay;
    stats->timer_lateness = &meters->timer_lateness;
    stats->buffer_use = &meters->buffer_use;
}

int fm_stats_read(fm_stats *stats)
{
    struct fm__conductor *home = fm__home;
    if (home == NULL)
        return -ENOENT;
    *stats = (fm_stats){
        .tasks_started = home->serials,
        .tasks_released = home->serials - home->alive,
        .tasks = home->alive,
    };
    stats_of_loop(stats, &home->loop);
    stats_of_stacks(stats, &home->arena);
    stats_of_meters(stats, home);
    return 0;
}
