/*
 * memory.h - the door of memory: every byte of the heap passes here
 *
 * What is FM_API is for the libraries beside this one.
 */
#ifndef FM_BASE_MEMORY_H
#define FM_BASE_MEMORY_H

#include "base/compiler.h"

/* Zeroed, or NULL. */
FM_API void *fm__memory_new(size_t size);

/* The same, at the beginning of a line of the cache. */
void *fm__memory_new_line(size_t size);

/* NULL is new memory, not zeroed; on failure NULL and the old block stays. */
FM_API void *fm__memory_resize(void *block, size_t size);

/* NULL is nothing. */
FM_API void fm__memory_free(void *block);

#endif
