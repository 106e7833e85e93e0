/*
 * lines.c - a line of text that ends where the terminal does
 *
 * Names and paths come from a program that is not to be trusted: nothing of
 * them controls the terminal.
 */
#include "inspect/wording.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* strcasestr(3), which C does not have. */
static bool lines_says(const char *value, const char *word)
{
    for (; *value != '\0'; value++) {
        size_t n = 0;
        while (word[n] != '\0' && (value[n] | 0x20) == (word[n] | 0x20))
            n++;
        if (word[n] == '\0')
            return true;
    }
    return false;
}

static bool lines_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return lines_says(value, "utf-8") || lines_says(value, "utf8");
    }
    return false;
}

void fm__line_init(struct fm__line *line, FILE *out,
                   const fm_picture_options *options)
{
    size_t width = options != NULL ? options->width : 0;
    *line = (struct fm__line){
        .out = out,
        .colours = options != NULL && options->colours,
        .utf8 = lines_utf8(),
        .width = width > 0 ? width : SIZE_MAX,
    };
    line->left = line->width;
}

/* RFC 3629, 4: the least and the most that the second byte may be. */
static size_t lines_many(const unsigned char *byte)
{
    size_t size = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
    unsigned least = 0x80, most = 0xBF;
    if (byte[0] < 0xC2 || byte[0] > 0xF4)
        return 0;
    if (byte[0] == 0xC2 || byte[0] == 0xE0)
        least = 0xA0; /* after C2: what controls a terminal lies below */
    else if (byte[0] == 0xF0)
        least = 0x90;
    else if (byte[0] == 0xED)
        most = 0x9F;
    else if (byte[0] == 0xF4)
        most = 0x8F;
    if (byte[1] < least || byte[1] > most)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 0;
    }
    return size;
}

size_t fm__line_glyph(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (byte[0] >= 0x80)
        return lines_many(byte);
    return byte[0] >= ' ' && byte[0] != 0x7F;
}

size_t fm__line_step(const char *text)
{
    size_t size = fm__line_glyph(text);
    return size > 0 ? size : 1;
}

size_t fm__line_whole(const char *text, size_t size)
{
    size_t from = size;
    while (from > 0 && size - from < 3 && (text[from - 1] & 0xC0) == 0x80)
        from--;
    bool half = from > 0 && (text[from - 1] & 0xC0) == 0xC0 &&
                fm__line_glyph(text + from - 1) == 0;
    return half ? from - 1 : size;
}

size_t fm__line_width(const char *text)
{
    size_t size = fm__line_glyph(text);
    wchar_t wide;
    mbstate_t state = {0};
    if (size < 2 || mbrtowc(&wide, text, size, &state) != size)
        return 1;
    int width = wcwidth(wide);
    return width < 0 ? 1 : (size_t)width;
}

size_t fm__line_columns(const char *text)
{
    size_t columns = 0;
    for (; *text != '\0'; text += fm__line_step(text))
        columns += fm__line_width(text);
    return columns;
}

/* Many lines are written where nothing is buffered: each is one write. */
static void lines_flush(struct fm__line *line)
{
    fwrite(line->text, 1, line->size, line->out);
    line->size = 0;
}

static void lines_add(struct fm__line *line, const char *text, size_t size)
{
    if (line->size + size > sizeof line->text)
        lines_flush(line);
    memcpy(line->text + line->size, text, size);
    line->size += size;
}

static void lines_repeat(struct fm__line *line, char byte, size_t count)
{
    for (; count > 0; count--)
        lines_add(line, &byte, 1);
}

/* All of it, or exactly so many columns. */
static void lines_write(struct fm__line *line, const char *text, size_t columns)
{
    for (; *text != '\0'; text += fm__line_step(text)) {
        size_t size = fm__line_glyph(text), width = fm__line_width(text);
        if (width > columns) {
            lines_repeat(line, ' ', columns);
            return;
        }
        if (size == 0 || (size > 1 && !line->utf8))
            lines_repeat(line, '?', width);
        else
            lines_add(line, text, size);
        columns -= width;
    }
}

static void lines_cut(struct fm__line *line, const char *text, size_t columns)
{
    if (columns == 0)
        return;
    lines_write(line, text, columns - 1);
    const char *mark = line->utf8 ? "…" : "~";
    lines_add(line, mark, strlen(mark));
}

static void lines_blanks(struct fm__line *line)
{
    for (; line->blanks > 0 && line->left > 0; line->blanks--, line->left--)
        lines_add(line, " ", 1);
    line->blanks = 0;
}

/* At most so many columns of it. */
static void lines_put(struct fm__line *line, enum fm__style style,
                      const char *text, size_t most)
{
    static const char *const styles[] = {"", "\033[1m", "\033[2m", "\033[31m"};
    size_t columns = fm__line_columns(text);
    if (columns == 0)
        return;
    lines_blanks(line);
    if (most > line->left)
        most = line->left;
    if (most == 0)
        return;
    bool colours = line->colours && style != FM__STYLE_PLAIN;
    if (colours)
        lines_add(line, styles[style], strlen(styles[style]));
    if (columns <= most)
        lines_write(line, text, columns);
    else
        lines_cut(line, text, most);
    if (colours)
        lines_add(line, "\033[0m", 4);
    line->left -= columns < most ? columns : most;
}

void fm__line_put(struct fm__line *line, enum fm__style style, const char *text)
{
    lines_put(line, style, text, SIZE_MAX);
}

void fm__line_pad(struct fm__line *line, size_t columns)
{
    line->blanks += columns;
}

void fm__line_cell(struct fm__line *line, enum fm__style style,
                   const char *text, size_t columns)
{
    size_t taken = fm__line_columns(text);
    lines_put(line, style, text, columns);
    fm__line_pad(line, taken < columns ? columns - taken : 0);
}

void fm__line_end(struct fm__line *line)
{
    lines_add(line, "\n", 1);
    lines_flush(line);
    line->left = line->width;
    line->blanks = 0;
}
