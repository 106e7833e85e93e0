/*
 * gen.h - generators: tasks that yield one value after another
 *
 *     struct count { int to; };
 *     static int count(struct count *self)
 *     {
 *         int rc = 0;
 *         for (int i = 1; rc == 0 && i <= self->to; i++)
 *             rc = fm_gen_yield(&i);
 *         return rc;
 *     }
 *
 *     FM_GEN numbers = fm_gen_go(count, .to = 10);
 *     while ((rc = fm_gen_next(numbers, &i)) == 1)
 *         printf("%d\n", i);
 */
#ifndef FERMATA_GEN_H
#define FERMATA_GEN_H

#include <fermata/task.h>

/*
 * A generator: a child of the task that started it, with a stack of its own.
 * Only that task may use the handle, and has to close it; a use after that, or
 * by a stranger, aborts with a sentence. It runs only when a value is asked
 * for, and stands still in fm_gen_yield while its consumer works. Where a
 * start failed the handle is NULL, and every verb answers -ENOMEM.
 */
typedef struct fm_gen fm_gen;

/*
 *     fm_gen *fm_gen_go(fn, ...);
 *
 * Starts `int fn(struct fn *args)` as a generator, with arguments as fm_go has
 * them; fm_gen_go(fn) alone starts `int fn(void)`. Never suspends: fn is first
 * called when a value is asked for, and in any case before the generator is
 * closed, cancelled then, so that what its arguments own is released.
 *
 * fn must be a plain name. Returns the handle, to be ended by fm_gen_close, or
 * NULL when memory is wanting: then what the arguments own is still the
 * caller's.
 */
#define fm_gen_go(...) fm__gen_go(FM__CALL(__VA_ARGS__), NULL)

/*
 *     fm_gen *fm_gen_start(int (*fn)(void *), void *arg, ...);
 *
 * Starts `int fn(void *arg)` as a generator. arg is shared, not copied: it
 * must live until the generator is closed. A third argument, a
 * `const fm_task_options *`, is optional; FM_STACK_DENSE aborts.
 *
 * Returns as fm_gen_go does.
 */
#define fm_gen_start(...) FM__GEN_START(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_gen_next(fm_gen *gen, type *value);
 *
 * Lets the generator run until it yields, and copies what it yields to *value.
 * It has to be of the size of what is yielded; another aborts with a sentence.
 *
 * A cut of the caller while it waits is passed on to the generator, as
 * fm_await does: a timeout around one fm_gen_next ends the generator. What it
 * has yielded before the cut came is returned, and the cut shows at the
 * caller's next call.
 *
 * Returns 1: *value is set, and what it owns is the caller's. 0: the generator
 * has returned, with 0 or more. Or, with *value as it was: what the generator
 * failed with, after all that it had yielded before, and again each time; the
 * caller's own reason, -ECANCELED or -ETIMEDOUT, when it is cut before, or
 * while it waits and the generator ends with -ECANCELED; -ENOMEM where gen is
 * NULL.
 */
#define fm_gen_next(gen, value) fm__gen_next((gen), (value), sizeof(*(value)))

/*
 *     FM_SUSPENDS int fm_gen_yield(const type *value);
 *
 * In a generator's function, or in any function that it calls: hands *value
 * over to the consumer, and returns when the next one is asked for. A literal
 * will do as well: fm_gen_yield(&(struct point){1, 2}). Aborts with a sentence
 * in a task that is no generator.
 *
 * Returns 0: the consumer has the value, also where the generator was cut or
 * is being closed since; that shows at its next call. Or a negative code, and
 * what the value owns is still the generator's: -ECANCELED or -ETIMEDOUT when
 * it is cut; -ECANCELED when it is being closed, also inside a shield, because
 * nobody will ask any more.
 */
#define fm_gen_yield(...) fm__gen_yield((__VA_ARGS__), sizeof(*(__VA_ARGS__)))

/*
 * Declares a generator that is closed at the end of the C scope, also by
 * return, break and goto, unless it was closed before:
 *
 *     FM_GEN lines = fm_gen_go(lines_of, file);
 */
#define FM_GEN FM__AT_EXIT(fm__gen_scope_end) fm_gen *

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Ends the generator: cancels it, unless it has ended by itself, waits until
 * it has ended, and releases it.
 *
 * Returns 0, also for -ECANCELED after that cancel; or what the generator
 * failed with, whether fm_gen_next returned it before or not; or -ENOMEM where
 * gen is NULL.
 */
FM_API FM_SETTLES int fm_gen_close(fm_gen *gen);

/* Private: what the macros above call. */
FM_API FM_MUST_USE fm_gen *fm__gen_go(fm__fn fn, const void *args,
                                      uint32_t shape, const char *label,
                                      const fm_task_options *options);
FM_API FM_MUST_USE fm_gen *fm__gen_start(int (*fn)(void *), void *arg,
                                         const fm_task_options *options,
                                         const char *label);
FM_API FM_SUSPENDS FM_MUST_USE int fm__gen_next(fm_gen *gen, void *value,
                                                size_t size);
FM_API FM_SUSPENDS FM_MUST_USE int fm__gen_yield(const void *value,
                                                 size_t size);
FM_API void fm__gen_scope_end(fm_gen **gen);

#ifdef __cplusplus
}
#endif

#define FM__GEN_START(fn, arg, ...)                                            \
    fm__gen_start((fn), (arg), FM__OPTIONS(fm_task_options, __VA_ARGS__),      \
                  FM__LABEL(fn))

#endif
