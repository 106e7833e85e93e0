/*
 * jar_file.c - the cookies of a client in a file
 */
#include "http/jar_record.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/suffix.h"
#include "proto/cookie_line.h"

#include <errno.h>
#include <fermata/file.h>
#include <fermata/path.h>
#include <fermata/sleep.h>

enum {
    JAR_LINE = 64, /* bytes of a line, besides its texts, at most */
    JAR_TURN = 32  /* lines, after which others have their turn */
};

/* ---- reading ------------------------------------------------------------- */

/* A word that cannot end another one. */
static bool jar_is_word(struct fm__slice text, char beyond)
{
    return fm__slice_find(text, ';') == text.size &&
           fm__slice_find(text, beyond) == text.size;
}

/* What an answer could not have set is no cookie. */
static bool jar_takes(const struct fm__cookie_line *line)
{
    const struct fm__cookie like = {
        .name = line->name, .value = line->value, .secure = line->secure};
    bool host = !line->subdomains && fm__slice_is(line->path, FM__SLICE("/"));
    return fm__cookie_is(line->name, line->value) &&
           jar_is_word(line->name, '=') && jar_is_word(line->value, ';') &&
           jar_is_word(line->path, ';') && fm__slice_at(line->path, 0) == '/' &&
           line->path.size <= FM_COOKIE_ATTRIBUTE &&
           line->domain.size <= FM_COOKIE_ATTRIBUTE &&
           !(line->subdomains && fm__cookie_is_address(line->domain)) &&
           fm__cookie_prefix_holds(&like, host);
}

/* 1, 0 or -ENOMEM. */
static int jar_add(fm_cookie_jar *jar, const struct fm__cookie_line *line,
                   int64_t now)
{
    char room[FM_COOKIE_ATTRIBUTE + 1];
    int64_t last = now + FM_COOKIE_AGE;
    if (!jar_takes(line) || !fm__cookie_lower(line->domain, room) ||
        (line->subdomains && fm__suffix_of(room) == FM__SUFFIX_PUBLIC))
        return 0;
    struct fm__jar_cookie cookie = {
        .domain = {room, line->domain.size},
        .path = line->path,
        .name = line->name,
        .value = line->value,
        .expires = line->expires < last ? line->expires : last,
        .host_only = !line->subdomains,
        .secure = line->secure,
        .http_only = line->http_only,
    };
    if (line->expires == 0)
        cookie.expires = FM__COOKIE_SESSION;
    else if (cookie.expires <= now)
        return 0;
    int rc = fm__jar_keep(jar, &cookie, now);
    return rc < 0 ? rc : 1;
}

/* How many were added, or a failure. */
static ssize_t jar_read(fm_cookie_jar *jar, struct fm__slice file)
{
    struct fm__cookie_line line;
    int64_t now = fm__sys_date();
    ssize_t count = 0;
    for (size_t i = 1; fm__cookie_line_next(&file, &line); i++) {
        int rc = jar_add(jar, &line, now);
        count += rc;
        if (rc >= 0 && i % JAR_TURN == 0)
            rc = fm_yield();
        if (rc < 0)
            return rc;
    }
    return count;
}

ssize_t fm_cookie_jar_load(fm_cookie_jar *jar, const char *path)
{
    void *bytes;
    ssize_t size = fm_file_load(path, &bytes, FM_COOKIE_FILE);
    if (size < 0)
        return size;
    size = jar_read(jar, (struct fm__slice){bytes, (size_t)size});
    fm_file_free(bytes);
    return size;
}

/* ---- writing ------------------------------------------------------------- */

static const char jar_head[] = "# Netscape HTTP Cookie File\n"
                               "# Written by Fermata; edit at your own risk.\n"
                               "\n";

static size_t jar_text_size(const fm_cookie_jar *jar)
{
    size_t size = sizeof jar_head;
    for (size_t i = 0; i < jar->count; i++) {
        const struct fm__jar_cookie *cookie = jar->cookies[i];
        size += cookie->domain.size + cookie->path.size + cookie->name.size +
                cookie->value.size + JAR_LINE;
    }
    return size;
}

static void jar_write_line(const struct fm__jar_cookie *cookie,
                           struct fm__pen *pen)
{
    const struct fm__cookie_line line = {
        .domain = cookie->domain,
        .path = cookie->path,
        .name = cookie->name,
        .value = cookie->value,
        .expires = cookie->expires == FM__COOKIE_SESSION ? 0 : cookie->expires,
        .subdomains = !cookie->host_only,
        .secure = cookie->secure,
        .http_only = cookie->http_only,
    };
    fm__cookie_line_write(&line, pen);
}

int fm_cookie_jar_save(const fm_cookie_jar *jar, const char *path)
{
    const fm_replace_options owner = {.mode = 0600};
    int64_t now = fm__sys_date();
    size_t size = jar_text_size(jar);
    char *text = fm__memory_new(size);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + size, false};
    fm__pen_write(&pen, (struct fm__slice){jar_head, sizeof jar_head - 1});
    for (size_t i = 0; i < jar->count; i++)
        if (jar->cookies[i]->expires > now)
            jar_write_line(jar->cookies[i], &pen);
    int rc = fm_path_replace(path, text, (size_t)(pen.at - text), &owner);
    fm__memory_free(text);
    return rc;
}
