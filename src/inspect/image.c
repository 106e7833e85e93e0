/*
 * image.c - what all kinds of images have in common
 *
 * Invariant: of a root that is given out, every offset lies within the record
 * that it is an offset of, and these are small. So whoever has read a record
 * whole may look at each of its members.
 */
#include "inspect/image_kind.h"

#include "base/sys.h"

#include <errno.h>
#include <string.h>

#define IMAGE_READ_MAX ((size_t)1 << 30)
#define IMAGE_RECORD_MAX 65536

/* A member: at which offset of the layout its offset is, its bytes, and where
 * the size of its record is. */
struct image_member {
    uint16_t offset;
    uint16_t bytes;
    uint16_t record;
};

#define IMAGE_MEMBER(record, member, bytes)                                    \
    {offsetof(struct fm__layout, record##_##member), (bytes),                  \
     offsetof(struct fm__layout, record##_size)}
#define IMAGE_POINTER(record, member)                                          \
    IMAGE_MEMBER(record, member, sizeof(void *))

static const struct image_member image_members[] = {
    IMAGE_POINTER(home, next),
    IMAGE_MEMBER(home, loop, 8),
    IMAGE_POINTER(home, handles),
    IMAGE_POINTER(home, current),
    IMAGE_MEMBER(home, alive, sizeof(size_t)),
    IMAGE_MEMBER(home, started, 4),
    IMAGE_POINTER(home, meters),
    IMAGE_POINTER(slot, task),
    IMAGE_MEMBER(slot, generation, 4),
    IMAGE_POINTER(task, handle),
    IMAGE_MEMBER(task, context, 3 * sizeof(void *)),
    IMAGE_POINTER(task, waiter),
    IMAGE_POINTER(task, blocks),
    IMAGE_POINTER(task, reaper),
    IMAGE_POINTER(task, lookout),
    IMAGE_POINTER(task, owner),
    IMAGE_POINTER(task, children),
    IMAGE_POINTER(task, label),
    IMAGE_POINTER(task, name),
    IMAGE_MEMBER(task, serial, 4),
    IMAGE_MEMBER(task, turns, 4),
    IMAGE_MEMBER(task, state, 1),
    IMAGE_MEMBER(task, cancelled, 1),
    IMAGE_MEMBER(task, marks, 1),
    IMAGE_POINTER(waiter, task),
    IMAGE_POINTER(waiter, kind),
    IMAGE_MEMBER(waiter, since, 8),
    IMAGE_POINTER(kind, name),
    IMAGE_MEMBER(kind, what, 1),
    IMAGE_MEMBER(kind, at, 2),
    IMAGE_MEMBER(kind, first, 2),
    IMAGE_MEMBER(kind, second, 2),
    IMAGE_MEMBER(op, kind, 4),
    IMAGE_MEMBER(op, fd, 4),
    IMAGE_POINTER(when, kind),
    IMAGE_POINTER(when, object),
    IMAGE_MEMBER(when, number, 8),
};

/* Of a record within the one of a thread: the loop. */
static const uint16_t image_loop_members[] = {
    offsetof(struct fm__layout, loop_now),
    offsetof(struct fm__layout, loop_polls),
    offsetof(struct fm__layout, loop_backend),
    offsetof(struct fm__layout, loop_thread),
    offsetof(struct fm__layout, loop_process),
};

static uint32_t image_offset(const struct fm__layout *layout, size_t at)
{
    uint32_t offset;
    memcpy(&offset, (const char *)layout + at, sizeof offset);
    return offset;
}

static bool image_small(const struct fm__layout *layout)
{
    for (size_t at = 0; at < sizeof *layout; at += sizeof(uint32_t)) {
        if (image_offset(layout, at) >= IMAGE_RECORD_MAX)
            return false;
    }
    return true;
}

static bool image_within(const struct fm__layout *layout)
{
    for (size_t i = 0; i < FM__COUNT(image_members); i++) {
        const struct image_member *member = &image_members[i];
        if (image_offset(layout, member->offset) + member->bytes >
            image_offset(layout, member->record))
            return false;
    }
    for (size_t i = 0; i < FM__COUNT(image_loop_members); i++) {
        if (layout->home_loop + image_offset(layout, image_loop_members[i]) +
                8 >
            layout->home_size)
            return false;
    }
    return true;
}

static bool image_makes_sense(const struct fm__root *root)
{
    const struct fm__layout *layout = &root->layout;
    return memcmp(root->magic, FM__ROOT_MAGIC, sizeof root->magic) == 0 &&
           root->version == FM__ROOT_VERSION && root->size >= sizeof *root &&
           image_small(layout) && image_within(layout) &&
           layout->handles_chunk > 0 && layout->handles_slot_bits < 32 &&
           (layout->meter_size == 0 ||
            layout->meter_cpu + 8 <= layout->meter_size) &&
           root->op_count < IMAGE_RECORD_MAX;
}

static int image_find(struct fm__image *image)
{
    int rc = 0;
    if (image->root == 0 && image->kind->files != NULL)
        rc = image->kind->files(image);
    if (image->root != 0)
        return 0;
    return rc < 0 ? rc : -ENOENT;
}

static int image_check(struct fm__image *image, struct fm__root *root)
{
    struct fm__root read;
    ssize_t size = fm__image_read(image, image->root, &read, sizeof read);
    if (size < 0 && size != -EFAULT)
        return (int)size;
    if (size != sizeof read || !image_makes_sense(&read))
        return -EPROTO;
    *root = read;
    return 0;
}

static int image_find_checked(struct fm__image *image, struct fm__root *root)
{
    int rc = image_find(image);
    return rc == 0 ? image_check(image, root) : rc;
}

/* A process may be another program since the last time, and another one of its
 * libraries may run the loops. */
int fm__image_root(struct fm__image *image, uint64_t *address,
                   struct fm__root *root)
{
    bool found = image->root != 0 && !image->settled;
    int rc = image_find_checked(image, root);
    bool idle = rc == 0 && image->clock >= 0 &&
                fm__atomic_load_ptr(&root->first) == NULL;
    if (found && (rc == -EPROTO || idle) && image->kind->files != NULL) {
        image->root = 0;
        image->named = false;
        rc = image_find_checked(image, root);
    }
    if (rc == 0)
        *address = image->root;
    return rc;
}

void fm__image_clean(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
    }
}

ssize_t fm__image_read(struct fm__image *image, uint64_t address, void *buf,
                       size_t size)
{
    struct fm__extent extent = {address, buf, size, 0};
    if (extent.size > IMAGE_READ_MAX)
        extent.size = IMAGE_READ_MAX;
    int rc = fm__image_gather(image, &extent, 1);
    if (rc < 0)
        return rc;
    return extent.got > 0 || size == 0 ? (ssize_t)extent.got : -EFAULT;
}

int fm__image_gather(struct fm__image *image, struct fm__extent *extents,
                     size_t count)
{
    return image->kind->gather(image, extents, count);
}

int64_t fm__image_clock(const struct fm__image *image)
{
    return image->clock < 0 ? image->clock : fm__sys_clock();
}

int fm__image_pid(const struct fm__image *image)
{
    return image->pid;
}

const char *fm__image_program(const struct fm__image *image)
{
    return image->program[0] != '\0' ? image->program : "?";
}

void fm__image_socket(struct fm__image *image, int fd, const char **local,
                      const char **peer)
{
    *local = *peer = NULL;
    if (image->kind->socket != NULL && fd >= 0)
        image->kind->socket(image, fd, local, peer);
}

void fm__image_refresh(struct fm__image *image)
{
    if (image->kind->refresh != NULL)
        image->kind->refresh(image);
}

size_t fm__image_depth(struct fm__image *image, uint64_t bottom, uint64_t top)
{
    if (image->kind->depth == NULL || top <= bottom ||
        top - bottom > IMAGE_READ_MAX)
        return 0;
    return image->kind->depth(image, bottom, top);
}

void fm__image_close(struct fm__image *image)
{
    if (image != NULL)
        image->kind->close(image);
}
