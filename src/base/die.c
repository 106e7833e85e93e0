/*
 * die.c - sentences on stderr, without stdio's buffers
 *
 * Called on small stacks, from signal handlers and in forked children, so
 * one bounded buffer and one write.
 */
#include "base/die.h"

#include "base/sys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

FM__FORMAT(1, 0) static void die_write(const char *format, va_list args)
{
    char line[512] = "fermata: ";
    size_t size = sizeof "fermata: " - 1;
    int n = vsnprintf(line + size, sizeof line - size - 1, format, args);
    if (n > 0)
        size += (size_t)n;
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    line[size++] = '\n';
    fm__sys_say(line, size);
}

void fm__say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    die_write(format, args);
    va_end(args);
}

void fm__die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    die_write(format, args);
    va_end(args);
    abort();
}
