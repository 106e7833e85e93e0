/*
 * when.h - something that may be waited for beside others
 *
 * Each object that can be waited for makes one by a function of its own, such
 * as fm_when_get of a queue. It is plain data, borrows the object, and may be
 * used any number of times while that lives.
 */
#ifndef FERMATA_WHEN_H
#define FERMATA_WHEN_H

#include <fermata/api.h>

/* Private: what a kind of object answers for itself. */
struct fm__when_kind;

/* What is waited for; its words are private. */
typedef struct fm_when {
    const struct fm__when_kind *kind;
    void *object;
    int64_t number;
} fm_when;

#endif
