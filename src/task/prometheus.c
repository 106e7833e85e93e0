/*
 * prometheus.c - statistics in Prometheus' text format, version 0.0.4
 *
 * A series is the same whatever is counted: bounds of histograms are fixed,
 * and what is not there yet is 0. Numbers are written as integers are, so that
 * neither a locale nor rounding changes them.
 */
#include <fermata/stats.h>

#include "base/compiler.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PROMETHEUS_FIRST 8 /* the power of two of the first bound in ns */
#define PROMETHEUS_LAST 34
#define PROMETHEUS_BUFFERS 14 /* and of the last in buffers */

static void prometheus_head(FILE *out, const char *name, const char *type,
                            const char *help)
{
    fprintf(out, "# HELP fermata_%s %s\n# TYPE fermata_%s %s\n", name, help,
            name, type);
}

static void prometheus_count(FILE *out, uint64_t value)
{
    fprintf(out, "%" PRIu64 "\n", value);
}

/* From ns. */
static void prometheus_seconds(FILE *out, uint64_t value)
{
    fprintf(out, "%" PRIu64 ".%09" PRIu64, value / 1000000000,
            value % 1000000000);
}

/* A label's value, between its quotes. */
static void prometheus_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\n')
            fputs("\\n", out);
        else if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else
            fputc(byte < 0x80 ? byte : '?', out);
    }
}

/* ---- Counters and gauges ------------------------------------------------ */

static const struct prometheus_row {
    const char *name;
    const char *help;
    size_t at; /* in a fm_stats: uint64_t, or size_t of a gauge */
    bool gauge;
} prometheus_rows[] = {
    {"tasks_started_total", "Tasks that were started.",
     offsetof(fm_stats, tasks_started), false},
    {"tasks_released_total", "Tasks that have ended and were consumed.",
     offsetof(fm_stats, tasks_released), false},
    {"tasks", "Tasks that there are.", offsetof(fm_stats, tasks), true},
    {"polls_total", "Looks at the kernel.", offsetof(fm_stats, polls), false},
    {"operations_submitted_total", "Operations that were submitted.",
     offsetof(fm_stats, operations_submitted), false},
    {"operations_completed_total", "Operations that were completed.",
     offsetof(fm_stats, operations_completed), false},
    {"operations", "Operations in flight.", offsetof(fm_stats, operations),
     true},
    {"timers", "Timers that are armed.", offsetof(fm_stats, timers), true},
    {"threads", "Threads for calls that block.", offsetof(fm_stats, threads),
     true},
    {"jobs", "Calls on these threads, or waiting for one.",
     offsetof(fm_stats, jobs), true},
    {"jobs_submitted_total", "Calls that were made on threads.",
     offsetof(fm_stats, jobs_submitted), false},
    {"buffers", "Buffers that the pool has made.", offsetof(fm_stats, buffers),
     true},
    {"buffers_used", "Buffers that hold bytes.",
     offsetof(fm_stats, buffers_used), true},
    {"mapped_bytes", "Addresses of stacks and buffers.",
     offsetof(fm_stats, mapped), true},
    {"slow_turns_total", "Turns that the watchdog found too long.",
     offsetof(fm_stats, slow_turns), false},
    {"blocking_calls_total", "System calls that it found to block the loop.",
     offsetof(fm_stats, blocking_calls), false},
};

static uint64_t prometheus_value(const fm_stats *stats,
                                 const struct prometheus_row *row)
{
    const char *from = (const char *)stats + row->at;
    uint64_t counter;
    size_t gauge;
    if (row->gauge) {
        memcpy(&gauge, from, sizeof gauge);
        return gauge;
    }
    memcpy(&counter, from, sizeof counter);
    return counter;
}

static void prometheus_loop(const fm_stats *stats, FILE *out)
{
    prometheus_head(out, "info", "gauge", "What runs here.");
    fprintf(out, "fermata_info{version=\"" FM_VERSION "\",backend=\"%s\"} 1\n",
            stats->backend);
    for (size_t i = 0; i < FM__COUNT(prometheus_rows); i++) {
        const struct prometheus_row *row = &prometheus_rows[i];
        const char *type = row->gauge ? "gauge" : "counter";
        prometheus_head(out, row->name, type, row->help);
        fprintf(out, "fermata_%s ", row->name);
        prometheus_count(out, prometheus_value(stats, row));
    }
}

static void prometheus_stacks(const fm_stats *stats, FILE *out)
{
    prometheus_head(out, "stacks", "gauge", "Stacks, by their size in bytes.");
    for (size_t i = 0; i < FM_STATS_STACKS; i++) {
        const fm_stats_stacks *stacks = &stats->stacks[i];
        fprintf(out, "fermata_stacks{size=\"%zu\",state=\"used\"} %zu\n",
                stacks->size, stacks->used);
        fprintf(out, "fermata_stacks{size=\"%zu\",state=\"warm\"} %zu\n",
                stacks->size, stacks->warm);
    }
}

/* ---- Histograms --------------------------------------------------------- */

static const struct prometheus_histogram {
    const char *name;
    const char *help;
    size_t at;
    bool seconds; /* and ns in the histogram */
} prometheus_histograms[] = {
    {"loop_turn_seconds", "From one look at the kernel to the next.",
     offsetof(fm_stats, loop_turn), true},
    {"poll_seconds", "That the kernel was waited for.",
     offsetof(fm_stats, poll_time), true},
    {"task_turn_seconds", "That a task ran until it was left.",
     offsetof(fm_stats, task_turn), true},
    {"ready_delay_seconds", "That a task was ready until it ran.",
     offsetof(fm_stats, ready_delay), true},
    {"timer_lateness_seconds", "That a timer fired after its time.",
     offsetof(fm_stats, timer_lateness), true},
    {"buffer_use", "Buffers in use, at each look at the kernel.",
     offsetof(fm_stats, buffer_use), false},
};

static void prometheus_bound(FILE *out, const struct prometheus_histogram *what,
                             uint64_t bound)
{
    fprintf(out, "fermata_%s_bucket{le=\"", what->name);
    if (what->seconds)
        prometheus_seconds(out, bound);
    else
        fprintf(out, "%" PRIu64, bound);
    fputs("\"} ", out);
}

static void prometheus_buckets(const struct prometheus_histogram *what,
                               const fm_histogram *histogram, FILE *out)
{
    int power = what->seconds ? PROMETHEUS_FIRST : 0;
    int last = what->seconds ? PROMETHEUS_LAST : PROMETHEUS_BUFFERS;
    uint64_t seen = 0;
    for (size_t i = 0; power <= last; power++) {
        for (; fm_histogram_bound(i) <= INT64_C(1) << power; i++)
            seen += histogram->buckets[i];
        prometheus_bound(out, what, UINT64_C(1) << power);
        prometheus_count(out, seen);
    }
    fprintf(out, "fermata_%s_bucket{le=\"+Inf\"} ", what->name);
    prometheus_count(out, histogram->count);
}

static void prometheus_histogram(const struct prometheus_histogram *what,
                                 const fm_histogram *histogram, FILE *out)
{
    prometheus_head(out, what->name, "histogram", what->help);
    prometheus_buckets(what, histogram, out);
    fprintf(out, "fermata_%s_sum ", what->name);
    if (what->seconds)
        prometheus_seconds(out, histogram->sum);
    else
        fprintf(out, "%" PRIu64, histogram->sum);
    fprintf(out, "\nfermata_%s_count ", what->name);
    prometheus_count(out, histogram->count);
}

static void prometheus_times(const fm_stats *stats, FILE *out)
{
    for (size_t i = 0; i < FM__COUNT(prometheus_histograms); i++) {
        const struct prometheus_histogram *what = &prometheus_histograms[i];
        const char *from = (const char *)stats + what->at;
        const fm_histogram *const *histogram = (const void *)from;
        if (*histogram != NULL)
            prometheus_histogram(what, *histogram, out);
    }
}

/* ---- Places ------------------------------------------------------------- */

enum prometheus_of_place {
    PROMETHEUS_STARTED,
    PROMETHEUS_ENDED,
    PROMETHEUS_TURNS,
    PROMETHEUS_CPU,
    PROMETHEUS_STACK,
    PROMETHEUS_OF_PLACE
};

static const struct {
    const char *name;
    const char *type;
    const char *help;
} prometheus_places[PROMETHEUS_OF_PLACE] = {
    {"place_started_total", "counter", "Tasks started, by place."},
    {"place_ended_total", "counter", "Tasks ended, by place."},
    {"place_turns_total", "counter", "Turns of tasks, by place."},
    {"place_cpu_seconds_total", "counter", "That tasks ran, by place."},
    {"place_stack_bytes", "gauge", "Most stack of a task, by place."},
};

static void prometheus_place(const fm_stats_place *place,
                             enum prometheus_of_place what, FILE *out)
{
    fprintf(out, "fermata_%s{task=\"", prometheus_places[what].name);
    prometheus_label(out, place->task);
    fputs("\",site=\"", out);
    prometheus_label(out, place->site);
    fputs("\"} ", out);
    if (what == PROMETHEUS_STARTED)
        prometheus_count(out, place->started);
    else if (what == PROMETHEUS_ENDED)
        prometheus_count(out, place->ended);
    else if (what == PROMETHEUS_TURNS)
        prometheus_count(out, place->turns);
    else if (what == PROMETHEUS_STACK)
        prometheus_count(out, place->stack_used);
    else {
        prometheus_seconds(out, (uint64_t)place->cpu);
        fputc('\n', out);
    }
}

int fm_stats_prometheus(const fm_stats *stats, FILE *out)
{
    prometheus_loop(stats, out);
    prometheus_stacks(stats, out);
    prometheus_times(stats, out);
    for (int what = 0; stats->places != NULL && what < PROMETHEUS_OF_PLACE;
         what++) {
        prometheus_head(out, prometheus_places[what].name,
                        prometheus_places[what].type,
                        prometheus_places[what].help);
        for (size_t i = 0; i < stats->place_count; i++)
            prometheus_place(&stats->places[i], (enum prometheus_of_place)what,
                             out);
    }
    return ferror(out) ? -EIO : 0;
}
