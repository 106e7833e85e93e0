/*
 * task.h - start a function as a task, await it, stop it
 *
 * An async function is a struct of its arguments and a function of the same
 * name. fm_go starts it as a child of the calling task; the struct is copied
 * to the new task's stack, so the caller's frame may go away:
 *
 *     struct cook { const char *dish; double seconds; };
 *     static int cook(struct cook *order);
 *
 *     fm_task *rice = fm_go(cook, "rice", .seconds = 2);
 *     int rc = fm_await(rice);
 */
#ifndef FERMATA_TASK_H
#define FERMATA_TASK_H

#include <fermata/api.h>
#include <stdbool.h>

/*
 * A handle: a task and its generation, never to be dereferenced. Only the
 * task that started it may consume it, and only once: by fm_await, fm_stop,
 * fm_detach, fm_gather, fm_gather_array or fm_settle. A second use, or use by
 * a stranger, aborts with a sentence. Where a start failed the handle is
 * NULL, and every verb answers -ENOMEM.
 */
typedef struct fm_task fm_task;

/*
 * Options of fm_start and fm_group_start; zero is the default.
 *
 *   name        shown by every tool instead of the function's; borrowed, must
 *               outlive the task
 *   stack_size  bytes of stack: rounded up to 16, 64 or 256 KiB, more aborts
 *               with a sentence; 0 means 64 KiB, or what the run's options
 *               say. About 6 KiB of it are the guard and the task's record.
 *               FM_STACK_DENSE: about a kilobyte, see dense.h
 */
typedef struct fm_task_options {
    const char *name;
    size_t stack_size;
} fm_task_options;

/*
 *     fm_task *fm_go(fn, ...);
 *
 * Starts `int fn(struct fn *args)` as a child of the calling task. What
 * follows fn initialises the struct as in any initialiser, positional or
 * named, and the compiler checks it; the struct (at most 1 KiB, at most 60
 * initialisers) is copied. fm_go(fn) alone starts `int fn(void)`. Never
 * suspends: the child runs when the caller first waits, in order of start,
 * and always runs, also when it was cancelled before its first turn.
 *
 * fn must be a plain name. Returns the handle, or NULL when memory is
 * wanting: then what the arguments own is still the caller's.
 */
#define fm_go(...) fm__go(FM__CALL(__VA_ARGS__))

/*
 *     fm_task *fm_start(int (*fn)(void *), void *arg, ...);
 *
 * Starts `int fn(void *arg)` as a child of the calling task. arg is shared,
 * not copied: it must live until the task ends. The form for C++, for
 * generated code, and for results larger than an int. A third argument, a
 * `const fm_task_options *`, is optional.
 *
 * Returns the handle, or NULL when memory is wanting.
 */
#define fm_start(...) FM__START(__VA_ARGS__, NULL, )

/*
 * Declares a handle whose task is stopped at the end of the C scope, also by
 * return, break and goto, unless the handle was consumed before:
 *
 *     FM_TASK t = fm_go(f, 1);
 */
#define FM_TASK FM__AT_EXIT(fm__task_scope_end) fm_task *

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits until the task has ended and releases it. A cut of the caller is
 * passed on to the task, and shows at the caller's next call.
 *
 * Returns what the task's function returned. When the wait was cut and the
 * task ended with -ECANCELED: the caller's own reason, -ECANCELED or
 * -ETIMEDOUT. -ENOMEM if the handle is NULL.
 */
FM_API FM_SETTLES int fm_await(fm_task *task);

/*
 * Cancels the task, waits until it has ended, and releases it.
 *
 * Returns as fm_await does; -ECANCELED is what most stopped tasks return.
 */
FM_API FM_SETTLES int fm_stop(fm_task *task);

/*
 * Moves the task under the root, where it outlives the caller: fm_run waits
 * for it. Its result is lost; a failure is reported. A cancel that reached
 * it before stays.
 *
 * Returns 0, or -ENOMEM if the handle is NULL.
 */
FM_API int fm_detach(fm_task *task);

/*
 * Marks the task and each of its live descendants: from now on every
 * suspending call of theirs returns -ECANCELED. Any task of the loop may
 * call it, any number of times; it consumes nothing and does not wait.
 * Descendants started inside a shield are reached when it stops hiding.
 *
 * Returns 0, -ESRCH if the task has ended, or -ENOMEM if the handle is NULL.
 */
FM_API int fm_cancel(fm_task *task);

/*
 * What the next suspending call of the calling task would be refused with: to
 * look before beginning something long. It changes only while others run, so
 * a loop that computes has to fm_yield now and then, which tells it as well.
 *
 * Returns 0, -ECANCELED or -ETIMEDOUT. No cancel point, charges nothing.
 */
FM_API int fm_cancelled(void);

/*
 * The calling task, for fm_cancel and the names; not to be consumed.
 *
 * Returns the handle; aborts with a sentence outside a task.
 */
FM_API fm_task *fm_self(void);

/*
 * The name of a task: of its function, unless its options or
 * fm_task_set_name said otherwise.
 *
 * Returns a string that is valid until the task ends, or NULL if it has.
 */
FM_API const char *fm_task_name(fm_task *task);

/*
 * Names a task; the first 31 bytes of the string are copied, of UTF-8 whole
 * characters.
 *
 * Returns 0, -ESRCH if the task has ended, -ENOTSUP if it is dense, or -ENOMEM
 * if the handle is NULL.
 */
FM_API int fm_task_set_name(fm_task *task, const char *name);

/*
 * How many tasks the loop of this thread has: the main one, those that a server
 * has started for its clients, and those that have ended and whose handles
 * nobody has consumed.
 *
 * Returns the number; 0 on a thread that runs no loop.
 */
FM_API size_t fm_task_count(void);

/* Private: what the macros above call. */
typedef void (*fm__fn)(void);
FM_API FM_MUST_USE fm_task *fm__go(fm__fn fn, const void *args, uint32_t shape,
                                   const char *label);
FM_API FM_MUST_USE fm_task *fm__start(int (*fn)(void *), void *arg,
                                      const fm_task_options *options,
                                      const char *label);
FM_API void fm__task_scope_end(fm_task **task);

#ifdef __cplusplus
}
#endif

#define FM__START(fn, arg, ...)                                                \
    fm__start((fn), (arg), FM__OPTIONS(fm_task_options, __VA_ARGS__),          \
              FM__LABEL(fn))

/*
 * FM__CALL(fn, ...) is the four arguments that say what to call: the entry,
 * the struct, its shape, the label. FM__CALL0 where fn stands alone.
 */
#define FM__CALL(...)                                                          \
    FM__CAT(FM__CALL, FM__ARGS(__VA_ARGS__))                                   \
    (FM__FIRST(__VA_ARGS__), __VA_ARGS__)
#define FM__CALL0(fn, ...) FM__ENTRY_VOID(fn), NULL, 0, FM__LABEL(fn)
#define FM__CALL1(fn, ...)                                                     \
    FM__ENTRY(fn), FM__STRUCT(fn, __VA_ARGS__), FM__SHAPE(fn), FM__LABEL(fn)
#define FM__STRUCT(fn, first, ...) (&(struct fn){__VA_ARGS__})
#define FM__FIRST(...) FM__FIRST_(__VA_ARGS__, )
#define FM__FIRST_(a, ...) a

/* Checked: as the member of a struct, fn must have exactly this type. */
#define FM__ENTRY(fn)                                                          \
    ((fm__fn)((struct { int (*entry)(struct fn *); }){fn}).entry)
#define FM__ENTRY_VOID(fn)                                                     \
    ((fm__fn)((struct { int (*entry)(void); }){fn}).entry)

/* Size and alignment in one word, and what the compiler checks of both. */
#define FM__SHAPE(fn)                                                          \
    ((uint32_t)sizeof(struct fn) | (uint32_t)_Alignof(struct fn) << 16 |       \
     (uint32_t)(0 * sizeof(struct {                                            \
                    _Static_assert(sizeof(struct fn) <= 1024,                  \
                                   "arguments over 1 KiB");                    \
                    _Static_assert(_Alignof(struct fn) <= 256,                 \
                                   "aligned over 256");                        \
                    char size;                                                 \
                })))

/* 0 for one argument, 1 for 2 to 61. */
#define FM__ARGS(...) FM__ARGS_(__VA_ARGS__, FM__ONES, 0, )
#define FM__ONES                                                               \
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, \
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,   \
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define FM__ARGS_(...) FM__ARGS_62(__VA_ARGS__)
#define FM__ARGS_62(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13,    \
                    a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24,     \
                    a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35,     \
                    a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46,     \
                    a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57,     \
                    a58, a59, a60, a61, n, ...)                                \
    n

#endif
