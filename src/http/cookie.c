/*
 * cookie.c - the cookies of a request, and those that a reply sets
 * (RFC 6265bis, 4)
 *
 * A request's are taken apart once, when the first is asked for: name, NUL,
 * value, NUL, and so on.
 */
#include "base/memory.h"
#include "http/exchange_record.h"
#include "proto/cookie_text.h"

#include <errno.h>
#include <fermata/cookie.h>

enum {
    COOKIE_MORE = 128 /* bytes of a Set-Cookie besides its texts, at most */
};

/* ---- those of a request -------------------------------------------------- */

static bool cookie_is_field(const struct fm__field *field)
{
    return field->known == FM__FIELD_COOKIE;
}

/* "a=b;" becomes "a", "b", and "a;" becomes "", "a", each with its NUL. */
static size_t cookie_room(const struct fm__head *head)
{
    size_t size = 0;
    for (unsigned i = 0; i < head->count; i++)
        if (cookie_is_field(&head->fields[i]))
            size += head->fields[i].value.size + 2;
    return 2 * size;
}

static unsigned cookie_take_field(struct fm__slice text, unsigned most,
                                  struct fm__pen *pen)
{
    struct fm__slice name, value;
    unsigned count = 0;
    while (count < most && fm__cookie_next(&text, &name, &value)) {
        fm__pen_write(pen, name);
        fm__pen_put(pen, '\0');
        fm__pen_write(pen, value);
        fm__pen_put(pen, '\0');
        count++;
    }
    return count;
}

int fm__exchange_cookies(struct fm_exchange *exchange)
{
    const struct fm__incoming *incoming = &exchange->incoming;
    const struct fm__head *head = &incoming->head;
    size_t room = cookie_room(head);
    unsigned left = FM_COOKIES_TAKEN;
    if (exchange->cookies != NULL || room == 0)
        return 0;
    exchange->cookies = fm__memory_new(room);
    if (exchange->cookies == NULL)
        return -ENOMEM;
    struct fm__pen pen = {exchange->cookies, exchange->cookies + room, false};
    for (unsigned i = 0; i < head->count; i++)
        if (cookie_is_field(&head->fields[i]))
            left -= cookie_take_field(
                fm__passage_in(incoming->text, head->fields[i].value), left,
                &pen);
    exchange->cookies_end = pen.at;
    return 0;
}

/* The cookie that begins at `at`, and where the next one does. */
static const char *cookie_taken_pair(const char *at, fm_http_field *pair)
{
    pair->name = at;
    pair->value = at + strlen(at) + 1;
    return pair->value + strlen(pair->value) + 1;
}

const char *fm_exchange_cookie(fm_exchange *exchange, const char *name)
{
    fm_http_field pair;
    if (fm__exchange_cookies(exchange) < 0 || exchange->cookies == NULL)
        return NULL;
    for (const char *at = exchange->cookies; at < exchange->cookies_end;) {
        at = cookie_taken_pair(at, &pair);
        if (strcmp(pair.name, name) == 0)
            return pair.value;
    }
    return NULL;
}

bool fm_exchange_cookie_at(fm_exchange *exchange, size_t index,
                           fm_http_field *cookie)
{
    fm_http_field pair;
    if (fm__exchange_cookies(exchange) < 0 || exchange->cookies == NULL)
        return false;
    for (const char *at = exchange->cookies; at < exchange->cookies_end;
         index--) {
        at = cookie_taken_pair(at, &pair);
        if (index == 0) {
            *cookie = pair;
            return true;
        }
    }
    return false;
}

/* ---- those of a reply ---------------------------------------------------- */

/* With all that it leaves out. */
struct cookie_said {
    struct fm__slice name;
    struct fm__slice value;
    struct fm__slice domain;
    struct fm__slice path;
};

static struct cookie_said cookie_said(const fm_cookie *cookie)
{
    const char *value = cookie->value, *domain = cookie->domain;
    return (struct cookie_said){
        fm__slice_of(cookie->name != NULL ? cookie->name : ""),
        fm__slice_of(value != NULL ? value : ""),
        fm__slice_of(domain != NULL ? domain : ""),
        fm__slice_of(cookie->path != NULL ? cookie->path : "/"),
    };
}

/* cookie-octet (RFC 6265bis, 4.1.1). */
static bool cookie_is_octet(char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '"' && byte != ',' &&
           byte != ';' && byte != '\\';
}

static bool cookie_is_value(struct fm__slice text)
{
    if (text.size > 1 && text.at[0] == '"' && text.at[text.size - 1] == '"') {
        text = fm__slice_after(text, 1);
        text.size--;
    }
    for (size_t i = 0; i < text.size; i++)
        if (!cookie_is_octet(text.at[i]))
            return false;
    return true;
}

static bool cookie_is_path(struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < ' ' || text.at[i] == 0x7f || text.at[i] == ';')
            return false;
    return fm__slice_at(text, 0) == '/' && text.at[text.size - 1] != ' ';
}

/* Letters, digits and hyphens, with dots between them. */
static bool cookie_is_domain(struct fm__slice text)
{
    bool label = false;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.at[i];
        bool dot = byte == '.';
        bool alphanumeric = (byte >= 'a' && byte <= 'z') ||
                            (byte >= 'A' && byte <= 'Z') ||
                            (byte >= '0' && byte <= '9');
        if (dot ? !label : !alphanumeric && byte != '-' && byte != '_')
            return false;
        label = !dot;
    }
    return label;
}

/* The promises that it makes fit together. */
static bool cookie_holds(const fm_cookie *cookie,
                         const struct cookie_said *said)
{
    const struct fm__cookie like = {
        .name = said->name, .value = said->value, .secure = !cookie->plain};
    bool host =
        cookie->domain == NULL && fm__slice_is(said->path, FM__SLICE("/"));
    return fm__cookie_prefix_holds(&like, host) &&
           (unsigned)cookie->same_site <= FM_SAME_SITE_UNSAID &&
           !(cookie->same_site == FM_SAME_SITE_NONE && cookie->plain);
}

int fm__reply_cookie_check(const fm_cookie *cookie)
{
    const struct cookie_said said = cookie_said(cookie);
    if (!fm__token_is(said.name) || !cookie_is_value(said.value) ||
        !cookie_is_path(said.path) ||
        (cookie->domain != NULL && !cookie_is_domain(said.domain)) ||
        !cookie_holds(cookie, &said))
        return -EINVAL;
    return said.name.size + said.value.size > FM_COOKIE_SIZE ||
                   said.path.size > FM_COOKIE_ATTRIBUTE ||
                   said.domain.size > FM_COOKIE_ATTRIBUTE
               ? -EMSGSIZE
               : 0;
}

static void cookie_write_age(const fm_cookie *cookie, struct fm__pen *pen)
{
    int64_t age = cookie->age < FM_COOKIE_AGE ? cookie->age : FM_COOKIE_AGE;
    if (age == 0)
        return;
    fm__pen_write(pen, FM__SLICE("; Max-Age="));
    fm__pen_number(pen, age > 0 ? (uint64_t)age : 0);
}

static struct fm__slice cookie_site_words(fm_same_site site)
{
    switch (site) {
    case FM_SAME_SITE_STRICT:
        return FM__SLICE("; SameSite=Strict");
    case FM_SAME_SITE_NONE:
        return FM__SLICE("; SameSite=None");
    case FM_SAME_SITE_UNSAID:
        return FM__SLICE("");
    default:
        return FM__SLICE("; SameSite=Lax");
    }
}

static void cookie_write(const fm_cookie *cookie,
                         const struct cookie_said *said, struct fm__pen *pen)
{
    fm__pen_write(pen, said->name);
    fm__pen_put(pen, '=');
    fm__pen_write(pen, said->value);
    cookie_write_age(cookie, pen);
    if (cookie->domain != NULL) {
        fm__pen_write(pen, FM__SLICE("; Domain="));
        fm__pen_write(pen, said->domain);
    }
    fm__pen_write(pen, FM__SLICE("; Path="));
    fm__pen_write(pen, said->path);
    if (!cookie->plain)
        fm__pen_write(pen, FM__SLICE("; Secure"));
    if (!cookie->scripts)
        fm__pen_write(pen, FM__SLICE("; HttpOnly"));
    fm__pen_write(pen, cookie_site_words(cookie->same_site));
}

/* A client would keep the other one in place of this. */
static bool cookie_is_replaced(struct fm__slice line,
                               const struct cookie_said *by)
{
    const struct fm__slice field = FM__SLICE("Set-Cookie: ");
    struct fm__cookie set;
    return fm__slice_is(fm__slice_until(line, field.size), field) &&
           fm__cookie_read(fm__slice_after(line, field.size), 0, &set) &&
           fm__slice_is(set.name, by->name) &&
           fm__slice_is(set.path, by->path) &&
           fm__slice_like(set.domain, by->domain);
}

/* A reply has one of a name (RFC 6265bis, 4.1.1): those before the fields' last
 * `size` bytes go. */
static void cookie_replace(fm_exchange *exchange, const struct cookie_said *by,
                           size_t size)
{
    size_t at = 0;
    while (at + size < exchange->fields_size) {
        char *start = exchange->fields + at;
        struct fm__slice rest = {start, exchange->fields_size - at};
        size_t end = fm__slice_find(rest, '\n') + 1;
        if (!cookie_is_replaced(fm__slice_until(rest, end - 2), by)) {
            at += end;
            continue;
        }
        memmove(start, start + end, rest.size - end);
        exchange->fields_size -= end;
    }
}

int fm_reply_cookie(fm_exchange *exchange, const fm_cookie *cookie)
{
    const struct cookie_said said = cookie_said(cookie);
    int rc = fm__reply_cookie_check(cookie);
    if (rc < 0)
        return rc;
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    size_t size = said.name.size + said.value.size + said.domain.size +
                  said.path.size + COOKIE_MORE;
    char *text = fm__memory_new(size);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + size, false};
    cookie_write(cookie, &said, &pen);
    size_t before = exchange->fields_size;
    rc = fm__reply_add(exchange, FM__SLICE("Set-Cookie"),
                       fm__pen_since(&pen, text));
    if (rc == 0)
        cookie_replace(exchange, &said, exchange->fields_size - before);
    fm__memory_free(text);
    return rc;
}
