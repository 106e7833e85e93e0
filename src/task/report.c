/*
 * report.c - sentences about tasks, and who hears them
 */
#include <fermata/report.h>

#include "base/die.h"
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

void fm__report(struct fm__conductor *home, const fm_report *report)
{
    if (home->options.on_report != NULL)
        home->options.on_report(report, home->options.on_report_arg);
    else
        fm__say("%s", report->message);
}
