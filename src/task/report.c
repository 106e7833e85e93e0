/*
 * report.c - sentences about tasks, and who hears them
 */
#include <fermata/report.h>

#include "base/die.h"
#include "base/room.h"
#include "task/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *fm__site(const struct fm__task *task)
{
    return task->label != NULL ? task->label + strlen(task->label) + 1 : "?";
}

void fm__sentence(char *line, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(line, size, format, args);
    va_end(args);
}

static bool report_tells_result(fm_report_kind kind)
{
    return kind == FM_REPORT_DETACHED_FAILED ||
           kind == FM_REPORT_HANDLER_FAILED;
}

/* By this name: the format was looked at where it was given. */
static int (*const report_format)(char *, size_t, const char *,
                                  va_list) = vsnprintf;

struct report {
    fm_report_kind kind;
    const struct fm__task *task;
    const struct fm__task *other;
    const char *format;
    va_list args;
};

static void report_tell(void *arg)
{
    struct report *told = arg;
    const struct fm__task *task = told->task, *other = told->other;
    const struct fm__conductor *home = task != NULL ? task->home : fm__home;
    const fm_run_options *options = &home->options;
    fm_report_kind kind = told->kind;
    char line[384];
    report_format(line, sizeof line, told->format, told->args);
    const fm_report report = {
        .kind = kind,
        .result = task != NULL && report_tells_result(kind) ? task->result : 0,
        .message = line,
        .task = task != NULL ? task->name : NULL,
        .task_site = task != NULL ? fm__site(task) : NULL,
        .other = other != NULL ? other->name : NULL,
        .other_site = other != NULL ? fm__site(other) : NULL,
    };
    if (options->on_report != NULL)
        options->on_report(&report, options->on_report_arg);
    else
        fm__say("%s", line);
}

void fm__report(fm_report_kind kind, const struct fm__task *task,
                const struct fm__task *other, const char *format, ...)
{
    struct report report = {
        .kind = kind, .task = task, .other = other, .format = format};
    va_start(report.args, format);
    fm__room_call(report_tell, &report);
    va_end(report.args);
}
