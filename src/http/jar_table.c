/*
 * jar_table.c - where the cookies of a client lie, and which of them go (RFC
 * 6265bis, 5.7)
 */
#include "base/memory.h"
#include "http/jar_record.h"

#include <errno.h>

enum {
    JAR_FIRST_ROOM = 16 /* cookies */
};

static int jar_compare(struct fm__slice one, struct fm__slice other)
{
    size_t size = one.size < other.size ? one.size : other.size;
    int order = memcmp(one.at, other.at, size);
    if (order != 0 || one.size == other.size)
        return order;
    return one.size < other.size ? -1 : 1;
}

size_t fm__jar_place(const fm_cookie_jar *jar, struct fm__slice domain,
                     bool past)
{
    size_t from = 0, to = jar->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = jar_compare(jar->cookies[middle]->domain, domain);
        if (order < 0 || (past && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void fm__jar_remove(fm_cookie_jar *jar, size_t index)
{
    fm__memory_free(jar->cookies[index]);
    jar->count--;
    memmove(&jar->cookies[index], &jar->cookies[index + 1],
            (jar->count - index) * sizeof(void *));
}

void fm__jar_expire(fm_cookie_jar *jar, int64_t now)
{
    size_t kept = 0;
    if (now < jar->first_over)
        return;
    jar->first_over = FM__COOKIE_SESSION;
    for (size_t i = 0; i < jar->count; i++) {
        struct fm__jar_cookie *cookie = jar->cookies[i];
        if (cookie->expires <= now) {
            fm__memory_free(cookie);
            continue;
        }
        if (cookie->expires < jar->first_over)
            jar->first_over = cookie->expires;
        jar->cookies[kept++] = cookie;
    }
    jar->count = kept;
}

/* In a domain, which of two is to go (RFC 6265bis, 5.7). */
static bool jar_goes_before(const struct fm__jar_cookie *one,
                            const struct fm__jar_cookie *other, bool crowded)
{
    if (crowded && one->secure != other->secure)
        return other->secure;
    return one->used < other->used;
}

/* One of these goes. */
static void jar_evict(fm_cookie_jar *jar, size_t from, size_t to, bool crowded)
{
    size_t victim = from;
    for (size_t i = from + 1; i < to; i++)
        if (jar_goes_before(jar->cookies[i], jar->cookies[victim], crowded))
            victim = i;
    fm__jar_remove(jar, victim);
}

/* One was added of the domain, which may be the one that goes. */
static void jar_make_room(fm_cookie_jar *jar, struct fm__slice domain)
{
    size_t from = fm__jar_place(jar, domain, false);
    size_t to = fm__jar_place(jar, domain, true);
    if (to - from > FM_COOKIES_OF_DOMAIN)
        jar_evict(jar, from, to, true);
    if (jar->count > FM_COOKIES)
        jar_evict(jar, 0, jar->count, false);
}

/* Room for one more: 0 or -ENOMEM. */
static int jar_grow(fm_cookie_jar *jar)
{
    if (jar->count < jar->room)
        return 0;
    size_t room = jar->room > 0 ? 2 * jar->room : JAR_FIRST_ROOM;
    void *cookies = fm__memory_resize(jar->cookies, room * sizeof(void *));
    if (cookies == NULL)
        return -ENOMEM;
    jar->cookies = cookies;
    jar->room = room;
    return 0;
}

/* ---- keeping ------------------------------------------------------------- */

/* The one that it would replace, or jar->count. */
static size_t jar_find(const fm_cookie_jar *jar,
                       const struct fm__jar_cookie *cookie)
{
    size_t to = fm__jar_place(jar, cookie->domain, true);
    for (size_t i = fm__jar_place(jar, cookie->domain, false); i < to; i++) {
        const struct fm__jar_cookie *each = jar->cookies[i];
        if (fm__slice_is(each->name, cookie->name) &&
            fm__slice_is(each->path, cookie->path) &&
            each->host_only == cookie->host_only)
            return i;
    }
    return jar->count;
}

static struct fm__slice jar_text(char **at, struct fm__slice text)
{
    char *copy = *at;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    *at += text.size + 1;
    return (struct fm__slice){copy, text.size};
}

static struct fm__jar_cookie *jar_copy(const struct fm__jar_cookie *cookie)
{
    struct fm__jar_cookie *copy =
        fm__memory_new(sizeof *copy + cookie->domain.size + cookie->path.size +
                       cookie->name.size + cookie->value.size + 4);
    if (copy == NULL)
        return NULL;
    *copy = *cookie;
    char *at = (char *)(copy + 1);
    copy->domain = jar_text(&at, cookie->domain);
    copy->path = jar_text(&at, cookie->path);
    copy->name = jar_text(&at, cookie->name);
    copy->value = jar_text(&at, cookie->value);
    return copy;
}

static void jar_insert(fm_cookie_jar *jar, struct fm__jar_cookie *cookie)
{
    size_t at = fm__jar_place(jar, cookie->domain, true);
    memmove(&jar->cookies[at + 1], &jar->cookies[at],
            (jar->count - at) * sizeof(void *));
    jar->cookies[at] = cookie;
    jar->count++;
}

int fm__jar_keep(fm_cookie_jar *jar, const struct fm__jar_cookie *cookie,
                 int64_t now)
{
    fm__jar_expire(jar, now);
    size_t found = jar_find(jar, cookie);
    if (cookie->expires <= now) {
        if (found < jar->count)
            fm__jar_remove(jar, found);
        return 0;
    }
    struct fm__jar_cookie *copy = jar_copy(cookie);
    if (copy == NULL || jar_grow(jar) < 0) {
        fm__memory_free(copy);
        return -ENOMEM;
    }
    copy->used = copy->made = ++jar->clock;
    if (copy->expires < jar->first_over)
        jar->first_over = copy->expires;
    if (found < jar->count) { /* it is as old as what it replaces */
        copy->made = jar->cookies[found]->made;
        fm__memory_free(jar->cookies[found]);
        jar->cookies[found] = copy;
        return 0;
    }
    jar_insert(jar, copy);
    jar_make_room(jar, cookie->domain);
    return 0;
}
