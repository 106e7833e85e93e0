/*
 * sanitize.h - what the tools are told of stacks, switches and completions
 *
 * ASan learns the bounds of the stack that is switched to and keeps a fake
 * stack for each; TSan sees each stack as a fiber; valgrind learns where
 * stacks lie. Everything is empty in an ordinary build.
 */
#ifndef FM_CORO_SANITIZE_H
#define FM_CORO_SANITIZE_H

#include "base/compiler.h"

#if defined(__SANITIZE_ADDRESS__)
#define FM__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FM__ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define FM__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FM__TSAN 1
#endif
#endif

#if defined(FM__ASAN) || defined(FM__TSAN)
#define FM__TOOLS 1 /* that want to know of each switch */
#endif

#if defined(FM__TOOLS) || defined(FM__VALGRIND)
#define FM__TOOLS_KEEP 1 /* something for each stack */
#else
#define FM__TOOLS_KEEP 0
#endif

struct fm__sanitized {
#ifdef FM__ASAN
    void *fake;         /* ASan's fake stack while suspended */
    const void *bottom; /* of the stack */
    size_t size;
#endif
#ifdef FM__TSAN
    void *fiber;
#endif
#ifdef FM__VALGRIND
    unsigned id; /* of the stack; 0: none */
#endif
    char none;
};

#ifdef FM__ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

FM__INLINE void fm__asan_thread(struct fm__sanitized *to)
{
    pthread_attr_t attr;
    void *bottom = NULL;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &bottom, &to->size);
        pthread_attr_destroy(&attr);
    }
    to->bottom = bottom;
}

/* What the last task left poisoned on the stack is good memory again. */
FM__INLINE void fm__asan_stack(struct fm__sanitized *to, void *bottom,
                               size_t size)
{
    __asan_unpoison_memory_region(bottom, size);
    to->bottom = bottom;
    to->size = size;
    to->fake = NULL;
}

/* Whatever is mapped there next is good memory too. */
FM__INLINE void fm__asan_drop(const struct fm__sanitized *to)
{
    __asan_unpoison_memory_region(to->bottom, to->size);
}

FM__INLINE void fm__asan_leave(struct fm__sanitized *from, bool last,
                               const struct fm__sanitized *to)
{
    __sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->bottom,
                                   to->size);
}

FM__INLINE void fm__asan_arrive(struct fm__sanitized *here)
{
    __sanitizer_finish_switch_fiber(here->fake, NULL, NULL);
}
#else
#define fm__asan_thread(to) ((void)(to))
#define fm__asan_stack(to, bottom, size) ((void)(to))
#define fm__asan_drop(to) ((void)(to))
#define fm__asan_leave(from, last, to) ((void)(from), (void)(to))
#define fm__asan_arrive(here) ((void)(here))
#endif

#ifdef FM__TSAN
#include <sanitizer/tsan_interface.h>

FM__INLINE void fm__tsan_thread(struct fm__sanitized *to)
{
    to->fiber = __tsan_get_current_fiber();
}

/* The fiber of the stack's last task may go only now: it ended on it. */
FM__INLINE void fm__tsan_stack(struct fm__sanitized *to)
{
    if (to->fiber != NULL)
        __tsan_destroy_fiber(to->fiber);
    to->fiber = __tsan_create_fiber(0);
}

FM__INLINE void fm__tsan_drop(struct fm__sanitized *to)
{
    if (to->fiber != NULL)
        __tsan_destroy_fiber(to->fiber);
    to->fiber = NULL;
}

FM__INLINE void fm__tsan_leave(const struct fm__sanitized *to)
{
    __tsan_switch_to_fiber(to->fiber, 0);
}
#else
#define fm__tsan_thread(to) ((void)(to))
#define fm__tsan_stack(to) ((void)(to))
#define fm__tsan_drop(to) ((void)(to))
#define fm__tsan_leave(to) ((void)(to))
#endif

#ifdef FM__VALGRIND
#include <valgrind/memcheck.h>

FM__INLINE void fm__valgrind_stack(struct fm__sanitized *to, void *bottom,
                                   size_t size)
{
    if (to->id != 0)
        VALGRIND_STACK_DEREGISTER(to->id);
    to->id = VALGRIND_STACK_REGISTER(bottom, (char *)bottom + size);
}

FM__INLINE void fm__valgrind_drop(struct fm__sanitized *to)
{
    if (to->id != 0)
        VALGRIND_STACK_DEREGISTER(to->id);
    to->id = 0;
}

/* What lies there is looked at or cleaned, whoever had it. */
FM__INLINE void fm__sanitize_look(void *bottom, size_t size)
{
    VALGRIND_MAKE_MEM_DEFINED(bottom, size);
}
#else
#define fm__sanitize_look(bottom, size) ((void)(bottom), (void)(size))
#define fm__valgrind_stack(to, bottom, size) ((void)(to))
#define fm__valgrind_drop(to) ((void)(to))
#endif

/* The thread's own stack, which runs the loop. */
FM__INLINE void fm__sanitize_thread(struct fm__sanitized *here)
{
    fm__asan_thread(here);
    fm__tsan_thread(here);
}

/* A stack is about to have a new task. */
FM__INLINE void fm__sanitize_stack(struct fm__sanitized *here, void *bottom,
                                   size_t size)
{
    (void)bottom;
    (void)size;
    fm__asan_stack(here, bottom, size);
    fm__tsan_stack(here);
    fm__valgrind_stack(here, bottom, size);
}

/* A stack is about to be unmapped. */
FM__INLINE void fm__sanitize_drop(struct fm__sanitized *here)
{
    fm__asan_drop(here);
    fm__tsan_drop(here);
    fm__valgrind_drop(here);
}

/* Right before a switch; `last` when `from` is never resumed. */
FM__INLINE void fm__sanitize_leave(struct fm__sanitized *from, bool last,
                                   struct fm__sanitized *to)
{
    (void)last;
    fm__asan_leave(from, last, to);
    fm__tsan_leave(to);
}

/* Right after a switch, on the stack that goes on. */
FM__INLINE void fm__sanitize_arrive(struct fm__sanitized *here)
{
    fm__asan_arrive(here);
}

#endif
