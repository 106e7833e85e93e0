/*
 * sites.c - places by the addresses of their labels
 *
 * Invariant: no two entries have the same texts, so that each is one series
 * for who collects them: two labels may be alike, and then are one place.
 */
#include "task/sites.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define SITES_FULL (FM__SITE_SLOTS * 3 / 4)

int fm__sites_open(struct fm__conductor *home)
{
    if (home->sites != NULL)
        return 0;
    struct fm__sites *sites = fm__memory_new(sizeof *sites);
    if (sites == NULL)
        return -ENOMEM;
    sites->entries[0] = (fm_stats_place){.task = "other", .site = ""};
    sites->count = 1;
    home->sites = sites;
    return 0;
}

void fm__sites_close(struct fm__conductor *home)
{
    fm__memory_free(home->sites);
    home->sites = NULL;
}

/* As much of the label as there is room for: name NUL site NUL. */
static void sites_text(char *text, const char *label)
{
    size_t name = strnlen(label, FM__SITE_TEXT / 2 - 1);
    const char *site = label + strlen(label) + 1;
    size_t rest = strnlen(site, FM__SITE_TEXT - name - 2);
    memcpy(text, label, name);
    memcpy(text + name + 1, site, rest);
}

static size_t sites_find(const struct fm__sites *sites, const char *text)
{
    for (size_t i = 1; i < sites->count; i++) {
        if (memcmp(sites->texts[i], text, FM__SITE_TEXT) == 0)
            return i;
    }
    return 0;
}

static size_t sites_new(struct fm__sites *sites, const char *label)
{
    char text[FM__SITE_TEXT] = "";
    sites_text(text, label);
    size_t place = sites_find(sites, text);
    if (place > 0 || sites->count > FM__SITES)
        return place;
    place = sites->count++;
    char *copy = memcpy(sites->texts[place], text, sizeof text);
    sites->entries[place].task = copy;
    sites->entries[place].site = copy + strlen(copy) + 1;
    return place;
}

static size_t sites_hash(const char *label)
{
    uint64_t mixed = (uintptr_t)label * UINT64_C(0x9e3779b97f4a7c15);
    return mixed >> 32 & (FM__SITE_SLOTS - 1);
}

/* A label that was not met before. */
static void sites_fill(struct fm__sites *sites, struct fm__sites_slot *slot,
                       const char *label)
{
    sites->taken++;
    slot->label = label;
    slot->place = sites_new(sites, label);
}

size_t fm__sites_at(struct fm__sites *sites, const char *label)
{
    size_t i = sites_hash(label);
    while (sites->slots[i].label != NULL && sites->slots[i].label != label)
        i = (i + 1) % FM__SITE_SLOTS;
    struct fm__sites_slot *slot = &sites->slots[i];
    if (FM__UNLIKELY(slot->label == NULL) && label != NULL &&
        sites->taken < SITES_FULL)
        sites_fill(sites, slot, label);
    return slot->place;
}

const fm_stats_place *fm__sites_list(const struct fm__sites *sites,
                                     size_t *count)
{
    bool others = sites->entries[0].started > 0;
    *count = sites->count - !others;
    return sites->entries + !others;
}
