/*
 * stacks.c - --stack: where each task stands, a line or an object a function
 */
#include "stacks.h"

#include "glyphs.h"
#include "unwind.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct stacks {
    struct unwind *unwind;
    const fm_picture_options *options;
    FILE *out; /* of the lines */
};

/* A line ends where the terminal does. */
static void stacks_line(const struct stacks *self, const char *indent,
                        const char *text)
{
    char line[2048];
    snprintf(line, sizeof line, "%s%s", indent, text);
    glyphs_tame(line, self->options->width);
    fprintf(self->out, "%s\n", line);
}

static void stacks_lines(const struct stacks *self, const char *indent,
                         const struct unwind_frame *frames, int count)
{
    char text[1024];
    for (int i = 0; i < count; i++)
        stacks_line(self, indent, unwind_text(&frames[i], text, sizeof text));
    if (count == UNWIND_FRAMES)
        stacks_line(self, indent, "...");
}

static void stacks_why(const struct stacks *self, const char *indent,
                       const char *why)
{
    char text[256];
    snprintf(text, sizeof text, "(%s)", why);
    stacks_line(self, indent, text);
}

/* What is no character is '?'. */
static void stacks_string(const char *name, const char *value, FILE *out)
{
    fprintf(out, "\"%s\": %s", name, value != NULL ? "\"" : "null, ");
    if (value == NULL)
        return;
    while (*value != '\0') {
        size_t size = glyphs_first(value);
        if (*value == '"' || *value == '\\')
            putc('\\', out);
        fwrite(size > 0 ? value : "?", 1, size > 0 ? size : 1, out);
        value += size > 0 ? size : 1;
    }
    fputs("\", ", out);
}

static void stacks_object(const struct unwind_frame *frame, FILE *out)
{
    putc('{', out);
    stacks_string("function", frame->function, out);
    stacks_string("file", frame->file, out);
    if (frame->line > 0)
        fprintf(out, "\"line\": %d, ", frame->line);
    else
        fputs("\"line\": null, ", out);
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
    struct stacks *self = arg;
    struct unwind_frame frames[UNWIND_FRAMES];
    int count = unwind_frames(self->unwind, task, frames, UNWIND_FRAMES);
    self->out = out;
    if (indent == NULL)
        stacks_json(frames, count, out);
    else if (count > 0)
        stacks_lines(self, indent, frames, count);
    else if (task->state == FM_TASK_WAITING)
        stacks_why(self, indent, unwind_explain(count));
}

int stacks_open(fm_picture_options *options, const struct looked *looked)
{
    struct stacks *self = calloc(1, sizeof *self);
    int rc = self == NULL ? -ENOMEM
                          : unwind_open(&self->unwind, looked->inspect,
                                        looked->pid, looked->core);
    if (rc < 0) {
        fprintf(stderr, "fermata: --stack: %s\n", unwind_explain(rc));
        free(self);
        return rc;
    }
    self->options = options;
    options->more = stacks_more;
    options->arg = self;
    return 0;
}

void stacks_close(fm_picture_options *options)
{
    struct stacks *self = options->arg;
    if (self == NULL)
        return;
    unwind_close(self->unwind);
    free(self);
    options->arg = NULL;
}
