/*
 * glyphs.c - texts of programs that are not to be trusted, as UTF-8
 */
#include "glyphs.h"

#include <stdint.h>
#include <string.h>

static size_t glyphs_size(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* The least that takes so many bytes; of two, behind the controls. */
static const uint32_t glyphs_least[] = {0, ' ', 0xA0, 0x800, 0x10000};

size_t glyphs_first(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t size = glyphs_size(byte[0]);
    uint32_t code = size > 1 ? byte[0] & (0xFFu >> (size + 1)) : byte[0];
    for (size_t i = 1; i < size; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (byte[i] & 0x3F);
    }
    if (code < glyphs_least[size] || code == 0x7F || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000))
        return 0;
    return size;
}

void glyphs_tame(char *text, size_t columns)
{
    char *cut = text;
    for (size_t column = 1; *text != '\0'; column++) {
        size_t size = glyphs_first(text);
        if (size == 0)
            *text = '?';
        text += size > 0 ? size : 1;
        if (column + 3 == columns)
            cut = text;
        if (column == columns && *text != '\0')
            memcpy(cut, "...", 4);
        if (column == columns)
            return;
    }
}
