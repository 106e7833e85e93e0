/*
 * tunnel.c - what a client says to an HTTP proxy, and what it hears
 */
#include "proto/tunnel.h"

#include "proto/base64.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>
#include <string.h>

enum {
    TUNNEL_AUTHORITY = FM__PROXY_HOST + 9, /* "[", "]:65535" and a NUL */
    TUNNEL_WORDS = 2 * FM__PROXY_WORD + 2, /* "user:password" and a NUL */
    TUNNEL_CODED = (TUNNEL_WORDS + 2) / 3 * 4 + 1
};

/* What could be taken for something else in a request line is no host. */
static bool tunnel_is_host(const char *host)
{
    size_t size = strlen(host);
    if (size == 0 || size > FM__PROXY_HOST)
        return false;
    for (; *host != '\0'; host++) {
        if (*host <= ' ' || *host > '~' || strchr("/@?#[]\\\"<>", *host))
            return false;
    }
    return true;
}

static bool tunnel_is_word(const char *word)
{
    return strlen(word) <= FM__PROXY_WORD && strpbrk(word, "\r\n") == NULL;
}

/* "Proxy-Authorization: Basic ..." (RFC 7617), or nothing: its size or
 * -EINVAL. */
static int tunnel_credentials(char *out, size_t size,
                              const struct fm__proxy_target *target)
{
    char words[TUNNEL_WORDS], coded[TUNNEL_CODED];
    struct fm__pen pen = {coded, coded + sizeof coded - 1, false};
    if (target->user == NULL)
        return 0;
    if (!tunnel_is_word(target->user) || !tunnel_is_word(target->password) ||
        strchr(target->user, ':') != NULL)
        return -EINVAL;
    snprintf(words, sizeof words, "%s:%s", target->user, target->password);
    fm__base64_encode(&pen, fm__slice_of(words));
    *pen.at = '\0';
    return snprintf(out, size, "Proxy-Authorization: Basic %s\r\n", coded);
}

ssize_t fm__tunnel_ask(char *out, const struct fm__proxy_target *target)
{
    char at[TUNNEL_AUTHORITY];
    bool v6 = target->family == FM__PROXY_V6;
    if (!tunnel_is_host(target->host))
        return -EINVAL;
    snprintf(at, sizeof at, v6 ? "[%s]:%d" : "%s:%d", target->host,
             target->port);
    int size = snprintf(out, FM__TUNNEL_SIZE,
                        "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", at, at);
    int more =
        tunnel_credentials(out + size, FM__TUNNEL_SIZE - (size_t)size, target);
    if (more < 0)
        return more;
    size += more;
    memcpy(out + size, "\r\n", 2);
    return size + 2;
}

/* "HTTP/1.x NNN" (RFC 9112, 4), as far as it has come. */
static bool tunnel_speaks(const uint8_t *bytes, size_t size)
{
    static const char form[] = "HTTP/1.d ndd"; /* n: not 0 */
    for (size_t i = 0; i < size && i < sizeof form - 1; i++) {
        bool digit = bytes[i] >= '0' && bytes[i] <= '9';
        bool right = form[i] == 'd'   ? digit
                     : form[i] == 'n' ? digit && bytes[i] != '0'
                                      : bytes[i] == (uint8_t)form[i];
        if (!right)
            return false;
    }
    return size < sizeof form ||
           memchr(" \r\n", bytes[sizeof form - 1], 3) != NULL;
}

/* Where the empty line ends, LF alone counts as a line's end (RFC 9112, 2.2);
 * 0: not yet. */
static size_t tunnel_head(const uint8_t *bytes, size_t size)
{
    size_t line = 0; /* bytes of it, a CR left out */
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' && line == 0)
            return i + 1;
        if (bytes[i] == '\n')
            line = 0;
        else if (bytes[i] != '\r')
            line++;
    }
    return 0;
}

ssize_t fm__tunnel_answered(const uint8_t *bytes, size_t size, int *status)
{
    size_t looked = size < FM__TUNNEL_LIMIT ? size : FM__TUNNEL_LIMIT;
    if (!tunnel_speaks(bytes, looked))
        return -FM_EPROXY;
    size_t head = tunnel_head(bytes, looked);
    if (head == 0)
        return looked == FM__TUNNEL_LIMIT ? -FM_EPROXY : 0;
    if (head < sizeof "HTTP/1.1 200" + 1)
        return -FM_EPROXY;
    *status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + bytes[11] - '0';
    return (ssize_t)head;
}

int fm__tunnel_refusal(int status)
{
    if (status >= 200 && status < 300)
        return 0;
    switch (status) {
    case 403:
        return -FM_EPROXYFORBIDS;
    case 407:
        return -FM_EPROXYLOGIN;
    case 504:
        return -FM_EPROXYTIMEOUT;
    default:
        return -FM_EPROXYFAILED;
    }
}
