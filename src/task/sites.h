/*
 * sites.h - where tasks were started, and what is counted of each place
 *
 * Fixed memory: of a place that is met when there is room for no more, "other"
 * is told. Texts are copied, as the object that has them may be unloaded.
 */
#ifndef FM_TASK_SITES_H
#define FM_TASK_SITES_H

#include "task/record.h"

#include <fermata/stats.h>

enum {
    FM__SITES = 256, /* beside "other", which is the first */
    FM__SITE_SLOTS = 1024,
    FM__SITE_TEXT = 128 /* of name and site, each ended by a NUL */
};

struct fm__sites {
    size_t count; /* with "other" */
    fm_stats_place entries[FM__SITES + 1];
    char texts[FM__SITES + 1][FM__SITE_TEXT];
    size_t taken; /* of the slots: by the address of a label */
    struct fm__sites_slot {
        const char *label; /* NULL: free */
        size_t place;
    } slots[FM__SITE_SLOTS];
};

/* What home->sites is: made once, shared by all that measure. 0, -ENOMEM. */
int fm__sites_open(struct fm__conductor *home);
void fm__sites_close(struct fm__conductor *home);

/* Where the task was started, by its label. */
size_t fm__sites_at(struct fm__sites *sites, const char *label);

/* Without "other", where that is empty. */
const fm_stats_place *fm__sites_list(const struct fm__sites *sites,
                                     size_t *count);

#endif
