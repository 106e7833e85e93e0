/*
 * percent.c - percent-encoding (the URL standard, 1.3)
 */
#include "proto/percent.h"

/* A bit for each set; FROM_x: for x and those behind it. */
#define PERCENT_BIT(set) (1u << (set))
#define PERCENT_FROM(set) (0xffu & ~(PERCENT_BIT(set) - 1u))

enum {
    PERCENT_ALL = PERCENT_FROM(FM__PERCENT_FRAGMENT),
    PERCENT_QUERY = PERCENT_FROM(FM__PERCENT_QUERY),
    PERCENT_PATH = PERCENT_FROM(FM__PERCENT_PATH),
    PERCENT_USERINFO = PERCENT_FROM(FM__PERCENT_USERINFO),
    PERCENT_COMPONENT = PERCENT_FROM(FM__PERCENT_COMPONENT),
    PERCENT_FORM = PERCENT_FROM(FM__PERCENT_FORM)
};

/* The sets of what is printed; what is not is in all of them. */
static const uint8_t percent_sets[128] = {
    [' '] = PERCENT_ALL,
    ['"'] = PERCENT_ALL,
    ['<'] = PERCENT_ALL,
    ['>'] = PERCENT_ALL,
    ['`'] = PERCENT_BIT(FM__PERCENT_FRAGMENT) | PERCENT_PATH,
    ['#'] = PERCENT_QUERY,
    ['\''] = PERCENT_BIT(FM__PERCENT_SPECIAL_QUERY) | PERCENT_FORM,
    ['?'] = PERCENT_PATH,
    ['^'] = PERCENT_PATH,
    ['{'] = PERCENT_PATH,
    ['}'] = PERCENT_PATH,
    ['/'] = PERCENT_USERINFO,
    [':'] = PERCENT_USERINFO,
    [';'] = PERCENT_USERINFO,
    ['='] = PERCENT_USERINFO,
    ['@'] = PERCENT_USERINFO,
    ['['] = PERCENT_USERINFO,
    ['\\'] = PERCENT_USERINFO,
    [']'] = PERCENT_USERINFO,
    ['|'] = PERCENT_USERINFO,
    ['$'] = PERCENT_COMPONENT,
    ['%'] = PERCENT_COMPONENT,
    ['&'] = PERCENT_COMPONENT,
    ['+'] = PERCENT_COMPONENT,
    [','] = PERCENT_COMPONENT,
    ['!'] = PERCENT_FORM,
    ['('] = PERCENT_FORM,
    [')'] = PERCENT_FORM,
    ['~'] = PERCENT_FORM,
};

bool fm__percent_encodes(enum fm__percent_set set, char byte)
{
    unsigned char value = (unsigned char)byte;
    return value < 0x20 || value > 0x7e ||
           (percent_sets[value] & PERCENT_BIT(set)) != 0;
}

void fm__percent_put(struct fm__pen *pen, char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char value = (unsigned char)byte;
    char text[3] = {'%', digits[value >> 4], digits[value & 15]};
    fm__pen_write(pen, (struct fm__slice){text, sizeof text});
}

void fm__percent_encode(struct fm__pen *pen, struct fm__slice text,
                        enum fm__percent_set set)
{
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!fm__percent_encodes(set, text.at[i]))
            continue;
        fm__pen_write(pen, (struct fm__slice){text.at + from, i - from});
        from = i + 1;
        if (set == FM__PERCENT_FORM && text.at[i] == ' ')
            fm__pen_put(pen, '+');
        else
            fm__percent_put(pen, text.at[i]);
    }
    fm__pen_write(pen, fm__slice_after(text, from));
}

int fm__hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

void fm__percent_decode(struct fm__pen *pen, struct fm__slice text, bool plus)
{
    if (!plus && fm__slice_find(text, '%') == text.size) {
        fm__pen_write(pen, text);
        return;
    }
    for (size_t i = 0; i < text.size; i++) {
        int high = fm__hex_digit(fm__slice_at(text, i + 1));
        int low = fm__hex_digit(fm__slice_at(text, i + 2));
        if (text.at[i] == '%' && high >= 0 && low >= 0) {
            fm__pen_put(pen, (char)(high << 4 | low));
            i += 2;
        } else if (plus && text.at[i] == '+') {
            fm__pen_put(pen, ' ');
        } else {
            fm__pen_put(pen, text.at[i]);
        }
    }
}

/* RFC 3986, 2.3. */
static bool percent_is_unreserved(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

/* A '%' that stands for itself, and perhaps a digit, is what was written last:
 * a digit behind it would make it another one. */
static bool percent_is_open(struct fm__slice written)
{
    size_t size = written.size;
    return (size > 0 && written.at[size - 1] == '%') ||
           (size > 1 && written.at[size - 2] == '%');
}

void fm__percent_normal(struct fm__pen *pen, struct fm__slice text,
                        const char *also)
{
    char *start = pen->at;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.at[i];
        int high = fm__hex_digit(fm__slice_at(text, i + 1));
        int low = fm__hex_digit(fm__slice_at(text, i + 2));
        bool puts = fm__percent_encodes(FM__PERCENT_C0, byte) ||
                    strchr(also, byte) != NULL;
        if (byte == '%' && high >= 0 && low >= 0) {
            byte = (char)(high << 4 | low);
            i += 2;
            puts = !percent_is_unreserved(byte) ||
                   (fm__hex_digit(byte) >= 0 &&
                    percent_is_open(fm__pen_since(pen, start)));
        }
        if (puts)
            fm__percent_put(pen, byte);
        else
            fm__pen_put(pen, byte);
    }
}
