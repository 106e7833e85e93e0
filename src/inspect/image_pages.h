/*
 * image_pages.h - which pages of a process are there
 */
#ifndef FM_INSPECT_IMAGE_PAGES_H
#define FM_INSPECT_IMAGE_PAGES_H

#include "base/compiler.h"

/* A window on /proc/PID/pagemap: stacks lie side by side, so that one call
 * tells of many. */
enum {
    FM__PAGES_WINDOW = 512
};

struct fm__pages {
    int pid;
    int fd; /* -1: not opened yet; -2: nobody knows */
    uint64_t first;
    size_t count;
    uint64_t entries[FM__PAGES_WINDOW];
};

void fm__pages_init(struct fm__pages *pages, int pid);
/* Asked again, it begins anew. */
void fm__pages_fini(struct fm__pages *pages);
/* As fm__image_depth. */
size_t fm__pages_depth(struct fm__pages *pages, uint64_t bottom, uint64_t top);

#endif
