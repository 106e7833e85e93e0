/*
 * socks.c - what SOCKS 5 says, and what it hears
 */
#include "proto/socks.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

enum {
    SOCKS_VERSION = 5,
    SOCKS_LOGIN_VERSION = 1,
    SOCKS_CONNECT = 1,
    SOCKS_NONE_SUITS = 0xff,
    SOCKS_V4 = 1,
    SOCKS_NAME = 3,
    SOCKS_V6 = 4
};

size_t fm__socks_greet(uint8_t *out, const struct fm__proxy_target *target)
{
    size_t count = target->user != NULL ? 2 : 1;
    out[0] = SOCKS_VERSION;
    out[1] = (uint8_t)count;
    out[2] = FM__SOCKS_NOBODY;
    out[3] = FM__SOCKS_PASSWORD;
    return 2 + count;
}

/* A word with its length before it: the place behind it, or NULL. */
static uint8_t *socks_word(uint8_t *out, const char *word)
{
    size_t size = strlen(word);
    if (size == 0 || size > 255)
        return NULL;
    *out++ = (uint8_t)size;
    memcpy(out, word, size);
    return out + size;
}

ssize_t fm__socks_login(uint8_t *out, const struct fm__proxy_target *target)
{
    uint8_t *end = out;
    *end++ = SOCKS_LOGIN_VERSION;
    end = socks_word(end, target->user);
    if (end != NULL)
        end = socks_word(end, target->password);
    return end != NULL ? end - out : -EINVAL;
}

ssize_t fm__socks_ask(uint8_t *out, const struct fm__proxy_target *target)
{
    uint8_t *end = out + 4;
    size_t size = target->family == FM__PROXY_V4 ? 4 : 16;
    out[0] = SOCKS_VERSION;
    out[1] = SOCKS_CONNECT;
    out[2] = 0;
    if (target->family == FM__PROXY_NAME) {
        out[3] = SOCKS_NAME;
        end = socks_word(end, target->host);
        if (end == NULL)
            return -EINVAL;
    } else {
        out[3] = target->family == FM__PROXY_V4 ? SOCKS_V4 : SOCKS_V6;
        memcpy(end, target->bytes, size);
        end += size;
    }
    *end++ = (uint8_t)(target->port >> 8);
    *end++ = (uint8_t)target->port;
    return end - out;
}

/* Refused as soon as the first byte is wrong, not when enough have come. */
static bool socks_speaks(const uint8_t *bytes, size_t size, uint8_t version)
{
    return size == 0 || bytes[0] == version;
}

ssize_t fm__socks_chosen(const uint8_t *bytes, size_t size,
                         enum fm__socks_method *method)
{
    if (!socks_speaks(bytes, size, SOCKS_VERSION))
        return -FM_EPROXY;
    if (size < 2)
        return 0;
    switch (bytes[1]) {
    case FM__SOCKS_NOBODY:
        *method = FM__SOCKS_NOBODY;
        return 2;
    case FM__SOCKS_PASSWORD:
        *method = FM__SOCKS_PASSWORD;
        return 2;
    case SOCKS_NONE_SUITS:
        return -FM_EPROXYLOGIN;
    default:
        return -FM_EPROXY;
    }
}

ssize_t fm__socks_logged_in(const uint8_t *bytes, size_t size)
{
    if (!socks_speaks(bytes, size, SOCKS_LOGIN_VERSION))
        return -FM_EPROXY;
    if (size < 2)
        return 0;
    return bytes[1] == 0 ? 2 : -FM_EPROXYLOGIN;
}

/* RFC 1928, 6. */
static int socks_refusal(int reply)
{
    static const int errors[] = {
        0,
        -FM_EPROXYFAILED,
        -FM_EPROXYFORBIDS,
        -FM_EPROXYNETWORK,
        -FM_EPROXYHOST,
        -FM_EPROXYREFUSED,
        -FM_EPROXYTIMEOUT,
        -FM_EPROXYCOMMAND,
        -FM_EPROXYFAMILY,
    };
    return (size_t)reply < FM__COUNT(errors) ? errors[reply] : -FM_EPROXYFAILED;
}

/* The size of an answer by its fourth and fifth byte; 0: it is none. */
static size_t socks_answer_size(const uint8_t *bytes)
{
    switch (bytes[3]) {
    case SOCKS_V4:
        return 4 + 4 + 2;
    case SOCKS_V6:
        return 4 + 16 + 2;
    case SOCKS_NAME:
        return (size_t)4 + 1 + bytes[4] + 2;
    default:
        return 0;
    }
}

/* A refusal is told by its second byte: some proxies say no more. */
ssize_t fm__socks_answered(const uint8_t *bytes, size_t size, int *reply)
{
    if (!socks_speaks(bytes, size, SOCKS_VERSION))
        return -FM_EPROXY;
    if (size < 2)
        return 0;
    *reply = bytes[1];
    if (bytes[1] != 0)
        return socks_refusal(bytes[1]);
    if (size < 5)
        return 0;
    size_t whole = socks_answer_size(bytes);
    if (whole == 0)
        return -FM_EPROXY;
    return size < whole ? 0 : (ssize_t)whole;
}
