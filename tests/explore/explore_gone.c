/*
 * explore_gone.c - memory that nobody may touch any more
 *
 * What is freed in a schedule stays until its end, full of a pattern: so an
 * operation on it is told at once, and a plain write when it is buried. What
 * is read there is no number that anybody wants.
 */
#include "explore_thread.h"

#include <malloc.h>
#include <string.h>

enum {
    GONE_MOST = 64,
    GONE_PATTERN = 0xa5
};

static struct {
    struct gone {
        unsigned char *start;
        size_t size;
        enum {
            GONE_LENT,
            GONE_BLOCK,
            GONE_MAPPING
        } kind;
    } list[GONE_MOST];
    unsigned count;
} graves;

void __real_fm__memory_free(void *block);
void __real_fm__sys_unmap(void *start, size_t size);

static void gone_add(struct gone gone)
{
    if (graves.count == GONE_MOST)
        explore_fail(__FILE__, __LINE__, "too much memory is freed");
    graves.list[graves.count++] = gone;
    if (gone.kind == GONE_MAPPING)
        return;
    memset(gone.start, GONE_PATTERN, gone.size);
#ifdef FM__ASAN
    __asan_poison_memory_region(gone.start, gone.size);
#endif
}

void explore_gone(void *start, size_t size)
{
    gone_add((struct gone){start, size, GONE_LENT});
}

void explore_gone_block(void *block)
{
    gone_add((struct gone){block, malloc_usable_size(block), GONE_BLOCK});
}

void explore_gone_mapping(void *start, size_t size)
{
    gone_add((struct gone){start, size, GONE_MAPPING});
}

/* The stack of a thread that is over: what it ran there has ended. */
static bool gone_stack(const void *word)
{
    for (unsigned i = 0; i < explorer.count; i++) {
        const struct explore_thread *thread = &explorer.threads[i];
        if (thread->over &&
            (uintptr_t)word - (uintptr_t)thread->stack < EXPLORE_STACK)
            return true;
    }
    return false;
}

void explore_touch(const void *word)
{
    if (gone_stack(word))
        explore_fail(__FILE__, __LINE__, "thread %d touches what is gone",
                     (int)(explorer.here - explorer.threads));
    for (unsigned i = 0; i < graves.count; i++) {
        if ((uintptr_t)word - (uintptr_t)graves.list[i].start <
            graves.list[i].size)
            explore_fail(__FILE__, __LINE__, "thread %d touches what is gone",
                         (int)(explorer.here - explorer.threads));
    }
}

static void gone_look(const struct gone *gone)
{
    size_t i = 0;
#ifdef FM__ASAN
    __asan_unpoison_memory_region(gone->start, gone->size);
#endif
    while (i < gone->size && gone->start[i] == GONE_PATTERN)
        i++;
    if (i < gone->size)
        explore_note(__FILE__, __LINE__, "what is gone was written to");
}

void explore_bury(void)
{
    for (unsigned i = 0; i < graves.count; i++) {
        struct gone *gone = &graves.list[i];
        if (gone->kind != GONE_MAPPING)
            gone_look(gone);
        if (gone->kind == GONE_BLOCK)
            __real_fm__memory_free(gone->start);
        if (gone->kind == GONE_MAPPING)
            __real_fm__sys_unmap(gone->start, gone->size);
    }
    graves.count = 0;
}
