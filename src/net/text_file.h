/*
 * text_file.h - lines and words of a file's text, taken apart in place
 */
#ifndef FM_NET_TEXT_FILE_H
#define FM_NET_TEXT_FILE_H

#include "base/compiler.h"

#include <string.h>

/* The next line, without what a character of `comments` begins; NULL: there
 * is no more. */
FM__INLINE char *fm__text_line(char **rest, const char *comments)
{
    char *line = *rest;
    if (*line == '\0')
        return NULL;
    char *end = strchr(line, '\n');
    *rest = end != NULL ? end + 1 : line + strlen(line);
    if (end != NULL)
        *end = '\0';
    line[strcspn(line, comments)] = '\0';
    return line;
}

/* The next word of a line; NULL: there is no more. */
FM__INLINE char *fm__text_word(char **line)
{
    char *word = *line + strspn(*line, " \t\r\f\v");
    if (*word == '\0')
        return NULL;
    char *end = word + strcspn(word, " \t\r\f\v");
    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

#endif
