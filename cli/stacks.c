/*
 * stacks.c - --stack: where each task stands, a line or an object a function
 */
#include "stacks.h"

#include "unwind.h"

#include <inttypes.h>
#include <stdio.h>

static void stacks_write(const struct unwind_frame *frames, int count,
                         const char *indent, FILE *out)
{
    char text[1024];
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%s\n", indent,
                unwind_text(&frames[i], text, sizeof text));
    if (count == UNWIND_FRAMES)
        fprintf(out, "%s...\n", indent);
}

/* What is no ASCII is left as the compiler has had it. */
static void stacks_string(const char *name, const char *value, FILE *out)
{
    fprintf(out, "\"%s\": %s", name, value != NULL ? "\"" : "null, ");
    if (value == NULL)
        return;
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            putc('\\', out);
        putc((unsigned char)*value < ' ' ? '?' : *value, out);
    }
    fputs("\", ", out);
}

static void stacks_object(const struct unwind_frame *frame, FILE *out)
{
    putc('{', out);
    stacks_string("function", frame->function, out);
    stacks_string("file", frame->file, out);
    fprintf(out, "\"line\": %d, ", frame->line);
    stacks_string("calls", frame->calls, out);
    stacks_string("module", frame->module, out);
    fprintf(out, "\"offset\": \"0x%" PRIx64 "\", \"pc\": \"0x%" PRIx64 "\"}",
            frame->offset, frame->pc);
}

static void stacks_json(const struct unwind_frame *frames, int count, FILE *out)
{
    putc('[', out);
    for (int i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "", out);
        stacks_object(&frames[i], out);
    }
    putc(']', out);
}

static void stacks_more(const fm_picture_task *task, const char *indent,
                        FILE *out, void *arg)
{
    struct unwind_frame frames[UNWIND_FRAMES];
    int count = unwind_frames(arg, task, frames, UNWIND_FRAMES);
    if (indent == NULL)
        stacks_json(frames, count, out);
    else if (count > 0)
        stacks_write(frames, count, indent, out);
    else if (task->state == FM_TASK_WAITING)
        fprintf(out, "%s(%s)\n", indent, unwind_explain(count));
}

int stacks_open(fm_picture_options *options, const struct looked *looked)
{
    struct unwind *unwind;
    int rc = unwind_open(&unwind, looked->inspect, looked->pid, looked->core);
    if (rc < 0) {
        fprintf(stderr, "fermata: --stack: %s\n", unwind_explain(rc));
        return rc;
    }
    options->more = stacks_more;
    options->arg = unwind;
    return 0;
}

void stacks_close(fm_picture_options *options)
{
    unwind_close(options->arg);
    options->arg = NULL;
}
