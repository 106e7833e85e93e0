/*
 * part.c - what the head of a part says of it (RFC 7578, 4)
 */
#include "http/multipart_record.h"
#include "proto/field.h"
#include "proto/parameter.h"
#include "proto/utf8.h"

#include <fermata/error.h>

enum {
    PART_BASENAME = 255 /* bytes: NAME_MAX */
};

/* Writes a text with its NUL: there is room for all of them, see
 * multipart_record.h. */
static const char *part_keep(struct fm__pen *pen, struct fm__slice text)
{
    const char *start = pen->at;
    fm__pen_write(pen, text);
    fm__pen_put(pen, '\0');
    return start;
}

/* ---- the disposition ---------------------------------------------------- */

struct part_words {
    struct fm__slice plain;
    struct fm__slice extended; /* the same, with an asterisk */
};

/* What is said by one of two parameters, or NULL; false where one is none. */
static bool part_word(struct fm__pen *pen, struct fm__slice parameters,
                      const struct part_words *names, const char **word)
{
    struct fm__parameter plain, extended;
    int has_plain = fm__parameter_find(parameters, names->plain, &plain);
    int has = fm__parameter_find(parameters, names->extended, &extended);
    char *start = pen->at;
    *word = NULL;
    if (has_plain < 0 || has < 0)
        return false;
    if (has_plain == 0 && has == 0)
        return true;
    if (has == 0)
        fm__parameter_write_name(pen, &plain);
    else if (!fm__parameter_write_extended(pen, extended.value))
        return false;
    fm__pen_put(pen, '\0');
    *word = start;
    return true;
}

static bool part_disposition(struct fm_part *part, struct fm__pen *pen,
                             struct fm__slice value)
{
    static const struct part_words name = {{"name", 4}, {"name*", 5}};
    static const struct part_words filename = {{"filename", 8},
                                               {"filename*", 9}};
    size_t end = fm__slice_find(value, ';');
    struct fm__slice rest = fm__slice_after(value, end);
    struct fm__slice kind = fm__slice_trim(fm__slice_until(value, end));
    if (!part_word(pen, rest, &name, &part->name) ||
        !part_word(pen, rest, &filename, &part->filename))
        return false;
    return !part->multipart->form ||
           (part->name != NULL && fm__slice_like(kind, FM__SLICE("form-data")));
}

/* ---- the fields --------------------------------------------------------- */

/* The only field of a name: true; *value is NULL where there is none. */
static bool part_only(const struct fm_part *part, const char *name,
                      const char **value)
{
    fm_http_field field;
    *value = NULL;
    for (size_t i = 0; fm_part_field_at(part, i, &field); i++) {
        if (!fm__slice_like(fm__slice_of(field.name), fm__slice_of(name)))
            continue;
        if (*value != NULL)
            return false;
        *value = field.value;
    }
    return true;
}

static void part_keep_fields(struct fm_part *part, struct fm__pen *pen,
                             struct fm__slice head)
{
    struct fm__slice name, value;
    while (fm__multipart_field(&head, &name, &value)) {
        part_keep(pen, name);
        part_keep(pen, value);
    }
    part->fields = (size_t)(pen->at - part->multipart->texts);
}

int fm__part_begin(struct fm_part *part, struct fm__slice head)
{
    fm_multipart *multipart = part->multipart;
    struct fm__pen pen = {multipart->texts,
                          multipart->texts + 2 * multipart->options.head,
                          false};
    const char *disposition;
    *part = (struct fm_part){
        .multipart = multipart, .data = FM__SLICE(""), .open = true};
    part_keep_fields(part, &pen, head);
    if (!part_only(part, "Content-Disposition", &disposition) ||
        !part_only(part, "Content-Type", &part->type))
        return fm__multipart_failed(multipart, -FM_EMULTIPART,
                                    "a part that says twice what it is");
    if (disposition != NULL
            ? part_disposition(part, &pen, fm__slice_of(disposition))
            : !multipart->form)
        return 0;
    return fm__multipart_failed(multipart, -FM_EMULTIPART,
                                "a part with a bad Content-Disposition");
}

/* ---- what users see ----------------------------------------------------- */

const char *fm_part_name(const fm_part *part)
{
    return part->name;
}

const char *fm_part_filename(const fm_part *part)
{
    return part->filename;
}

static bool part_is_name(struct fm__slice text)
{
    struct fm__utf8 utf8 = {0};
    if (text.size == 0 || text.size > PART_BASENAME || text.at[0] == '.')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte == 0x7f)
            return false;
    }
    return fm__utf8_check(&utf8, text) && fm__utf8_ends(&utf8);
}

const char *fm_part_basename(const fm_part *part)
{
    const char *name = part->filename;
    if (name == NULL)
        return NULL;
    for (const char *at = name; *at != '\0'; at++)
        if (*at == '/' || *at == '\\')
            name = at + 1;
    return part_is_name(fm__slice_of(name)) ? name : NULL;
}

const char *fm_part_type(const fm_part *part)
{
    return part->type != NULL ? part->type : "text/plain";
}

bool fm_part_field_at(const fm_part *part, size_t index, fm_http_field *field)
{
    const char *at = part->multipart->texts;
    const char *end = at + part->fields;
    for (; at < end; index--) {
        field->name = at;
        field->value = at + strlen(at) + 1;
        if (index == 0)
            return true;
        at = field->value + strlen(field->value) + 1;
    }
    return false;
}

const char *fm_part_field(const fm_part *part, const char *name)
{
    fm_http_field field;
    for (size_t i = 0; fm_part_field_at(part, i, &field); i++)
        if (fm__slice_like(fm__slice_of(field.name), fm__slice_of(name)))
            return field.value;
    return NULL;
}
