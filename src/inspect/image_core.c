/*
 * image_core.c - the memory of a process that a core file has: core(5)
 *
 * What it has itself comes first, then what the files have that were mapped
 * there. How far down a stack was used shows by its first byte that is not
 * zero.
 */
#include "inspect/image_core.h"

#include "base/memory.h"
#include "base/sys.h"

#include <errno.h>
#include <unistd.h>

static struct fm__core *image_core_of(struct fm__image *image)
{
    return FM__CONTAINER(image, struct fm__core, image);
}

/* ---- Reading ------------------------------------------------------------- */

/* What nobody could write to is in files, if the core has it not: the kernel
 * says that it was there, gdb does not. */
static size_t image_core_lacking(struct fm__core *core, uint64_t address,
                                 void *buf, size_t size)
{
    const struct fm__core_part *part = fm__core_part_at(core, address);
    if (part != NULL &&
        (part->writable || address - part->address < part->filled))
        return 0;
    if (part != NULL && size > part->size - (address - part->address))
        size = (size_t)(part->size - (address - part->address));
    return fm__core_mapped(core, address, buf, size);
}

static void image_core_one(struct fm__core *core, struct fm__extent *extent)
{
    size_t got = 1;
    extent->got = 0;
    while (extent->got < extent->size && got > 0) {
        uint64_t at = extent->address + extent->got;
        char *buf = (char *)extent->buf + extent->got;
        got = fm__core_own(core, at, buf, extent->size - extent->got);
        if (got == 0)
            got = image_core_lacking(core, at, buf, extent->size - extent->got);
        extent->got += got;
    }
}

static int image_core_gather(struct fm__image *image,
                             struct fm__extent *extents, size_t count)
{
    for (size_t i = 0; i < count; i++)
        image_core_one(image_core_of(image), &extents[i]);
    return 0;
}

static int image_core_files(struct fm__image *image)
{
    struct fm__core *core = image_core_of(image);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < core->file_count; i++) {
        if (core->files[i].offset == 0)
            rc = fm__note_try(image, core->files[i].address);
    }
    for (size_t i = 0; rc == 0 && i < core->part_count; i++) {
        if (image->root == 0 && !core->parts[i].writable)
            rc = fm__note_try(image, core->parts[i].address);
    }
    return rc;
}

/* ---- Depth --------------------------------------------------------------- */

/* The next byte from there on that may not be zero: the file may be sparse. */
static uint64_t image_core_data(const struct fm__core *core,
                                const struct fm__core_part *part, uint64_t at)
{
    uint64_t offset = part->offset + (at - part->address);
    int64_t found = fm__sys_seek(core->fd, (int64_t)offset, SEEK_DATA);
    if (found == -ENXIO)
        return part->address + part->size;
    return found > (int64_t)offset ? at + ((uint64_t)found - offset) : at;
}

static bool image_core_zero(const struct fm__core *core, uint64_t address,
                            uint64_t size)
{
    char buf[1024];
    while (size > 0) {
        size_t got = fm__core_own(core, address, buf,
                                  size < sizeof buf ? size : sizeof buf);
        for (size_t i = 0; i < got; i++) {
            if (buf[i] != 0)
                return false;
        }
        if (got == 0)
            return true;
        address += got;
        size -= got;
    }
    return true;
}

static size_t image_core_depth(struct fm__image *image, uint64_t bottom,
                               uint64_t top)
{
    struct fm__core *core = image_core_of(image);
    const struct fm__core_part *part = fm__core_part_at(core, bottom);
    uint64_t page = fm__sys_page(), at = bottom;
    if (part == NULL || top - part->address > part->filled)
        return 0;
    while (at < top) {
        at = image_core_data(core, part, at);
        uint64_t next = at - at % page + page;
        if (at >= top || next <= at)
            return 0;
        if (!image_core_zero(core, at, (next < top ? next : top) - at))
            return (size_t)(top - (at - at % page > bottom ? at - at % page
                                                           : bottom));
        at = next;
    }
    return 0;
}

static void image_core_close(struct fm__image *image)
{
    struct fm__core *core = image_core_of(image);
    if (core->fd >= 0)
        fm__sys_close(core->fd);
    fm__core_forget_files(core);
    fm__memory_free(core->parts);
    fm__memory_free(core->files);
    fm__memory_free(core->text);
    fm__memory_free(core);
}

const struct fm__image_kind fm__core_kind = {
    .gather = image_core_gather,
    .files = image_core_files,
    .depth = image_core_depth,
    .close = image_core_close,
};
