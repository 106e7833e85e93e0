/*
 * buffer.c - slabs of buffers, which stay until the loop closes
 */
#include "loop/buffer.h"

#include "base/die.h"
#include "base/sys.h"

struct fm__buffer_slab {
    struct fm__buffer_slab *next;
    char pad[56]; /* the first buffer begins a line of the cache */
    struct fm__buffer buffers[FM__BUFFERS_PER_SLAB];
};

struct fm__buffer *fm__buffers_grow(struct fm__buffers *buffers)
{
    size_t most = buffers->most > 0 ? buffers->most : FM__BUFFERS_MAX;
    if (buffers->made >= most)
        return NULL;
    struct fm__buffer_slab *slab = fm__sys_map(sizeof *slab);
    buffers->refused = slab == NULL;
    if (slab == NULL)
        return NULL;
    slab->next = buffers->slabs;
    buffers->slabs = slab;
    buffers->made += FM__BUFFERS_PER_SLAB;
    for (size_t i = FM__BUFFERS_PER_SLAB; i > 0; i--) {
        slab->buffers[i - 1].next = buffers->free;
        buffers->free = &slab->buffers[i - 1];
    }
    return buffers->free;
}

void fm__buffers_close(struct fm__buffers *buffers)
{
    if (buffers->lent > 0)
        fm__die("a loop was closed with %zu buffers lent", buffers->lent);
    while (buffers->slabs != NULL) {
        struct fm__buffer_slab *slab = buffers->slabs;
        buffers->slabs = slab->next;
        fm__sys_unmap(slab, sizeof *slab);
    }
    *buffers = (struct fm__buffers){0};
}
