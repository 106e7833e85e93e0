/*
 * random.h - numbers by chance, the same from the same seed
 *
 * splitmix64: any seed will do, also 0. Good for jitter and for shuffling; not
 * for secrets, whoever has seen one number knows the next.
 */
#ifndef FM_BASE_RANDOM_H
#define FM_BASE_RANDOM_H

#include "base/compiler.h"

FM__INLINE uint64_t fm__random(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

#endif
