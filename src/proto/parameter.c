/*
 * parameter.c - what stands behind a value: "; name=word; name=\"a text\""
 */
#include "proto/parameter.h"

#include "proto/field.h"
#include "proto/percent.h"
#include "proto/scan.h"
#include "proto/utf8.h"

/* A backslash that escapes the byte behind it. */
static bool parameter_escapes(struct fm__slice text, size_t at)
{
    char next = fm__slice_at(text, at + 1);
    return text.at[at] == '\\' && (next == '"' || next == '\\');
}

/* Behind the first quote: where the other one is, or the size. */
static size_t parameter_closes(struct fm__slice text)
{
    size_t at = 0;
    while (at < text.size && text.at[at] != '"')
        at += parameter_escapes(text, at) ? 2 : 1;
    return at < text.size ? at : text.size;
}

static bool parameter_quoted(struct fm__slice *text, struct fm__slice *value)
{
    *text = fm__slice_after(*text, 1);
    size_t end = parameter_closes(*text);
    *value = fm__slice_until(*text, end);
    if (end == text->size ||
        fm__scan_value(value->at, value->size) != value->size)
        return false;
    *text = fm__slice_after(*text, end + 1);
    return true;
}

static struct fm__slice parameter_token(struct fm__slice *text)
{
    size_t size = fm__scan_token(text->at, text->size);
    struct fm__slice token = fm__slice_until(*text, size);
    *text = fm__slice_after(*text, size);
    return token;
}

/* Past a ';', also where nothing follows it. */
static bool parameter_begins(struct fm__slice *text)
{
    *text = fm__slice_trim(*text);
    if (fm__slice_at(*text, 0) != ';')
        return text->size == 0;
    while (fm__slice_at(*text, 0) == ';')
        *text = fm__slice_trim(fm__slice_after(*text, 1));
    return true;
}

int fm__parameter_next(struct fm__slice *text, struct fm__parameter *parameter)
{
    if (!parameter_begins(text))
        return -1;
    if (text->size == 0)
        return 0;
    parameter->name = parameter_token(text);
    if (parameter->name.size == 0 || fm__slice_at(*text, 0) != '=')
        return -1;
    *text = fm__slice_after(*text, 1);
    parameter->quoted = fm__slice_at(*text, 0) == '"';
    if (parameter->quoted)
        return parameter_quoted(text, &parameter->value) ? 1 : -1;
    parameter->value = parameter_token(text);
    return parameter->value.size > 0 ? 1 : -1;
}

int fm__parameter_find(struct fm__slice text, struct fm__slice name,
                       struct fm__parameter *parameter)
{
    struct fm__parameter each;
    int found = 0, rc;
    while ((rc = fm__parameter_next(&text, &each)) > 0) {
        if (!fm__slice_like(each.name, name))
            continue;
        if (found > 0)
            return -1;
        *parameter = each;
        found = 1;
    }
    return rc < 0 ? rc : found;
}

/* ---- values ------------------------------------------------------------- */

void fm__parameter_write(struct fm__pen *pen,
                         const struct fm__parameter *parameter)
{
    struct fm__slice value = parameter->value;
    for (size_t i = 0; i < value.size; i++) {
        if (parameter->quoted && parameter_escapes(value, i))
            i++;
        fm__pen_put(pen, value.at[i]);
    }
}

/* What three bytes of a name stand for, or 0. */
static char parameter_percent(struct fm__slice text)
{
    struct fm__slice word = fm__slice_until(text, 3);
    if (fm__slice_is(word, FM__SLICE("%22")))
        return '"';
    if (fm__slice_is(word, FM__SLICE("%0D")))
        return '\r';
    return fm__slice_is(word, FM__SLICE("%0A")) ? '\n' : '\0';
}

void fm__parameter_write_name(struct fm__pen *pen,
                              const struct fm__parameter *parameter)
{
    struct fm__slice value = parameter->value;
    for (size_t i = 0; i < value.size; i++) {
        char stands = parameter_percent(fm__slice_after(value, i));
        if (stands != '\0') {
            fm__pen_put(pen, stands);
            i += 2;
            continue;
        }
        if (parameter->quoted && parameter_escapes(value, i))
            i++;
        fm__pen_put(pen, value.at[i]);
    }
}

bool fm__parameter_write_extended(struct fm__pen *pen, struct fm__slice value)
{
    struct fm__utf8 utf8 = {0};
    size_t language = fm__slice_find(value, '\'');
    struct fm__slice set = fm__slice_until(value, language);
    struct fm__slice rest = fm__slice_after(value, language + 1);
    size_t text = fm__slice_find(rest, '\'');
    if (text == rest.size || !fm__slice_like(set, FM__SLICE("UTF-8")))
        return false;
    const char *start = pen->at;
    fm__percent_decode(pen, fm__slice_after(rest, text + 1), false);
    struct fm__slice decoded = fm__pen_since(pen, start);
    return fm__utf8_check(&utf8, decoded) && fm__utf8_ends(&utf8) &&
           fm__slice_find(decoded, '\0') == decoded.size;
}
