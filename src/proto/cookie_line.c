/*
 * cookie_line.c - a line of a file of cookies
 */
#include "proto/cookie_line.h"

enum {
    LINE_WORDS = 7,
    LINE_DIGITS = 18 /* of a moment */
};

static const struct fm__slice cookie_line_http_only = {"#HttpOnly_", 10};

static bool cookie_line_begins(struct fm__slice text, struct fm__slice with)
{
    return fm__slice_is(fm__slice_until(text, with.size), with);
}

/* In seconds; what is no number has no moment. */
static int64_t cookie_line_moment(struct fm__slice word)
{
    int64_t moment = 0;
    if (word.size > LINE_DIGITS)
        return INT64_MAX;
    for (size_t i = 0; i < word.size; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return 0;
        moment = moment * 10 + (word.at[i] - '0');
    }
    return moment;
}

/* Where the last word is empty, some leave out the tab in front of it. */
static bool cookie_line_words(struct fm__slice text,
                              struct fm__slice words[LINE_WORDS])
{
    bool more = true;
    int count = 0;
    for (; more && count < LINE_WORDS; count++) {
        size_t end = fm__slice_find(text, '\t');
        more = end < text.size;
        words[count] = fm__slice_until(text, end);
        text = fm__slice_after(text, end + 1);
    }
    if (count == LINE_WORDS - 1)
        words[count++] = text;
    return count == LINE_WORDS && !more;
}

/* It begins neither as a comment nor with another dot. */
static bool cookie_line_is_domain(struct fm__slice word)
{
    char first = fm__slice_at(word, 0);
    return word.size > 0 && first != '#' && first != '.';
}

static bool cookie_line_read(struct fm__slice text,
                             struct fm__cookie_line *line)
{
    struct fm__slice words[LINE_WORDS];
    bool http_only = cookie_line_begins(text, cookie_line_http_only);
    if (http_only)
        text = fm__slice_after(text, cookie_line_http_only.size);
    if (fm__slice_at(text, 0) == '#' || !cookie_line_words(text, words))
        return false;
    *line = (struct fm__cookie_line){
        .domain = fm__slice_after(words[0], fm__slice_at(words[0], 0) == '.'),
        .path = words[2],
        .name = words[5],
        .value = words[6],
        .expires = cookie_line_moment(words[4]),
        .subdomains = fm__slice_is(words[1], FM__SLICE("TRUE")),
        .secure = fm__slice_is(words[3], FM__SLICE("TRUE")),
        .http_only = http_only,
    };
    return cookie_line_is_domain(line->domain);
}

bool fm__cookie_line_next(struct fm__slice *file, struct fm__cookie_line *line)
{
    while (file->size > 0) {
        size_t end = fm__slice_find(*file, '\n');
        struct fm__slice text = fm__slice_until(*file, end);
        *file = fm__slice_after(*file, end + 1);
        if (text.size > 0 && text.at[text.size - 1] == '\r')
            text.size--;
        if (cookie_line_read(text, line))
            return true;
    }
    return false;
}

static bool cookie_line_has_place(struct fm__slice word)
{
    return fm__slice_find(word, '\t') == word.size &&
           fm__slice_find(word, '\n') == word.size &&
           fm__slice_find(word, '\r') == word.size;
}

static void cookie_line_word(struct fm__pen *pen, struct fm__slice word)
{
    fm__pen_write(pen, word);
    fm__pen_put(pen, '\t');
}

static struct fm__slice cookie_line_flag(bool flag)
{
    return flag ? FM__SLICE("TRUE") : FM__SLICE("FALSE");
}

bool fm__cookie_line_write(const struct fm__cookie_line *line,
                           struct fm__pen *pen)
{
    if (!cookie_line_is_domain(line->domain) ||
        !cookie_line_has_place(line->domain) ||
        !cookie_line_has_place(line->path) ||
        !cookie_line_has_place(line->name) ||
        !cookie_line_has_place(line->value))
        return false;
    if (line->http_only)
        fm__pen_write(pen, cookie_line_http_only);
    if (line->subdomains)
        fm__pen_put(pen, '.');
    cookie_line_word(pen, line->domain);
    cookie_line_word(pen, cookie_line_flag(line->subdomains));
    cookie_line_word(pen, line->path);
    cookie_line_word(pen, cookie_line_flag(line->secure));
    fm__pen_number(pen, (uint64_t)line->expires);
    fm__pen_put(pen, '\t');
    cookie_line_word(pen, line->name);
    fm__pen_write(pen, line->value);
    fm__pen_put(pen, '\n');
    return true;
}
