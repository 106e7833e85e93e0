/*
 * uring_slot.c - a table of chunks, which stay where they are
 */
#include "loop/uring_slot.h"

#include "base/die.h"
#include "base/memory.h"

static void uring_slot_init(struct fm__uring_slot *slot, uint32_t generation)
{
    *slot = (struct fm__uring_slot){
        .generation = generation,
        .accepted = FM__URING_NOBODY,
    };
    fm__list_init(&slot->readers);
    fm__list_init(&slot->writers);
}

static bool uring_slots_add_chunk(struct fm__uring_slots *slots)
{
    size_t count = (size_t)slots->chunks + 1;
    struct fm__uring_slot **table =
        fm__memory_resize(slots->table, count * sizeof *slots->table);
    if (table == NULL)
        return false;
    slots->table = table;
    struct fm__uring_slot *chunk =
        fm__memory_new(FM__URING_SLOTS * sizeof *chunk);
    if (chunk == NULL)
        return false;
    for (int i = 0; i < FM__URING_SLOTS; i++)
        uring_slot_init(&chunk[i], 0);
    table[slots->chunks++] = chunk;
    return true;
}

/* The kernel gives out the lowest number that is free, so a table without
 * gaps wastes nothing. */
struct fm__uring_slot *fm__uring_slot_get(struct fm__uring_slots *slots, int fd)
{
    while (slots->chunks <= fd / FM__URING_SLOTS) {
        if (!uring_slots_add_chunk(slots))
            return NULL;
    }
    return fm__uring_slot_find(slots, fd);
}

void fm__uring_slot_end(struct fm__uring_slot *slot, int fd)
{
    if (slot->operations > 0)
        fm__die("descriptor %d was closed with operations in flight", fd);
    int next = slot->next;
    bool chained = slot->chained; /* its place in the chain is kept */
    uring_slot_init(slot, slot->generation + 1);
    slot->next = next;
    slot->chained = chained;
}

void fm__uring_slots_free(struct fm__uring_slots *slots)
{
    for (int i = 0; i < slots->chunks; i++)
        fm__memory_free(slots->table[i]);
    fm__memory_free(slots->table);
}
