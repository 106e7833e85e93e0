/*
 * answer.c - the records of an answer, one after the other
 */
#include "net/answer.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define ANSWER_ROOM 96 /* bytes of records at first */

struct fm__answer *fm__answer_new(int rc, uint32_t ttl)
{
    struct fm__answer *answer = fm__memory_new(sizeof *answer + ANSWER_ROOM);
    if (answer == NULL)
        return NULL;
    answer->rc = rc;
    answer->ttl = ttl;
    answer->room = ANSWER_ROOM;
    return answer;
}

static int answer_grow(struct fm__answer **answer, size_t wanted)
{
    size_t room = (*answer)->room * 2;
    if (room < wanted)
        room = wanted;
    struct fm__answer *moved =
        fm__memory_resize(*answer, sizeof **answer + room);
    if (moved == NULL)
        return -ENOMEM;
    moved->room = room;
    *answer = moved;
    return 0;
}

static void answer_append(struct fm__answer *answer, struct fm__piece piece)
{
    if (piece.size > 0)
        memcpy(answer->bytes + answer->size, piece.bytes, piece.size);
    answer->size += piece.size;
}

int fm__answer_add(struct fm__answer **answer, struct fm__piece head,
                   struct fm__piece tail)
{
    size_t size = head.size + tail.size, after = (*answer)->size + 2 + size;
    unsigned char prefix[2] = {(unsigned char)(size >> 8), size & 0xff};
    if (after > (*answer)->room && answer_grow(answer, after) < 0) {
        fm__memory_free(*answer);
        *answer = NULL;
        return -ENOMEM;
    }
    answer_append(*answer, (struct fm__piece){prefix, sizeof prefix});
    answer_append(*answer, head);
    answer_append(*answer, tail);
    (*answer)->count++;
    return 0;
}

const unsigned char *fm__answer_next(const struct fm__answer *answer,
                                     size_t *offset, size_t *size)
{
    if (*offset == answer->size)
        return NULL;
    const unsigned char *record = answer->bytes + *offset;
    *size = (size_t)record[0] << 8 | record[1];
    *offset += 2 + *size;
    return record + 2;
}
