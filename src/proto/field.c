/*
 * field.c - the names of fields, and what their values are made of
 */
#include "proto/field.h"

#include "proto/scan.h"

#define FIELD(literal) {literal, sizeof(literal) - 1}

static const struct fm__slice field_names[FM__FIELD_NAMES] = {
    [FM__FIELD_OTHER] = FIELD(""),
    [FM__FIELD_TE] = FIELD("te"),
    [FM__FIELD_AGE] = FIELD("age"),
    [FM__FIELD_VIA] = FIELD("via"),
    [FM__FIELD_DATE] = FIELD("date"),
    [FM__FIELD_ETAG] = FIELD("etag"),
    [FM__FIELD_HOST] = FIELD("host"),
    [FM__FIELD_LINK] = FIELD("link"),
    [FM__FIELD_VARY] = FIELD("vary"),
    [FM__FIELD_ALLOW] = FIELD("allow"),
    [FM__FIELD_RANGE] = FIELD("range"),
    [FM__FIELD_ACCEPT] = FIELD("accept"),
    [FM__FIELD_COOKIE] = FIELD("cookie"),
    [FM__FIELD_EXPECT] = FIELD("expect"),
    [FM__FIELD_ORIGIN] = FIELD("origin"),
    [FM__FIELD_SERVER] = FIELD("server"),
    [FM__FIELD_EXPIRES] = FIELD("expires"),
    [FM__FIELD_REFERER] = FIELD("referer"),
    [FM__FIELD_TRAILER] = FIELD("trailer"),
    [FM__FIELD_UPGRADE] = FIELD("upgrade"),
    [FM__FIELD_IF_MATCH] = FIELD("if-match"),
    [FM__FIELD_IF_RANGE] = FIELD("if-range"),
    [FM__FIELD_LOCATION] = FIELD("location"),
    [FM__FIELD_CONNECTION] = FIELD("connection"),
    [FM__FIELD_KEEP_ALIVE] = FIELD("keep-alive"),
    [FM__FIELD_SET_COOKIE] = FIELD("set-cookie"),
    [FM__FIELD_USER_AGENT] = FIELD("user-agent"),
    [FM__FIELD_RETRY_AFTER] = FIELD("retry-after"),
    [FM__FIELD_CONTENT_TYPE] = FIELD("content-type"),
    [FM__FIELD_ACCEPT_RANGES] = FIELD("accept-ranges"),
    [FM__FIELD_AUTHORIZATION] = FIELD("authorization"),
    [FM__FIELD_CACHE_CONTROL] = FIELD("cache-control"),
    [FM__FIELD_CONTENT_RANGE] = FIELD("content-range"),
    [FM__FIELD_IF_NONE_MATCH] = FIELD("if-none-match"),
    [FM__FIELD_LAST_MODIFIED] = FIELD("last-modified"),
    [FM__FIELD_CONTENT_LENGTH] = FIELD("content-length"),
    [FM__FIELD_ACCEPT_ENCODING] = FIELD("accept-encoding"),
    [FM__FIELD_ACCEPT_LANGUAGE] = FIELD("accept-language"),
    [FM__FIELD_X_FORWARDED_FOR] = FIELD("x-forwarded-for"),
    [FM__FIELD_CONTENT_ENCODING] = FIELD("content-encoding"),
    [FM__FIELD_CONTENT_LOCATION] = FIELD("content-location"),
    [FM__FIELD_PROXY_CONNECTION] = FIELD("proxy-connection"),
    [FM__FIELD_WWW_AUTHENTICATE] = FIELD("www-authenticate"),
    [FM__FIELD_IF_MODIFIED_SINCE] = FIELD("if-modified-since"),
    [FM__FIELD_TRANSFER_ENCODING] = FIELD("transfer-encoding"),
    [FM__FIELD_PROXY_AUTHENTICATE] = FIELD("proxy-authenticate"),
    [FM__FIELD_CONTENT_DISPOSITION] = FIELD("content-disposition"),
    [FM__FIELD_IF_UNMODIFIED_SINCE] = FIELD("if-unmodified-since"),
    [FM__FIELD_PROXY_AUTHORIZATION] = FIELD("proxy-authorization"),
};

enum {
    FIELD_LONGEST = 19
};

/* The first name of each size, or of the next one that there is; a test holds
 * it against the names. */
static const uint8_t field_first[FIELD_LONGEST + 2] = {
    [1] = FM__FIELD_TE,
    [2] = FM__FIELD_TE,
    [3] = FM__FIELD_AGE,
    [4] = FM__FIELD_DATE,
    [5] = FM__FIELD_ALLOW,
    [6] = FM__FIELD_ACCEPT,
    [7] = FM__FIELD_EXPIRES,
    [8] = FM__FIELD_IF_MATCH,
    [9] = FM__FIELD_CONNECTION,
    [10] = FM__FIELD_CONNECTION,
    [11] = FM__FIELD_RETRY_AFTER,
    [12] = FM__FIELD_CONTENT_TYPE,
    [13] = FM__FIELD_ACCEPT_RANGES,
    [14] = FM__FIELD_CONTENT_LENGTH,
    [15] = FM__FIELD_ACCEPT_ENCODING,
    [16] = FM__FIELD_CONTENT_ENCODING,
    [17] = FM__FIELD_IF_MODIFIED_SINCE,
    [18] = FM__FIELD_PROXY_AUTHENTICATE,
    [19] = FM__FIELD_CONTENT_DISPOSITION,
    [20] = FM__FIELD_NAMES,
};

enum {
    FIELD_T = FM__CHAR_TOKEN,
    FIELD_H = FM__CHAR_HOST,
    FIELD_TH = FM__CHAR_TOKEN | FM__CHAR_HOST
};

#define FIELD_8                                                                \
    FIELD_TH, FIELD_TH, FIELD_TH, FIELD_TH, FIELD_TH, FIELD_TH, FIELD_TH,      \
        FIELD_TH

/* From '!' on, eight in a row. */
const uint8_t fm__chars[256] = {
    ['!'] = FIELD_TH,
    0,
    FIELD_T,
    FIELD_TH,
    FIELD_TH,
    FIELD_TH,
    FIELD_TH,
    FIELD_H,
    FIELD_H,
    FIELD_TH,
    FIELD_TH,
    0,
    FIELD_TH,
    FIELD_TH,
    0,
    ['0'] = FIELD_8,
    FIELD_TH,
    FIELD_TH,
    0,
    FIELD_H,
    0,
    FIELD_H,
    0,
    0,
    0,
    ['A'] = FIELD_8,
    FIELD_8,
    FIELD_8,
    FIELD_TH,
    FIELD_TH,
    ['^'] = FIELD_T,
    FIELD_TH,
    FIELD_T,
    ['a'] = FIELD_8,
    FIELD_8,
    FIELD_8,
    FIELD_TH,
    FIELD_TH,
    0,
    FIELD_T,
    0,
    FIELD_TH,
};

static char field_lower(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte | 0x20);
    return byte;
}

bool fm__slice_like(struct fm__slice text, struct fm__slice other)
{
    if (text.size != other.size)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (field_lower(text.at[i]) != field_lower(other.at[i]))
            return false;
    return true;
}

bool fm__token_is(struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!fm__char_is(text.at[i], FM__CHAR_TOKEN))
            return false;
    return text.size > 0;
}

/* Eight bytes of a name, its letters made small. Bit 0x20 leaves a digit and
 * '-' alone, and no other byte of a token becomes one of those. */
static uint64_t field_small(const char *name)
{
    uint64_t word;
    memcpy(&word, name, sizeof word);
    return word | 0x2020202020202020u;
}

static uint64_t field_word(const char *lower)
{
    uint64_t word;
    memcpy(&word, lower, sizeof word);
    return word;
}

/* A name of less than 8 bytes, the last of which has been compared. */
static bool field_is_short(struct fm__slice name, const char *lower)
{
    for (size_t i = 0; i + 1 < name.size; i++)
        if ((name.at[i] | 0x20) != lower[i])
            return false;
    return true;
}

/* A token against a name in lower case of the same size. */
static bool field_matches(struct fm__slice name, const char *lower)
{
    if (name.size < 8)
        return field_is_short(name, lower);
    size_t last = name.size - 8;
    size_t middle = last < 8 ? last : 8; /* none is longer than 24 */
    return field_small(name.at) == field_word(lower) &&
           field_small(name.at + last) == field_word(lower + last) &&
           field_small(name.at + middle) == field_word(lower + middle);
}

enum fm__field_name fm__field_find(struct fm__slice name)
{
    if (name.size == 0 || name.size > FIELD_LONGEST)
        return FM__FIELD_OTHER;
    unsigned end = field_first[name.size + 1];
    char last = (char)(name.at[name.size - 1] | 0x20);
    for (unsigned i = field_first[name.size]; i < end; i++) {
        const char *known = field_names[i].at;
        if (known[name.size - 1] == last && field_matches(name, known))
            return (enum fm__field_name)i;
    }
    return FM__FIELD_OTHER;
}

struct fm__slice fm__field_text(enum fm__field_name name)
{
    return field_names[name];
}

static bool field_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct fm__slice fm__slice_trim(struct fm__slice text)
{
    while (text.size > 0 && field_is_blank(text.at[0]))
        text = fm__slice_after(text, 1);
    while (text.size > 0 && field_is_blank(text.at[text.size - 1]))
        text.size--;
    return text;
}

bool fm__list_next(struct fm__slice *list, struct fm__slice *element)
{
    while (list->size > 0) {
        size_t comma = fm__slice_find(*list, ',');
        *element = fm__slice_trim(fm__slice_until(*list, comma));
        *list = fm__slice_after(*list, comma + 1);
        if (element->size > 0)
            return true;
    }
    return false;
}

bool fm__field_value_is(struct fm__slice text)
{
    return fm__slice_trim(text).size == text.size &&
           fm__scan_value(text.at, text.size) == text.size;
}
