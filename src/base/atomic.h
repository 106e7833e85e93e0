/*
 * atomic.h - the door of atomics: all that threads share goes through it
 *
 * Every operation is sequentially consistent unless its name says otherwise:
 * the cross-thread paths are few and none is hot. What is shared with the
 * kernel is hot, and plain words of its choosing: those acquire and release.
 * Where threads meet, the explorer of schedules is told: see point.h.
 */
#ifndef FM_BASE_ATOMIC_H
#define FM_BASE_ATOMIC_H

#include "base/point.h"

struct fm__atomic_word {
    uint64_t value;
};

struct fm__atomic_ptr {
    void *value;
};

FM__INLINE uint64_t fm__atomic_load(struct fm__atomic_word *word)
{
    fm__point(word);
    return __atomic_load_n(&word->value, __ATOMIC_SEQ_CST);
}

FM__INLINE void fm__atomic_store(struct fm__atomic_word *word, uint64_t value)
{
    fm__point(word);
    __atomic_store_n(&word->value, value, __ATOMIC_SEQ_CST);
}

/* Of a word that is set to one value and no other, and leads to nothing that
 * was written: when it is seen makes no difference, so there is no point. */
FM__INLINE uint64_t fm__atomic_settled(const struct fm__atomic_word *word)
{
    return __atomic_load_n(&word->value, __ATOMIC_RELAXED);
}

FM__INLINE uint64_t fm__atomic_swap(struct fm__atomic_word *word,
                                    uint64_t value)
{
    fm__point(word);
    return __atomic_exchange_n(&word->value, value, __ATOMIC_SEQ_CST);
}

/* Adds, modulo 2^64, and returns what was there before. */
FM__INLINE uint64_t fm__atomic_add(struct fm__atomic_word *word, uint64_t value)
{
    fm__point(word);
    return __atomic_fetch_add(&word->value, value, __ATOMIC_SEQ_CST);
}

FM__INLINE uint64_t fm__atomic_add_relaxed(struct fm__atomic_word *word,
                                           uint64_t value)
{
    fm__point(word);
    return __atomic_fetch_add(&word->value, value, __ATOMIC_RELAXED);
}

/* On failure *expected becomes what is there. */
FM__INLINE bool fm__atomic_replace(struct fm__atomic_word *word,
                                   uint64_t *expected, uint64_t value)
{
    fm__point(word);
    return __atomic_compare_exchange_n(&word->value, expected, value, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

FM__INLINE void fm__atomic_store_relaxed(struct fm__atomic_word *word,
                                         uint64_t value)
{
    fm__point(word);
    __atomic_store_n(&word->value, value, __ATOMIC_RELAXED);
}

FM__INLINE void *fm__atomic_load_ptr(struct fm__atomic_ptr *ptr)
{
    fm__point(ptr);
    return __atomic_load_n(&ptr->value, __ATOMIC_SEQ_CST);
}

FM__INLINE void *fm__atomic_swap_ptr(struct fm__atomic_ptr *ptr, void *value)
{
    fm__point(ptr);
    return __atomic_exchange_n(&ptr->value, value, __ATOMIC_SEQ_CST);
}

/* On failure *expected becomes what is there. */
FM__INLINE bool fm__atomic_replace_ptr(struct fm__atomic_ptr *ptr,
                                       void **expected, void *value)
{
    fm__point(ptr);
    return __atomic_compare_exchange_n(&ptr->value, expected, value, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* What the kernel has published. */
FM__INLINE uint32_t fm__atomic_acquire32(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

FM__INLINE uint32_t fm__atomic_relaxed32(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* What the kernel may see from now on, and all that was written before. */
FM__INLINE void fm__atomic_release32(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

FM__INLINE void fm__atomic_release16(uint16_t *word, uint16_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

#endif
