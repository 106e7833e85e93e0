/*
 * trace_note.c - each step of a loop and its tasks, into the ring
 *
 * Nothing here waits, and nothing needs more stack than a task has: a step is
 * a record or two. Where the ring is full the step is lost, and counted; in a
 * virtual world, where time stands still meanwhile, the loop waits for the
 * writer, so a trace of that lacks nothing.
 */
#include "task/trace_note.h"

#include "base/sys.h"
#include "inspect/root.h"

#include <string.h>

#define TRACE_PART sizeof(struct fm__trace_record)
#define TRACE_STRING (FM__TRACE_TEXT / 2 - 1)

/* ---- Into the ring ------------------------------------------------------ */

static void trace_hurry(struct fm__trace *trace)
{
    struct fm__trace_ring *ring = &trace->file.ring;
    bool much = ring->head - ring->known > FM__TRACE_RECORDS / 2;
    if (much) {
        ring->known = fm__atomic_acquire32(&ring->taken);
        much = ring->head - ring->known > FM__TRACE_RECORDS / 2;
    }
    if (much && !trace->hurried)
        fm__sys_event_set(trace->file.bell);
    trace->hurried = much;
}

static void trace_wait_room(struct fm__trace *trace, uint32_t count)
{
    while (!fm__trace_room(&trace->file.ring, count) &&
           fm__atomic_load(&trace->file.over) == 0) {
        fm__sys_event_set(trace->file.bell);
        fm__thread_pause(100000);
    }
}

static bool trace_make_room(struct fm__trace *trace, uint32_t count)
{
    if (FM__LIKELY(fm__trace_room(&trace->file.ring, count)))
        return true;
    if (trace->loop->backend->random != NULL)
        trace_wait_room(trace, count);
    return fm__trace_room(&trace->file.ring, count);
}

static void trace_add_lost(struct fm__trace *trace, int64_t when)
{
    struct fm__trace_ring *ring = &trace->file.ring;
    *fm__trace_at(ring, ring->head++) = (struct fm__trace_record){
        .when = when,
        .task = FM__TRACE_LOOP,
        .step = FM__TRACE_LOST,
        .value = (int64_t)trace->missing,
    };
    trace->missing = 0;
}

/* A copy of it in the ring, to be published, and room for a text of `size`
 * behind it; NULL: it is lost. */
static struct fm__trace_record *trace_next(struct fm__trace *trace,
                                           const struct fm__trace_record *its,
                                           size_t size)
{
    uint32_t parts = (uint32_t)((size + TRACE_PART - 1) / TRACE_PART);
    if (fm__atomic_settled(&trace->file.over) != 0)
        return NULL;
    if (!trace_make_room(trace, parts + 2)) {
        trace->missing++;
        trace->file.lost++;
        return NULL;
    }
    int64_t when = its->when != 0 ? its->when : fm__loop_now(trace->loop);
    if (FM__UNLIKELY(trace->missing > 0))
        trace_add_lost(trace, when);
    struct fm__trace_record *record =
        fm__trace_at(&trace->file.ring, trace->file.ring.head);
    *record = *its;
    record->when = when;
    record->parts = (uint8_t)parts;
    return record;
}

static void trace_publish(struct fm__trace *trace,
                          const struct fm__trace_record *record)
{
    struct fm__trace_ring *ring = &trace->file.ring;
    ring->head += 1U + record->parts;
    fm__atomic_release32(&ring->published, ring->head);
    trace_hurry(trace);
}

void fm__trace_add(struct fm__trace *trace, const struct fm__trace_record *its)
{
    const struct fm__trace_record *record = trace_next(trace, its, 0);
    if (record != NULL)
        trace_publish(trace, record);
}

void fm__trace_add_text(struct fm__trace *trace,
                        const struct fm__trace_record *its, const char *string,
                        const char *second)
{
    size_t size = strnlen(string, TRACE_STRING);
    size_t more = second != NULL ? strlen(second) : 0;
    if (more > TRACE_STRING) {
        second += more - TRACE_STRING;
        more = TRACE_STRING;
    }
    struct fm__trace_record *record = trace_next(trace, its, size + more + 2);
    if (record == NULL)
        return;
    char *text = (char *)(record + 1);
    memcpy(text, string, size);
    text[size] = '\0';
    if (more > 0)
        memcpy(text + size + 1, second, more);
    text[size + 1 + more] = '\0';
    trace_publish(trace, record);
}

/* ---- What is noted ------------------------------------------------------ */

static uint32_t trace_track(const struct fm__task *task)
{
    return task == &fm__nobody || task == NULL ? FM__TRACE_LOOP
                                               : task->serial + 2;
}

struct fm__trace_record fm__trace_record(const struct fm__task *task,
                                         enum fm__trace_step step)
{
    return (struct fm__trace_record){.task = trace_track(task),
                                     .step = (uint8_t)step};
}

static void trace_started(struct fm__trace *trace, const struct fm__task *task)
{
    struct fm__trace_record record = fm__trace_record(task, FM__TRACE_START);
    uint64_t starter = trace_track(fm__current);
    record.object = (uintptr_t)task->handle;
    record.value = (int64_t)(trace_track(task->owner->task) | starter << 32);
    fm__trace_add_text(trace, &record, task->name, fm__site(task));
}

static void trace_renamed(struct fm__trace *trace, const struct fm__task *task)
{
    struct fm__trace_record record = fm__trace_record(task, FM__TRACE_NAME);
    fm__trace_add_text(trace, &record, task->name, NULL);
}

/* Right after another's turn the clock need not be read. */
static void trace_runs(struct fm__trace *trace, const struct fm__task *task)
{
    struct fm__trace_record record = fm__trace_record(task, FM__TRACE_RUN);
    record.when = trace->left;
    if (FM__UNLIKELY(trace->file.lost > 0))
        fm__trace_add_text(trace, &record, task->name, NULL);
    else
        fm__trace_add(trace, &record);
}

/* What it waits for: see fm__wait_what. */
static const char *trace_object(const struct fm__waiter *waiter)
{
    const struct fm__wait_kind *kind = waiter->kind;
    if ((kind->what & FM__WAIT_LISTED) != 0)
        return (const char *)FM__CONTAINER(waiter, const struct fm__queued,
                                           waiter)
                   ->list -
               kind->at;
    const char *at = (const char *)waiter + kind->at;
    if (kind->what == FM__WAIT_OPERATION || kind->what == FM__WAIT_TIMER)
        return at;
    return *(const char *const *)at;
}

static int64_t trace_left(const struct fm__trace *trace,
                          const struct fm__timer *timer)
{
    if (timer->when < 0)
        return -(timer->when + 1);
    return timer->when - trace->loop->now;
}

/* Where no list of the loop's has it, other threads count there meanwhile. */
static int64_t trace_counted(const struct fm__wait_kind *kind,
                             const char *object)
{
    uint64_t count = 0, limit = 0;
    if (kind->first != 0 && (kind->what & FM__WAIT_LISTED) != 0)
        count = *(const size_t *)(object + kind->first) & UINT32_MAX;
    if (kind->second != 0)
        limit = *(const size_t *)(object + kind->second) & INT32_MAX;
    return (int64_t)(count | limit << 32);
}

static int64_t trace_value(const struct fm__trace *trace,
                           const struct fm__waiter *waiter, const char *object)
{
    const struct fm__wait_kind *kind = waiter->kind;
    if (object == NULL)
        return 0;
    switch (kind->what & ~FM__WAIT_LISTED) {
    case FM__WAIT_OPERATION:
        return ((const struct fm__op *)object)->fd;
    case FM__WAIT_TIMER:
        return trace_left(trace, (const struct fm__timer *)object);
    case FM__WAIT_DESCRIPTOR:
        return *(const int *)(object + kind->first);
    case FM__WAIT_TASK:
        return trace_track((const struct fm__task *)(const void *)object);
    case FM__WAIT_LOCK:
        return *(const intptr_t *)(object + kind->first);
    case FM__WAIT_COUNTED:
        return trace_counted(kind, object);
    case FM__WAIT_OBJECT:
        return (intptr_t)object;
    default:
        return 0;
    }
}

static void trace_leaves(struct fm__trace *trace, const struct fm__task *task)
{
    const struct fm__waiter *waiter = task->waiter;
    struct fm__trace_record record = fm__trace_record(
        task, waiter != NULL ? FM__TRACE_PARK : FM__TRACE_YIELD);
    if (waiter != NULL) {
        const char *object = trace_object(waiter);
        record.object = (uintptr_t)waiter->kind;
        record.value = trace_value(trace, waiter, object);
        if (waiter->kind->what == FM__WAIT_OPERATION)
            record.kind = (uint8_t)((const struct fm__op *)object)->kind;
    }
    record.when = fm__loop_now(trace->loop);
    fm__trace_add(trace, &record);
    trace->left = record.when;
}

static void trace_woken(struct fm__trace *trace, const struct fm__task *task)
{
    struct fm__trace_record record = fm__trace_record(task, FM__TRACE_WAKE);
    record.value = trace_track(fm__current);
    fm__trace_add(trace, &record);
}

static void trace_ended(struct fm__trace *trace, const struct fm__task *task)
{
    struct fm__trace_record record = fm__trace_record(task, FM__TRACE_END);
    record.value = task->result;
    fm__trace_add(trace, &record);
}

static void trace_asked(struct fm__trace *trace, const struct fm__op *op)
{
    struct fm__trace_record record =
        fm__trace_record(fm__current, FM__TRACE_SUBMIT);
    record.object = (uintptr_t)op;
    record.kind = (uint8_t)op->kind;
    record.value = op->fd;
    fm__trace_add(trace, &record);
}

static void trace_answered(struct fm__trace *trace, const struct fm__op *op)
{
    struct fm__trace_record record = fm__trace_record(NULL, FM__TRACE_COMPLETE);
    record.object = (uintptr_t)op;
    record.value = op->result;
    fm__trace_add(trace, &record);
}

static void trace_polls(struct fm__trace *trace)
{
    struct fm__trace_record record = fm__trace_record(NULL, FM__TRACE_POLL);
    record.object = trace->loop->operations;
    record.value = (int64_t)trace->home->alive;
    fm__trace_add(trace, &record);
    fm__trace_rouse(&trace->file);
}

static void trace_has_polled(struct fm__trace *trace)
{
    struct fm__trace_record record = fm__trace_record(NULL, FM__TRACE_POLLED);
    fm__trace_add(trace, &record);
    fm__trace_rouse(&trace->file);
}

void fm__trace_notice(struct fm__observer *observer, enum fm__event event,
                      const void *subject)
{
    struct fm__trace *trace =
        FM__CONTAINER(observer, struct fm__trace, observer);
    switch (event) {
    case FM__EVENT_START:
        trace_started(trace, subject);
        break;
    case FM__EVENT_NAME:
        trace_renamed(trace, subject);
        break;
    case FM__EVENT_RUN:
        trace_runs(trace, subject);
        break;
    case FM__EVENT_LEAVE:
        trace_leaves(trace, subject);
        return;
    case FM__EVENT_WAKE:
        trace_woken(trace, subject);
        break;
    case FM__EVENT_END:
        trace_ended(trace, subject);
        break;
    case FM__EVENT_SUBMIT:
        trace_asked(trace, subject);
        break;
    case FM__EVENT_COMPLETE:
        trace_answered(trace, subject);
        break;
    case FM__EVENT_POLL:
        trace_polls(trace);
        break;
    case FM__EVENT_POLLED:
        trace_has_polled(trace);
        break;
    default:
        return;
    }
    trace->left = 0;
}
