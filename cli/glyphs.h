/*
 * glyphs.h - texts of programs that are not to be trusted, as UTF-8
 *
 * What the library writes of them it has looked at itself.
 */
#ifndef CLI_GLYPHS_H
#define CLI_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the locale that was set is one of UTF-8. */
bool glyphs_unicode(void);

/* Bytes of the character that a text begins with; 0: of none, or of one that
 * controls a terminal. */
size_t glyphs_first(const char *text);

/* The bytes and columns of what a text begins with, never no bytes: a character
 * that can be shown in the locale that was set, or what '?' is to stand for. */
bool glyphs_take(const char *text, size_t *size, size_t *columns);

/* Makes '?' of every byte of no character, and of what is longer than so many
 * columns, 0: any, else 4 and more, the end "...". */
void glyphs_tame(char *text, size_t columns);

#endif
