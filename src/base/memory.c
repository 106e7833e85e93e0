/*
 * memory.c - the one caller of malloc
 *
 * Invariant: the ledger's bytes are those malloc says each live block has.
 */
#include "base/memory.h"

#include "base/fault.h"
#include "base/room.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_LINE 64

/* What is asked of malloc, which needs room. */
struct memory_ask {
    void *given; /* the block that is resized */
    size_t size;
    void *block; /* the answer */
};

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

static void memory_new(void *arg)
{
    struct memory_ask *ask = arg;
    ask->block = calloc(1, ask->size);
}

void *fm__memory_new(size_t size)
{
    struct memory_ask ask = {.size = size};
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    fm__room_call(memory_new, &ask);
    return memory_held(ask.block);
}

static void memory_new_line(void *arg)
{
    struct memory_ask *ask = arg;
    ask->block = aligned_alloc(MEMORY_LINE, ask->size);
}

void *fm__memory_new_line(size_t size)
{
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    size_t whole = (size + MEMORY_LINE - 1) / MEMORY_LINE * MEMORY_LINE;
    struct memory_ask ask = {.size = whole};
    fm__room_call(memory_new_line, &ask);
    if (ask.block != NULL)
        memset(ask.block, 0, whole);
    return memory_held(ask.block);
}

static void memory_resize(void *arg)
{
    struct memory_ask *ask = arg;
    ask->block = realloc(ask->given, ask->size);
}

void *fm__memory_resize(void *block, size_t size)
{
    if (fm__fault(FM__DOOR_MEMORY))
        return NULL;
    size_t before = block == NULL ? 0 : malloc_usable_size(block);
    struct memory_ask ask = {block, size, NULL};
    fm__room_call(memory_resize, &ask);
    if (ask.block != NULL && block != NULL)
        memory_released(before);
    return memory_held(ask.block);
}

void fm__memory_free(void *block)
{
    if (block == NULL)
        return;
    memory_released(malloc_usable_size(block));
    fm__room_call(free, block);
}
