/*
 * trace_text.c - tracks, slices and arrows, as viewers of traces read them
 *
 * The format is that of Chrome's trace viewer, which Perfetto reads: an array
 * of events, one a line. A viewer does without the end of the array, so what
 * was written is a trace also where the program was killed.
 */
#include "task/trace_text.h"

#include "task/record.h"
#include "task/trace_event.h"

#include "inspect/root.h"

#include <string.h>

/* Keys of tasks: no track is 0. */
#define TRACE_KEY(track) ((uint64_t)(track) | UINT64_C(1) << 32)

/* ---- Tasks -------------------------------------------------------------- */

static void trace_close(struct fm__trace_text *text,
                        struct fm__trace_entry *entry)
{
    if (entry->open == FM__TRACE_NOTHING)
        return;
    entry->open = FM__TRACE_NOTHING;
    fm__trace_event(text, 'E', entry->track);
    fm__trace_done(text);
}

/* Ready for its turn, thanks to `by`, if that is a task. */
static void trace_ready(struct fm__trace_text *text,
                        struct fm__trace_entry *entry, uint32_t by)
{
    entry->ready = text->last;
    entry->flow = 0;
    if (by <= FM__TRACE_LOOP || by == entry->track)
        return;
    const struct fm__trace_entry *other =
        fm__trace_find(&text->tasks, TRACE_KEY(by));
    if (other == NULL || other->open != FM__TRACE_TURN)
        return;
    entry->flow = ++text->flows;
    fm__trace_arrow(text, 's', by, entry->flow);
}

static void trace_start(struct fm__trace_text *text,
                        struct fm__trace_entry *entry,
                        const struct fm__trace_record *record,
                        const char *string)
{
    trace_close(text, entry); /* numbers have gone round */
    fm__trace_label(text, "thread_name", entry->track, string);
    fm__trace_instant(text, entry->track, "start");
    fm__trace_put(text, ",\"args\":{\"task\":");
    fm__trace_task_id(text, record->object);
    fm__trace_put(text, ",\"site\":");
    fm__trace_quote(text, string + strlen(string) + 1);
    fm__trace_put(text, ",\"parent\":");
    fm__trace_number(text, (uint32_t)record->value);
    fm__trace_done_args(text);
    trace_ready(text, entry, (uint32_t)(record->value >> 32));
}

static void trace_run(struct fm__trace_text *text,
                      struct fm__trace_entry *entry, const char *string)
{
    trace_close(text, entry);
    if (*string != '\0')
        fm__trace_label(text, "thread_name", entry->track, string);
    if (entry->ready != 0 && entry->ready < text->last) {
        int64_t now = text->last;
        text->last = entry->ready;
        fm__trace_named(text, 'X', entry->track, "ready");
        text->last = now;
        fm__trace_put(text, ",\"dur\":");
        fm__trace_moment(text, now - entry->ready);
        fm__trace_done(text);
    }
    fm__trace_named(text, 'B', entry->track, "turn");
    fm__trace_done(text);
    entry->open = FM__TRACE_TURN;
    if (entry->flow != 0)
        fm__trace_arrow(text, 'f', entry->track, entry->flow);
    entry->flow = 0;
    entry->ready = 0;
}

/* What a wait is for, where its kind says more than a name. */
static void trace_wait_args(struct fm__trace_text *text,
                            const struct fm__wait_kind *kind, int64_t value)
{
    switch (kind->what & ~FM__WAIT_LISTED) {
    case FM__WAIT_OPERATION:
    case FM__WAIT_DESCRIPTOR:
        fm__trace_put(text, "\"fd\":");
        fm__trace_number(text, value);
        break;
    case FM__WAIT_TIMER:
        fm__trace_put(text, "\"us\":");
        fm__trace_moment(text, value);
        break;
    case FM__WAIT_TASK:
        fm__trace_put(text, "\"tid\":");
        fm__trace_number(text, value);
        break;
    case FM__WAIT_LOCK:
        fm__trace_put(text, "\"holder\":");
        fm__trace_task_id(text, (uint64_t)value);
        break;
    case FM__WAIT_COUNTED:
        if ((kind->what & FM__WAIT_LISTED) != 0) {
            fm__trace_put(text, "\"count\":");
            fm__trace_number(text, (uint32_t)value);
            fm__trace_put(text, ",");
        }
        fm__trace_put(text, "\"limit\":");
        fm__trace_number(text, value >> 32);
        break;
    case FM__WAIT_OBJECT:
        fm__trace_put(text, "\"object\":");
        fm__trace_address(text, (uint64_t)value);
        break;
    default:
        break;
    }
}

static void trace_park(struct fm__trace_text *text,
                       struct fm__trace_entry *entry,
                       const struct fm__trace_record *record)
{
    const struct fm__wait_kind *kind =
        (const struct fm__wait_kind *)(uintptr_t)record->object;
    trace_close(text, entry);
    bool operates = kind->what == FM__WAIT_OPERATION;
    fm__trace_named(text, 'B', entry->track,
                    operates ? fm__root.op_names[record->kind] : kind->name);
    fm__trace_put(text, ",\"args\":{");
    trace_wait_args(text, kind, record->value);
    fm__trace_done_args(text);
    entry->open = FM__TRACE_WAIT;
    entry->ready = 0;
}

/* A task that has ended is over when another one runs: it wakes its reaper
 * meanwhile, and the arrow begins in its last turn. */
static void trace_over(struct fm__trace_text *text)
{
    const struct fm__trace_entry *entry =
        fm__trace_find(&text->tasks, text->ended);
    text->ended = 0;
    if (entry == NULL)
        return;
    if (entry->open != FM__TRACE_NOTHING) {
        fm__trace_event(text, 'E', entry->track);
        fm__trace_put(text, ",\"args\":{\"result\":");
        fm__trace_number(text, text->result);
        fm__trace_done_args(text);
    }
    fm__trace_drop(&text->tasks, entry->key);
}

static bool trace_ends_turn(const struct fm__trace_record *record)
{
    return record->step == FM__TRACE_RUN || record->step == FM__TRACE_POLL ||
           record->step == FM__TRACE_END || record->step == FM__TRACE_LOST;
}

static void trace_task(struct fm__trace_text *text,
                       const struct fm__trace_record *record)
{
    const char *string = record->parts > 0 ? (const char *)(record + 1) : "";
    struct fm__trace_entry *entry =
        fm__trace_have(&text->tasks, TRACE_KEY(record->task));
    text->poor |= entry == NULL;
    if (entry == NULL)
        return;
    entry->track = record->task;
    switch (record->step) {
    case FM__TRACE_START:
        trace_start(text, entry, record, string);
        break;
    case FM__TRACE_NAME:
        fm__trace_label(text, "thread_name", entry->track, string);
        break;
    case FM__TRACE_RUN:
        trace_run(text, entry, string);
        break;
    case FM__TRACE_YIELD:
        trace_close(text, entry);
        entry->ready = text->last;
        break;
    case FM__TRACE_PARK:
        trace_park(text, entry, record);
        break;
    case FM__TRACE_WAKE:
        if (entry->open == FM__TRACE_WAIT)
            trace_close(text, entry);
        trace_ready(text, entry, (uint32_t)record->value);
        break;
    default:
        text->ended = entry->key;
        text->result = record->value;
    }
}

/* ---- Operations --------------------------------------------------------- */

static void trace_operation(struct fm__trace_text *text, char phase,
                            const struct fm__trace_entry *entry)
{
    fm__trace_named(text, phase, entry->track, fm__root.op_names[entry->kind]);
    fm__trace_put(text, ",\"cat\":\"operation\",\"id2\":{\"local\":");
    fm__trace_address(text, entry->key);
    fm__trace_put(text, "}");
}

static void trace_submitted(struct fm__trace_text *text,
                            const struct fm__trace_record *record)
{
    struct fm__trace_entry *entry =
        fm__trace_have(&text->operations, record->object);
    text->poor |= entry == NULL;
    if (entry == NULL)
        return;
    entry->track = record->task;
    entry->kind = record->kind;
    trace_operation(text, 'b', entry);
    fm__trace_put(text, ",\"args\":{\"fd\":");
    fm__trace_number(text, record->value);
    fm__trace_done_args(text);
}

static void trace_completed(struct fm__trace_text *text,
                            const struct fm__trace_record *record)
{
    const struct fm__trace_entry *entry =
        fm__trace_find(&text->operations, record->object);
    if (entry == NULL)
        return;
    trace_operation(text, 'e', entry);
    fm__trace_put(text, ",\"args\":{\"result\":");
    fm__trace_number(text, record->value);
    fm__trace_done_args(text);
    fm__trace_drop(&text->operations, record->object);
}

/* It has ended, nobody knows how. */
static void trace_abandon(struct fm__trace_text *text,
                          const struct fm__trace_entry *entry)
{
    if (entry->key == 0)
        return;
    trace_operation(text, 'e', entry);
    fm__trace_done(text);
}

/* ---- The loop ----------------------------------------------------------- */

static void trace_polled(struct fm__trace_text *text)
{
    if (text->polling) {
        fm__trace_event(text, 'E', FM__TRACE_LOOP);
        fm__trace_done(text);
    }
    text->polling = false;
}

static void trace_poll(struct fm__trace_text *text,
                       const struct fm__trace_record *record)
{
    trace_polled(text);
    if (text->alive != record->value)
        fm__trace_counter(text, "tasks alive", record->value);
    if (text->in_flight != (int64_t)record->object)
        fm__trace_counter(text, "operations in flight",
                          (int64_t)record->object);
    text->alive = record->value;
    text->in_flight = (int64_t)record->object;
    fm__trace_named(text, 'B', FM__TRACE_LOOP, "poll");
    fm__trace_done(text);
    text->polling = true;
}

static void trace_mark(struct fm__trace_text *text,
                       const struct fm__trace_record *record)
{
    fm__trace_instant(text, record->task, (const char *)(record + 1));
    fm__trace_done(text);
}

static void trace_count(struct fm__trace_text *text,
                        const struct fm__trace_record *record)
{
    fm__trace_counter(text, (const char *)(record + 1), record->value);
}

/* Whatever was open may have ended meanwhile. */
static void trace_lost(struct fm__trace_text *text, int64_t count)
{
    fm__trace_settle(text);
    fm__trace_instant(text, FM__TRACE_LOOP, "steps are missing here");
    fm__trace_put(text, ",\"args\":{\"count\":");
    fm__trace_number(text, count);
    fm__trace_done_args(text);
}

void fm__trace_tell(struct fm__trace_text *text,
                    const struct fm__trace_record *record)
{
    if (text->ended != 0 && trace_ends_turn(record))
        trace_over(text);
    if (record->when > text->last)
        text->last = record->when;
    switch (record->step) {
    case FM__TRACE_SUBMIT:
        trace_submitted(text, record);
        break;
    case FM__TRACE_COMPLETE:
        trace_completed(text, record);
        break;
    case FM__TRACE_POLL:
        trace_poll(text, record);
        break;
    case FM__TRACE_POLLED:
        trace_polled(text);
        break;
    case FM__TRACE_MARK:
        trace_mark(text, record);
        break;
    case FM__TRACE_COUNT:
        trace_count(text, record);
        break;
    case FM__TRACE_LOST:
        trace_lost(text, record->value);
        break;
    default:
        trace_task(text, record);
    }
}

/* ---- Begin and end ------------------------------------------------------ */

void fm__trace_begin(struct fm__trace_text *text,
                     const struct fm__trace_title *title)
{
    text->last = title->when;
    fm__trace_put(text, "[\n");
    fm__trace_label(text, "process_name", FM__TRACE_LOOP, title->program);
    fm__trace_label(text, "process_labels", FM__TRACE_LOOP, title->backend);
    fm__trace_label(text, "thread_name", FM__TRACE_LOOP, "loop");
    fm__trace_instant(text, FM__TRACE_LOOP, "the trace begins");
    fm__trace_put(text,
                  ",\"args\":{\"fermata\":\"" FM_VERSION "\",\"backend\":");
    fm__trace_quote(text, title->backend);
    fm__trace_put(text, title->virtual ? ",\"clock\":\"virtual\""
                                       : ",\"clock\":\"monotonic\"");
    fm__trace_done_args(text);
}

void fm__trace_settle(struct fm__trace_text *text)
{
    if (text->ended != 0)
        trace_over(text);
    for (size_t i = 0; i < text->tasks.size; i++)
        trace_close(text, &text->tasks.entries[i]);
    for (size_t i = 0; i < text->operations.size; i++)
        trace_abandon(text, &text->operations.entries[i]);
    trace_polled(text);
    fm__trace_clear(&text->tasks);
    fm__trace_clear(&text->operations);
}

void fm__trace_end(struct fm__trace_text *text, const char *why, uint64_t lost)
{
    fm__trace_instant(text, FM__TRACE_LOOP, why);
    fm__trace_put(text, ",\"args\":{\"lost\":");
    fm__trace_number(text, (int64_t)lost);
    fm__trace_put(text, "}}\n]\n");
}

uint64_t fm__trace_rest(const struct fm__trace_text *text)
{
    return (text->tasks.count + text->operations.count) * FM__TRACE_CLOSING +
           FM__TRACE_LINES;
}
