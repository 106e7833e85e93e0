/*
 * places.h - where tasks were started, and what is counted of each place
 *
 * Fixed memory: of a place that is met when there is room for no more, "other"
 * is told. Texts are copied, as the object that has them may be unloaded.
 */
#ifndef FM_TASK_PLACES_H
#define FM_TASK_PLACES_H

#include "task/record.h"

#include <fermata/stats.h>

enum {
    FM__PLACES = 256, /* beside "other", which is the first */
    FM__PLACE_SLOTS = 1024,
    FM__PLACE_TEXT = 128 /* of name and site, each ended by a NUL */
};

struct fm__places {
    size_t count; /* with "other" */
    fm_stats_place entries[FM__PLACES + 1];
    char texts[FM__PLACES + 1][FM__PLACE_TEXT];
    size_t taken; /* of the slots: by the address of a label */
    struct fm__places_slot {
        const char *label; /* NULL: free */
        size_t place;
    } slots[FM__PLACE_SLOTS];
};

/* What home->places is: made once, shared by all that measure. 0, -ENOMEM. */
int fm__places_open(struct fm__conductor *home);
void fm__places_close(struct fm__conductor *home);

/* Where the task was started, by its label. */
size_t fm__places_at(struct fm__places *places, const char *label);

/* Without "other", where that is empty. */
const fm_stats_place *fm__places_list(const struct fm__places *places,
                                      size_t *count);

#endif
