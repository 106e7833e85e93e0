/*
 * etag.c - tags that tell one version of a thing from another
 *
 * What is between the quotes may be a comma, so a list of tags is no list like
 * others.
 */
#include "proto/etag.h"

#include "proto/field.h"

/* etagc: what is printed but a quote, and bytes above (RFC 9110, 8.8.3). */
static bool etag_is_char(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value == 0x21 || (value >= 0x23 && value <= 0x7e) || value >= 0x80;
}

/* What a text begins with: its size, or 0 where that is no tag. */
static size_t etag_take(struct fm__slice text, struct fm__etag *tag)
{
    tag->weak = fm__slice_at(text, 0) == 'W' && fm__slice_at(text, 1) == '/';
    size_t start = tag->weak ? 2 : 0, end = start + 1;
    if (fm__slice_at(text, start) != '"')
        return 0;
    while (end < text.size && etag_is_char(text.at[end]))
        end++;
    if (fm__slice_at(text, end) != '"')
        return 0;
    tag->text = fm__slice_until(fm__slice_after(text, start), end + 1 - start);
    return end + 1;
}

bool fm__etag_read(struct fm__slice text, struct fm__etag *tag)
{
    return text.size > 0 && etag_take(text, tag) == text.size;
}

static bool etag_is(const struct fm__etag *one, const struct fm__etag *other,
                    bool strong)
{
    return fm__slice_is(one->text, other->text) &&
           !(strong && (one->weak || other->weak));
}

/* Over blanks and commas; elements may be empty (RFC 9110, 5.6.1.2). */
static struct fm__slice etag_skip(struct fm__slice list)
{
    while (list.size > 0 && memchr(", \t", list.at[0], 3) != NULL)
        list = fm__slice_after(list, 1);
    return list;
}

bool fm__etag_listed(struct fm__slice list, const struct fm__etag *tag,
                     bool strong)
{
    struct fm__etag each;
    if (fm__slice_is(fm__slice_trim(list), FM__SLICE("*")))
        return true;
    for (list = etag_skip(list); list.size > 0; list = etag_skip(list)) {
        size_t size = etag_take(list, &each);
        list = fm__slice_trim(fm__slice_after(list, size));
        if (size == 0 || (list.size > 0 && list.at[0] != ','))
            return false;
        if (etag_is(&each, tag, strong))
            return true;
    }
    return false;
}
