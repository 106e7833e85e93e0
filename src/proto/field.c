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
    FIELD_LONGEST = 19,
    FIELD_PLACES = 128
};

/* Where field_place puts each name: none where another is. A test holds it
 * against the names. */
static const uint8_t field_places[FIELD_PLACES] = {
    [2] = FM__FIELD_ETAG,
    [3] = FM__FIELD_REFERER,
    [4] = FM__FIELD_KEEP_ALIVE,
    [6] = FM__FIELD_SERVER,
    [11] = FM__FIELD_ALLOW,
    [17] = FM__FIELD_VIA,
    [19] = FM__FIELD_CONTENT_DISPOSITION,
    [26] = FM__FIELD_IF_RANGE,
    [30] = FM__FIELD_ORIGIN,
    [37] = FM__FIELD_ACCEPT_ENCODING,
    [42] = FM__FIELD_DATE,
    [45] = FM__FIELD_IF_UNMODIFIED_SINCE,
    [50] = FM__FIELD_CONNECTION,
    [52] = FM__FIELD_PROXY_CONNECTION,
    [53] = FM__FIELD_EXPIRES,
    [56] = FM__FIELD_TE,
    [58] = FM__FIELD_EXPECT,
    [59] = FM__FIELD_TRAILER,
    [61] = FM__FIELD_AGE,
    [62] = FM__FIELD_LINK,
    [64] = FM__FIELD_COOKIE,
    [65] = FM__FIELD_CACHE_CONTROL,
    [69] = FM__FIELD_AUTHORIZATION,
    [72] = FM__FIELD_CONTENT_LOCATION,
    [74] = FM__FIELD_ACCEPT,
    [75] = FM__FIELD_RANGE,
    [77] = FM__FIELD_LAST_MODIFIED,
    [81] = FM__FIELD_UPGRADE,
    [86] = FM__FIELD_CONTENT_TYPE,
    [88] = FM__FIELD_PROXY_AUTHENTICATE,
    [91] = FM__FIELD_ACCEPT_RANGES,
    [92] = FM__FIELD_HOST,
    [94] = FM__FIELD_USER_AGENT,
    [98] = FM__FIELD_CONTENT_LENGTH,
    [100] = FM__FIELD_SET_COOKIE,
    [103] = FM__FIELD_RETRY_AFTER,
    [105] = FM__FIELD_ACCEPT_LANGUAGE,
    [106] = FM__FIELD_WWW_AUTHENTICATE,
    [107] = FM__FIELD_TRANSFER_ENCODING,
    [111] = FM__FIELD_CONTENT_RANGE,
    [113] = FM__FIELD_IF_NONE_MATCH,
    [115] = FM__FIELD_X_FORWARDED_FOR,
    [116] = FM__FIELD_IF_MATCH,
    [118] = FM__FIELD_CONTENT_ENCODING,
    [122] = FM__FIELD_VARY,
    [123] = FM__FIELD_IF_MODIFIED_SINCE,
    [124] = FM__FIELD_LOCATION,
    [127] = FM__FIELD_PROXY_AUTHORIZATION,
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
    if (memcmp(text.at, other.at, text.size) == 0)
        return true;
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

#define FIELD_SMALL UINT64_C(0x2020202020202020)

static uint64_t field_eight(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t field_four(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Whether a word of a name is that of one in lower case. Bit 0x20 leaves a
 * digit and '-' alone, and no other byte of a token becomes one of those. */
static bool field_is(uint64_t word, uint64_t lower)
{
    return ((word ^ lower) & ~FIELD_SMALL) == 0;
}

/* A token of two or three bytes. */
static bool field_is_short(struct fm__slice name, const char *lower)
{
    for (size_t i = 0; i < name.size; i++)
        if ((name.at[i] | 0x20) != lower[i])
            return false;
    return true;
}

/* A token against a name in lower case of the same size, by pieces which may
 * overlap. */
static bool field_matches(struct fm__slice name, const char *lower)
{
    if (name.size < 4)
        return field_is_short(name, lower);
    if (name.size < 8) {
        size_t last = name.size - 4;
        return field_is(field_four(name.at), field_four(lower)) &&
               field_is(field_four(name.at + last), field_four(lower + last));
    }
    size_t last = name.size - 8;
    size_t middle = last < 8 ? last : 8; /* none is longer than 24 */
    return field_is(field_eight(name.at), field_eight(lower)) &&
           field_is(field_eight(name.at + last), field_eight(lower + last)) &&
           field_is(field_eight(name.at + middle), field_eight(lower + middle));
}

/* By its size and its ends, which tell all names apart. */
static unsigned field_place(struct fm__slice name)
{
    unsigned first = (unsigned char)name.at[0] | 0x20;
    unsigned last = (unsigned char)name.at[name.size - 1] | 0x20;
    return (25 * (unsigned)name.size + 28 * first + 30 * last) % FIELD_PLACES;
}

enum fm__field_name fm__field_find(struct fm__slice name)
{
    if (name.size < 2 || name.size > FIELD_LONGEST)
        return FM__FIELD_OTHER;
    enum fm__field_name found =
        (enum fm__field_name)field_places[field_place(name)];
    const struct fm__slice *known = &field_names[found];
    return known->size == name.size && field_matches(name, known->at)
               ? found
               : FM__FIELD_OTHER;
}

bool fm__field_is_framing(enum fm__field_name name)
{
    switch (name) {
    case FM__FIELD_CONTENT_LENGTH:
    case FM__FIELD_TRANSFER_ENCODING:
    case FM__FIELD_KEEP_ALIVE:
    case FM__FIELD_UPGRADE:
    case FM__FIELD_TRAILER:
    case FM__FIELD_TE:
        return true;
    default:
        return false;
    }
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
