/*
 * pieces.c - pieces, and the stacks in them
 *
 * Invariant: a stack is in use, or in its piece's list, or was never cut. A
 * piece whose stacks are all in use is in no list: the first that comes back
 * brings it back, because its address says which piece it is of.
 */
#include "coro/pieces.h"

#include "base/room.h"
#include "base/sys.h"
#include "coro/arena.h"

#include <sys/mman.h>

#define PIECES_TRIM 64 /* pieces that are given back at one trim */

struct piece {
    struct fm__list link;
    struct fm__list stacks; /* given back; the last one first */
    uint32_t used;
    uint32_t cut;
};

_Static_assert(sizeof(struct piece) <= FM__DENSE_GAP / 2, "grow the gap");
_Static_assert(FM__DENSE_STACK / 64 % 2 == 1, "an odd number of lines");

void fm__pieces_init(struct fm__pieces *pieces)
{
    *pieces = (struct fm__pieces){0};
    fm__list_init(&pieces->open);
    fm__list_init(&pieces->empty);
}

static struct piece *pieces_of(struct fm__stack *stack)
{
    uintptr_t inside = (uintptr_t)stack % FM__DENSE_PIECE;
    return (struct piece *)(void *)((char *)stack - inside);
}

static void pieces_map(void *arg)
{
    struct piece **out = arg;
    struct piece *piece = fm__sys_map_aligned(FM__DENSE_PIECE);
    if (piece == NULL)
        return;
    /* Where there are no huge pages, small ones do as well. */
    fm__sys_advise(piece, FM__DENSE_PIECE, MADV_HUGEPAGE);
    fm__list_init(&piece->link);
    fm__list_init(&piece->stacks);
    *out = piece;
}

static struct piece *pieces_take_empty(struct fm__pieces *pieces)
{
    struct fm__list *newest = fm__list_shift(&pieces->empty);
    if (newest == NULL)
        return NULL;
    if (--pieces->empty_count < pieces->empty_least)
        pieces->empty_least = pieces->empty_count;
    return FM__CONTAINER(newest, struct piece, link);
}

/* A piece with a stack to be had, in the list of open ones. */
static struct piece *pieces_open(struct fm__pieces *pieces)
{
    if (!fm__list_empty(&pieces->open))
        return FM__CONTAINER(pieces->open.next, struct piece, link);
    struct piece *piece = pieces_take_empty(pieces);
    if (piece == NULL) {
        fm__room_call(pieces_map, &piece);
        pieces->mapped += piece != NULL;
    }
    if (piece != NULL)
        fm__list_push(&pieces->open, &piece->link);
    return piece;
}

static struct fm__stack *pieces_cut(struct piece *piece)
{
    size_t index = piece->cut++;
    char *bottom = (char *)piece + FM__DENSE_GAP + index * FM__DENSE_STACK;
    char *head = bottom + FM__DENSE_STACK - FM__STACK_HEAD;
    struct fm__stack *stack = (struct fm__stack *)(void *)head;
    *stack = (struct fm__stack){.bottom = bottom};
    *(uint64_t *)(void *)bottom = FM__DENSE_CANARY;
    fm__list_init(&stack->link);
    return stack;
}

struct fm__stack *fm__pieces_get(struct fm__pieces *pieces)
{
    struct piece *piece = pieces_open(pieces);
    if (piece == NULL)
        return NULL;
    struct fm__list *warm = fm__list_shift(&piece->stacks);
    if (++piece->used == FM__DENSE_STACKS)
        fm__list_remove(&piece->link);
    if (warm != NULL)
        return FM__CONTAINER(warm, struct fm__stack, link);
    return pieces_cut(piece);
}

void fm__pieces_put(struct fm__pieces *pieces, struct fm__stack *stack)
{
    struct piece *piece = pieces_of(stack);
    if (FM__UNLIKELY(!fm__stack_whole(stack)))
        pieces->torn(stack);
    fm__list_push(piece->stacks.next, &stack->link);
    fm__list_remove(&piece->link);
    if (--piece->used > 0) {
        fm__list_push(pieces->open.next, &piece->link);
        return;
    }
    fm__list_push(pieces->empty.next, &piece->link);
    pieces->empty_count++;
}

/* The oldest first: the newest may be the one that is stood upon. */
void fm__pieces_trim(struct fm__pieces *pieces)
{
    size_t spare = pieces->empty_least;
    if (spare > PIECES_TRIM)
        spare = PIECES_TRIM;
    for (; spare > 0; spare--) {
        struct fm__list *oldest = pieces->empty.prev;
        fm__list_cut(oldest);
        pieces->empty_count--;
        pieces->mapped--;
        fm__sys_unmap(FM__CONTAINER(oldest, struct piece, link),
                      FM__DENSE_PIECE);
    }
    pieces->empty_least = pieces->empty_count;
}

void fm__pieces_close(struct fm__pieces *pieces)
{
    struct fm__list *item;
    while ((item = fm__list_shift(&pieces->empty)) != NULL)
        fm__sys_unmap(FM__CONTAINER(item, struct piece, link), FM__DENSE_PIECE);
}
