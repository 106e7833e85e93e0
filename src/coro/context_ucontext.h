/*
 * context_ucontext.h - a context that the C library switches
 */
#ifndef FM_CORO_CONTEXT_UCONTEXT_H
#define FM_CORO_CONTEXT_UCONTEXT_H

#include <ucontext.h>

struct fm__context {
    ucontext_t saved;
};

#define fm__switch_inline fm__switch

#endif
