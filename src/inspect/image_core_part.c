/*
 * image_core_part.c - the memory that a core file itself has
 *
 * Invariant: the parts are in the order of their addresses, and each is as
 * large as its header says; what the file is too short for, or an offset that
 * makes no sense, shows when it is read, as memory that is not there.
 */
#include "inspect/image_core.h"

#include "base/sys.h"

/* As much as the file has. */
static ssize_t image_core_pread(const struct fm__core *core, uint64_t offset,
                                void *buf, size_t size)
{
    size_t got = 0;
    if (offset > core->size)
        return 0;
    while (got < size) {
        ssize_t rc = fm__sys_read_at(core->fd, (char *)buf + got, size - got,
                                     (int64_t)(offset + got));
        if (rc < 0)
            return rc;
        if (rc == 0)
            break;
        got += (size_t)rc;
    }
    return (ssize_t)got;
}

int fm__core_get(const struct fm__core *core, uint64_t offset, void *buf,
                 size_t size)
{
    ssize_t got = image_core_pread(core, offset, buf, size);
    return got < 0 ? (int)got : got == (ssize_t)size;
}

const struct fm__core_part *fm__core_part_at(const struct fm__core *core,
                                             uint64_t address)
{
    size_t low = 0, high = core->part_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (core->parts[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    const struct fm__core_part *part = low > 0 ? &core->parts[low - 1] : NULL;
    return part != NULL && address - part->address < part->size ? part : NULL;
}

size_t fm__core_own(const struct fm__core *core, uint64_t address, void *buf,
                    size_t size)
{
    const struct fm__core_part *part = fm__core_part_at(core, address);
    uint64_t delta = part != NULL ? address - part->address : 0;
    if (part == NULL || delta >= part->filled)
        return 0;
    if (size > part->filled - delta)
        size = (size_t)(part->filled - delta);
    ssize_t got = image_core_pread(core, part->offset + delta, buf, size);
    return got > 0 ? (size_t)got : 0;
}
