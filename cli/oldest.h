/*
 * oldest.h - room for programs that were compiled
 */
#ifndef CLI_OLDEST_H
#define CLI_OLDEST_H

#include <fermata.h>

#define OLDEST_MOST 100                            /* programs */
#define OLDEST_BYTES ((uint64_t)256 * 1024 * 1024) /* of all of them */

/* Removes from a folder of programs those that nobody has run for the longest
 * time, as far as there are too many, but never the one that is called `keep`;
 * and what others left half made. Returns 0 or -ECANCELED: what could not be
 * removed has its turn later. */
FM_SUSPENDS int oldest_remove(const char *folder, const char *keep);

#endif
