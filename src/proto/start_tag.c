/*
 * start_tag.c - how many attributes a start tag has, as its bytes come
 */
#include "proto/start_tag.h"

enum {
    START_ELEMENT, /* its name */
    START_BETWEEN, /* an attribute may begin here */
    START_NAME,
    START_NAMED, /* blanks behind the name */
    START_EQUALS,
    START_BARE, /* a value without quotes, and what is no attribute */
    START_QUOTED,
    START_ENDED
};

enum {
    START_LETTERS = 100 /* of a name; what follows is another one */
};

static bool start_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool start_first(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == ':' || c == '.';
}

static bool start_letter(char c)
{
    return start_first(c) || (c >= '0' && c <= '9') || c == '-';
}

static uint8_t start_between(struct fm__start_tag *tag, char c)
{
    if (start_blank(c))
        return START_BETWEEN;
    if (!start_first(c))
        return START_BARE;
    tag->attributes++;
    tag->letters = 1;
    return START_NAME;
}

static uint8_t start_name(struct fm__start_tag *tag, char c)
{
    if (start_letter(c) && tag->letters < START_LETTERS) {
        tag->letters++;
        return START_NAME;
    }
    if (c == '=')
        return START_EQUALS;
    return start_blank(c) ? START_NAMED : start_between(tag, c);
}

static uint8_t start_value(struct fm__start_tag *tag, char c)
{
    tag->quote = c;
    if (start_blank(c))
        return START_EQUALS;
    return c == '"' || c == '\'' ? START_QUOTED : START_BARE;
}

static uint8_t start_next(struct fm__start_tag *tag, char c)
{
    if (c == '>' && tag->state != START_QUOTED)
        return START_ENDED;
    switch (tag->state) {
    case START_ENDED:
        return START_ENDED;
    case START_ELEMENT:
        return start_letter(c) ? START_ELEMENT : start_between(tag, c);
    case START_NAME:
        return start_name(tag, c);
    case START_NAMED:
        if (c == '=')
            return START_EQUALS;
        return start_blank(c) ? START_NAMED : start_between(tag, c);
    case START_EQUALS:
        return start_value(tag, c);
    case START_BARE:
        return start_blank(c) ? START_BETWEEN : START_BARE;
    case START_QUOTED:
        return c == tag->quote ? START_BETWEEN : START_QUOTED;
    default:
        return start_between(tag, c);
    }
}

void fm__start_tag_read(struct fm__start_tag *tag, struct fm__slice bytes)
{
    if (tag->read > bytes.size)
        *tag = (struct fm__start_tag){0};
    while (tag->read < bytes.size)
        tag->state = start_next(tag, bytes.at[tag->read++]);
}

bool fm__start_tag_ended(const struct fm__start_tag *tag)
{
    return tag->state == START_ENDED;
}
