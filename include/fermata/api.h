/*
 * api.h - the words that colour a prototype
 *
 * FM_SUSPENDS and FM_SETTLES are promises, not code: a function without
 * either never lets another task run. Both may switch tasks and are always
 * cancel points, also when they need not wait:
 *
 *   FM_SUSPENDS  cut by a cancel or a timeout it returns -ECANCELED or
 *                -ETIMEDOUT and has done nothing, or what it says.
 *   FM_SETTLES   cut, it passes the cut on to what it waits for, and returns
 *                only when that has ended.
 */
#ifndef FERMATA_API_H
#define FERMATA_API_H

#include <stddef.h>
#include <stdint.h>

/* The version that was compiled with; fm_version tells that which runs. */
#define FM_VERSION "0.1.0"
#define FM_VERSION_MAJOR 0
#define FM_VERSION_MINOR 1
#define FM_VERSION_PATCH 0

/* Hidden is what is compiled into a shared object that keeps it to itself. */
#ifdef FERMATA_HIDDEN
#define FM__VISIBILITY "hidden"
#else
#define FM__VISIBILITY "default"
#endif
/* A public function is not looked into: a record is words to its user and a
 * struct to the library, and their types must not prove that they are not the
 * same memory. */
#define FM__APART noinline
#ifdef __has_attribute
#if __has_attribute(noipa)
#undef FM__APART
#define FM__APART noipa
#endif
#endif
/* Not inlined, by link-time optimisation either: which blocks are open is told
 * by whether their records lie above the library's frames. */
#define FM_API __attribute__((visibility(FM__VISIBILITY), FM__APART))
#define FM_MUST_USE __attribute__((warn_unused_result))
#define FM_SUSPENDS
#define FM_SETTLES
/* The place of a format of printf(3) and of what it is for. */
#define FM__FORMAT(text, first) __attribute__((format(printf, text, first)))

/* What the public macros are made of; nothing here is for direct use. */
#define FM__CAT_(a, b) a##b
#define FM__CAT(a, b) FM__CAT_(a, b)
#define FM__HIDDEN_NAME(word) FM__CAT(fm__##word##_, __LINE__)
#define FM__TEXT_(x) #x
#define FM__TEXT(x) FM__TEXT_(x)
/* The options that a macro was given last, or NULL: its arguments after the
 * others, and then NULL. A literal of them may have commas. */
#ifdef __cplusplus
#define FM__OPTIONS(type, options, ...) (options)
#else
#define FM__OPTIONS(type, ...) (((const type *const[]){__VA_ARGS__})[0])
#endif
/* What a macro declares for a type of the user's: its functions, and that the
 * type may be copied byte by byte. */
#define FM__VERB __attribute__((unused)) static inline
#ifdef __cplusplus
#define FM__STATIC_CAST(type, value) static_cast<type>(value)
#define FM__COPIED(type)                                                       \
    static_assert(__is_trivially_copyable(type) && alignof(type) <= 16,        \
                  "must be trivially copyable, and aligned to 16 at most")
#else
#define FM__STATIC_CAST(type, value) (value)
#define FM__COPIED(type)                                                       \
    _Static_assert(_Alignof(type) <= 16, "must be aligned to 16 at most")
#endif
#define FM__AT_EXIT(fn) __attribute__((cleanup(fn), unused))

/* A block that holds a lock or a permit: its record, on the caller's stack. */
struct fm__hold {
    uintptr_t reserved[6];
};

/* Runs the block that follows if enter, which fills the hidden record, does
 * not return NULL; leave is called for the record at the end of its scope. */
#define FM__HOLD(word, enter, leave, object, rc)                               \
    for (struct fm__hold FM__HIDDEN_NAME(word) FM__AT_EXIT(leave),             \
         *FM__HIDDEN_NAME(word##_once) =                                       \
             enter(&FM__HIDDEN_NAME(word), (object), &(rc));                   \
         FM__HIDDEN_NAME(word##_once) != NULL;                                 \
         FM__HIDDEN_NAME(word##_once) = NULL)

/* The name of a task and the place it is started at, as one literal. */
#define FM__LABEL(fn) #fn "\0" __FILE__ ":" FM__TEXT(__LINE__)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of the library that is linked, as "major.minor.patch"; compare
 * it with FM_VERSION, which is the version of the headers.
 * Returns a static string.
 */
FM_API const char *fm_version(void);

#ifdef __cplusplus
}
#endif

#endif
