/*
 * fuzz_cookie.c - whatever a Set-Cookie, a Cookie, a date or a file says
 *
 * The first byte chooses which.
 */
#include "fuzz.h"

#include "proto/cookie_date.h"
#include "proto/cookie_line.h"
#include "proto/cookie_text.h"

enum {
    NOW = 1700000000 /* seconds since 1970 */
};

static void check_within(struct fm__slice text, struct fm__slice part)
{
    if (part.size > 0 &&
        (part.at < text.at || part.at + part.size > text.at + text.size))
        fuzz_fail("a part that is not of the text");
}

static void check_set(struct fm__slice text)
{
    struct fm__cookie cookie;
    if (!fm__cookie_read(text, NOW, &cookie))
        return;
    check_within(text, cookie.name);
    check_within(text, cookie.value);
    check_within(text, cookie.domain);
    check_within(text, cookie.path);
    if (!fm__cookie_is(cookie.name, cookie.value) ||
        cookie.domain.size > FM__COOKIE_ATTRIBUTE ||
        cookie.path.size > FM__COOKIE_ATTRIBUTE ||
        (cookie.path.size > 0 && cookie.path.at[0] != '/') ||
        fm__slice_find(cookie.value, ';') < cookie.value.size)
        fuzz_fail("a cookie that is none");
    if (cookie.expires != FM__COOKIE_SESSION &&
        cookie.expires > NOW + FM__COOKIE_AGE)
        fuzz_fail("a cookie for more than 400 days");
    fm__cookie_prefix_holds(&cookie, true);
    fm__cookie_domain_matches(text, cookie.domain);
    fm__cookie_path_matches(text, cookie.path);
    check_within(text, fm__cookie_default_path(cookie.path).size > 1
                           ? fm__cookie_default_path(cookie.path)
                           : fm__slice_until(text, 0));
}

static void check_sent(struct fm__slice text)
{
    struct fm__slice rest = text, name, value;
    size_t count = 0, size = 0;
    while (fm__cookie_next(&rest, &name, &value)) {
        check_within(text, name);
        check_within(text, value);
        size += name.size + value.size;
        count++;
    }
    /* What the room for them counts on. */
    if (count > text.size || size > text.size)
        fuzz_fail("more cookies than text");
}

static void check_date(struct fm__slice text)
{
    int64_t seconds, again;
    if (!fm__cookie_date_read(text, &seconds))
        return;
    if (!fm__cookie_date_read(text, &again) || seconds != again)
        fuzz_fail("a date that changes");
}

/* A line that was read is the same when it was written. */
static void check_line(const struct fm__cookie_line *line, size_t size)
{
    struct fm__cookie_line again;
    size += 64; /* what is not the line's own */
    char *text = calloc(1, size);
    if (text == NULL)
        exit(0);
    struct fm__pen pen = {text, text + size, false};
    if (fm__cookie_line_write(line, &pen)) {
        struct fm__slice file = fm__pen_since(&pen, text);
        if (pen.full || !fm__cookie_line_next(&file, &again) ||
            !fm__slice_is(again.name, line->name) ||
            !fm__slice_is(again.value, line->value) ||
            !fm__slice_is(again.path, line->path) ||
            again.expires != line->expires)
            fuzz_fail("a line that is not what was written");
    }
    free(text);
}

static void check_file(struct fm__slice text)
{
    struct fm__cookie_line line;
    struct fm__slice rest = text;
    while (fm__cookie_line_next(&rest, &line)) {
        check_within(text, line.domain);
        check_within(text, line.value);
        check_line(&line, text.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const checks[])(struct fm__slice) = {check_set, check_sent,
                                                       check_date, check_file};
    if (size < 1)
        return 0;
    char *copy = fuzz_copy(bytes + 1, size - 1);
    checks[bytes[0] % 4]((struct fm__slice){copy, size - 1});
    free(copy);
    return 0;
}
