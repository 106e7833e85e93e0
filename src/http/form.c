/*
 * form.c - names and values in a query or a form, as texts with a NUL
 */
#include <fermata/form.h>

#include "proto/form_text.h"

#include <errno.h>

/* A name is compared as it is decoded, so no room for it is needed. */
static bool form_is_named(struct fm__slice encoded, const char *name)
{
    for (; encoded.size > 0; name++) {
        char byte;
        struct fm__pen pen = {&byte, &byte + 1, false};
        size_t size = encoded.at[0] == '%' ? 3 : 1;
        fm__form_decode(&pen, fm__slice_until(encoded, size));
        if (pen.full) /* a '%' that stands for itself */
            size = 1;
        if (*name == '\0' || byte != *name)
            return false;
        encoded = fm__slice_after(encoded, size);
    }
    return *name == '\0';
}

bool fm_form_next(const char **form, fm_form_pair *pair)
{
    struct fm__slice rest = fm__slice_of(*form), name, value;
    bool found = fm__form_next(&rest, &name, &value);
    *form = rest.at;
    if (found)
        *pair = (fm_form_pair){name.at, name.size, value.at, value.size};
    return found;
}

ssize_t fm_form_decode(const char *text, size_t size, char *out, size_t room)
{
    struct fm__pen pen = {out, out + room, false};
    fm__form_decode(&pen, (struct fm__slice){text, size});
    size = (size_t)(pen.at - out);
    fm__pen_put(&pen, '\0');
    return pen.full ? -ENAMETOOLONG : (ssize_t)size;
}

ssize_t fm_form_get(const char *form, const char *name, char *value,
                    size_t size)
{
    fm_form_pair pair;
    form += *form == '?';
    while (fm_form_next(&form, &pair)) {
        struct fm__slice encoded = {pair.name, pair.name_size};
        if (form_is_named(encoded, name))
            return fm_form_decode(pair.value, pair.value_size, value, size);
    }
    return -ENOENT;
}

int fm_form_add(char *form, size_t size, const char *name, const char *value)
{
    size_t length = strnlen(form, size);
    struct fm__pen pen = {form + length, form + size, false};
    fm__form_write(&pen, form, fm__slice_of(name), fm__slice_of(value));
    fm__pen_put(&pen, '\0');
    if (!pen.full)
        return 0;
    if (length < size)
        form[length] = '\0';
    return -ENAMETOOLONG;
}
