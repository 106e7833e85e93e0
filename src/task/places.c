/*
 * places.c - places by the addresses of their labels
 *
 * Invariant: no two entries have the same texts, so that each is one series
 * for who collects them: two labels may be alike, and then are one place.
 */
#include "task/places.h"

#include "base/memory.h"
#include "base/room.h"

#include <errno.h>
#include <string.h>

#define PLACES_FULL (FM__PLACE_SLOTS * 3 / 4)

int fm__places_open(struct fm__conductor *home)
{
    if (home->places != NULL)
        return 0;
    struct fm__places *places = fm__memory_new(sizeof *places);
    if (places == NULL)
        return -ENOMEM;
    places->entries[0] = (fm_stats_place){.task = "other", .site = ""};
    places->count = 1;
    home->places = places;
    return 0;
}

void fm__places_close(struct fm__conductor *home)
{
    fm__memory_free(home->places);
    home->places = NULL;
}

/* As much of the label as there is room for: name NUL site NUL. */
static void places_text(char *text, const char *label)
{
    size_t name = strnlen(label, FM__PLACE_TEXT / 2 - 1);
    const char *site = label + strlen(label) + 1;
    size_t rest = strnlen(site, FM__PLACE_TEXT - name - 2);
    memcpy(text, label, name);
    memcpy(text + name + 1, site, rest);
}

static size_t places_find(const struct fm__places *places, const char *text)
{
    for (size_t i = 1; i < places->count; i++) {
        if (memcmp(places->texts[i], text, FM__PLACE_TEXT) == 0)
            return i;
    }
    return 0;
}

static size_t places_new(struct fm__places *places, const char *label)
{
    char text[FM__PLACE_TEXT] = "";
    places_text(text, label);
    size_t place = places_find(places, text);
    if (place > 0 || places->count > FM__PLACES)
        return place;
    place = places->count++;
    char *copy = memcpy(places->texts[place], text, sizeof text);
    places->entries[place].task = copy;
    places->entries[place].site = copy + strlen(copy) + 1;
    return place;
}

static size_t places_hash(const char *label)
{
    uint64_t mixed = (uintptr_t)label * UINT64_C(0x9e3779b97f4a7c15);
    return mixed >> 32 & (FM__PLACE_SLOTS - 1);
}

/* A label that was not met before. */
struct places_ask {
    struct fm__places *places;
    struct fm__places_slot *slot;
    const char *label;
};

static void places_fill(void *arg)
{
    struct places_ask *ask = arg;
    ask->places->taken++;
    ask->slot->label = ask->label;
    ask->slot->place = places_new(ask->places, ask->label);
}

size_t fm__places_at(struct fm__places *places, const char *label)
{
    size_t i = places_hash(label);
    while (places->slots[i].label != NULL && places->slots[i].label != label)
        i = (i + 1) % FM__PLACE_SLOTS;
    struct fm__places_slot *slot = &places->slots[i];
    if (FM__LIKELY(slot->label != NULL))
        return slot->place;
    struct places_ask ask = {places, slot, label};
    if (label != NULL && places->taken < PLACES_FULL)
        fm__room_call(places_fill, &ask);
    return slot->place;
}

const fm_stats_place *fm__places_list(const struct fm__places *places,
                                      size_t *count)
{
    bool others = places->entries[0].started > 0;
    *count = places->count - !others;
    return places->entries + !others;
}
