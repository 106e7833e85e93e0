/*
 * room.h - calls that need more stack than their caller may have
 *
 * A small stack has room for what is done often. What is done seldom and
 * needs more, as malloc and a sentence do, is called through here: the floor
 * that knows of small stacks says where.
 */
#ifndef FM_BASE_ROOM_H
#define FM_BASE_ROOM_H

#include "base/compiler.h"

/* Calls fn(arg) and returns when it has returned. */
void fm__room_call(void (*fn)(void *arg), void *arg);

/* Who makes these calls from now on, on every thread. */
void fm__room_give(void (*call)(void (*fn)(void *arg), void *arg));

#endif
