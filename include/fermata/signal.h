/*
 * signal.h - signals, taken by tasks
 *
 *     #include <signal.h>            // for the names of signals
 *
 *     int rc;
 *     FM_SIGMASK(rc, SIGTERM, SIGHUP) {
 *         int got;
 *         while ((got = fm_signal_wait(SIGTERM, SIGHUP)) == SIGHUP)
 *             reload();
 *         rc = got < 0 ? got : 0;
 *     }
 *
 * Inside the block these signals do nothing but wait to be taken. A signal is
 * held for the whole process, by one loop at a time; several tasks of it may
 * hold it. Raised again before it was taken, it still counts as one.
 *
 * SIGINT, as fm_run treats it by default, cancels the main task. While a task
 * holds it, it does not, and a second one does not end the program either;
 * one that nobody took does so when the block ends.
 */
#ifndef FERMATA_SIGNAL_H
#define FERMATA_SIGNAL_H

#include <fermata/api.h>

/* The record of an open block, on the caller's stack; its words are private. */
typedef struct fm_sigmask {
    uintptr_t reserved[8];
} fm_sigmask;

/*
 * FM_SIGMASK(rc, number, ...) runs the block that follows with the signals
 * held. rc, an int variable, is set to 0 on entry; or to what fm_sigmask_open
 * returns, and the block is skipped. Leaving it by break, return and goto
 * closes it too.
 */
#define FM_SIGMASK(rc, ...)                                                    \
    for (fm_sigmask FM__HIDDEN_NAME(sigmask) FM__AT_EXIT(fm__sigmask_leave),   \
         *FM__HIDDEN_NAME(sigmask_once) = fm__sigmask_enter(                   \
             &FM__HIDDEN_NAME(sigmask), &(rc), FM__SIGNALS(__VA_ARGS__));      \
         FM__HIDDEN_NAME(sigmask_once) != NULL;                                \
         FM__HIDDEN_NAME(sigmask_once) = NULL)

/*
 *     FM_SUSPENDS int fm_signal_wait(int number, ...);
 *
 * Waits for one of the signals and takes it. Of several tasks that wait for
 * it, the one that has waited longest gets it. What no block holds is held for
 * the time of this call alone: around a loop, put an FM_SIGMASK.
 *
 * Returns the number of the signal; -ECANCELED or -ETIMEDOUT when cut, and
 * then none was taken; or as fm_sigmask_open does.
 */
#define fm_signal_wait(...) fm_signal_wait_array(FM__SIGNALS(__VA_ARGS__))

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Holds count signals in the whole process, until the block is closed; blocks
 * nest and are closed in reverse order, by the task that opened them.
 *
 * Returns 0, or a negative code, and nothing was opened: -EINVAL where one is
 * no signal, or is SIGKILL or SIGSTOP, or tells of a fault (SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT); -EBUSY where another thread's
 * loop holds one; or what the kernel says.
 */
FM_API int fm_sigmask_open(fm_sigmask *mask, const int *numbers, size_t count);

/*
 * Closes the innermost open block. Signals that no other block holds have
 * their dispositions back, and those that nobody took are raised again, before
 * it returns.
 */
FM_API void fm_sigmask_close(fm_sigmask *mask);

/*
 * fm_signal_wait for an array of count signals.
 * Returns as fm_signal_wait does.
 */
FM_API FM_SUSPENDS int fm_signal_wait_array(const int *numbers, size_t count);

/* Private: what the macros above call. */
FM_API fm_sigmask *fm__sigmask_enter(fm_sigmask *mask, int *rc,
                                     const int *numbers, size_t count);
FM_API void fm__sigmask_leave(fm_sigmask *mask);

#ifdef __cplusplus
}
#endif

#define FM__SIGNALS(...)                                                       \
    (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int)

#endif
