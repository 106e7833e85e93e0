/*
 * broken.c - the broken links, out of what the crawler reports
 *
 *   /lost.html: 404
 *       from /contents.html
 *       from /plan.html
 */
#include "show.h"

#include <string.h>

#define FROM "    from "

static struct show_text line_of(const char **at)
{
    struct show_text line = {.bytes = *at, .size = (int)strcspn(*at, "\n")};
    *at += line.size + ((*at)[line.size] != '\0');
    return line;
}

/* What is behind the last ": " of a line. */
static bool split(struct show_text line, struct show_broken *broken)
{
    int size = line.size - 2;
    while (size > 0 && strncmp(line.bytes + size, ": ", 2) != 0)
        size--;
    broken->place = (struct show_text){line.bytes, size};
    broken->what =
        (struct show_text){line.bytes + size + 2, line.size - size - 2};
    return size > 0 && line.bytes[0] == '/';
}

bool broken_next(const char **report, struct show_broken *broken)
{
    *broken = (struct show_broken){.pages = 0};
    if (*report == NULL || !split(line_of(report), broken))
        return false;
    while (strncmp(*report, FROM, strlen(FROM)) == 0) {
        struct show_text line = line_of(report);
        if (broken->pages++ == 0)
            broken->from = (struct show_text){line.bytes + strlen(FROM),
                                              line.size - (int)strlen(FROM)};
    }
    return true;
}
