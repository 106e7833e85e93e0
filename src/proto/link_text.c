/*
 * link_text.c - links that stand among other words in an attribute of HTML
 */
#include "proto/link_text.h"

#include "proto/field.h"

/* ASCII whitespace (the infra standard, 4.6). */
static bool link_is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r' && byte != '\v');
}

static bool link_parts(char byte)
{
    return byte == ',' || link_is_blank(byte);
}

static struct fm__slice link_past_blanks(struct fm__slice text)
{
    size_t size = 0;
    while (size < text.size && link_is_blank(text.at[size]))
        size++;
    return fm__slice_after(text, size);
}

static struct fm__slice link_past_commas(struct fm__slice text)
{
    size_t size = 0;
    while (size < text.size && link_parts(text.at[size]))
        size++;
    return fm__slice_after(text, size);
}

/* ---- a refresh ----------------------------------------------------------- */

/* Past a number of seconds and what parts it from a link; false: no number. */
static bool link_past_delay(struct fm__slice *text)
{
    size_t size = 0;
    *text = link_past_blanks(*text);
    while (size < text->size &&
           ((text->at[size] >= '0' && text->at[size] <= '9') ||
            text->at[size] == '.'))
        size++;
    *text = fm__slice_after(*text, size);
    char next = fm__slice_at(*text, 0);
    if (size == 0 || (next != ';' && !link_parts(next)))
        return false;
    *text = link_past_blanks(*text);
    next = fm__slice_at(*text, 0);
    if (next == ';' || next == ',')
        *text = link_past_blanks(fm__slice_after(*text, 1));
    return true;
}

bool fm__link_refresh(struct fm__slice content, struct fm__slice *link)
{
    if (!link_past_delay(&content) || content.size == 0)
        return false;
    if ((content.at[0] | 0x20) == 'u') {
        struct fm__slice name = fm__slice_until(content, 3);
        struct fm__slice rest = link_past_blanks(fm__slice_after(content, 3));
        *link = content;
        if (!fm__slice_like(name, FM__SLICE("url")) ||
            fm__slice_at(rest, 0) != '=')
            return true;
        content = link_past_blanks(fm__slice_after(rest, 1));
    }
    char quote = fm__slice_at(content, 0);
    if (quote == '"' || quote == '\'') {
        content = fm__slice_after(content, 1);
        content = fm__slice_until(content, fm__slice_find(content, quote));
    }
    *link = content;
    return true;
}

/* ---- a set of images ----------------------------------------------------- */

/* Past the comma that ends the descriptors; those in parentheses do not. */
static struct fm__slice link_past_descriptors(struct fm__slice text)
{
    bool within = false;
    size_t size = 0;
    while (size < text.size && (within || text.at[size] != ',')) {
        within = within ? text.at[size] != ')' : text.at[size] == '(';
        size++;
    }
    return fm__slice_after(text, size);
}

bool fm__link_candidate(struct fm__slice *set, struct fm__slice *link)
{
    *set = link_past_commas(*set);
    if (set->size == 0)
        return false;
    size_t size = 0;
    while (size < set->size && !link_is_blank(set->at[size]))
        size++;
    *link = fm__slice_until(*set, size);
    *set = fm__slice_after(*set, size);
    if (link->at[link->size - 1] != ',')
        *set = link_past_descriptors(*set);
    while (link->at[link->size - 1] == ',')
        link->size--;
    return true;
}

/* ---- words --------------------------------------------------------------- */

bool fm__link_says(struct fm__slice words, struct fm__slice word)
{
    for (;;) {
        words = link_past_commas(words);
        size_t size = 0;
        while (size < words.size && !link_parts(words.at[size]))
            size++;
        if (size == 0)
            return false;
        if (fm__slice_like(fm__slice_until(words, size), word))
            return true;
        words = fm__slice_after(words, size);
    }
}
