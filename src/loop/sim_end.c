/*
 * sim_end.c - descriptors of the simulated world
 *
 * As in a kernel the lowest free number is taken, so that numbers are used
 * again as early as they can be.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "loop/sim_world.h"

#include <errno.h>

#define SIM_DESCRIPTORS 65536

struct fm__sim_end *fm__sim_end(struct fm__sim_world *world, int fd)
{
    int i = fd - FM__SIM_FIRST_FD;
    return fd >= FM__SIM_FIRST_FD && i < world->ends_count ? world->ends[i]
                                                           : NULL;
}

int fm__sim_end_new(struct fm__sim_end **out, enum fm__sim_kind kind)
{
    struct fm__sim_end *end = fm__memory_new(sizeof *end);
    if (end == NULL)
        return -ENOMEM;
    end->fd = -1;
    end->kind = kind;
    fm__list_init(&end->readers);
    fm__list_init(&end->writers);
    fm__list_init(&end->pollers);
    fm__list_init(&end->link);
    fm__list_init(&end->backlog);
    fm__list_init(&end->hungry);
    *out = end;
    return 0;
}

static int sim_ends_grow(struct fm__sim_world *world)
{
    int count = world->ends_count > 0 ? world->ends_count * 2 : 64;
    struct fm__sim_end **ends = fm__memory_resize(
        world->ends, (size_t)count * sizeof(struct fm__sim_end *));
    if (ends == NULL)
        return -ENOMEM;
    for (int i = world->ends_count; i < count; i++)
        ends[i] = NULL;
    world->ends = ends;
    world->ends_count = count;
    return 0;
}

int fm__sim_end_number(struct fm__sim_world *world, struct fm__sim_end *end)
{
    int limit = world->options.descriptors;
    int i = world->ends_full;
    while (i < world->ends_count && world->ends[i] != NULL)
        i++;
    if (i >= (limit > 0 ? limit : SIM_DESCRIPTORS))
        return -EMFILE;
    if (i >= world->ends_count && sim_ends_grow(world) < 0)
        return -ENOMEM;
    world->ends[i] = end;
    world->ends_full = i + 1;
    fm__hold(FM__HELD_DESCRIPTORS, 1);
    end->fd = FM__SIM_FIRST_FD + i;
    return end->fd;
}

static void sim_end_drop(struct fm__sim_world *world, struct fm__sim_end *end)
{
    fm__sim_cut(world, end, end->resets);
    fm__list_cut(&end->hungry);
    fm__sim_box_free(end);
    fm__memory_free(end);
}

void fm__sim_end_free(struct fm__sim_world *world, struct fm__sim_end *end)
{
    struct fm__list *item;
    while ((item = fm__list_shift(&end->backlog)) != NULL) {
        struct fm__sim_end *peer =
            FM__CONTAINER(item, struct fm__sim_end, link);
        peer->resets = true; /* as Linux does with what nobody accepted */
        sim_end_drop(world, peer);
    }
    int i = end->fd - FM__SIM_FIRST_FD;
    if (end->fd >= 0) {
        world->ends[i] = NULL;
        world->ends_full = i < world->ends_full ? i : world->ends_full;
    }
    sim_end_drop(world, end);
}
