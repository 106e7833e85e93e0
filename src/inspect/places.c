/*
 * places.c - a table of numbers, each with its place
 *
 * Invariant: at least half of the slots are empty, so a search ends.
 */
#include "inspect/places.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define PLACES_LEAST 64

struct place {
    uint64_t key;
    uint32_t place; /* FM__NO_PLACE: the slot is empty */
};

int fm__kept_fit(struct fm__room_kept *kept, size_t count, size_t each)
{
    size_t size;
    if (__builtin_mul_overflow(count, each, &size))
        return -ENOMEM;
    if (size <= kept->size)
        return 0;
    size += size / 2;
    void *data = fm__memory_resize(kept->data, size);
    if (data == NULL)
        return -ENOMEM;
    kept->data = data;
    kept->size = size;
    return 0;
}

void fm__kept_free(struct fm__room_kept *kept)
{
    fm__memory_free(kept->data);
    *kept = (struct fm__room_kept){NULL, 0};
}

static struct place *places_slots(const struct fm__places *places)
{
    return places->room.data;
}

void fm__places_clear(struct fm__places *places)
{
    places->count = 0;
    if (places->room.data != NULL)
        memset(places->room.data, 0xff,
               (places->mask + 1) * sizeof(struct place));
}

void fm__places_free(struct fm__places *places)
{
    fm__kept_free(&places->room);
    *places = (struct fm__places){.mask = 0};
}

/* Where the key is, or belongs. */
static struct place *places_slot(const struct fm__places *places, uint64_t key)
{
    struct place *slots = places_slots(places);
    uint64_t mixed = key * UINT64_C(0x9e3779b97f4a7c15);
    size_t index = (size_t)(mixed >> 32) & places->mask;
    while (slots[index].place != FM__NO_PLACE && slots[index].key != key)
        index = (index + 1) & places->mask;
    return &slots[index];
}

uint32_t fm__places_find(const struct fm__places *places, uint64_t key)
{
    return places->mask > 0 ? places_slot(places, key)->place : FM__NO_PLACE;
}

/* Twice the slots. */
static int places_grow(struct fm__places *places)
{
    struct fm__places grown = {.mask = PLACES_LEAST - 1};
    if (places->mask > 0)
        grown.mask = places->mask * 2 + 1;
    int rc = fm__kept_fit(&grown.room, grown.mask + 1, sizeof(struct place));
    if (rc < 0)
        return rc;
    fm__places_clear(&grown);
    const struct place *slots = places_slots(places);
    for (size_t i = 0; places->mask > 0 && i <= places->mask; i++) {
        if (slots[i].place != FM__NO_PLACE)
            *places_slot(&grown, slots[i].key) = slots[i];
    }
    grown.count = places->count;
    fm__places_free(places);
    *places = grown;
    return 0;
}

int fm__places_put(struct fm__places *places, uint64_t key, uint32_t place)
{
    if (places->count >= places->mask / 2) {
        int rc = places_grow(places);
        if (rc < 0)
            return rc;
    }
    struct place *slot = places_slot(places, key);
    places->count += slot->place == FM__NO_PLACE;
    *slot = (struct place){key, place};
    return 0;
}
