/*
 * point.h - where one thread may be overtaken by another
 *
 * The door of atomics says here which word it is about to touch. An ordinary
 * build makes nothing of it. One with FM__EXPLORE, as tests/explore has, asks
 * the explorer who goes on.
 */
#ifndef FM_BASE_POINT_H
#define FM_BASE_POINT_H

#include "base/compiler.h"

#ifdef FM__EXPLORE
void fm__point(const void *word);
#else
FM__INLINE void fm__point(const void *word)
{
    (void)word;
}
#endif

#endif
