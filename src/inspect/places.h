/*
 * places.h - memory that grows and is used again, and from numbers, which are
 * addresses or handles, to places in it
 */
#ifndef FM_INSPECT_PLACES_H
#define FM_INSPECT_PLACES_H

#include "base/compiler.h"

#define FM__NO_PLACE UINT32_MAX

struct fm__room_kept {
    void *data;
    size_t size; /* bytes */
};

/* Room for so many things, the first of which are still there: 0 or -ENOMEM. */
int fm__kept_fit(struct fm__room_kept *kept, size_t count, size_t each);
void fm__kept_free(struct fm__room_kept *kept);

/* Begins as zero. */
struct fm__places {
    struct fm__room_kept room;
    size_t mask; /* of the slots; 0: there are none */
    size_t count;
};

/* Forgets all of them and keeps the memory. */
void fm__places_clear(struct fm__places *places);
void fm__places_free(struct fm__places *places);

/* FM__NO_PLACE: it has none. */
uint32_t fm__places_find(const struct fm__places *places, uint64_t key);
/* The last place that is put counts: 0 or -ENOMEM. */
int fm__places_put(struct fm__places *places, uint64_t key, uint32_t place);

#endif
