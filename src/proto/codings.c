/*
 * codings.c - how a client lets what it is sent be compressed
 *
 * A weight of nought is a no; what is no weight is one too. Other weights mean
 * nothing: which coding is the best is known to who has coded.
 */
#include "proto/codings.h"

#include "proto/field.h"

static const char *const codings_names[FM__CODINGS] = {
    [FM__CODING_BR] = "br",
    [FM__CODING_ZSTD] = "zstd",
    [FM__CODING_GZIP] = "gzip",
};

/* "0.5": above nought. */
static bool codings_weighs(struct fm__slice number)
{
    bool above = false;
    if (number.size == 0 || number.size > 5 ||
        (number.size > 1 && number.at[1] != '.') ||
        (number.at[0] != '0' && number.at[0] != '1'))
        return false;
    for (size_t i = 0; i < number.size; i++) {
        char byte = number.at[i];
        if (i != 1 && (byte < '0' || byte > '9'))
            return false;
        above = above || (byte >= '1' && byte <= '9');
    }
    return above;
}

/* Behind the name: nothing, or ";q=0.5". */
static bool codings_is_wanted(struct fm__slice rest)
{
    if (rest.size == 0)
        return true;
    rest = fm__slice_trim(fm__slice_after(rest, 1));
    return fm__slice_like(fm__slice_until(rest, 2), FM__SLICE("q=")) &&
           codings_weighs(fm__slice_after(rest, 2));
}

/* Its bit, 0 of one that is not known. "x-gzip" is gzip (RFC 9110, 8.4.1). */
static unsigned codings_bit(struct fm__slice name)
{
    if (fm__slice_like(name, FM__SLICE("x-gzip")))
        return 1u << FM__CODING_GZIP;
    for (unsigned i = 0; i < FM__CODINGS; i++)
        if (fm__slice_like(name, fm__slice_of(codings_names[i])))
            return 1u << i;
    return 0;
}

void fm__codings_take(struct fm__codings *codings, struct fm__slice field)
{
    struct fm__slice element;
    while (fm__list_next(&field, &element)) {
        size_t end = fm__slice_find(element, ';');
        struct fm__slice name = fm__slice_trim(fm__slice_until(element, end));
        bool wanted = codings_is_wanted(fm__slice_after(element, end));
        if (fm__slice_is(name, FM__SLICE("*")))
            codings->others = wanted;
        else if (wanted)
            codings->taken |= codings_bit(name);
        else
            codings->refused |= codings_bit(name);
    }
}

bool fm__codings_has(const struct fm__codings *codings, enum fm__coding coding)
{
    unsigned bit = 1u << coding;
    return (codings->refused & bit) == 0 &&
           (codings->others || (codings->taken & bit) != 0);
}

const char *fm__coding_name(enum fm__coding coding)
{
    return codings_names[coding];
}
