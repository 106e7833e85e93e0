/*
 * room.c - in place, unless somebody has given more room
 */
#include "base/room.h"

#include "base/atomic.h"

typedef void room_call(void (*fn)(void *arg), void *arg);

static struct fm__atomic_word room_given; /* a function, or 0 */

void fm__room_call(void (*fn)(void *arg), void *arg)
{
    room_call *call = (room_call *)(uintptr_t)fm__atomic_settled(&room_given);
    FM__OPAQUE(fn); /* inlined, what it needs would lie in the caller's frame */
    if (FM__UNLIKELY(call != NULL))
        call(fn, arg);
    else
        fn(arg);
}

void fm__room_give(void (*call)(void (*fn)(void *arg), void *arg))
{
    fm__atomic_store(&room_given, (uintptr_t)call);
}
