/*
 * robots_text.c - the lines of a robots.txt, and what a rule's path matches
 * (RFC 9309)
 *
 * Nothing is refused: what stands in a robots.txt is what somebody once typed.
 */
#include "proto/robots_text.h"

#include "proto/field.h"
#include "proto/percent.h"

#define ROBOTS_MARK "\xef\xbb\xbf"
#define ROBOTS_DIGITS 6

static enum fm__robots_key robots_key(struct fm__slice name)
{
    static const struct {
        struct fm__slice name;
        enum fm__robots_key key;
    } keys[] = {
        {{"user-agent", 10}, FM__ROBOTS_AGENT},
        {{"allow", 5}, FM__ROBOTS_ALLOW},
        {{"disallow", 8}, FM__ROBOTS_DISALLOW},
        {{"crawl-delay", 11}, FM__ROBOTS_DELAY},
    };
    for (size_t i = 0; i < FM__COUNT(keys); i++)
        if (fm__slice_like(name, keys[i].name))
            return keys[i].key;
    return FM__ROBOTS_OTHER;
}

static size_t robots_end(struct fm__slice text)
{
    size_t feed = fm__slice_find(text, '\n');
    return fm__slice_find(fm__slice_until(text, feed), '\r');
}

bool fm__robots_next(struct fm__slice *text, struct fm__robots_line *line)
{
    if (text->size == 0)
        return false;
    size_t end = robots_end(*text);
    struct fm__slice whole = fm__slice_until(*text, end);
    *text = fm__slice_after(*text, end + 1);
    if (fm__slice_is(fm__slice_until(whole, 3), FM__SLICE(ROBOTS_MARK)))
        whole = fm__slice_after(whole, 3);
    whole = fm__slice_until(whole, fm__slice_find(whole, '#'));
    size_t colon = fm__slice_find(whole, ':');
    line->key = robots_key(fm__slice_trim(fm__slice_until(whole, colon)));
    line->value = fm__slice_trim(fm__slice_after(whole, colon + 1));
    return true;
}

struct fm__slice fm__robots_token(struct fm__slice value)
{
    size_t size = fm__slice_at(value, 0) == '*';
    while (
        size < value.size && value.at[0] != '*' &&
        (((value.at[size] | 0x20) >= 'a' && (value.at[size] | 0x20) <= 'z') ||
         value.at[size] == '-' || value.at[size] == '_'))
        size++;
    return fm__slice_until(value, size);
}

double fm__robots_seconds(struct fm__slice value)
{
    double number = 0, unit = 1;
    bool fraction = false;
    if (value.size == 0 || value.size > 2 * ROBOTS_DIGITS + 1)
        return 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (value.at[i] < '0' || value.at[i] > '9')
            return 0;
        number = number * 10 + (value.at[i] - '0');
        unit *= fraction ? 10 : 1;
    }
    return number / unit;
}

struct fm__slice fm__robots_pattern(struct fm__pen *pen, struct fm__slice value)
{
    char *start = pen->at;
    bool whole = value.size > 0 && value.at[value.size - 1] == '$';
    value.size -= whole;
    fm__percent_normal(pen, value, "$");
    if (whole)
        fm__pen_put(pen, '$');
    return fm__pen_since(pen, start);
}

struct fm__slice fm__robots_target(struct fm__pen *pen, struct fm__slice target)
{
    char *start = pen->at;
    fm__percent_normal(pen, target, "$*");
    return fm__pen_since(pen, start);
}

static bool robots_ends_with(struct fm__slice text, struct fm__slice end)
{
    return end.size <= text.size &&
           fm__slice_is(fm__slice_after(text, text.size - end.size), end);
}

/* The first place for each piece between two '*' leaves the most for those
 * behind it, so no other has to be tried. */
bool fm__robots_matches(struct fm__slice pattern, struct fm__slice target)
{
    bool whole = pattern.size > 0 && pattern.at[pattern.size - 1] == '$';
    pattern.size -= whole;
    size_t star = fm__slice_find(pattern, '*');
    struct fm__slice piece = fm__slice_until(pattern, star);
    if (!fm__slice_is(fm__slice_until(target, piece.size), piece))
        return false;
    target = fm__slice_after(target, piece.size);
    while (star < pattern.size) {
        pattern = fm__slice_after(pattern, star + 1);
        star = fm__slice_find(pattern, '*');
        piece = fm__slice_until(pattern, star);
        if (whole && star == pattern.size)
            return robots_ends_with(target, piece);
        const char *found =
            memmem(target.at, target.size, piece.at, piece.size);
        if (found == NULL)
            return false;
        size_t end = (size_t)(found - target.at) + piece.size;
        target = fm__slice_after(target, end);
    }
    return !whole || target.size == 0;
}
