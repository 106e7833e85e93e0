/*
 * dense.h - tasks in a kilobyte, for those that mostly wait
 *
 *     fm_task_options options = {.stack_size = FM_STACK_DENSE};
 *     fm_task *t = fm_start(watch, &client, &options);
 *
 * A task with such a stack costs 1.3 KB in all, where others cost a page or
 * two: a million fit into 1.3 GB. What it pays with is room, and the guard:
 * there is nothing below its stack but another one. A word at its end is
 * looked at whenever such a task waits or ends: where that was overwritten,
 * the program ends with the task's name and place.
 */
#ifndef FERMATA_DENSE_H
#define FERMATA_DENSE_H

#include <fermata/api.h>

/* Private: whether the caller's own code is fit for it. */
#define FM__STACK_UNFIT ((size_t)-2)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define FM__UNFIT
#endif
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) ||                 \
    defined(__SANITIZE_THREAD__)
#ifndef FM__UNFIT
#define FM__UNFIT
#endif
#endif

/*
 * The stack_size of a dense task, in the options of fm_start, fm_group_start
 * and of a group; not of a run, a server or a generator, which abort then.
 *
 * The task's function and all that it calls have 768 bytes, less what
 * fm_group_go copies of its arguments: no more than 256 bytes, or it aborts.
 * Of these take, on x86-64 with gcc or clang, at most
 *
 *   480  fm_sleep, fm_sleep_until, fm_yield; fm_go, fm_start, fm_await,
 *        fm_stop, fm_detach, fm_gather, fm_cancel; the queue's get and put,
 *        fm_event_wait and _set, fm_now, fm_self
 *   512  the blocks FM_TIMEOUT, FM_SHIELD, FM_LOCKED and FM_PERMIT with one of
 *        these in them, fm_condition_wait in FM_LOCKED; their records counted
 *   704  the block FM_GROUP with fm_group_go in it; its record counted; and 64
 *        more where the loop is measured, see stats.h
 *
 * and the rest is for the program's own variables. Other functions, of this
 * library or of others, are not for a dense task, except by fm_stack_call; nor
 * are pthread_cancel and fork. fm_task_set_name has no room there: -ENOTSUP.
 *
 * Signals must have alternate stacks, and symbols be bound before they are
 * called: see fm_dense_refused. A task that asks for a dense stack where there
 * can be none aborts the program with the reason.
 */
#ifdef FM__UNFIT
#define FM_STACK_DENSE FM__STACK_UNFIT
#else
#define FM_STACK_DENSE ((size_t)-1)
#endif

/*
 *     const char *fm_dense_refused(void);
 *
 * Why there can be no dense tasks here, for programs that then do with others:
 *
 *     size_t size = fm_dense_refused() ? 16 * 1024 : FM_STACK_DENSE;
 *
 * They are refused where the library or the caller was compiled without
 * optimisation or for a sanitizer, under valgrind, and where the switch is
 * ucontext's; where a signal has a handler without SA_ONSTACK; and where the
 * object that the library lies in, or the caller's, was not linked with -z now.
 * At a start the same is asked of the object that has the task's function.
 * LD_BIND_NOW=1 in the environment binds them all, and what is static is bound.
 * Signals are looked at again every 1,024 starts: install handlers before.
 *
 * Returns NULL where they can be had; else a sentence's part, which is valid
 * until this thread asks again.
 */
#define fm_dense_refused() fm__dense_refused(FM_STACK_DENSE)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Calls fn(arg): for what needs more stack than a dense task has, as printf
 * and malloc do. From a dense task it is called on the loop's own stack, which
 * is the thread's; from elsewhere in place. It must not suspend: a dense task
 * that would wait in it aborts with a sentence.
 *
 * Returns what fn returned.
 */
FM_API int fm_stack_call(int (*fn)(void *arg), void *arg);

/* Private: what the macro above calls. */
FM_API const char *fm__dense_refused(size_t stack_size);

#ifdef __cplusplus
}
#endif

#endif
