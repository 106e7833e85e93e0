/*
 * json_text.c - any bytes as a text of JSON (RFC 8259, 7)
 */
#include "proto/json_text.h"

static bool json_follows(struct fm__slice text, size_t index)
{
    return ((unsigned char)fm__slice_at(text, index) & 0xc0) == 0x80;
}

/* Neither longer than need be, nor half of a pair, nor past U+10FFFF (RFC 3629,
 * 4). */
static bool json_begins(unsigned first, unsigned second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

/* Bytes of the character that a text begins with; 0: it is none. */
static size_t json_character(struct fm__slice text)
{
    unsigned first = (unsigned char)text.at[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    for (size_t i = 1; i < size; i++)
        if (!json_follows(text, i))
            return 0;
    if (size > 1 && !json_begins(first, (unsigned char)text.at[1]))
        return 0;
    return size;
}

static void json_escape(struct fm__pen *pen, char byte)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = "\\u00--";
    text[4] = digits[(unsigned char)byte >> 4];
    text[5] = digits[(unsigned char)byte & 15];
    fm__pen_write(pen, (struct fm__slice){text, sizeof text - 1});
}

static size_t json_next(struct fm__pen *pen, struct fm__slice text)
{
    char byte = text.at[0];
    size_t size = json_character(text);
    if (byte == '"' || byte == '\\') {
        fm__pen_put(pen, '\\');
        fm__pen_put(pen, byte);
    } else if (size == 2 && (unsigned char)byte == 0xc2 &&
               (unsigned char)text.at[1] < 0xa0) {
        json_escape(pen, text.at[1]);
    } else if (size == 0 || (unsigned char)byte < 0x20 || byte == 0x7f) {
        json_escape(pen, byte);
        return 1;
    } else {
        fm__pen_write(pen, fm__slice_until(text, size));
    }
    return size;
}

void fm__json_text(struct fm__pen *pen, struct fm__slice text)
{
    fm__pen_put(pen, '"');
    while (text.size > 0)
        text = fm__slice_after(text, json_next(pen, text));
    fm__pen_put(pen, '"');
}

/* Past a text, whose quote has been read. */
static size_t json_skip(struct fm__slice json, size_t at)
{
    while (at < json.size && json.at[at] != '"')
        at += json.at[at] == '\\' ? 2 : 1;
    return at;
}

size_t fm__json_too_deep(struct fm__slice json, unsigned depth)
{
    unsigned open = 0;
    for (size_t at = 0; at < json.size; at++) {
        char byte = json.at[at];
        if (byte == '"')
            at = json_skip(json, at + 1);
        else if ((byte == '[' || byte == '{') && ++open > depth)
            return at;
        else if ((byte == ']' || byte == '}') && open > 0)
            open--;
    }
    return json.size;
}
