/*
 * memory.c - the one caller of malloc
 *
 * Invariant: the ledger's bytes are those malloc says each live block has.
 */
#include "base/memory.h"

#include "base/fault.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_LINE 64

static void *memory_held(void *block)
{
    if (block == NULL)
        return NULL;
    fm__hold(FM__HELD_BYTES, malloc_usable_size(block));
    fm__hold(FM__HELD_BLOCKS, 1);
    return block;
}

static void memory_released(size_t size)
{
    fm__release(FM__HELD_BYTES, size);
    fm__release(FM__HELD_BLOCKS, 1);
}

void *fm__memory_new(size_t size)
{
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    return memory_held(calloc(1, size));
}

void *fm__memory_new_line(size_t size)
{
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    size_t whole = (size + MEMORY_LINE - 1) / MEMORY_LINE * MEMORY_LINE;
    void *block = aligned_alloc(MEMORY_LINE, whole);
    if (block != NULL)
        memset(block, 0, whole);
    return memory_held(block);
}

void *fm__memory_resize(void *block, size_t size)
{
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    size_t before = block == NULL ? 0 : malloc_usable_size(block);
    void *moved = realloc(block, size);
    if (moved != NULL && block != NULL)
        memory_released(before);
    return memory_held(moved);
}

void fm__memory_free(void *block)
{
    if (block == NULL)
        return;
    memory_released(malloc_usable_size(block));
    free(block);
}
