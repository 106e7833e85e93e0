/*
 * glyphs.c - texts of programs that are not to be trusted, as UTF-8
 */
#include "glyphs.h"

#include <langinfo.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

bool glyphs_unicode(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

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

bool glyphs_take(const char *text, size_t *size, size_t *columns)
{
    wchar_t wide = 0;
    mbstate_t state = {0};
    *size = glyphs_first(text);
    int width = *size == 1 ? 1 : -1;
    if (*size > 1 && glyphs_unicode() &&
        mbrtowc(&wide, text, *size, &state) == *size)
        width = wcwidth(wide);
    if (*size == 0)
        *size = 1;
    *columns = width < 0 ? 1 : (size_t)width;
    return width >= 0;
}

void glyphs_tame(char *text, size_t columns)
{
    char *cut = text;
    size_t size, width;
    for (size_t taken = 0; *text != '\0'; text += size) {
        glyphs_take(text, &size, &width);
        taken += width;
        if (columns > 0 && taken > columns) {
            memcpy(cut, "...", 4);
            return;
        }
        if (glyphs_first(text) == 0)
            *text = '?';
        if (taken + 3 <= columns)
            cut = text + size;
    }
}
