/*
 * dense.h - a task in a kilobyte
 */
#ifndef FERMATA_DENSE_H
#define FERMATA_DENSE_H

#include <fermata/api.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define FM__UNFIT
#endif
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) ||                 \
    defined(__SANITIZE_THREAD__)
#define FM__UNFIT
#endif

#define FM__STACK_UNFIT ((size_t)-2)
#ifdef FM__UNFIT
#define FM_STACK_DENSE FM__STACK_UNFIT
#else
#define FM_STACK_DENSE ((size_t)-1)
#endif

#define fm_dense_refused() fm__dense_refused(FM_STACK_DENSE)

#ifdef __cplusplus
extern "C" {
#endif
FM_API int fm_stack_call(int (*fn)(void *arg), void *arg);
FM_API const char *fm__dense_refused(size_t stack_size);
#ifdef __cplusplus
}
#endif
#endif
