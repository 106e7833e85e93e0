/*
 * url_host.c - the host of a URL (the URL standard, 3)
 *
 * A domain is decoded and put in lower case; one that ends in a number is an
 * IPv4 address, however it is written, or an error.
 */
#include "proto/url_host.h"

#include "proto/percent.h"

#include <errno.h>

enum {
    URL_HOST_V4_PARTS = 4
};

static bool url_host_is_ascii(struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* A forbidden host code point (3.1). */
static bool url_host_forbids(char byte)
{
    return byte == '\0' || strchr("\t\n\r #/:<>?@[\\]^|", byte) != NULL;
}

static bool url_host_domain_forbids(char byte)
{
    return url_host_forbids(byte) || (unsigned char)byte < 0x20 ||
           byte == '%' || byte == 0x7f;
}

static bool url_host_has_forbidden(struct fm__slice text, bool (*forbids)(char))
{
    for (size_t i = 0; i < text.size; i++)
        if (forbids(text.at[i]))
            return true;
    return false;
}

/* --- IPv4 ---------------------------------------------------------------- */

/* A number, 0x hexadecimal, 0 octal, or more than UINT32_MAX; -1: none. */
static int64_t url_host_number(struct fm__slice text)
{
    if (text.size == 0)
        return -1;
    int base = 10;
    if (text.at[0] == '0' && text.size > 1) {
        bool hexadecimal = (text.at[1] | 0x20) == 'x';
        base = hexadecimal ? 16 : 8;
        text = fm__slice_after(text, hexadecimal ? 2 : 1);
    }
    int64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = fm__hex_digit(text.at[i]);
        if (digit < 0 || digit >= base)
            return -1;
        number = number * base + digit;
        if (number > UINT32_MAX)
            number = (int64_t)UINT32_MAX + 1;
    }
    return number;
}

static bool url_host_all_digits(struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.size > 0;
}

static struct fm__slice url_host_without_last_dot(struct fm__slice text)
{
    if (text.size > 1 && text.at[text.size - 1] == '.')
        text.size--;
    return text;
}

static bool url_host_ends_in_a_number(struct fm__slice text)
{
    text = url_host_without_last_dot(text);
    size_t at = text.size;
    while (at > 0 && text.at[at - 1] != '.')
        at--;
    struct fm__slice last = fm__slice_after(text, at);
    return url_host_all_digits(last) ||
           (last.size >= 2 && last.at[0] == '0' && (last.at[1] | 0x20) == 'x' &&
            url_host_number(last) >= 0);
}

static void url_host_write_number(struct fm__pen *pen, unsigned number)
{
    char digits[10];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    fm__pen_write(pen, (struct fm__slice){digits + at, sizeof digits - at});
}

static int url_host_v4_parse(struct fm__slice text, uint32_t *address)
{
    int64_t numbers[URL_HOST_V4_PARTS];
    unsigned count = 0;
    for (text = url_host_without_last_dot(text);; count++) {
        size_t dot = fm__slice_find(text, '.');
        if (count == URL_HOST_V4_PARTS)
            return -EINVAL;
        numbers[count] = url_host_number(fm__slice_until(text, dot));
        if (numbers[count] < 0)
            return -EINVAL;
        if (dot == text.size)
            break;
        text = fm__slice_after(text, dot + 1);
    }
    uint64_t sum = (uint64_t)numbers[count];
    if (sum >> 8 * (URL_HOST_V4_PARTS - count) != 0)
        return -EINVAL;
    for (unsigned i = 0; i < count; i++) {
        if (numbers[i] > 255)
            return -EINVAL;
        sum += (uint64_t)numbers[i] << 8 * (3 - i);
    }
    *address = (uint32_t)sum;
    return 0;
}

static int url_host_v4(struct fm__slice text, struct fm__pen *pen)
{
    uint32_t address;
    if (url_host_v4_parse(text, &address) < 0)
        return -EINVAL;
    for (int shift = 24; shift >= 0; shift -= 8) {
        url_host_write_number(pen, address >> shift & 255);
        if (shift > 0)
            fm__pen_put(pen, '.');
    }
    return 0;
}

/* --- IPv6 ---------------------------------------------------------------- */

/* The last two pieces, written as an IPv4 address. */
static int url_host_v6_tail(struct fm__slice text, uint16_t pieces[2])
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++) {
        size_t dot = fm__slice_find(text, '.');
        struct fm__slice part = fm__slice_until(text, dot);
        if (!url_host_all_digits(part) || part.size > 3 ||
            (part.size > 1 && part.at[0] == '0') ||
            (dot == text.size) != (i == 3))
            return -EINVAL;
        int64_t number = url_host_number(part);
        if (number > 255)
            return -EINVAL;
        bytes[i] = (uint8_t)number;
        text = fm__slice_after(text, dot + 1);
    }
    pieces[0] = (uint16_t)(bytes[0] << 8 | bytes[1]);
    pieces[1] = (uint16_t)(bytes[2] << 8 | bytes[3]);
    return 0;
}

/* Up to four hexadecimal digits; how many. */
static size_t url_host_v6_piece(struct fm__slice text, uint16_t *piece)
{
    size_t size = 0;
    *piece = 0;
    while (size < 4 && fm__hex_digit(fm__slice_at(text, size)) >= 0)
        *piece =
            (uint16_t)(*piece << 4 | fm__hex_digit(fm__slice_at(text, size++)));
    return size;
}

/* The pieces in their order, and where "::" stands among them, or -1. */
static int url_host_v6_read(struct fm__slice text, uint16_t pieces[8], int *gap)
{
    int count = 0;
    *gap = -1;
    if (fm__slice_at(text, 0) == ':') {
        if (fm__slice_at(text, 1) != ':')
            return -EINVAL;
        text = fm__slice_after(text, 2);
        *gap = 0;
    }
    while (text.size > 0) {
        if (count == 8)
            return -EINVAL;
        if (text.at[0] == ':') {
            if (*gap >= 0)
                return -EINVAL;
            *gap = count;
            text = fm__slice_after(text, 1);
            continue;
        }
        size_t size = url_host_v6_piece(text, &pieces[count]);
        char next = fm__slice_at(text, size);
        if (next == '.') {
            if (count > 6 || url_host_v6_tail(text, &pieces[count]) < 0)
                return -EINVAL;
            return count + 2;
        }
        count++;
        bool last = size == text.size;
        if (!last && (next != ':' || size + 1 == text.size))
            return -EINVAL;
        text = fm__slice_after(text, last ? size : size + 1);
    }
    return count;
}

int fm__url_ipv6(struct fm__slice text, uint16_t pieces[8])
{
    int gap;
    int count = url_host_v6_read(text, pieces, &gap);
    if (count < 0 || (gap < 0 && count != 8) || (gap >= 0 && count == 8))
        return -EINVAL;
    if (gap < 0)
        return 0;
    size_t moved = (size_t)(count - gap);
    memmove(pieces + 8 - moved, pieces + gap, moved * sizeof *pieces);
    memset(pieces + gap, 0, (size_t)(8 - count) * sizeof *pieces);
    return 0;
}

/* The first of the longest runs of two zeros or more; its size. */
static int url_host_v6_zeros(const uint16_t pieces[8], int *start)
{
    int best = 1;
    for (int i = 0; i < 8; i++) {
        int size = 0;
        while (i + size < 8 && pieces[i + size] == 0)
            size++;
        if (size > best) {
            best = size;
            *start = i;
        }
    }
    return best > 1 ? best : 0;
}

static void url_host_v6_write_piece(struct fm__pen *pen, unsigned piece)
{
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = piece >> shift & 15;
        begun = begun || digit != 0 || shift == 0;
        if (begun)
            fm__pen_put(pen, "0123456789abcdef"[digit]);
    }
}

void fm__url_ipv6_write(const uint16_t pieces[8], struct fm__pen *pen)
{
    int start = -1;
    int zeros = url_host_v6_zeros(pieces, &start);
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            fm__pen_write(pen, i == 0 ? FM__SLICE("::") : FM__SLICE(":"));
            i += zeros - 1;
            continue;
        }
        url_host_v6_write_piece(pen, pieces[i]);
        if (i < 7)
            fm__pen_put(pen, ':');
    }
}

/* "[...]", brackets and all. */
static int url_host_v6(struct fm__slice text, struct fm__pen *pen)
{
    uint16_t pieces[8];
    if (text.size < 2 || text.at[text.size - 1] != ']')
        return -EINVAL;
    text = fm__slice_after(fm__slice_until(text, text.size - 1), 1);
    if (fm__url_ipv6(text, pieces) < 0)
        return -EINVAL;
    fm__pen_put(pen, '[');
    fm__url_ipv6_write(pieces, pen);
    fm__pen_put(pen, ']');
    return 0;
}

/* --- names --------------------------------------------------------------- */

/* In the text that the pen has written. */
static void url_host_lower(char *at, const char *end)
{
    for (; at < end; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at | 0x20);
}

/* The decoded domain in ASCII. */
static int url_host_ascii(struct fm__slice text, struct fm__url_desk *desk,
                          struct fm__slice *host)
{
    struct fm__pen *pen = &desk->pen;
    char *start = pen->at;
    fm__percent_decode(pen, text, false);
    *host = fm__pen_since(pen, start);
    if (url_host_is_ascii(*host)) {
        url_host_lower(start, pen->at);
        return 0;
    }
    if (desk->to_ascii == NULL)
        return -EINVAL;
    char *ascii = pen->at;
    int rc = desk->to_ascii(pen, *host);
    *host = fm__pen_since(pen, ascii);
    return rc;
}

static int url_host_domain(struct fm__slice text, struct fm__url_desk *desk,
                           struct fm__slice *host)
{
    int rc = url_host_ascii(text, desk, host);
    if (rc < 0)
        return rc;
    if (host->size == 0 ||
        url_host_has_forbidden(*host, url_host_domain_forbids))
        return -EINVAL;
    if (!url_host_ends_in_a_number(*host))
        return 0;
    char *start = desk->pen.at;
    rc = url_host_v4(*host, &desk->pen);
    *host = fm__pen_since(&desk->pen, start);
    return rc;
}

int fm__url_host(struct fm__slice text, bool special, struct fm__url_desk *desk,
                 struct fm__slice *host)
{
    struct fm__pen *pen = &desk->pen;
    char *start = pen->at;
    int rc = 0;
    if (special && fm__slice_at(text, 0) != '[')
        return url_host_domain(text, desk, host);
    if (fm__slice_at(text, 0) == '[')
        rc = url_host_v6(text, pen);
    else if (url_host_has_forbidden(text, url_host_forbids))
        rc = -EINVAL;
    else
        fm__percent_encode(pen, text, FM__PERCENT_C0);
    *host = fm__pen_since(pen, start);
    return rc;
}
