/*
 * wheel.c - place, cascade, fire
 *
 * Invariant: a timer on level L > 0 shares all bits above level L with `now`
 * and has a greater digit at level L; on level 0 it may also be due. A bit in
 * `slots` may be set over a list that removals emptied: whoever meets it
 * clears it, so that removing stays one unlink.
 */
#include "loop/wheel.h"

#include <assert.h>

#define WHEEL_EXACT 32 /* a longer slot is not searched for its minimum */

static unsigned wheel_level(uint64_t now, uint64_t when)
{
    uint64_t diff = now ^ when;
    unsigned top = 63U - (unsigned)__builtin_clzll(diff | 1);
    return top / FM__WHEEL_BITS;
}

static unsigned wheel_digit(uint64_t when, unsigned level)
{
    return (unsigned)(when >> (level * FM__WHEEL_BITS)) & (FM__WHEEL_SLOTS - 1);
}

static void wheel_place(struct fm__wheel *wheel, struct fm__timer *timer)
{
    int64_t when = timer->when > wheel->now ? timer->when : wheel->now;
    unsigned level = wheel_level((uint64_t)wheel->now, (uint64_t)when);
    unsigned slot = wheel_digit((uint64_t)when, level);
    wheel->level |= UINT64_C(1) << level;
    wheel->slots[level] |= UINT64_C(1) << slot;
    fm__list_push(&wheel->lists[level][slot], &timer->link);
}

/* Where the slot begins, in the revolution that `now` is in. */
static int64_t wheel_begin(const struct fm__wheel *wheel, unsigned level,
                           unsigned slot)
{
    unsigned shift = level * FM__WHEEL_BITS;
    uint64_t above = shift + FM__WHEEL_BITS < 64
                         ? ~UINT64_C(0) << (shift + FM__WHEEL_BITS)
                         : 0;
    uint64_t begin = ((uint64_t)wheel->now & above) | (uint64_t)slot << shift;
    return (int64_t)begin > wheel->now ? (int64_t)begin : wheel->now;
}

/* The first slot that may hold a timer; false if there is none. */
static bool wheel_first(const struct fm__wheel *wheel, unsigned *level,
                        unsigned *slot)
{
    if (wheel->level == 0)
        return false;
    *level = (unsigned)__builtin_ctzll(wheel->level);
    *slot = (unsigned)__builtin_ctzll(wheel->slots[*level]);
    return true;
}

static void wheel_clear(struct fm__wheel *wheel, unsigned level, unsigned slot)
{
    wheel->slots[level] &= ~(UINT64_C(1) << slot);
    if (wheel->slots[level] == 0)
        wheel->level &= ~(UINT64_C(1) << level);
}

void fm__wheel_init(struct fm__wheel *wheel, int64_t now)
{
    wheel->now = now;
    wheel->count = 0;
    wheel->level = 0;
    wheel->due = NULL;
    for (unsigned level = 0; level < FM__WHEEL_LEVELS; level++) {
        wheel->slots[level] = 0;
        for (unsigned slot = 0; slot < FM__WHEEL_SLOTS; slot++)
            fm__list_init(&wheel->lists[level][slot]);
    }
}

void fm__wheel_add(struct fm__wheel *wheel, struct fm__timer *timer)
{
    wheel->count++;
    wheel_place(wheel, timer);
}

void fm__wheel_remove(struct fm__wheel *wheel, struct fm__timer *timer)
{
    wheel->count--;
    fm__list_remove(&timer->link);
}

/* Takes the slot's list: each timer fires or moves to a lower level. */
static void wheel_open(struct fm__wheel *wheel, unsigned level, unsigned slot)
{
    struct fm__list taken;
    fm__list_init(&taken);
    fm__list_move(&wheel->lists[level][slot], &taken);
    wheel_clear(wheel, level, slot);
    for (struct fm__list *item; (item = fm__list_shift(&taken)) != NULL;) {
        struct fm__timer *timer = FM__CONTAINER(item, struct fm__timer, link);
        if (timer->when > wheel->now) {
            wheel_place(wheel, timer);
            continue;
        }
        wheel->count--;
        if (FM__UNLIKELY(wheel->due != NULL))
            wheel->due(wheel, timer);
        timer->fire(timer);
    }
}

void fm__wheel_advance(struct fm__wheel *wheel, int64_t now)
{
    unsigned level, slot;
    while (wheel_first(wheel, &level, &slot)) {
        int64_t begin = wheel_begin(wheel, level, slot);
        if (begin > now)
            break;
        wheel->now = begin;
        wheel_open(wheel, level, slot);
    }
    assert(now >= wheel->now);
    wheel->now = now;
}

/* The first deadline of a slot; where it begins, when it is a long one. */
static int64_t wheel_least(const struct fm__wheel *wheel, unsigned level,
                           unsigned slot)
{
    const struct fm__list *list = &wheel->lists[level][slot];
    int64_t least = FM__NEVER;
    unsigned seen = 0;
    for (const struct fm__list *item = list->next; item != list;
         item = item->next) {
        if (++seen > WHEEL_EXACT)
            return wheel_begin(wheel, level, slot);
        int64_t when = FM__CONTAINER(item, struct fm__timer, link)->when;
        least = when < least ? when : least;
    }
    return least;
}

int64_t fm__wheel_next(struct fm__wheel *wheel)
{
    unsigned level, slot;
    while (wheel_first(wheel, &level, &slot)) {
        if (!fm__list_empty(&wheel->lists[level][slot]))
            return wheel_least(wheel, level, slot);
        wheel_clear(wheel, level, slot);
    }
    return FM__NEVER;
}
