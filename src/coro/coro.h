/*
 * coro.h - a context and what the tools know of its stack, switched together
 */
#ifndef FM_CORO_CORO_H
#define FM_CORO_CORO_H

#include "coro/context.h"
#include "coro/sanitize.h"

struct fm__coro {
    struct fm__context context;
#ifdef FM__TOOLS
    struct fm__sanitized *tools;
#endif
};

#ifdef FM__TOOLS
#define fm__coro_tools(coro, its) ((void)((coro)->tools = (its)))
#define fm__coro_leave(from, last, to)                                         \
    fm__sanitize_leave((from)->tools, (last), (to)->tools)
#define fm__coro_arrive(here) fm__sanitize_arrive((here)->tools)
#else
#define fm__coro_tools(coro, its) ((void)(coro), (void)(its))
#define fm__coro_leave(from, last, to) ((void)(from), (void)(to))
#define fm__coro_arrive(here) ((void)(here))
#endif

FM__INLINE void fm__coro_switch(struct fm__coro *from, struct fm__coro *to)
{
    fm__coro_leave(from, false, to);
    fm__switch(&from->context, &to->context);
    fm__coro_arrive(from);
}

/* The same in place, for the hot spots. */
FM__INLINE void fm__coro_switch_inline(struct fm__coro *from,
                                       struct fm__coro *to)
{
    fm__coro_leave(from, false, to);
    fm__switch_inline(&from->context, &to->context);
    fm__coro_arrive(from);
}

/* The last of `from`: it is never switched to again. */
FM__NORETURN FM__INLINE void fm__coro_end(struct fm__coro *from,
                                          struct fm__coro *to)
{
    fm__coro_leave(from, true, to);
    fm__switch_inline(&from->context, &to->context);
    __builtin_unreachable();
}

#endif
