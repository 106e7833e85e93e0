/*
 * trace_json.c - numbers and strings, without stdio: each step has several
 */
#include "task/trace_json.h"

#include <string.h>

void fm__trace_put(struct fm__trace_text *text, const char *string)
{
    size_t size = strlen(string);
    memcpy(text->bytes + text->used, string, size);
    text->used += size;
}

/* At least so many digits. */
static void trace_digits(struct fm__trace_text *text, uint64_t number,
                         int least)
{
    char digits[20];
    int n = 0;
    while (number > 0 || n < least) {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    }
    while (n > 0)
        text->bytes[text->used++] = digits[--n];
}

void fm__trace_number(struct fm__trace_text *text, int64_t number)
{
    if (number < 0)
        text->bytes[text->used++] = '-';
    trace_digits(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

static void trace_hex(struct fm__trace_text *text, uint64_t number)
{
    int shift = 60;
    while (shift > 0 && number >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        text->bytes[text->used++] = "0123456789abcdef"[number >> shift & 15];
}

void fm__trace_address(struct fm__trace_text *text, uint64_t address)
{
    fm__trace_put(text, "\"0x");
    trace_hex(text, address);
    fm__trace_put(text, "\"");
}

void fm__trace_task_id(struct fm__trace_text *text, uint64_t handle)
{
    fm__trace_put(text, "\"");
    trace_hex(text, handle);
    fm__trace_put(text, "\"");
}

void fm__trace_moment(struct fm__trace_text *text, int64_t when)
{
    uint64_t ns = when > 0 ? (uint64_t)when : 0;
    trace_digits(text, ns / 1000, 1);
    text->bytes[text->used++] = '.';
    trace_digits(text, ns % 1000, 3);
}

/* Bytes of the character there, which is not ASCII; 0: it is none (RFC 3629,
 * section 4). */
static size_t trace_utf8(const unsigned char *at)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t size;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < FM__COUNT(forms); i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        if (at[1] < forms[i].low || at[1] > forms[i].high)
            return 0;
        size_t n = 2;
        while (n < forms[i].size && (at[n] & 0xc0) == 0x80)
            n++;
        return n == forms[i].size ? n : 0;
    }
    return 0;
}

static void trace_escape(struct fm__trace_text *text, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char *to = text->bytes + text->used;
    if (c == '"' || c == '\\') {
        to[0] = '\\';
        to[1] = (char)c;
        text->used += 2;
        return;
    }
    memcpy(to, "\\u00", 4);
    to[4] = digits[c >> 4];
    to[5] = digits[c & 15];
    text->used += 6;
}

void fm__trace_quote(struct fm__trace_text *text, const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    fm__trace_put(text, "\"");
    while (*at != '\0') {
        size_t size = *at < 0x80 ? 1 : trace_utf8(at);
        if (*at < 0x20 || *at == 0x7f || *at == '"' || *at == '\\') {
            trace_escape(text, *at++);
            continue;
        }
        memcpy(text->bytes + text->used, size > 0 ? (const char *)at : "?",
               size > 0 ? size : 1);
        text->used += size > 0 ? size : 1;
        at += size > 0 ? size : 1;
    }
    fm__trace_put(text, "\"");
}
