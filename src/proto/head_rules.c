/*
 * head_rules.c - what the fields of a head mean for its connection and body
 * (RFC 9112, 3.2, 6 and 9; RFC 9110, 7.2 and 7.6.1)
 *
 * Where RFC 9112 leaves a reader the choice to repair a head, it is refused.
 */
#include "proto/head_rules.h"

#include <errno.h>
#include <fermata/error.h>

/* 1*DIGIT, at most 2^63 - 1; -1 of anything else. */
static int64_t head_length(struct fm__slice text)
{
    int64_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = text.at[i] - '0';
        if (digit < 0 || digit > 9 ||
            __builtin_mul_overflow(length, (int64_t)10, &length) ||
            __builtin_add_overflow(length, (int64_t)digit, &length))
            return -1;
    }
    return text.size > 0 ? length : -1;
}

static int head_content_length(struct fm__head *head, struct fm__slice value)
{
    if (head->content_length >= 0)
        return -FM_EHTTPFRAMING;
    head->content_length = head_length(value);
    return head->content_length < 0 ? -FM_EHTTPFRAMING : 0;
}

static int head_transfer_encoding(struct fm__head *head, struct fm__slice value)
{
    if (head->chunked || head->minor == 0)
        return -FM_EHTTPFRAMING;
    if (!fm__slice_like(value, FM__SLICE("chunked")))
        return -FM_EHTTPCODING;
    head->chunked = true;
    return 0;
}

static int head_connection(struct fm__head *head, struct fm__slice value)
{
    struct fm__slice option;
    while (fm__list_next(&value, &option)) {
        if (fm__slice_like(option, FM__SLICE("close")))
            head->connection |= FM__HEAD_CLOSE;
        else if (fm__slice_like(option, FM__SLICE("keep-alive")))
            head->connection |= FM__HEAD_KEEP_ALIVE;
        else if (fm__slice_like(option, FM__SLICE("upgrade")))
            head->connection |= FM__HEAD_UPGRADE;
    }
    return 0;
}

static int head_host(struct fm__head *head, const struct fm__field *field,
                     struct fm__slice value)
{
    if (head->kind == FM__HEAD_RESPONSE)
        return 0;
    if (head->host.size > 0 || !fm__authority_is(value))
        return -FM_EHTTPHOST;
    head->host = field->value;
    return 0;
}

int fm__head_field(struct fm__head *head, const struct fm__field *field,
                   const char *bytes)
{
    struct fm__slice value = fm__passage_in(bytes, field->value);
    switch (field->known) {
    case FM__FIELD_CONTENT_LENGTH:
        return head_content_length(head, value);
    case FM__FIELD_TRANSFER_ENCODING:
        return head_transfer_encoding(head, value);
    case FM__FIELD_CONNECTION:
        return head_connection(head, value);
    case FM__FIELD_HOST:
        return head_host(head, field, value);
    case FM__FIELD_EXPECT:
        head->expects |= fm__slice_like(value, FM__SLICE("100-continue"));
        return 0;
    default:
        return 0;
    }
}

/* --- the target ---------------------------------------------------------- */

/* Of an address in brackets, or of a name: how far it goes. */
static size_t head_host_size(struct fm__slice text)
{
    size_t size = 0;
    if (fm__slice_at(text, 0) == '[') {
        size = fm__slice_find(text, ']');
        for (size_t i = 1; i < size; i++)
            if (!fm__char_is(text.at[i], FM__CHAR_HOST) && text.at[i] != ':')
                return 0;
        return size > 1 && size < text.size ? size + 1 : 0;
    }
    const char *at = text.at, *end = text.at + text.size;
    while (at < end && fm__char_is(*at, FM__CHAR_HOST))
        at++;
    return (size_t)(at - text.at);
}

/* [":" *DIGIT], at most 65535. */
static bool head_is_port(struct fm__slice text)
{
    unsigned port = 0;
    if (text.size > 0 && (text.at[0] != ':' || text.size > 6))
        return false;
    for (size_t i = 1; i < text.size; i++) {
        unsigned digit = (unsigned char)text.at[i] - '0';
        if (digit > 9)
            return false;
        port = port * 10 + digit;
    }
    return port <= UINT16_MAX;
}

bool fm__authority_is(struct fm__slice text)
{
    size_t size = head_host_size(text);
    return size > 0 && head_is_port(fm__slice_after(text, size));
}

/* "http://host..." and its like: the authority of an absolute form (RFC 9112,
 * 3.2.2), or an empty slice. */
static struct fm__slice head_absolute(struct fm__slice target)
{
    static const struct fm__slice schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < FM__COUNT(schemes); i++) {
        size_t size = schemes[i].size;
        if (!fm__slice_like(fm__slice_until(target, size), schemes[i]))
            continue;
        struct fm__slice rest = fm__slice_after(target, size);
        size_t end = 0;
        while (end < rest.size && strchr("/?#", rest.at[end]) == NULL)
            end++;
        return fm__slice_until(rest, end);
    }
    return fm__slice_until(target, 0);
}

/* RFC 9112, 3.2: each form where it belongs. */
static int head_rules_target(const struct fm__head *head, const char *bytes)
{
    struct fm__slice method = fm__passage_in(bytes, head->method);
    struct fm__slice target = fm__passage_in(bytes, head->target);
    struct fm__slice host = fm__passage_in(bytes, head->host);
    if (fm__slice_find(target, '#') < target.size)
        return -FM_EHTTPLINE;
    if (fm__slice_is(method, FM__SLICE("CONNECT"))) {
        size_t size = head_host_size(target);
        return fm__authority_is(target) && size + 1 < target.size
                   ? 0
                   : -FM_EHTTPLINE;
    }
    if (target.at[0] == '/')
        return 0;
    if (fm__slice_is(target, FM__SLICE("*")))
        return fm__slice_is(method, FM__SLICE("OPTIONS")) ? 0 : -FM_EHTTPLINE;
    struct fm__slice authority = head_absolute(target);
    if (!fm__authority_is(authority))
        return -FM_EHTTPLINE;
    return host.size == 0 || fm__slice_like(authority, host) ? 0
                                                             : -FM_EHTTPHOST;
}

int fm__head_end(struct fm__head *head, const char *bytes)
{
    if (head->chunked && head->content_length >= 0)
        return -FM_EHTTPFRAMING;
    if (head->kind == FM__HEAD_RESPONSE)
        return 0;
    if (head->host.size == 0 && head->minor > 0)
        return -FM_EHTTPHOST;
    return head_rules_target(head, bytes);
}

bool fm__head_stays(const struct fm__head *head)
{
    if ((head->connection & FM__HEAD_CLOSE) != 0)
        return false;
    return head->minor > 0 || (head->connection & FM__HEAD_KEEP_ALIVE) != 0;
}
