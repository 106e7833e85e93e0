/*
 * uring_fd.c - how descriptors come into the io_uring world and leave it
 *
 * close(2) ends no request: while one is armed the kernel holds the file, and
 * the peer would never see the end. So what is armed is asked to end first,
 * and the close follows its last completion.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "base/sys.h"
#include "loop/uring_world.h"

#include <errno.h>

/* Without memory for its slot it is closed again. */
int fm__uring_born(struct fm__uring_world *world, int fd, bool plain)
{
    if (fd < 0)
        return fd;
    struct fm__uring_slot *slot = fm__uring_slot_get(&world->slots, fd);
    if (slot == NULL) {
        fm__sys_close(fd);
        return -ENOMEM;
    }
    if (slot->operations > 0 && !slot->own)
        fm__uring_orphan(world, fd);
    fm__uring_slot_end(slot, fd);
    slot->own = true;
    slot->plain = plain;
    return fd;
}

int fm__uring_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2])
{
    bool pipe = kind == FM__PAIR_PIPE;
    int ends[2];
    int rc = pipe ? fm__sys_pipe(ends) : fm__sys_socketpair(ends);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 2; i++)
        ends[i] = fm__uring_born(loop->world, ends[i], pipe);
    if (ends[0] >= 0 && ends[1] >= 0) {
        fds[0] = ends[0];
        fds[1] = ends[1];
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            fm__uring_close_fd(loop, ends[i]);
    }
    return -ENOMEM;
}

int fm__uring_socket(struct fm__loop *loop, int family, int type)
{
    return fm__uring_born(loop->world, fm__sys_socket(family, type), false);
}

static int uring_close_now(struct fm__uring_slot *slot, int fd)
{
    if (slot->unread)
        fm__sys_linger(fd);
    fm__uring_slot_end(slot, fd);
    return fm__sys_close(fd);
}

/* What lies in the slot, unread: bytes reset a connection that is closed
 * before they were read, as they would from the kernel's own buffer. */
static void uring_empty(struct fm__loop *loop, struct fm__uring_slot *slot)
{
    struct fm__uring_world *world = loop->world;
    slot->unread |= slot->first != NULL || slot->stash != NULL;
    fm__memory_free(slot->stash);
    slot->stash = NULL;
    while (slot->first != NULL) {
        struct fm__buffer *buffer = slot->first;
        slot->first = buffer->next;
        fm__buffer_give(&loop->buffers, buffer);
    }
    while (slot->accepted != FM__URING_NOBODY) {
        int fd = slot->accepted;
        struct fm__uring_slot *orphan = fm__uring_slot_find(&world->slots, fd);
        slot->accepted = orphan->accepted_next;
        uring_close_now(orphan, fd);
    }
    slot->unclaimed = 0;
}

int fm__uring_close_fd(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    if (slot == NULL || !slot->own)
        return fm__sys_close(fd);
    if (slot->operations > 0)
        fm__uring_slot_end(slot, fd); /* dies */
    if (slot->closing)
        return -EBADF;
    uring_empty(loop, slot);
    if (slot->arm == FM__URING_UNARMED)
        return uring_close_now(slot, fd);
    if (slot->listens && !slot->adopted)
        fm__sys_unlisten(fd);
    slot->closing = true;
    fm__uring_disarm(world, fd);
    return 0;
}

void fm__uring_bury(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    uring_close_now(fm__uring_slot_find(&world->slots, fd), fd);
    fm__loop_feed(loop);
}

/* A wait for what was foreign goes on. */
int fm__uring_adopt(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    if (fm__sys_protocol(fd) == -EBADF)
        return -EBADF; /* before the table grows to such a number */
    struct fm__uring_slot *slot = fm__uring_slot_get(&world->slots, fd);
    if (slot == NULL)
        return -ENOMEM;
    if (slot->own)
        return 0;
    int rc = fm__sys_adopt(fd);
    if (rc < 0)
        return rc;
    if (slot->operations == 0)
        fm__uring_slot_end(slot, fd);
    slot->own = true;
    slot->adopted = true;
    slot->plain = fm__sys_protocol(fd) == -ENOTSOCK;
    return 0;
}

/* The kernel takes its hands off at once: its last completion finds another
 * generation. */
void fm__uring_forget(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    if (slot == NULL || !slot->own)
        return;
    uring_empty(loop, slot);
    if (slot->arm == FM__URING_ARMED)
        fm__uring_disarm(world, fd);
    if (slot->arm != FM__URING_UNARMED)
        fm__ring_enter(&world->ring, NULL);
    fm__uring_slot_end(slot, fd);
    fm__release(FM__HELD_DESCRIPTORS, 1);
}

void fm__uring_fds_close(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    for (int fd = 0; fd < world->slots.chunks * FM__URING_SLOTS; fd++) {
        struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
        uring_empty(loop, slot);
        if (slot->closing)
            uring_close_now(slot, fd);
    }
}
