/*
 * die.c - sentences on stderr, without stdio's buffers
 *
 * Called on small stacks, from signal handlers and in forked children, so
 * one bounded buffer and one write.
 */
#include "base/die.h"

#include "base/room.h"
#include "base/sys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* By this name: the format was looked at where it was given. */
static int (*const die_format)(char *, size_t, const char *,
                               va_list) = vsnprintf;

struct die {
    const char *format;
    va_list args;
};

static void die_write(void *arg)
{
    struct die *die = arg;
    char line[512] = "fermata: ";
    size_t size = sizeof "fermata: " - 1;
    int n =
        die_format(line + size, sizeof line - size - 1, die->format, die->args);
    if (n > 0)
        size += (size_t)n;
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    line[size++] = '\n';
    fm__sys_say(line, size);
}

void fm__say(const char *format, ...)
{
    struct die die = {.format = format};
    va_start(die.args, format);
    fm__room_call(die_write, &die);
    va_end(die.args);
}

void fm__die(const char *format, ...)
{
    struct die die = {.format = format};
    va_start(die.args, format);
    fm__room_call(die_write, &die);
    va_end(die.args);
    abort();
}
