/*
 * trace.c - whether a trace is written, into which file, and the marks that
 * users put into it
 */
#include <fermata/trace.h>

#include "task/tracing.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/room.h"
#include "base/sys.h"
#include "task/trace_note.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACE_LIMIT (UINT64_C(256) << 20)
#define TRACE_LIMIT_LEAST (UINT64_C(16) << 10)
#define TRACE_TRIES 1000 /* names that others may write */

static struct fm__atomic_word trace_asked_for; /* by the environment */

/* ---- The user's own ----------------------------------------------------- */

struct trace_mark {
    struct fm__trace_record record;
    const char *name;
};

static void trace_put_mark(void *arg)
{
    const struct trace_mark *mark = arg;
    fm__trace_add_text(fm__home->trace, &mark->record, mark->name, NULL);
}

static bool trace_is_on(void)
{
    return FM__UNLIKELY(fm__home != NULL && fm__home->trace != NULL);
}

void fm_trace_mark(const char *name)
{
    struct trace_mark mark = {.name = name};
    if (!trace_is_on())
        return;
    mark.record = fm__trace_record(fm__current, FM__TRACE_MARK);
    fm__room_call(trace_put_mark, &mark);
}

void fm_trace_count(const char *name, int64_t count)
{
    struct trace_mark mark = {.name = name};
    if (!trace_is_on())
        return;
    mark.record = fm__trace_record(NULL, FM__TRACE_COUNT);
    mark.record.value = count;
    fm__room_call(trace_put_mark, &mark);
}

/* ---- Its life ----------------------------------------------------------- */

/* "%p" is the pid; number: at its end, if it is not the first. */
static char *trace_path(const char *name, uint64_t number)
{
    char pid[16], end[24] = "";
    size_t size = strlen(name) + 2, count = 0;
    snprintf(pid, sizeof pid, "%d", fm__thread_process());
    if (number > 1)
        snprintf(end, sizeof end, ".%llu", (unsigned long long)number);
    char *path = fm__memory_new(size * sizeof pid + sizeof end);
    if (path == NULL)
        return NULL;
    while (*name != '\0') {
        if (name[0] == '%' && name[1] == 'p') {
            memcpy(path + count, pid, strlen(pid));
            count += strlen(pid);
            name += 2;
        } else {
            path[count++] = *name++;
        }
    }
    memcpy(path + count, end, sizeof end);
    return path;
}

/* A number, and K, M or G; what is none is not heard. */
static uint64_t trace_limit(void)
{
    static const char units[] = "KMG";
    const char *text = secure_getenv("FERMATA_TRACE_SIZE");
    char *end = NULL;
    uint64_t limit = text != NULL ? strtoull(text, &end, 10) : 0;
    if (end == text || limit > UINT64_MAX >> 30)
        return TRACE_LIMIT;
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (unit != NULL)
        limit <<= 10 * (unit - units + 1);
    return limit > TRACE_LIMIT_LEAST ? limit : TRACE_LIMIT_LEAST;
}

static int trace_open_as(struct fm__trace *trace, char *path)
{
    struct fm__loop *loop = trace->loop;
    trace->observer.notice = fm__trace_notice;
    trace->file.limit = trace_limit();
    trace->file.text.process = fm__thread_number();
    trace->file.title = (struct fm__trace_title){
        .backend = loop->backend->name,
        .when = loop->now,
        .virtual = loop->backend->random != NULL,
    };
    ssize_t n = fm__sys_slurp("/proc/self/comm", trace->file.title.program,
                              sizeof trace->file.title.program);
    if (n < 0)
        trace->file.title.program[0] = '\0';
    return fm__trace_file_open(&trace->file, path);
}

/* What another loop or program writes gets no second writer: the number of
 * this one counts on. */
static int trace_open_free(struct fm__trace *trace, const char *name,
                           uint64_t number)
{
    int rc = -EAGAIN;
    for (int i = 0; i < TRACE_TRIES && rc == -EAGAIN; i++, number++) {
        char *path = trace_path(name, number);
        rc = path != NULL ? trace_open_as(trace, path) : -ENOMEM;
        if (rc < 0)
            fm__memory_free(path);
    }
    return rc;
}

static int trace_open(struct fm__conductor *home, const char *name,
                      uint64_t number)
{
    struct fm__trace *trace = fm__memory_new(sizeof *trace);
    if (trace == NULL)
        return -ENOMEM;
    trace->home = home;
    trace->loop = &home->loop;
    int rc = trace_open_free(trace, name, number);
    if (rc < 0) {
        fm__memory_free(trace);
        return rc;
    }
    home->trace = trace;
    fm__loop_observe(&home->loop, &trace->observer);
    return 0;
}

/* The runs that the environment asks a process for are counted: one after the
 * other they have files of their own, too. */
void fm__trace_open(struct fm__conductor *home)
{
    const char *name = home->options.trace;
    uint64_t number = 1;
    if (name == NULL) {
        name = secure_getenv("FERMATA_TRACE");
        if (name != NULL && *name != '\0')
            number += fm__atomic_add(&trace_asked_for, 1);
    }
    if (name == NULL || *name == '\0')
        return;
    int rc = trace_open(home, name, number);
    if (rc < 0)
        fm__say("no trace is written into %s: %s", name, fm_strerror(rc));
}

void fm__trace_close(struct fm__conductor *home)
{
    if (home->trace == NULL)
        return;
    fm__trace_file_close(&home->trace->file);
    fm__memory_free(home->trace);
    home->trace = NULL;
}
