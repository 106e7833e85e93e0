/*
 * wording.c - what people read of a picture is made of: words
 *
 * A program's locale does not change them: numbers are made of whole ones.
 */
#include "inspect/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDING_NAMES 3 /* of the tasks or things that one waits for */

void fm__words_add(struct fm__words *words, const char *format, ...)
{
    va_list args;
    if (words->used + 1 >= words->size)
        return;
    size_t room = words->size - words->used;
    va_start(args, format);
    int n = vsnprintf(words->text + words->used, room, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < room) {
        words->used += (size_t)n;
    } else if (n > 0) {
        words->used = fm__line_whole(words->text, words->size - 1);
        words->text[words->used] = '\0';
        words->size = words->used + 1; /* nothing more goes there */
    }
}

int fm__words_done(FILE *out)
{
    return ferror(out) ? -EIO : 0;
}

/* ---- Numbers ------------------------------------------------------------ */

const char *fm__words_count(uint64_t count, char text[FM__WORDS_NUMBER])
{
    char digits[FM__WORDS_NUMBER];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *end = text;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return text;
}

static const char *wording_long(uint64_t seconds, char text[FM__WORDS_NUMBER])
{
    uint64_t minutes = seconds / 60, hours = minutes / 60;
    if (minutes < 60)
        snprintf(text, FM__WORDS_NUMBER, "%u min %u s", (unsigned)minutes,
                 (unsigned)(seconds % 60));
    else if (hours < 48)
        snprintf(text, FM__WORDS_NUMBER, "%u h %u min", (unsigned)hours,
                 (unsigned)(minutes % 60));
    else
        snprintf(text, FM__WORDS_NUMBER, "%" PRIu64 " d %u h", hours / 24,
                 (unsigned)(hours % 24));
    return text;
}

const char *fm__words_span(double seconds, char text[FM__WORDS_NUMBER])
{
    text[0] = '\0';
    if (!(seconds >= 0))
        return text;
    uint64_t us = seconds < 1e12 ? (uint64_t)(seconds * 1e6 + 0.5) : UINT64_MAX;
    if (us >= 59500000)
        return wording_long((us + 500000) / 1000000, text);
    unsigned tenths = (unsigned)((us + 50) / 100); /* of ms */
    if (us < 1000)
        snprintf(text, FM__WORDS_NUMBER, "%u us", (unsigned)us);
    else if (tenths < 100)
        snprintf(text, FM__WORDS_NUMBER, "%u.%u ms", tenths / 10, tenths % 10);
    else if (tenths < 9995)
        snprintf(text, FM__WORDS_NUMBER, "%u ms", (tenths + 5) / 10);
    else if (tenths < 99500)
        snprintf(text, FM__WORDS_NUMBER, "%u.%u s", (tenths + 500) / 10000,
                 (tenths + 500) / 1000 % 10);
    else
        snprintf(text, FM__WORDS_NUMBER, "%u s", (tenths + 5000) / 10000);
    return text;
}

const char *fm__words_bytes(size_t size, char text[FM__WORDS_NUMBER])
{
    const char *units = "KMGTPE";
    if (size < 1024) {
        snprintf(text, FM__WORDS_NUMBER, "%zu", size);
        return text;
    }
    for (; size >= (size_t)10 * 1024 * 1024; units++)
        size = (size + 1023) / 1024;
    snprintf(text, FM__WORDS_NUMBER, "%zu%c", (size + 1023) / 1024, *units);
    return text;
}

/* ---- States and kinds ---------------------------------------------------- */

const char *fm__words_state(fm_task_state state)
{
    static const char *const words[] = {
        [FM_TASK_RUNNING] = "running",
        [FM_TASK_READY] = "ready",
        [FM_TASK_WAITING] = "waiting",
        [FM_TASK_ENDED] = "ended",
    };
    return words[state];
}

const char *fm__words_kind(fm_wait_kind kind)
{
    static const char *const words[] = {
        [FM_WAIT_NOTHING] = "nothing",
        [FM_WAIT_OPERATION] = "operation",
        [FM_WAIT_DESCRIPTOR] = "descriptor",
        [FM_WAIT_TIMER] = "timer",
        [FM_WAIT_TASKS] = "tasks",
        [FM_WAIT_ANY] = "any",
        [FM_WAIT_LOCK] = "lock",
        [FM_WAIT_COUNTED] = "counted",
        [FM_WAIT_OBJECT] = "object",
        [FM_WAIT_CHOICES] = "choices",
    };
    return words[kind];
}

void fm__words_marks(struct fm__words *words, const fm_picture_task *task)
{
    if (task->circle > 0)
        fm__words_add(words, "[circle %u] ", task->circle);
    if (task->cancelled)
        fm__words_add(words, "[cancelled] ");
}

/* ---- Waits -------------------------------------------------------------- */

/* Who is waited for alone can be looked up by its id; and one of the same name
 * as the one that waits needs more than a name. */
static void wording_task(struct fm__words *words, const fm_picture *picture,
                         const fm_picture_task *self, size_t place)
{
    const fm_picture_task *task = &picture->tasks[place];
    fm__words_add(words, "%s", task->name);
    if (self->wait.task_count == 1 || strcmp(task->name, self->name) == 0)
        fm__words_add(words, " %" PRIx64, task->id);
}

static bool wording_alike(const fm_picture *picture,
                          const fm_picture_wait *wait)
{
    const fm_picture_task *first = &picture->tasks[wait->tasks[0]];
    for (size_t i = 1; i < wait->task_count; i++) {
        if (strcmp(picture->tasks[wait->tasks[i]].name, first->name) != 0)
            return false;
    }
    return wait->task_count > 1;
}

static void wording_tasks(struct fm__words *words, const fm_picture *picture,
                          const fm_picture_task *self)
{
    const fm_picture_wait *wait = &self->wait;
    char number[FM__WORDS_NUMBER];
    if (wait->task_count == 0)
        return;
    fm__words_add(words, wait->kind == FM_WAIT_ANY ? ": any of " : ": ");
    if (wording_alike(picture, wait)) {
        fm__words_add(words, "%s x %s",
                      fm__words_count(wait->task_count, number),
                      picture->tasks[wait->tasks[0]].name);
        return;
    }
    for (size_t i = 0; i < wait->task_count && i < WORDING_NAMES; i++) {
        if (i > 0)
            fm__words_add(words, ", ");
        wording_task(words, picture, self, wait->tasks[i]);
    }
    if (wait->task_count > WORDING_NAMES)
        fm__words_add(
            words, " and %s more",
            fm__words_count(wait->task_count - WORDING_NAMES, number));
}

static void wording_socket(struct fm__words *words, int fd, const char *local,
                           const char *peer)
{
    if (fd >= 0)
        fm__words_add(words, " on fd %d", fd);
    if (peer != NULL)
        fm__words_add(words, ", peer %s", peer);
    else if (local != NULL)
        fm__words_add(words, ", %s", local);
}

static void wording_choice(struct fm__words *words, const fm_picture *picture,
                           const fm_picture_choice *choice)
{
    fm__words_add(words, "%s", choice->name);
    wording_socket(words, choice->fd, choice->local, choice->peer);
    if (choice->task != FM_PICTURE_NONE) {
        const fm_picture_task *task = &picture->tasks[choice->task];
        fm__words_add(words, " %s %" PRIx64, task->name, task->id);
    } else if (choice->object != 0) {
        fm__words_add(words, " at 0x%" PRIx64, choice->object);
    }
}

static void wording_choices(struct fm__words *words, const fm_picture *picture,
                            const fm_picture_wait *wait)
{
    char number[FM__WORDS_NUMBER];
    for (size_t i = 0; i < wait->choice_count && i < WORDING_NAMES; i++) {
        fm__words_add(words, i > 0 ? " or " : ": ");
        wording_choice(words, picture, &wait->choices[i]);
    }
    if (wait->choice_count > WORDING_NAMES)
        fm__words_add(
            words, " or %s more",
            fm__words_count(wait->choice_count - WORDING_NAMES, number));
}

static void wording_counted(struct fm__words *words,
                            const fm_picture_wait *wait)
{
    char number[FM__WORDS_NUMBER];
    fm__words_add(words, ", has %s", fm__words_count(wait->count, number));
    if (wait->limit > 0)
        fm__words_add(words, " of %s", fm__words_count(wait->limit, number));
}

static void wording_subject(struct fm__words *words, const fm_picture *picture,
                            const fm_picture_task *task)
{
    const fm_picture_wait *wait = &task->wait;
    switch (wait->kind) {
    case FM_WAIT_OPERATION:
    case FM_WAIT_DESCRIPTOR:
        wording_socket(words, wait->fd, wait->local, wait->peer);
        break;
    case FM_WAIT_TASKS:
    case FM_WAIT_ANY:
        wording_tasks(words, picture, task);
        break;
    case FM_WAIT_LOCK:
        if (wait->task_count > 0) {
            const fm_picture_task *holder = &picture->tasks[wait->tasks[0]];
            fm__words_add(words, ", held by %s %" PRIx64, holder->name,
                          holder->id);
        }
        break;
    case FM_WAIT_COUNTED:
        wording_counted(words, wait);
        break;
    case FM_WAIT_OBJECT:
        fm__words_add(words, " at 0x%" PRIx64, wait->object);
        break;
    case FM_WAIT_CHOICES:
        wording_choices(words, picture, wait);
        break;
    case FM_WAIT_NOTHING:
    case FM_WAIT_TIMER:
        break;
    }
}

const char *fm_picture_wait_text(const fm_picture *picture,
                                 const fm_picture_task *task, char *text,
                                 size_t size)
{
    struct fm__words words = {text, size, 0};
    char span[FM__WORDS_NUMBER];
    if (size > 0)
        text[0] = '\0';
    if (task->state != FM_TASK_WAITING)
        return text;
    fm__words_add(&words, "%s", task->wait.name);
    wording_subject(&words, picture, task);
    if (task->wait.left == 0)
        fm__words_add(&words, ", time is up");
    else if (task->wait.left > 0)
        fm__words_add(&words, ", %s left",
                      fm__words_span(task->wait.left, span));
    if (task->timeout == 0)
        fm__words_add(&words, ", timeout is due");
    else if (task->timeout > 0)
        fm__words_add(&words, ", timeout in %s",
                      fm__words_span(task->timeout, span));
    return text;
}
