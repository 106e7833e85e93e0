/*
 * image_bytes.c - images whose memory is what a test says
 */
#include "inspect/image_bytes.h"

#include "inspect/image_kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Regions ------------------------------------------------------------- */

struct bytes_image {
    struct fm__image image;
    const struct image_region *regions;
    size_t count;
};

/* As much as the first region has that has the first of the bytes. */
static size_t bytes_part(const struct bytes_image *bytes, uint64_t address,
                         char *buf, size_t size)
{
    for (size_t i = 0; i < bytes->count; i++) {
        const struct image_region *region = &bytes->regions[i];
        uint64_t at = address - region->address;
        if (address < region->address || at >= region->size)
            continue;
        if (size > region->size - (size_t)at)
            size = region->size - (size_t)at;
        memcpy(buf, (const char *)region->bytes + at, size);
        return size;
    }
    return 0;
}

static void bytes_one(const struct bytes_image *bytes,
                      struct fm__extent *extent)
{
    size_t part;
    extent->got = 0;
    do {
        part = bytes_part(bytes, extent->address + extent->got,
                          (char *)extent->buf + extent->got,
                          extent->size - extent->got);
        extent->got += part;
    } while (part > 0 && extent->got < extent->size);
}

static int bytes_gather(struct fm__image *image, struct fm__extent *extents,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_one((struct bytes_image *)image, &extents[i]);
    return 0;
}

static void bytes_socket(struct fm__image *image, int fd, const char **local,
                         const char **peer)
{
    (void)image;
    if (fd == 7) {
        *local = "1.2.3.4:5";
        *peer = "6.7.8.9:10";
    }
}

static void bytes_close(struct fm__image *image)
{
    free(image);
}

static const struct fm__image_kind bytes_kind = {
    .gather = bytes_gather,
    .socket = bytes_socket,
    .close = bytes_close,
};

struct fm__image *image_of_bytes(const struct image_region *regions,
                                 size_t count, uint64_t root)
{
    struct bytes_image *bytes = calloc(1, sizeof *bytes);
    if (bytes == NULL)
        return NULL;
    bytes->image = (struct fm__image){
        .kind = &bytes_kind,
        .root = root,
        .clock = -1,
        .pid = 7,
        .program = "/bytes",
    };
    bytes->regions = regions;
    bytes->count = count;
    return &bytes->image;
}

/* ---- Another one, twisted ------------------------------------------------ */

#define TWIST_SIZE 4 /* bytes of one */

enum {
    TWIST_SET,
    TWIST_FLIP,
    TWIST_ADD,
    TWIST_CUT
};

struct twisted_image {
    struct fm__image image;
    struct fm__image *inner;
    const uint8_t *bytes;
    size_t size;
    size_t skip;      /* until the next twist */
    uint64_t address; /* the last that was seen */
};

static void twist_load(struct twisted_image *twisted)
{
    if (twisted->size < TWIST_SIZE)
        twisted->size = 0;
    else
        twisted->skip = twisted->bytes[0] | (size_t)twisted->bytes[1] << 8;
}

static uint64_t *twist_word(struct fm__extent *extent, size_t at,
                            uint64_t *word)
{
    at -= at % sizeof *word;
    if (extent->got - at < sizeof *word)
        return NULL;
    memcpy(word, (char *)extent->buf + at, sizeof *word);
    return word;
}

static void twist_lead(struct twisted_image *twisted, struct fm__extent *extent,
                       size_t at)
{
    uint64_t word;
    if (twist_word(extent, at, &word) == NULL)
        return;
    word = twisted->address + twisted->bytes[3];
    memcpy((char *)extent->buf + (at - at % sizeof word), &word, sizeof word);
}

static void twist_apply(struct twisted_image *twisted,
                        struct fm__extent *extent, size_t at)
{
    uint8_t *byte = (uint8_t *)extent->buf + at;
    uint8_t value = twisted->bytes[3];
    switch (twisted->bytes[2]) {
    case TWIST_SET:
        *byte = value;
        break;
    case TWIST_FLIP:
        *byte ^= value;
        break;
    case TWIST_ADD:
        *byte = (uint8_t)(*byte + value);
        break;
    case TWIST_CUT:
        extent->got = at;
        break;
    default:
        twist_lead(twisted, extent, at);
    }
    twisted->bytes += TWIST_SIZE;
    twisted->size -= TWIST_SIZE;
    twist_load(twisted);
}

/* What any machine of 64 bits may have as an address of a program. */
static void twist_learn(struct twisted_image *twisted,
                        struct fm__extent *extent)
{
    uint64_t word;
    for (size_t at = 0; twist_word(extent, at, &word) != NULL;
         at += sizeof word) {
        if (word > 65536 && word >> 47 == 0)
            twisted->address = word;
    }
}

static void twist_one(struct twisted_image *twisted, struct fm__extent *extent)
{
    size_t at = 0;
    twist_learn(twisted, extent);
    while (twisted->size > 0 && twisted->skip < extent->got - at) {
        at += twisted->skip;
        twist_apply(twisted, extent, at);
        at += at < extent->got;
    }
    if (twisted->size > 0)
        twisted->skip -= extent->got - at;
}

static int twist_gather(struct fm__image *image, struct fm__extent *extents,
                        size_t count)
{
    struct twisted_image *twisted = (struct twisted_image *)image;
    int rc = fm__image_gather(twisted->inner, extents, count);
    for (size_t i = 0; rc == 0 && i < count; i++)
        twist_one(twisted, &extents[i]);
    return rc;
}

static void twist_socket(struct fm__image *image, int fd, const char **local,
                         const char **peer)
{
    fm__image_socket(((struct twisted_image *)image)->inner, fd, local, peer);
}

static size_t twist_depth(struct fm__image *image, uint64_t bottom,
                          uint64_t top)
{
    return fm__image_depth(((struct twisted_image *)image)->inner, bottom, top);
}

static const struct fm__image_kind twisted_kind = {
    .gather = twist_gather,
    .socket = twist_socket,
    .depth = twist_depth,
    .close = bytes_close,
};

struct fm__image *image_twisted(struct fm__image *inner, const uint8_t *bytes,
                                size_t size)
{
    struct twisted_image *twisted = calloc(1, sizeof *twisted);
    if (twisted == NULL)
        return NULL;
    twisted->image = *inner;
    twisted->image.kind = &twisted_kind;
    twisted->inner = inner;
    twisted->bytes = bytes;
    twisted->size = size;
    twist_load(twisted);
    return &twisted->image;
}
