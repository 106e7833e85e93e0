/*
 * compiler.h - the GNU extensions the library is written with, by one name each
 */
#ifndef FM_BASE_COMPILER_H
#define FM_BASE_COMPILER_H

#include <fermata/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FM__LIKELY(x) __builtin_expect(!!(x), 1)
#define FM__UNLIKELY(x) __builtin_expect(!!(x), 0)
#define FM__PREFETCH(ptr) __builtin_prefetch(ptr)
/* A variable that libraries of ours share; a function is FM_API. */
#define FM__SHARED_VARIABLE __attribute__((visibility(FM__VISIBILITY)))
#define FM__NOINLINE __attribute__((noinline))
/* Known by its name to assembly, and to no other library. */
#define FM__KEPT __attribute__((used, visibility("hidden")))
#define FM__INLINE static inline __attribute__((always_inline, unused))
#define FM__NORETURN __attribute__((noreturn))
#define FM__COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A large variable that is filled in where it is needed, whatever the build's
 * options say of variables without an initializer. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define FM__UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef FM__UNINITIALIZED
#define FM__UNINITIALIZED
#endif

/* Where the frame of the function ends that this is expanded in: what its
 * callers have lies above it. gcc has the frame address of AArch64 at the other
 * end of the frame. */
#if defined(__aarch64__) && !defined(__clang__)
#define FM__FRAME_END ((const char *)__builtin_dwarf_cfa())
#else
#define FM__FRAME_END ((const char *)__builtin_frame_address(0))
#endif

/* A variable that each thread has for itself. In a shared object it lies where
 * it is reached without a call, for which a small stack may have no room. */
#if defined(__PIC__) && !defined(__PIE__)
#define FM__PER_THREAD _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define FM__PER_THREAD _Thread_local
#endif

/* A pointer that the optimiser knows nothing of from here on. */
#define FM__OPAQUE(ptr) __asm__("" : "+r"(ptr))

/* The struct that a member is part of. */
#define FM__CONTAINER(ptr, type, member)                                       \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* Twice a word, for products of two. */
__extension__ typedef unsigned __int128 fm__wide;

/* It ends without returning: AddressSanitizer would have what it poisoned in
 * its frame poison whatever is mapped there next. */
#define FM__BARE_FRAME __attribute__((no_sanitize_address))

/* A task's entry is called through one type: UBSan must not compare it. */
#ifdef __clang__
#define FM__ANY_FUNCTION __attribute__((no_sanitize("function")))
#else
#define FM__ANY_FUNCTION
#endif

#endif
