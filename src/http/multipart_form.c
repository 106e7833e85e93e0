/*
 * multipart_form.c - a form with files, as a client sends it (RFC 7578; the
 * HTML standard, 4.10.21.8)
 *
 * What comes before each body is written when it is added, so the size of all
 * is known before anything is sent; a file is opened when its turn comes.
 */
#include <fermata/multipart_form.h>

#include "base/list.h"
#include "base/memory.h"
#include "base/sys_path.h"
#include "http/file_type.h"
#include "proto/field.h"
#include "proto/percent.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/file.h>
#include <fermata/path.h>

#define FORM_DASHES "----FermataForm"
#define FORM_TYPE "multipart/form-data; boundary="

enum {
    FORM_BOUNDARY = sizeof FORM_DASHES - 1 + 32, /* bytes */
    FORM_PIECE = 65536,                          /* of a file, at a time */
    FORM_AROUND = 128 + FORM_BOUNDARY /* of a head, but for what is said */
};

struct form_part {
    struct fm__list link;
    const char *path; /* of a file, in `text`; or NULL */
    const void *bytes;
    uint64_t size;    /* of the file, or the bytes */
    size_t head_size; /* of the head */
    char text[];      /* the head, and the path or a text */
};

struct fm_multipart_form {
    struct fm__list parts;
    uint64_t size; /* of all, with the last delimiter */
    int error;
    fm_http_field fields[2];
    char type[sizeof FORM_TYPE + FORM_BOUNDARY];
};

/* What is to be said of a part. */
struct form_what {
    const char *name;
    const char *filename; /* or NULL */
    const char *type;     /* or NULL */
    const char *behind;   /* text that is kept behind the head; or NULL */
    const void *bytes;    /* of the body; NULL: `behind` is a file's path */
    uint64_t size;        /* of the body */
};

static struct fm__slice multipart_form_boundary(const fm_multipart_form *form)
{
    return fm__slice_of(form->type + strlen(FORM_TYPE));
}

/* ---- a form ------------------------------------------------------------- */

static void multipart_form_write_chance(struct fm__pen *pen)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 2; i++) {
        uint64_t chance = fm__sys_chance();
        for (int j = 0; j < 16; j++, chance >>= 4)
            fm__pen_put(pen, digits[chance & 15]);
    }
}

fm_multipart_form *fm_multipart_form_new(void)
{
    fm_multipart_form *form = fm__memory_new(sizeof *form);
    if (form == NULL)
        return NULL;
    struct fm__pen pen = {form->type, form->type + sizeof form->type - 1,
                          false};
    fm__list_init(&form->parts);
    fm__pen_write(&pen, FM__SLICE(FORM_TYPE FORM_DASHES));
    multipart_form_write_chance(&pen);
    form->fields[0] = (fm_http_field){"Content-Type", form->type};
    form->size = strlen("--") + FORM_BOUNDARY + strlen("--\r\n");
    return form;
}

void fm_multipart_form_free(fm_multipart_form *form)
{
    if (form == NULL)
        return;
    while (!fm__list_empty(&form->parts))
        fm__memory_free(FM__CONTAINER(fm__list_shift(&form->parts),
                                      struct form_part, link));
    fm__memory_free(form);
}

/* ---- parts -------------------------------------------------------------- */

static void multipart_form_write_quoted(struct fm__pen *pen, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\r' || *text == '\n')
            fm__percent_put(pen, *text);
        else
            fm__pen_put(pen, *text);
}

static void multipart_form_write_head(struct fm__pen *pen,
                                      const fm_multipart_form *form,
                                      const struct form_what *what)
{
    fm__pen_write(pen, FM__SLICE("--"));
    fm__pen_write(pen, multipart_form_boundary(form));
    fm__pen_write(pen,
                  FM__SLICE("\r\nContent-Disposition: form-data; name=\""));
    multipart_form_write_quoted(pen, what->name);
    if (what->filename != NULL) {
        fm__pen_write(pen, FM__SLICE("\"; filename=\""));
        multipart_form_write_quoted(pen, what->filename);
    }
    fm__pen_write(pen, FM__SLICE("\"\r\n"));
    if (what->type != NULL) {
        fm__pen_write(pen, FM__SLICE("Content-Type: "));
        fm__pen_write(pen, fm__slice_of(what->type));
        fm__pen_write(pen, FM__SLICE("\r\n"));
    }
    fm__pen_write(pen, FM__SLICE("\r\n"));
}

static size_t multipart_form_length(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* A quoted byte takes three. */
static size_t multipart_form_room(const struct form_what *what)
{
    return FORM_AROUND + 3 * multipart_form_length(what->name) +
           3 * multipart_form_length(what->filename) +
           multipart_form_length(what->type) +
           multipart_form_length(what->behind) + 1;
}

/* The size of the form with a part more: 0 or -EFBIG. */
static int multipart_form_measure(fm_multipart_form *form,
                                  const struct form_part *part)
{
    uint64_t size = form->size;
    if (__builtin_add_overflow(size, part->size, &size) ||
        __builtin_add_overflow(size, part->head_size + strlen("\r\n"), &size) ||
        size > INT64_MAX)
        return -EFBIG;
    form->size = size;
    return 0;
}

/* A body that is behind the head is the part's own. */
static int multipart_form_add(fm_multipart_form *form,
                              const struct form_what *what)
{
    size_t room = multipart_form_room(what);
    if (what->type != NULL && !fm__field_value_is(fm__slice_of(what->type)))
        return -EINVAL;
    struct form_part *part = fm__memory_new(sizeof *part + room);
    if (part == NULL)
        return -ENOMEM;
    struct fm__pen pen = {part->text, part->text + room, false};
    multipart_form_write_head(&pen, form, what);
    part->head_size = fm__pen_since(&pen, part->text).size;
    part->size = what->size;
    part->bytes = what->bytes;
    if (what->behind != NULL) {
        fm__pen_write(&pen, fm__slice_of(what->behind));
        if (what->bytes == NULL)
            part->path = part->text + part->head_size;
        else
            part->bytes = part->text + part->head_size;
    }
    int rc = multipart_form_measure(form, part);
    if (rc < 0)
        fm__memory_free(part);
    else
        fm__list_push(&form->parts, &part->link);
    return rc;
}

static int multipart_form_failed(fm_multipart_form *form, int rc)
{
    if (rc < 0)
        form->error = rc;
    return rc;
}

int fm_multipart_form_text(fm_multipart_form *form, const char *name,
                           const char *value)
{
    if (form == NULL || form->error < 0)
        return form == NULL ? -ENOMEM : form->error;
    const struct form_what what = {
        .name = name, .behind = value, .bytes = value, .size = strlen(value)};
    return multipart_form_failed(form, multipart_form_add(form, &what));
}

static const char *multipart_form_type(const char *type, const char *filename)
{
    if (type != NULL || filename == NULL)
        return type;
    return fm__file_type(filename);
}

int fm_multipart_form_bytes(fm_multipart_form *form, const char *name,
                            const fm_multipart_form_data *data)
{
    if (form == NULL || form->error < 0)
        return form == NULL ? -ENOMEM : form->error;
    const struct form_what what = {
        .name = name,
        .filename = data->filename,
        .type = multipart_form_type(data->type, data->filename),
        .bytes = data->bytes,
        .size = data->size};
    return multipart_form_failed(form, multipart_form_add(form, &what));
}

static int multipart_form_add_file(fm_multipart_form *form,
                                   struct form_what *what)
{
    struct stat found;
    const char *slash = strrchr(what->behind, '/');
    int rc = fm_path_stat(what->behind, &found);
    if (rc == 0 && !S_ISREG(found.st_mode))
        rc = S_ISDIR(found.st_mode) ? -EISDIR : -EINVAL;
    if (rc < 0)
        return rc;
    if (what->filename == NULL)
        what->filename = slash != NULL ? slash + 1 : what->behind;
    what->type = multipart_form_type(what->type, what->filename);
    what->size = (uint64_t)found.st_size;
    return multipart_form_add(form, what);
}

int fm__multipart_form_file(fm_multipart_form *form, const char *name,
                            const char *path,
                            const fm_multipart_form_options *options)
{
    struct form_what what = {.name = name, .behind = path};
    if (form == NULL || form->error < 0)
        return form == NULL ? -ENOMEM : form->error;
    if (options != NULL) {
        what.filename = options->filename;
        what.type = options->type;
    }
    return multipart_form_failed(form, multipart_form_add_file(form, &what));
}

/* ---- sending ------------------------------------------------------------ */

static int multipart_form_write(fm_upload *upload, const void *bytes,
                                uint64_t size)
{
    if (size == 0)
        return 0;
    ssize_t rc = fm_upload_write(upload, bytes, (size_t)size);
    return rc < 0 ? (int)rc : 0;
}

/* As many bytes as were promised. */
static int multipart_form_send_bytes(fm_upload *upload, fm_file *file,
                                     uint64_t left)
{
    int rc = 0;
    char *piece = fm__memory_resize(NULL, FORM_PIECE);
    if (piece == NULL)
        return -ENOMEM;
    while (rc == 0 && left > 0) {
        size_t some = left < FORM_PIECE ? (size_t)left : FORM_PIECE;
        ssize_t size = fm_file_read(file, piece, some);
        if (size <= 0) {
            rc = size < 0 ? (int)size : -FM_EHTTPSHORT;
        } else {
            rc = multipart_form_write(upload, piece, (uint64_t)size);
            left -= (uint64_t)size;
        }
    }
    fm__memory_free(piece);
    return rc;
}

static int multipart_form_send_file(fm_upload *upload,
                                    const struct form_part *part)
{
    fm_file *file;
    int rc = fm_file_open(part->path, &file);
    if (rc < 0)
        return rc;
    rc = multipart_form_send_bytes(upload, file, part->size);
    fm_file_close(file);
    return rc;
}

static int multipart_form_send_part(fm_upload *upload,
                                    const struct form_part *part)
{
    int rc = multipart_form_write(upload, part->text, part->head_size);
    if (rc == 0)
        rc = part->path != NULL
                 ? multipart_form_send_file(upload, part)
                 : multipart_form_write(upload, part->bytes, part->size);
    return rc < 0 ? rc : multipart_form_write(upload, "\r\n", 2);
}

static int multipart_form_send_end(fm_upload *upload,
                                   const fm_multipart_form *form)
{
    char text[FORM_BOUNDARY + 8];
    struct fm__pen pen = {text, text + sizeof text, false};
    fm__pen_write(&pen, FM__SLICE("--"));
    fm__pen_write(&pen, multipart_form_boundary(form));
    fm__pen_write(&pen, FM__SLICE("--\r\n"));
    return multipart_form_write(upload, text, fm__pen_since(&pen, text).size);
}

/* An upload, see fm_http_request. */
static int multipart_form_send(fm_upload *upload, void *arg)
{
    const fm_multipart_form *form = arg;
    const struct fm__list *link = form->parts.next;
    int rc = 0;
    for (; rc == 0 && link != &form->parts; link = link->next)
        rc = multipart_form_send_part(
            upload, FM__CONTAINER(link, struct form_part, link));
    return rc < 0 ? rc : multipart_form_send_end(upload, form);
}

int fm_multipart_form_put(fm_multipart_form *form, fm_http_request *request)
{
    if (form == NULL || form->error < 0)
        return form == NULL ? -ENOMEM : form->error;
    request->upload = multipart_form_send;
    request->upload_arg = form;
    request->upload_size = form->size;
    if (request->fields == NULL)
        request->fields = form->fields;
    return 0;
}

const char *fm_multipart_form_type(const fm_multipart_form *form)
{
    return form != NULL ? form->type : "";
}
