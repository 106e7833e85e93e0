/*
 * arena.h - the stacks of one loop
 *
 * Stacks are cut from slabs of one mapping each, in three sizes. A stack that
 * was given back is warm: its pages are there, and the last one given back is
 * the first to be used again. What was not needed for a while goes cold: its
 * pages go back to the kernel, the address stays. A fourth class is pieces.h's:
 * none of its stacks is ever in a warm list, so that the short ways below do
 * not know of it.
 *
 * Where a page is larger than 4 KiB a stack has no less room: what its class
 * has without a guard of 4 KiB is rounded up to pages, and one is its guard.
 */
#ifndef FM_CORO_ARENA_H
#define FM_CORO_ARENA_H

#include "coro/pieces.h"
#include "coro/sanitize.h"

enum {
    FM__STACK_SMALL,  /* 16 KiB with a guard of 4 */
    FM__STACK_MEDIUM, /* 64 KiB */
    FM__STACK_LARGE,  /* 256 KiB */
    FM__STACK_DENSE,  /* 1 KiB */
    FM__STACK_CLASSES
};

#define FM__STACK_GUARDED FM__STACK_DENSE /* those before have a guard */

/* Bytes above the head, on the stacks that have a guard. */
#define FM__STACK_SPARE 32

struct fm__slab;
struct fm__stack_class;

/* The head of a stack, on its top page; the frames grow down from below it. */
struct fm__stack {
    struct fm__list link; /* among the warm ones, while not in use */
    char *bottom;         /* the lowest byte that may be used */
    struct fm__slab *slab;
    struct fm__stack_class *class;
    uint32_t index; /* in the slab */
    struct fm__sanitized tools;
};

/* What the head takes, in whole lines of the cache. */
#define FM__STACK_HEAD ((sizeof(struct fm__stack) + 63) / 64 * 64)

/* Whether nothing has run over the end of a dense one. */
FM__INLINE bool fm__stack_whole(const struct fm__stack *stack)
{
    return *(const uint64_t *)(const void *)stack->bottom == FM__DENSE_CANARY;
}

struct fm__stack_class {
    size_t size;          /* of a stack with its guard */
    size_t guard;         /* one page */
    struct fm__list warm; /* the first is the warmest */
    size_t warm_count;
    size_t warm_least;      /* since the last trim: what nobody needed */
    size_t total;           /* in use or warm */
    unsigned looks;         /* puts until the next look at depth and trimming */
    struct fm__slab *slabs; /* the newest first */
    struct fm__slab *cold;  /* where to look for a cold one first */
    struct fm__pieces *pieces; /* NULL: they are cut from slabs */
};

struct fm__arena {
    int64_t trimmed; /* when; ns */
    struct fm__stack_class classes[FM__STACK_CLASSES];
    struct fm__pieces pieces;
};

void fm__arena_init(struct fm__arena *arena);

/* Aborts with a sentence when a stack is in use. */
void fm__arena_close(struct fm__arena *arena);

/* The class whose stacks have at least this size, guard included; a size of 0
 * is MEDIUM. Aborts with a sentence above the largest. Never DENSE. */
unsigned fm__arena_class(size_t size);

/* Gives back the pages of stacks that were not needed lately; bounded work,
 * and none when the last trim was less than 100 ms ago. */
void fm__arena_trim(struct fm__arena *arena, int64_t now);

/* The stack in use or not whose guard the address lies in, or NULL; sets
 * its bounds without touching it. */
bool fm__arena_guards(const struct fm__arena *arena, const void *address,
                      char **bottom, size_t *size);

size_t fm__arena_in_use(const struct fm__arena *arena);

/* Bytes of addresses that all its stacks have, those that are cold as well. */
size_t fm__arena_mapped(const struct fm__arena *arena);

/* Bytes below the head of a stack, whatever its colour. */
size_t fm__arena_room(const struct fm__stack_class *class);

struct fm__stack *fm__arena_get_more(struct fm__stack_class *class);
void fm__arena_look(struct fm__arena *arena, struct fm__stack *stack);

/* NULL when there is no memory, or no mapping for its guard. */
FM__INLINE struct fm__stack *fm__arena_get(struct fm__arena *arena,
                                           unsigned class_index)
{
    struct fm__stack_class *class = &arena->classes[class_index];
    struct fm__list *warm = class->warm.next;
    if (FM__UNLIKELY(warm == &class->warm))
        return fm__arena_get_more(class);
    fm__list_cut(warm);
    if (--class->warm_count < class->warm_least)
        class->warm_least = class->warm_count;
    return FM__CONTAINER(warm, struct fm__stack, link);
}

/* The caller may still run on the stack until the next get. */
FM__INLINE void fm__arena_put(struct fm__arena *arena, struct fm__stack *stack)
{
    struct fm__stack_class *class = stack->class;
    fm__list_push(class->warm.next, &stack->link);
    class->warm_count++;
    if (FM__UNLIKELY(--class->looks == 0))
        fm__arena_look(arena, stack);
}

#endif
