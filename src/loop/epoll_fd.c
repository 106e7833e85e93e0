/*
 * epoll_fd.c - how descriptors come into the epoll world and leave it
 *
 * The number of a foreign descriptor may come back as one of ours while a
 * wait for the foreign one is still in flight, because its owner has closed
 * it: such a wait is an orphan, and ends by itself.
 */
#include "base/fault.h"
#include "base/sys.h"
#include "loop/epoll_world.h"

#include <errno.h>
#include <netinet/in.h>

/* Those in flight on fd, in a queue or cancelled: they have no slot now. */
static void epoll_orphan(struct fm__epoll_world *world, int fd)
{
    struct fm__epoll_slot *slot = &world->slots.array[fd];
    for (int side = 0; side < FM__EPOLL_SIDES; side++)
        fm__list_move(&slot->queues[side], &world->ended);
    for (struct fm__list *item = world->ended.next; item != &world->ended;
         item = item->next) {
        struct fm__op *op = FM__CONTAINER(item, struct fm__op, link);
        if (op->fd == fd)
            op->fd = FM__EPOLL_NOBODY;
    }
    slot->operations = 0;
}

int fm__epoll_born(struct fm__epoll_world *world, int fd,
                   enum fm__epoll_kind kind)
{
    struct fm__epoll_slot *slot =
        fd >= 0 ? fm__epoll_slot_get(&world->slots, fd) : NULL;
    if (slot == NULL)
        return fd;
    if (slot->operations > 0 && !slot->own)
        epoll_orphan(world, fd);
    fm__epoll_slot_end(slot, fd);
    slot->own = true;
    slot->kind = kind;
    return fd;
}

int fm__epoll_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2])
{
    bool pipe = kind == FM__PAIR_PIPE;
    int rc = pipe ? fm__sys_pipe(fds) : fm__sys_socketpair(fds);
    for (int i = 0; rc == 0 && i < 2; i++)
        fm__epoll_born(loop->world, fds[i],
                       pipe ? FM__EPOLL_STREAM : FM__EPOLL_LOCAL);
    return rc;
}

int fm__epoll_socket(struct fm__loop *loop, int family, int type)
{
    enum fm__epoll_kind kind = FM__EPOLL_ANY;
    if (type == SOCK_STREAM)
        kind = family == AF_UNIX ? FM__EPOLL_LOCAL : FM__EPOLL_STREAM;
    return fm__epoll_born(loop->world, fm__sys_socket(family, type), kind);
}

int fm__epoll_close_fd(struct fm__loop *loop, int fd)
{
    struct fm__epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, fd);
    if (slot != NULL)
        fm__epoll_slot_end(slot, fd);
    return fm__sys_close(fd);
}

/* A wait for what was foreign goes on: it is in the set as ours would be. */
int fm__epoll_adopt(struct fm__loop *loop, int fd)
{
    struct fm__epoll_world *world = loop->world;
    int protocol = fm__sys_protocol(fd);
    if (protocol == -EBADF)
        return protocol; /* before the table grows to such a number */
    struct fm__epoll_slot *slot = fm__epoll_slot_get(&world->slots, fd);
    if (slot == NULL)
        return -ENOMEM;
    if (slot->own)
        return 0;
    int rc = fm__sys_adopt(fd);
    if (rc < 0)
        return rc;
    if (slot->operations == 0)
        fm__epoll_slot_end(slot, fd);
    slot->own = true;
    slot->kind = protocol == IPPROTO_TCP ? FM__EPOLL_STREAM : FM__EPOLL_ANY;
    slot->plain = protocol == -ENOTSOCK;
    return 0;
}

/* Also one that was born without memory for a slot. */
void fm__epoll_forget(struct fm__loop *loop, int fd)
{
    struct fm__epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, fd);
    fm__release(FM__HELD_DESCRIPTORS, 1);
    if (slot == NULL || !slot->own)
        return;
    if (slot->added)
        fm__sys_epoll_remove(world->epoll, fd);
    fm__epoll_slot_end(slot, fd);
}
