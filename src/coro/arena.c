/*
 * arena.c - slabs, colours, warm and cold stacks
 *
 * Invariant: a stack is in use, or in its class's warm list, or its index is
 * in its slab's cold array, or it was never cut (index >= slab->cut). Only
 * stacks that are in use or warm have touched pages.
 *
 * All stacks begin at the same place of a page, so their hottest lines would
 * share the same cache sets: the head is moved down by a colour, within the
 * top page so that a sleeping task still costs one page.
 */
#include "coro/arena.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/room.h"
#include "base/sys.h"
#include "coro/guard.h"

#include <sys/mman.h>

#define ARENA_SLAB_MIN (UINT32_C(1) << 22) /* bytes of the first slab */
#define ARENA_SLAB_MAX (UINT32_C(1) << 28)
#define ARENA_COLOURS 16
#define ARENA_COLOUR_SIZE 128
#define ARENA_LOOK 1024      /* puts between two looks */
#define ARENA_SPAN 100000000 /* ns at least between two trims */
#define ARENA_SPARE 64       /* warm stacks kept in any case */
#define ARENA_TRIM 1024      /* stacks that go cold at one trim */
#define ARENA_DEEP 16384     /* bytes of one stack; more are given back */

struct fm__slab {
    struct fm__slab *next;
    char *start;
    uint32_t count; /* stacks it has room for */
    uint32_t cut;   /* stacks that were cut from it, with their guards */
    uint32_t cold_count;
    uint32_t cold[];
};

static const size_t arena_sizes[FM__STACK_GUARDED] = {
    16 * 1024,
    64 * 1024,
    256 * 1024,
};

void fm__arena_init(struct fm__arena *arena)
{
    size_t page = fm__sys_page();
    arena->trimmed = 0;
    fm__pieces_init(&arena->pieces);
    arena->classes[FM__STACK_DENSE] = (struct fm__stack_class){
        .size = FM__DENSE_STACK,
        .looks = 1, /* each put is looked at */
        .pieces = &arena->pieces,
    };
    fm__list_init(&arena->classes[FM__STACK_DENSE].warm);
    for (unsigned i = 0; i < FM__STACK_GUARDED; i++) {
        size_t pages = (arena_sizes[i] - FM__PAGE + page - 1) / page;
        arena->classes[i] = (struct fm__stack_class){
            .size = (pages + 1) * page,
            .guard = page,
            .looks = ARENA_LOOK,
        };
        fm__list_init(&arena->classes[i].warm);
    }
}

unsigned fm__arena_class(size_t size)
{
    if (size == 0)
        return FM__STACK_MEDIUM;
    if (size > arena_sizes[FM__STACK_LARGE])
        fm__die("a stack_size of %zu bytes: there are stacks up to %zu", size,
                arena_sizes[FM__STACK_LARGE]);
    unsigned class_index = 0;
    while (arena_sizes[class_index] < size)
        class_index++;
    return class_index;
}

static struct fm__stack *arena_head(const struct fm__stack_class *class,
                                    const struct fm__slab *slab, uint32_t index)
{
    char *top = slab->start + (size_t)(index + 1) * class->size;
    size_t colour = (size_t)(index % ARENA_COLOURS) * ARENA_COLOUR_SIZE;
    size_t spare = (FM__STACK_SPARE + 63) / 64 * 64;
    size_t head = FM__STACK_HEAD + spare;
    return (struct fm__stack *)(void *)(top - colour - head);
}

static size_t arena_usable(const struct fm__stack_class *class)
{
    return class->size - class->guard;
}

/* Slabs double, so that a million stacks are a few dozen mappings. */
static struct fm__slab *arena_slab_new(struct fm__stack_class *class)
{
    size_t size = ARENA_SLAB_MIN;
    if (class->slabs != NULL)
        size = class->slabs->count * class->size * 2;
    if (size > ARENA_SLAB_MAX)
        size = ARENA_SLAB_MAX;
    uint32_t count = (uint32_t)(size / class->size);
    size = count * class->size;
    struct fm__slab *slab =
        fm__memory_new(sizeof *slab + count * sizeof slab->cold[0]);
    if (slab == NULL)
        return NULL;
    slab->count = count;
    slab->start = fm__sys_map(size);
    if (slab->start == NULL)
        goto free_slab;
    /* Merged into huge pages a sparse slab would be all resident. Kernels
     * without huge pages say EINVAL, and mean the same. */
    fm__sys_advise(slab->start, size, MADV_NOHUGEPAGE);
    slab->next = class->slabs;
    class->slabs = slab;
    return slab;

free_slab:
    fm__memory_free(slab);
    return NULL;
}

static struct fm__stack *arena_prepare(const struct fm__stack_class *class,
                                       struct fm__slab *slab, uint32_t index)
{
    struct fm__stack *stack = arena_head(class, slab, index);
    *stack = (struct fm__stack){
        .bottom = slab->start + index * class->size + class->guard,
        .slab = slab,
        .index = index,
    };
    fm__list_init(&stack->link);
    return stack;
}

static struct fm__stack *arena_get_cold(struct fm__stack_class *class)
{
    while (class->cold != NULL) {
        struct fm__slab *slab = class->cold;
        if (slab->cold_count > 0)
            return arena_prepare(class, slab, slab->cold[--slab->cold_count]);
        class->cold = slab->next;
    }
    return NULL;
}

static struct fm__stack *arena_cut(struct fm__stack_class *class)
{
    struct fm__slab *slab = class->slabs;
    if (slab == NULL || slab->cut == slab->count)
        slab = arena_slab_new(class);
    if (slab == NULL)
        return NULL;
    char *guard = slab->start + slab->cut * class->size;
    if (fm__guard_install(guard, class->guard) < 0)
        return NULL;
    return arena_prepare(class, slab, slab->cut++);
}

struct arena_ask {
    struct fm__stack_class *class;
    struct fm__stack *stack;
};

static void arena_get_guarded(void *arg)
{
    struct arena_ask *ask = arg;
    ask->stack = arena_get_cold(ask->class);
    if (ask->stack == NULL)
        ask->stack = arena_cut(ask->class);
}

struct fm__stack *fm__arena_get_more(struct fm__stack_class *class)
{
    struct arena_ask ask = {class, NULL};
    if (class->pieces != NULL)
        ask.stack = fm__pieces_get(class->pieces);
    else
        fm__room_call(arena_get_guarded, &ask);
    if (ask.stack == NULL)
        return NULL;
    ask.stack->class = class;
    class->total++;
    return ask.stack;
}

static void arena_chill(struct fm__stack_class *class, struct fm__stack *stack)
{
    struct fm__slab *slab = stack->slab;
    uint32_t index = stack->index;
    fm__list_cut(&stack->link);
    class->warm_count--;
    class->total--;
    fm__sanitize_drop(&stack->tools);
    fm__sys_advise(stack->bottom, arena_usable(class), MADV_DONTNEED);
    slab->cold[slab->cold_count++] = index;
    class->cold = class->slabs;
}

/* The fewest that were warm since the last trim are those nobody needed. */
static void arena_trim_class(struct fm__stack_class *class)
{
    size_t spare = class->warm_least;
    unsigned trimmed = 0;
    for (; spare > ARENA_SPARE && trimmed < ARENA_TRIM; spare--, trimmed++) {
        struct fm__list *coldest = class->warm.prev;
        arena_chill(class, FM__CONTAINER(coldest, struct fm__stack, link));
    }
    class->warm_least = class->warm_count;
}

void fm__arena_trim(struct fm__arena *arena, int64_t now)
{
    if (now - arena->trimmed < ARENA_SPAN)
        return;
    arena->trimmed = now;
    for (unsigned i = 0; i < FM__STACK_GUARDED; i++)
        arena_trim_class(&arena->classes[i]);
    fm__pieces_trim(&arena->pieces);
}

/* Gives back what one deep call left below the top pages. */
static void arena_sample(struct fm__stack_class *class, struct fm__stack *stack)
{
    size_t top = 2 * class->guard;
    if (arena_usable(class) <= top)
        return;
    size_t size = arena_usable(class) - top;
    if (fm__sys_resident(stack->bottom, size) > ARENA_DEEP)
        fm__sys_advise(stack->bottom, size, MADV_DONTNEED);
}

static void arena_put_dense(struct fm__arena *arena, struct fm__stack *stack)
{
    stack->class->looks = 1;
    stack->class->warm_count--;
    stack->class->total--;
    fm__list_cut(&stack->link);
    fm__pieces_put(&arena->pieces, stack);
    if (++arena->pieces.puts % ARENA_LOOK == 0)
        fm__arena_trim(arena, fm__sys_clock());
}

void fm__arena_look(struct fm__arena *arena, struct fm__stack *stack)
{
    if (stack->class->pieces != NULL) {
        arena_put_dense(arena, stack);
        return;
    }
    stack->class->looks = ARENA_LOOK;
    arena_sample(stack->class, stack);
    fm__arena_trim(arena, fm__sys_clock());
}

static void arena_close_class(struct fm__stack_class *class)
{
    struct fm__list *item;
    while (FM__TOOLS_KEEP && (item = fm__list_shift(&class->warm)) != NULL)
        fm__sanitize_drop(&FM__CONTAINER(item, struct fm__stack, link)->tools);
    while (class->slabs != NULL) {
        struct fm__slab *slab = class->slabs;
        class->slabs = slab->next;
        fm__sys_unmap(slab->start, slab->count * class->size);
        fm__memory_free(slab);
    }
}

void fm__arena_close(struct fm__arena *arena)
{
    if (fm__arena_in_use(arena) > 0)
        fm__die("a loop was closed with %zu stacks in use",
                fm__arena_in_use(arena));
    for (unsigned i = 0; i < FM__STACK_GUARDED; i++)
        arena_close_class(&arena->classes[i]);
    fm__pieces_close(&arena->pieces);
}

static bool arena_class_guards(const struct fm__stack_class *class,
                               const char *address, char **bottom, size_t *size)
{
    for (struct fm__slab *slab = class->slabs; slab; slab = slab->next) {
        if (address < slab->start ||
            address >= slab->start + slab->cut * class->size)
            continue;
        size_t offset = (size_t)(address - slab->start) % class->size;
        *bottom = (char *)(uintptr_t)address - offset + class->guard;
        *size = arena_usable(class);
        return offset < class->guard;
    }
    return false;
}

bool fm__arena_guards(const struct fm__arena *arena, const void *address,
                      char **bottom, size_t *size)
{
    for (unsigned i = 0; i < FM__STACK_GUARDED; i++) {
        if (arena_class_guards(&arena->classes[i], address, bottom, size))
            return true;
    }
    return false;
}

size_t fm__arena_in_use(const struct fm__arena *arena)
{
    size_t count = 0;
    for (unsigned i = 0; i < FM__STACK_CLASSES; i++)
        count += arena->classes[i].total - arena->classes[i].warm_count;
    return count;
}

size_t fm__arena_room(const struct fm__stack_class *class)
{
    size_t spare = (FM__STACK_SPARE + 63) / 64 * 64;
    if (class->pieces != NULL)
        return FM__DENSE_STACK - FM__STACK_HEAD - sizeof(uint64_t);
    return arena_usable(class) - (ARENA_COLOURS - 1) * ARENA_COLOUR_SIZE -
           FM__STACK_HEAD - spare;
}

size_t fm__arena_mapped(const struct fm__arena *arena)
{
    size_t size = arena->pieces.mapped * FM__DENSE_PIECE;
    for (unsigned i = 0; i < FM__STACK_GUARDED; i++) {
        const struct fm__stack_class *class = &arena->classes[i];
        for (const struct fm__slab *slab = class->slabs; slab;
             slab = slab->next)
            size += slab->count * class->size;
    }
    return size;
}
