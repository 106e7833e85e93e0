/*
 * naming.c - the texts of an image, as they may be shown
 *
 * Most tasks share a few of them, so each address is read once in a look. What
 * is not printable is '?', and what is too long is cut.
 */
#include "inspect/sight.h"
#include "inspect/wording.h"

#include "base/memory.h"

#include <errno.h>

enum {
    NAMING_MOST = 255, /* bytes that are shown */
    NAMING_PAGE = 4096,
    NAMING_BLOCK = 1 << 14
};

/* Texts one after the other: so they stay where they are while more come. */
struct fm__naming_block {
    struct fm__naming_block *next;
    size_t used;
    char bytes[NAMING_BLOCK];
};

void fm__naming_clear(struct fm_inspect *self)
{
    while (self->texts != NULL) {
        struct fm__naming_block *block = self->texts;
        self->texts = block->next;
        block->next = self->spare;
        self->spare = block;
    }
    fm__places_clear(&self->named);
}

void fm__naming_free(struct fm_inspect *self)
{
    fm__naming_clear(self);
    while (self->spare != NULL) {
        struct fm__naming_block *block = self->spare;
        self->spare = block->next;
        fm__memory_free(block);
    }
    fm__places_free(&self->named);
    fm__kept_free(&self->names);
}

static struct fm__naming_block *naming_block(struct fm_inspect *self)
{
    struct fm__naming_block *block = self->texts;
    if (block != NULL && NAMING_BLOCK - block->used > NAMING_MOST)
        return block;
    block = self->spare;
    if (block != NULL)
        self->spare = block->next;
    else
        block = fm__memory_new(sizeof *block);
    if (block == NULL)
        return NULL;
    block->used = 0;
    block->next = self->texts;
    self->texts = block;
    return block;
}

/* Up to its end, or NAMING_MOST: how many bytes, or -errno. A read does not
 * pass the end of a page, behind which may be nothing. */
static ssize_t naming_fetch(struct fm_inspect *self, uint64_t address,
                            char *bytes)
{
    size_t size = 0;
    while (size < NAMING_MOST) {
        size_t left = NAMING_PAGE - (address + size) % NAMING_PAGE;
        if (left > NAMING_MOST - size)
            left = NAMING_MOST - size;
        ssize_t got =
            fm__image_read(self->image, address + size, bytes + size, left);
        if (got <= 0)
            return size > 0 ? (ssize_t)size : -EFAULT;
        size_t found = strnlen(bytes + size, (size_t)got);
        size += found;
        if (found < left)
            break;
    }
    return (ssize_t)size;
}

/* What may be shown of the text that is at the end of the block. */
static void naming_end(struct fm__naming_block *block, size_t size,
                       struct fm__naming *naming)
{
    char *text = block->bytes + block->used;
    *naming = (struct fm__naming){"?", 0};
    if (size == 0)
        return;
    text[size] = '\0';
    if (size == NAMING_MOST)
        text[size = fm__line_whole(text, size)] = '\0';
    for (size_t i = 0; i < size; i += fm__line_step(text + i)) {
        if (fm__line_glyph(text + i) == 0)
            text[i] = '?';
    }
    block->used += size + 1;
    *naming = (struct fm__naming){text, size};
}

static int naming_put(struct fm_inspect *self, uint64_t address,
                      const struct fm__naming *naming)
{
    uint32_t place = fm__places_find(&self->named, address);
    if (place == FM__NO_PLACE)
        place = (uint32_t)self->named.count;
    int rc = fm__kept_fit(&self->names, (size_t)place + 1, sizeof *naming);
    if (rc < 0)
        return rc;
    struct fm__naming *names = self->names.data;
    names[place] = *naming;
    return fm__places_put(&self->named, address, place);
}

int fm__naming_read(struct fm_inspect *self, uint64_t address,
                    struct fm__naming *naming)
{
    const struct fm__naming *names = self->names.data;
    uint32_t place = fm__places_find(&self->named, address);
    if (place != FM__NO_PLACE) {
        *naming = names[place];
        return 0;
    }
    struct fm__naming_block *block = naming_block(self);
    if (block == NULL)
        return -ENOMEM;
    ssize_t size = naming_fetch(self, address, block->bytes + block->used);
    naming_end(block, size > 0 ? (size_t)size : 0, naming);
    return naming_put(self, address, naming);
}

int fm__naming_learn(struct fm_inspect *self, uint64_t address,
                     const unsigned char *bytes, size_t size)
{
    struct fm__naming naming;
    size_t length = strnlen((const char *)bytes, size);
    if (length == size || length > NAMING_MOST)
        return 0;
    struct fm__naming_block *block = naming_block(self);
    if (block == NULL)
        return -ENOMEM;
    memcpy(block->bytes + block->used, bytes, length);
    naming_end(block, length, &naming);
    return naming_put(self, address, &naming);
}
