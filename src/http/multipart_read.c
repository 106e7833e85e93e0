/*
 * multipart_read.c - the parts of a body, as they come
 *
 * A window of the body is read by proto/multipart_text.c. What that says is
 * data stays where it is until it was taken; then the window goes on.
 */
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/multipart_record.h"
#include "proto/field.h"
#include "proto/parameter.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>

enum {
    MULTIPART_HEAD_MOST = 1 << 28, /* bytes, whatever is asked for */
    MULTIPART_BLOCK = 256          /* bytes that a loaded part begins with */
};

int fm__multipart_failed(fm_multipart *multipart, int rc, const char *why)
{
    multipart->error = rc;
    if (multipart->exchange == NULL || why == NULL)
        return rc;
    return fm__exchange_blame(multipart->exchange, rc, "%s", why);
}

/* ---- the window --------------------------------------------------------- */

/* 1; 0 at the end of the body; or a failure. */
static int multipart_fill(fm_multipart *multipart)
{
    size_t held = multipart->end - multipart->at;
    if (multipart->at > 0)
        memmove(multipart->window, multipart->window + multipart->at, held);
    multipart->at = 0;
    multipart->end = held;
    ssize_t size = multipart->read(multipart->from, multipart->window + held,
                                   multipart->room - held);
    if (size > 0)
        multipart->end += (size_t)size;
    return size < 0 ? (int)size : size > 0;
}

/* What comes next; FM__MULTIPART_MORE: the body is over, as it should be. */
static int multipart_come(fm_multipart *multipart,
                          struct fm__multipart_step *step)
{
    for (;;) {
        struct fm__slice bytes = {multipart->window + multipart->at,
                                  multipart->end - multipart->at};
        int rc = fm__multipart_read(&multipart->parser, bytes, step);
        multipart->at += step->size;
        if (rc < 0)
            return fm__multipart_failed(multipart, rc, multipart->parser.why);
        if (rc != FM__MULTIPART_MORE)
            return rc;
        rc = multipart_fill(multipart);
        if (rc < 0)
            return rc;
        if (rc == 0)
            return fm__multipart_ends(&multipart->parser)
                       ? FM__MULTIPART_MORE
                       : fm__multipart_failed(multipart, -FM_EMULTIPARTEND,
                                              "the last part has no end");
    }
}

/* Some of the part: 1, 0 at its end, or a failure. */
static int multipart_more(fm_multipart *multipart)
{
    const fm_multipart_options *options = &multipart->options;
    struct fm_part *part = &multipart->part;
    struct fm__multipart_step step;
    part->data.size = 0; /* the window may move */
    int rc = multipart_come(multipart, &step);
    if (rc < 0)
        return rc;
    part->open = rc == FM__MULTIPART_DATA;
    if (!part->open)
        return 0;
    part->data = step.text;
    part->taken += step.text.size;
    multipart->taken += step.text.size;
    if (part->taken > options->part_size)
        return fm__multipart_failed(multipart, -FM_EPARTSIZE,
                                    "a part is too large");
    if (multipart->taken > options->size)
        return fm__multipart_failed(multipart, -FM_EPARTSIZE,
                                    "the parts are too large");
    return 1;
}

static int multipart_ready(const fm_multipart *multipart)
{
    int rc = fm_cancelled();
    return rc < 0 ? rc : multipart->error;
}

int fm_multipart_next(fm_multipart *multipart, fm_part **part)
{
    struct fm__multipart_step step;
    int rc = multipart_ready(multipart);
    while (rc >= 0 && multipart->part.open)
        rc = multipart_more(multipart);
    if (rc < 0 || multipart->over)
        return rc < 0 ? rc : 0;
    rc = multipart_come(multipart, &step);
    if (rc < 0)
        return rc;
    multipart->part.data.size = 0;
    multipart->over = rc == FM__MULTIPART_MORE;
    if (multipart->over)
        return 0;
    if (multipart->parts++ == multipart->options.parts)
        return fm__multipart_failed(multipart, -FM_EPARTS, "too many parts");
    rc = fm__part_begin(&multipart->part, step.text);
    if (rc < 0)
        return rc;
    *part = &multipart->part;
    return 1;
}

/* ---- a part ------------------------------------------------------------- */

ssize_t fm_part_read(fm_part *part, void *buf, size_t size)
{
    int rc = multipart_ready(part->multipart);
    if (rc < 0)
        return rc;
    if (size == 0)
        return 0;
    while (part->data.size == 0) {
        rc = part->open ? multipart_more(part->multipart) : 0;
        if (rc <= 0)
            return rc;
    }
    struct fm__slice some = fm__slice_until(part->data, size);
    memcpy(buf, some.at, some.size);
    part->data = fm__slice_after(part->data, some.size);
    return (ssize_t)some.size;
}

/* Room for one byte more, and a NUL. */
static int multipart_grow(fm_multipart *multipart, struct fm_part *part)
{
    struct fm__part_block *block = part->block;
    size_t size = block != NULL ? block->size : 0;
    if (block != NULL && block->room - size > 1)
        return 0;
    size_t room = block != NULL ? 2 * block->room : MULTIPART_BLOCK;
    struct fm__part_block *next =
        block != NULL ? block->next : multipart->blocks;
    block = fm__memory_resize(block, sizeof *block + room);
    if (block == NULL)
        return -ENOMEM;
    *block = (struct fm__part_block){.next = next, .size = size, .room = room};
    multipart->blocks = part->block = block;
    return 0;
}

static int multipart_blame_size(const fm_multipart *multipart, size_t limit)
{
    const char *name = multipart->part.name;
    if (multipart->exchange == NULL)
        return -FM_EPARTSIZE;
    return fm__exchange_blame(multipart->exchange, -FM_EPARTSIZE,
                              "%s is larger than %zu bytes",
                              name != NULL ? name : "a part", limit);
}

ssize_t fm_part_load(fm_part *part, const char **bytes, size_t limit)
{
    ssize_t some = 1;
    while (some > 0) {
        int rc = multipart_grow(part->multipart, part);
        if (rc < 0)
            return rc;
        struct fm__part_block *block = part->block;
        some = fm_part_read(part, block->bytes + block->size,
                            block->room - block->size - 1);
        if (some > 0)
            block->size += (size_t)some;
        if (some >= 0 && block->size > limit)
            return multipart_blame_size(part->multipart, limit);
    }
    if (some < 0)
        return some;
    part->block->bytes[part->block->size] = '\0';
    *bytes = part->block->bytes;
    return (ssize_t)part->block->size;
}

/* ---- the beginning and the end ------------------------------------------ */

static void multipart_set_options(fm_multipart *multipart,
                                  const fm_multipart_options *options)
{
    fm_multipart_options *all = &multipart->options;
    if (options != NULL)
        *all = *options;
    if (all->parts == 0)
        all->parts = FM_MULTIPART_PARTS;
    if (all->head == 0)
        all->head = FM_MULTIPART_HEAD;
    if (all->head > MULTIPART_HEAD_MOST)
        all->head = MULTIPART_HEAD_MOST;
    if (all->size == 0)
        all->size = FM_MULTIPART_SIZE;
    if (all->part_size == 0)
        all->part_size = all->size;
}

/* "multipart/form-data; boundary=word": the kind, and what is behind it. */
static bool multipart_type(const char *text, struct fm__slice *kind,
                           struct fm__slice *rest)
{
    const struct fm__slice prefix = FM__SLICE("multipart/");
    struct fm__slice type = fm__slice_of(text != NULL ? text : "");
    *rest = fm__slice_after(type, fm__slice_find(type, ';'));
    type = fm__slice_trim(fm__slice_until(type, type.size - rest->size));
    *kind = fm__slice_after(type, prefix.size);
    return fm__slice_like(fm__slice_until(type, prefix.size), prefix);
}

static bool multipart_delimit(fm_multipart *multipart, struct fm__slice rest)
{
    struct fm__parameter found;
    char text[FM__MULTIPART_BOUNDARY];
    struct fm__pen pen = {text, text + sizeof text, false};
    if (fm__parameter_find(rest, FM__SLICE("boundary"), &found) <= 0)
        return false;
    fm__parameter_write(&pen, &found);
    return !pen.full &&
           fm__multipart_init(&multipart->parser, fm__pen_since(&pen, text),
                              multipart->options.head);
}

static int multipart_blame_type(const fm_multipart *multipart,
                                const char *wanted, const char *said)
{
    if (multipart->exchange == NULL)
        return -FM_EHTTPTYPE;
    return fm__exchange_blame(multipart->exchange, -FM_EHTTPTYPE,
                              said != NULL
                                  ? "the body is to be multipart/%s, not %s"
                                  : "the body is to be multipart/%s%s",
                              wanted, said != NULL ? said : "");
}

/* The kind of it that is wanted, and where it begins and ends. */
static int multipart_accept(fm_multipart *multipart, const char *said)
{
    struct fm__slice kind, rest;
    const char *wanted = multipart->options.kind;
    if (wanted == NULL)
        wanted = multipart->exchange != NULL ? "form-data" : "*";
    bool is = multipart_type(said, &kind, &rest);
    if (!is || (strcmp(wanted, "*") != 0 &&
                !fm__slice_like(kind, fm__slice_of(wanted))))
        return multipart_blame_type(multipart, wanted, said);
    multipart->form = fm__slice_like(kind, FM__SLICE("form-data"));
    if (!multipart_delimit(multipart, rest))
        return fm__multipart_failed(multipart, -FM_EMULTIPART,
                                    "a boundary that is missing, or none");
    return 0;
}

/* A head has to fit, and something behind it; and twice, as texts. */
static int multipart_make_room(fm_multipart *multipart)
{
    size_t head = multipart->options.head;
    multipart->room = head + FM__MULTIPART_HELD;
    if (multipart->room < FM__MULTIPART_WINDOW)
        multipart->room = FM__MULTIPART_WINDOW;
    multipart->window = fm__memory_resize(NULL, multipart->room + 2 * head);
    if (multipart->window == NULL)
        return -ENOMEM;
    multipart->texts = multipart->window + multipart->room;
    return 0;
}

static int multipart_open(fm_multipart *how, const char *type,
                          const fm_multipart_options *options,
                          fm_multipart **out)
{
    multipart_set_options(how, options);
    int rc = multipart_accept(how, type);
    if (rc == 0)
        rc = multipart_make_room(how);
    if (rc < 0)
        return rc;
    fm_multipart *multipart = fm__memory_new(sizeof *multipart);
    if (multipart == NULL) {
        fm__memory_free(how->window);
        return -ENOMEM;
    }
    *multipart = *how;
    multipart->part.multipart = multipart;
    multipart->part.data = FM__SLICE("");
    *out = multipart;
    return 0;
}

static ssize_t multipart_read_exchange(void *from, void *buf, size_t size)
{
    return fm_exchange_read(from, buf, size);
}

static ssize_t multipart_read_response(void *from, void *buf, size_t size)
{
    return fm_response_read(from, buf, size);
}

int fm__multipart_open(fm_exchange *exchange, fm_multipart **multipart,
                       const fm_multipart_options *options)
{
    const char *type;
    fm_multipart how = {.read = multipart_read_exchange,
                        .from = exchange,
                        .exchange = exchange};
    int rc = fm__exchange_type(exchange, &type);
    return rc < 0 ? rc : multipart_open(&how, type, options, multipart);
}

int fm__multipart_open_response(fm_response *response, fm_multipart **multipart,
                                const fm_multipart_options *options)
{
    fm_multipart how = {.read = multipart_read_response, .from = response};
    return multipart_open(&how, fm_response_field(response, "Content-Type"),
                          options, multipart);
}

void fm_multipart_close(fm_multipart *multipart)
{
    if (multipart == NULL)
        return;
    while (multipart->blocks != NULL) {
        struct fm__part_block *block = multipart->blocks;
        multipart->blocks = block->next;
        fm__memory_free(block);
    }
    fm__memory_free(multipart->window);
    fm__memory_free(multipart);
}
