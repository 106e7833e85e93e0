/*
 * proxy.c - talking to proxies, who may be slow, wrong or hostile
 *
 * What a proxy says is looked at and taken out only as far as it is the
 * proxy's own: the bytes behind it are the other end's, and stay. Each answer
 * has a limit, and each round of answers, so that nobody talks for ever who
 * talks fast; who talks slowly is the business of the caller's timeout.
 */
#include "net/proxy.h"

#include "proto/socks.h"
#include "proto/tunnel.h"

#include <errno.h>
#include <fermata/error.h>
#include <netinet/in.h>
#include <string.h>

#define PROXY_INTERIMS 8 /* answers of a kind 1xx (RFC 9110, 15.2) */

/* ---- Its address -------------------------------------------------------- */

static int proxy_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | ' ');
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A word of a URL's user information (RFC 3986, 2.1): 0, or -EINVAL where it
 * is longer than FM__PROXY_WORD or no word. */
static int proxy_word(char *word, const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '%' && size - i > 2) {
            int high = proxy_digit(text[i + 1]), low = proxy_digit(text[i + 2]);
            if (high < 0 || low < 0 || high + low == 0)
                return -EINVAL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '%') {
            return -EINVAL;
        }
        if (count == FM__PROXY_WORD)
            return -EINVAL;
        word[count++] = c;
    }
    word[count] = '\0';
    return 0;
}

/* "user:password"; SOCKS knows no empty words (RFC 1929, 2). */
static int proxy_login(struct fm__proxy *proxy, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    if (colon == NULL)
        return -EINVAL;
    size_t user = (size_t)(colon - text);
    int rc = proxy_word(proxy->user, text, user);
    if (rc == 0)
        rc = proxy_word(proxy->password, colon + 1, size - user - 1);
    if (rc == 0 && proxy->kind == FM__PROXY_SOCKS &&
        (proxy->user[0] == '\0' || proxy->password[0] == '\0'))
        rc = -EINVAL;
    proxy->login = true;
    return rc;
}

static const char *proxy_scheme(const char *text, struct fm__proxy *proxy)
{
    static const struct {
        const char *scheme;
        enum fm__proxy_kind kind;
    } known[] = {
        {"socks5://", FM__PROXY_SOCKS},
        {"socks5h://", FM__PROXY_SOCKS},
        {"http://", FM__PROXY_TUNNEL},
    };
    for (size_t i = 0; i < FM__COUNT(known); i++) {
        size_t size = strlen(known[i].scheme);
        if (strncmp(text, known[i].scheme, size) == 0) {
            proxy->kind = known[i].kind;
            return text + size;
        }
    }
    return NULL;
}

int fm__proxy_parse(const char *text, struct fm__proxy *proxy)
{
    proxy->login = false;
    text = proxy_scheme(text, proxy);
    if (text == NULL)
        return -EINVAL;
    const char *at = strrchr(text, '@');
    if (at != NULL) {
        int rc = proxy_login(proxy, text, (size_t)(at - text));
        if (rc < 0)
            return rc;
        text = at + 1;
    }
    return fm__target_parse(text, &proxy->at);
}

/* ---- Its answers -------------------------------------------------------- */

struct proxy_answer {
    /* How many bytes it takes, 0: more are needed, or its error. */
    ssize_t (*read)(struct proxy_answer *answer, const uint8_t *bytes,
                    size_t size);
    int number;
    enum fm__socks_method method;
};

static ssize_t proxy_read_chosen(struct proxy_answer *answer,
                                 const uint8_t *bytes, size_t size)
{
    return fm__socks_chosen(bytes, size, &answer->method);
}

static ssize_t proxy_read_login(struct proxy_answer *answer,
                                const uint8_t *bytes, size_t size)
{
    (void)answer;
    return fm__socks_logged_in(bytes, size);
}

static ssize_t proxy_read_reply(struct proxy_answer *answer,
                                const uint8_t *bytes, size_t size)
{
    return fm__socks_answered(bytes, size, &answer->number);
}

static ssize_t proxy_read_head(struct proxy_answer *answer,
                               const uint8_t *bytes, size_t size)
{
    return fm__tunnel_answered(bytes, size, &answer->number);
}

/* Takes one answer out of the stream. An end before is no answer either. */
static int proxy_hear(fm_stream *stream, struct proxy_answer *answer)
{
    const void *bytes;
    size_t least = 1;
    for (;;) {
        ssize_t n = fm_peek(stream, least, &bytes);
        if (n < 0)
            return n == -EMSGSIZE ? -FM_EPROXY : (int)n;
        ssize_t used = n > 0 ? answer->read(answer, bytes, (size_t)n) : 0;
        if (used < 0)
            return (int)used;
        if (used > 0) {
            fm_consume(stream, (size_t)used);
            return 0;
        }
        if ((size_t)n < least)
            return -FM_EPROXY;
        least = (size_t)n + 1;
    }
}

/* Flushed: a write that failed would be waited for at the answer. */
static int proxy_say(fm_stream *stream, const void *bytes, ssize_t size)
{
    if (size < 0)
        return (int)size;
    ssize_t n = fm_write(stream, bytes, (size_t)size);
    return n < 0 ? (int)n : fm_flush(stream);
}

/* ---- SOCKS -------------------------------------------------------------- */

static int proxy_socks_login(fm_stream *stream,
                             const struct fm__proxy_target *target)
{
    uint8_t bytes[FM__SOCKS_SIZE];
    struct proxy_answer chosen = {.read = proxy_read_chosen};
    struct proxy_answer login = {.read = proxy_read_login};
    size_t size = fm__socks_greet(bytes, target);
    int rc = proxy_say(stream, bytes, (ssize_t)size);
    if (rc == 0)
        rc = proxy_hear(stream, &chosen);
    if (rc < 0 || chosen.method == FM__SOCKS_NOBODY)
        return rc;
    if (target->user == NULL)
        return -FM_EPROXY; /* it was not among the methods */
    rc = proxy_say(stream, bytes, fm__socks_login(bytes, target));
    return rc < 0 ? rc : proxy_hear(stream, &login);
}

static int proxy_socks(fm_stream *stream, const struct fm__proxy_target *target,
                       int *reply)
{
    uint8_t bytes[FM__SOCKS_SIZE];
    struct proxy_answer answer = {.read = proxy_read_reply};
    int rc = proxy_socks_login(stream, target);
    if (rc == 0)
        rc = proxy_say(stream, bytes, fm__socks_ask(bytes, target));
    if (rc == 0)
        rc = proxy_hear(stream, &answer);
    *reply = answer.number;
    return rc;
}

/* ---- HTTP --------------------------------------------------------------- */

static int proxy_tunnel(fm_stream *stream,
                        const struct fm__proxy_target *target, int *reply)
{
    char text[FM__TUNNEL_SIZE];
    struct proxy_answer answer = {.read = proxy_read_head};
    int rc = proxy_say(stream, text, fm__tunnel_ask(text, target));
    for (int i = 0; rc == 0 && i <= PROXY_INTERIMS; i++) {
        rc = proxy_hear(stream, &answer);
        *reply = answer.number;
        if (rc == 0 && answer.number / 100 != 1)
            return fm__tunnel_refusal(answer.number);
    }
    return rc < 0 ? rc : -FM_EPROXY;
}

/* ---- Both --------------------------------------------------------------- */

static void proxy_target(struct fm__proxy_target *asked,
                         const struct fm__proxy *proxy,
                         const struct fm__target *target)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memset(asked, 0, sizeof *asked);
    asked->host = target->host;
    asked->port = target->port;
    asked->user = proxy->login ? proxy->user : NULL;
    asked->password = proxy->login ? proxy->password : NULL;
    if (!target->literal)
        return;
    memcpy(&v4, &target->address.storage, sizeof v4);
    memcpy(&v6, &target->address.storage, sizeof v6);
    if (v4.sin_family == AF_INET) {
        asked->family = FM__PROXY_V4;
        memcpy(asked->bytes, &v4.sin_addr, 4);
    } else {
        asked->family = FM__PROXY_V6;
        memcpy(asked->bytes, &v6.sin6_addr, 16);
    }
}

int fm__proxy_pass(fm_stream *stream, const struct fm__proxy *proxy,
                   const struct fm__target *target, int *reply)
{
    struct fm__proxy_target asked;
    proxy_target(&asked, proxy, target);
    return proxy->kind == FM__PROXY_SOCKS ? proxy_socks(stream, &asked, reply)
                                          : proxy_tunnel(stream, &asked, reply);
}
