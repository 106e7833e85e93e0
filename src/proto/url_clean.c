/*
 * url_clean.c - the text of a URL without what never belongs to it
 *
 * A text that is clean already is not copied.
 */
#include "proto/url_work.h"

/* The size of a well-formed sequence at the front, or 0, and *bad the size of
 * what one U+FFFD takes the place of (Unicode, 3.9, "maximal subpart"). */
static size_t url_clean_sequence(struct fm__slice text, size_t *bad)
{
    unsigned char first = (unsigned char)text.at[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    *bad = 1;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4))
        return 0;
    for (size_t i = 1; i < size; i++) {
        unsigned char byte = (unsigned char)fm__slice_at(text, i);
        if (i >= text.size || byte < low || byte > high)
            return 0;
        *bad = i + 1;
        low = 0x80;
        high = 0xbf;
    }
    return size;
}

static bool url_clean_drops(char byte)
{
    return byte == '\t' || byte == '\n' || byte == '\r';
}

/* How much of the front needs nothing done. */
static size_t url_clean_front(struct fm__slice text)
{
    size_t at = 0, bad;
    while (at < text.size && !url_clean_drops(text.at[at])) {
        size_t size = url_clean_sequence(fm__slice_after(text, at), &bad);
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

static struct fm__slice url_clean_ends(struct fm__slice text)
{
    while (text.size > 0 && (unsigned char)text.at[0] <= ' ')
        text = fm__slice_after(text, 1);
    while (text.size > 0 && (unsigned char)text.at[text.size - 1] <= ' ')
        text.size--;
    return text;
}

struct fm__slice fm__url_clean(struct fm__slice text, bool ends,
                               struct fm__pen *pen)
{
    if (ends)
        text = url_clean_ends(text);
    size_t size = url_clean_front(text);
    if (size == text.size)
        return text;
    char *start = pen->at;
    while (text.size > 0) {
        fm__pen_write(pen, fm__slice_until(text, size));
        text = fm__slice_after(text, size);
        size_t bad = 1;
        if (text.size > 0 && !url_clean_drops(text.at[0])) {
            url_clean_sequence(text, &bad);
            fm__pen_write(pen, FM__SLICE("\xef\xbf\xbd"));
        }
        text = fm__slice_after(text, bad);
        size = url_clean_front(text);
    }
    return fm__pen_since(pen, start);
}
