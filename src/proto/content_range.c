/*
 * content_range.c - which bytes a part of a thing is (RFC 9110, 14.4)
 */
#include "proto/content_range.h"

#include "proto/field.h"

enum {
    CONTENT_DIGITS = 18 /* fit into 63 bits */
};

/* Takes a number off the text; -1: there is none. */
static int64_t content_number(struct fm__slice *text)
{
    int64_t number = 0;
    size_t size = 0;
    for (; size < text->size; size++) {
        char c = text->at[size];
        if (c < '0' || c > '9')
            break;
        if (size == CONTENT_DIGITS)
            return -1;
        number = number * 10 + (c - '0');
    }
    *text = fm__slice_after(*text, size);
    return size > 0 ? number : -1;
}

static bool content_takes(struct fm__slice *text, char byte)
{
    bool has = fm__slice_at(*text, 0) == byte;
    *text = fm__slice_after(*text, has);
    return has;
}

bool fm__content_range_read(struct fm__slice text,
                            struct fm__content_range *range)
{
    const struct fm__slice unit = FM__SLICE("bytes ");
    if (!fm__slice_like(fm__slice_until(text, unit.size), unit))
        return false;
    text = fm__slice_after(text, unit.size);
    range->first = content_number(&text);
    if (range->first < 0 || !content_takes(&text, '-'))
        return false;
    range->last = content_number(&text);
    if (range->last < range->first || !content_takes(&text, '/'))
        return false;
    range->total = -1;
    if (content_takes(&text, '*'))
        return text.size == 0;
    range->total = content_number(&text);
    return range->total > range->last && text.size == 0;
}
