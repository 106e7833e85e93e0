/*
 * epoll_slot.c - a table that doubles
 *
 * The queues' heads are linked to by operations, so growing moves the
 * operations to the new heads.
 */
#include "loop/epoll_slot.h"

#include "base/die.h"
#include "base/memory.h"

#include <errno.h>

#define EPOLL_SLOTS 64 /* of the first table */

static void epoll_slot_init(struct fm__epoll_slot *slot, uint32_t generation)
{
    *slot = (struct fm__epoll_slot){.generation = generation};
    for (int side = 0; side < FM__EPOLL_SIDES; side++)
        fm__list_init(&slot->queues[side]);
}

static void epoll_slot_move(struct fm__epoll_slot *from,
                            struct fm__epoll_slot *to)
{
    *to = *from;
    for (int side = 0; side < FM__EPOLL_SIDES; side++) {
        fm__list_init(&to->queues[side]);
        fm__list_move(&from->queues[side], &to->queues[side]);
    }
}

/* One more than are used, so that the first can begin a line of the cache. */
static int epoll_slots_grow(struct fm__epoll_slots *slots, int fd)
{
    const size_t size = sizeof(struct fm__epoll_slot);
    int count = slots->count > 0 ? slots->count : EPOLL_SLOTS;
    while (count <= fd)
        count *= 2;
    char *block = fm__memory_new(((size_t)count + 1) * size);
    if (block == NULL)
        return -ENOMEM;
    void *first = block + (0 - (uintptr_t)block) % size;
    struct fm__epoll_slot *array = first;
    for (int i = 0; i < slots->count; i++)
        epoll_slot_move(&slots->array[i], &array[i]);
    for (int i = slots->count; i < count; i++)
        epoll_slot_init(&array[i], 0);
    fm__memory_free(slots->block);
    *slots = (struct fm__epoll_slots){count, array, block};
    return 0;
}

struct fm__epoll_slot *fm__epoll_slot_get(struct fm__epoll_slots *slots, int fd)
{
    if (fd >= slots->count && epoll_slots_grow(slots, fd) < 0)
        return NULL;
    return &slots->array[fd];
}

void fm__epoll_slot_end(struct fm__epoll_slot *slot, int fd)
{
    if (slot->operations > 0)
        fm__die("descriptor %d was closed with operations in flight", fd);
    int next = slot->hungry_next;
    bool hungry = slot->hungry; /* its place among them is kept */
    epoll_slot_init(slot, slot->generation + 1);
    slot->hungry_next = next;
    slot->hungry = hungry;
}

void fm__epoll_slots_free(struct fm__epoll_slots *slots)
{
    fm__memory_free(slots->block);
}
