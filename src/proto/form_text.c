/*
 * form_text.c - names and values as a query and a form have them (the URL
 * standard, 5)
 */
#include "proto/form_text.h"

#include "proto/percent.h"

bool fm__form_next(struct fm__slice *text, struct fm__slice *name,
                   struct fm__slice *value)
{
    while (text->size > 0) {
        size_t end = fm__slice_find(*text, '&');
        struct fm__slice pair = fm__slice_until(*text, end);
        *text = fm__slice_after(*text, end + 1);
        if (pair.size == 0)
            continue;
        size_t equal = fm__slice_find(pair, '=');
        *name = fm__slice_until(pair, equal);
        *value = fm__slice_after(pair, equal + 1);
        return true;
    }
    return false;
}

void fm__form_decode(struct fm__pen *pen, struct fm__slice text)
{
    fm__percent_decode(pen, text, true);
}

void fm__form_write(struct fm__pen *pen, const char *start,
                    struct fm__slice name, struct fm__slice value)
{
    if (pen->at > start)
        fm__pen_put(pen, '&');
    fm__percent_encode(pen, name, FM__PERCENT_FORM);
    fm__pen_put(pen, '=');
    fm__percent_encode(pen, value, FM__PERCENT_FORM);
}
