/*
 * range.c - which bytes of a thing are asked for (RFC 9110, 14)
 *
 * Ranges are kept apart: whatever is asked for, no byte is sent twice.
 */
#include "proto/range.h"

#include "proto/field.h"

enum range_kind {
    RANGE_WRONG,
    RANGE_BEYOND, /* there is nothing of it */
    RANGE_ALL,    /* the end of what has no bytes */
    RANGE_THERE
};

/* Digits, as far as they go: false where there are none. A number that is too
 * large is the largest. */
static bool range_number(struct fm__slice *text, int64_t *number)
{
    size_t i = 0;
    *number = 0;
    for (; i < text->size && text->at[i] >= '0' && text->at[i] <= '9'; i++)
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, text->at[i] - '0', number))
            *number = INT64_MAX;
    *text = fm__slice_after(*text, i);
    return i > 0;
}

/* "-5": the last bytes. */
static enum range_kind range_suffix(struct fm__slice text, int64_t size,
                                    struct fm__range *range)
{
    int64_t count;
    if (!range_number(&text, &count) || text.size > 0)
        return RANGE_WRONG;
    if (count == 0)
        return RANGE_BEYOND;
    if (size == 0)
        return RANGE_ALL;
    range->size = count < size ? count : size;
    range->at = size - range->size;
    return RANGE_THERE;
}

/* "5-9" or "5-" */
static enum range_kind range_read(struct fm__slice text, int64_t size,
                                  struct fm__range *range)
{
    int64_t last = INT64_MAX;
    if (fm__slice_at(text, 0) == '-')
        return range_suffix(fm__slice_after(text, 1), size, range);
    if (!range_number(&text, &range->at) || fm__slice_at(text, 0) != '-')
        return RANGE_WRONG;
    text = fm__slice_after(text, 1);
    if (text.size > 0 &&
        (!range_number(&text, &last) || text.size > 0 || last < range->at))
        return RANGE_WRONG;
    if (range->at >= size)
        return RANGE_BEYOND;
    range->size = (last < size - 1 ? last : size - 1) - range->at + 1;
    return RANGE_THERE;
}

static bool range_touches(struct fm__range one, struct fm__range other)
{
    return one.at <= other.at + other.size && other.at <= one.at + one.size;
}

static struct fm__range range_join(struct fm__range one, struct fm__range other)
{
    int64_t end = one.at + one.size, other_end = other.at + other.size;
    int64_t at = one.at < other.at ? one.at : other.at;
    end = end > other_end ? end : other_end;
    return (struct fm__range){at, end - at};
}

/* Joined with what it touches, it stands where the first of those stood. */
static void range_add(struct fm__ranges *ranges, struct fm__range more)
{
    struct fm__range *place = NULL;
    unsigned kept = 0;
    for (unsigned i = 0; i < ranges->count; i++) {
        struct fm__range each = ranges->each[i];
        bool joined = range_touches(each, more);
        if (joined)
            more = range_join(each, more);
        if (!joined)
            ranges->each[kept++] = each;
        else if (place == NULL)
            place = &ranges->each[kept++];
    }
    if (place == NULL)
        place = &ranges->each[kept++];
    *place = more;
    ranges->count = kept;
}

/* Without its "bytes=", which is a word in any case (RFC 9110, 14.1). */
static bool range_is_bytes(struct fm__slice *field)
{
    static const char unit[] = "bytes=";
    size_t size = sizeof unit - 1;
    bool is =
        fm__slice_like(fm__slice_until(*field, size), FM__SLICE("bytes="));
    *field = fm__slice_after(*field, size);
    return is;
}

int fm__ranges_read(struct fm__ranges *ranges, struct fm__slice field,
                    int64_t size)
{
    struct fm__slice text;
    struct fm__range range = {0};
    unsigned asked = 0;
    bool all = false;
    ranges->count = 0;
    if (!range_is_bytes(&field))
        return 0;
    while (fm__list_next(&field, &text)) {
        if (asked++ == FM__RANGES)
            return 0;
        enum range_kind kind = range_read(text, size, &range);
        if (kind == RANGE_WRONG)
            return 0;
        if (kind == RANGE_THERE)
            range_add(ranges, range);
        all = all || kind == RANGE_ALL;
    }
    if (ranges->count > 0 || all || asked == 0)
        return (int)ranges->count;
    return -1;
}
