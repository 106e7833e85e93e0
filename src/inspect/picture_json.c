/*
 * picture_json.c - a picture as JSON (RFC 8259)
 *
 * Tasks name each other by their ids. These are strings, as addresses are: not
 * all readers of JSON have numbers of 64 bits. Times are in seconds, whatever
 * a program's locale makes of fractions.
 */
#include "inspect/wording.h"

#include <inttypes.h>
#include <stdio.h>

/* What is no UTF-8 is the character of its number. */
static void picture_json_text(FILE *out, const char *text)
{
    if (text == NULL) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    while (*text != '\0') {
        size_t size = fm__line_glyph(text);
        if (size == 0)
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fwrite(text, 1, size, out);
        text += size > 0 ? size : 1;
    }
    fputc('"', out);
}

static void picture_json_member(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": ", name);
    picture_json_text(out, text);
}

static void picture_json_bool(FILE *out, const char *name, bool value)
{
    fprintf(out, ", \"%s\": %s", name, value ? "true" : "false");
}

static void picture_json_count(FILE *out, const char *name, uint64_t value)
{
    fprintf(out, ", \"%s\": %" PRIu64, name, value);
}

static void picture_json_known(FILE *out, const char *name, uint64_t value,
                               bool known)
{
    if (known)
        picture_json_count(out, name, value);
    else
        fprintf(out, ", \"%s\": null", name);
}

/* In ns. */
static void picture_json_ns(FILE *out, const char *name, int64_t ns)
{
    if (ns < 0)
        fprintf(out, ", \"%s\": null", name);
    else
        fprintf(out, ", \"%s\": %" PRId64 ".%09" PRId64, name,
                ns / INT64_C(1000000000), ns % INT64_C(1000000000));
}

static void picture_json_seconds(FILE *out, const char *name, double seconds)
{
    bool known = seconds >= 0 && seconds < 9e9;
    picture_json_ns(out, name, known ? (int64_t)(seconds * 1e9 + 0.5) : -1);
}

/* 0: there is none. */
static void picture_json_address(FILE *out, const char *name, uint64_t address)
{
    if (address == 0)
        fprintf(out, ", \"%s\": null", name);
    else
        fprintf(out, ", \"%s\": \"0x%" PRIx64 "\"", name, address);
}

static void picture_json_ids(FILE *out, const fm_picture *picture,
                             const size_t *places, size_t count)
{
    fputc('[', out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s\"%" PRIx64 "\"", i > 0 ? ", " : "",
                picture->tasks[places[i]].id);
    fputc(']', out);
}

static void picture_json_choices(FILE *out, const fm_picture *picture,
                                 const fm_picture_wait *wait)
{
    fputs(", \"choices\": [", out);
    for (size_t i = 0; i < wait->choice_count; i++) {
        const fm_picture_choice *choice = &wait->choices[i];
        fputs(i > 0 ? ", {\"name\": " : "{\"name\": ", out);
        picture_json_text(out, choice->name);
        picture_json_known(out, "fd", (uint64_t)choice->fd, choice->fd >= 0);
        picture_json_member(out, "local", choice->local);
        picture_json_member(out, "peer", choice->peer);
        picture_json_address(out, "object", choice->object);
        bool task = choice->task != FM_PICTURE_NONE;
        fputs(", \"tasks\": ", out);
        picture_json_ids(out, picture, &choice->task, task);
        fputc('}', out);
    }
    fputc(']', out);
}

static void picture_json_wait(FILE *out, const fm_picture *picture,
                              const fm_picture_task *task)
{
    const fm_picture_wait *wait = &task->wait;
    char text[FM__WORDS_SIZE];
    if (task->state != FM_TASK_WAITING) {
        fputs(", \"wait\": null", out);
        return;
    }
    fprintf(out, ", \"wait\": {\"kind\": \"%s\"", fm__words_kind(wait->kind));
    picture_json_member(out, "name", wait->name);
    picture_json_member(out, "text",
                        fm_picture_wait_text(picture, task, text, sizeof text));
    picture_json_seconds(out, "seconds", wait->seconds);
    picture_json_seconds(out, "left", wait->left);
    picture_json_known(out, "fd", (uint64_t)wait->fd, wait->fd >= 0);
    picture_json_member(out, "local", wait->local);
    picture_json_member(out, "peer", wait->peer);
    picture_json_address(out, "object", wait->object);
    bool counted = wait->kind == FM_WAIT_COUNTED;
    picture_json_known(out, "count", wait->count, counted);
    picture_json_known(out, "limit", wait->limit, counted && wait->limit > 0);
    fputs(", \"tasks\": ", out);
    picture_json_ids(out, picture, wait->tasks, wait->task_count);
    picture_json_choices(out, picture, wait);
    fputc('}', out);
}

/* How it is told, in numbers. */
static void picture_json_numbers(FILE *out, const fm_picture_task *task)
{
    picture_json_count(out, "turns", task->turns);
    picture_json_count(out, "stack_size", task->stack_size);
    picture_json_known(out, "stack_used", task->stack_used,
                       task->stack_used > 0);
    picture_json_ns(out, "cpu", task->cpu);
    picture_json_address(out, "pc", task->pc);
    picture_json_address(out, "sp", task->sp);
    picture_json_address(out, "fp", task->fp);
}

static void picture_json_task(FILE *out, const fm_picture *picture,
                              const fm_picture_task *task,
                              const fm_picture_options *options)
{
    fprintf(out, "    {\"id\": \"%" PRIx64 "\"", task->id);
    picture_json_member(out, "name", task->name);
    picture_json_member(out, "site", task->site);
    picture_json_count(out, "loop", task->loop);
    fputs(", \"parent\": ", out);
    if (task->parent == FM_PICTURE_NONE)
        fputs("null", out);
    else
        fprintf(out, "\"%" PRIx64 "\"", picture->tasks[task->parent].id);
    fprintf(out, ", \"state\": \"%s\"", fm__words_state(task->state));
    picture_json_bool(out, "cancelled", task->cancelled);
    picture_json_bool(out, "dense", task->dense);
    picture_json_seconds(out, "timeout", task->timeout);
    picture_json_wait(out, picture, task);
    picture_json_known(out, "circle", task->circle, task->circle > 0);
    picture_json_numbers(out, task);
    if (options != NULL && options->more != NULL) {
        fputs(", \"stack\": ", out);
        options->more(task, NULL, out, options->arg);
    }
    fputc('}', out);
}

static void picture_json_tasks(FILE *out, const fm_picture *picture,
                               const fm_picture_options *options)
{
    bool ordered = options != NULL && options->order != NULL;
    size_t count = ordered ? options->count : picture->task_count;
    fputs("  \"tasks\": [", out);
    for (size_t i = 0; i < count; i++) {
        size_t place = ordered ? options->order[i] : i;
        fputs(i > 0 ? ",\n" : "\n", out);
        picture_json_task(out, picture, &picture->tasks[place], options);
    }
    fputs(count > 0 ? "\n  ]\n" : "]\n", out);
}

static void picture_json_loops(FILE *out, const fm_picture *picture)
{
    fputs("  \"loops\": [", out);
    for (size_t i = 0; i < picture->loop_count; i++) {
        const fm_picture_loop *loop = &picture->loops[i];
        fputs(i > 0 ? ",\n    {\"backend\": " : "\n    {\"backend\": ", out);
        picture_json_text(out, loop->backend);
        fprintf(out, ", \"thread\": %d", loop->thread);
        picture_json_bool(out, "waiting", loop->waiting);
        picture_json_bool(out, "whole", loop->whole);
        picture_json_count(out, "polls", loop->polls);
        picture_json_count(out, "started", loop->started);
        picture_json_count(out, "alive", loop->alive);
        picture_json_seconds(out, "now", loop->now);
        fputc('}', out);
    }
    fputs(picture->loop_count > 0 ? "\n  ],\n" : "],\n", out);
}

static void picture_json_circles(FILE *out, const fm_picture *picture)
{
    size_t path[FM__CIRCLE_PATH] = {0};
    fputs("  \"circles\": [", out);
    for (unsigned i = 1; i <= picture->circles; i++) {
        fputs(i > 1 ? ", " : "", out);
        picture_json_ids(out, picture, path,
                         fm__words_circle(picture, i, path[0], path));
    }
    fputs("],\n", out);
}

int fm__picture_json(const fm_picture *picture, FILE *out,
                     const fm_picture_options *options)
{
    fprintf(out, "{\n  \"pid\": %d", picture->pid);
    picture_json_member(out, "program", picture->program);
    picture_json_member(out, "version", picture->version);
    picture_json_bool(out, "whole", fm__words_whole(picture));
    picture_json_count(out, "skipped", picture->skipped);
    fputs(",\n", out);
    picture_json_loops(out, picture);
    picture_json_circles(out, picture);
    picture_json_tasks(out, picture, options);
    fputs("}\n", out);
    return fm__words_done(out);
}
