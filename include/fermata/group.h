/*
 * group.h - tasks that end together
 *
 *     int rc;
 *     FM_GROUP(g, rc, .limit = 10) {
 *         for (int i = 0; rc == 0 && i < count; i++)
 *             rc = fm_group_go(g, fetch, urls[i]);
 *     }
 *
 * Falling off the block's end waits for all members; break, return and goto
 * cancel them, then wait. Members may borrow what is declared before the
 * block. They are reaped as they end, so a group may run for years.
 */
#ifndef FERMATA_GROUP_H
#define FERMATA_GROUP_H

#include <fermata/api.h>
#include <fermata/task.h>

/*
 * What the end of a member does. A member has failed when it returns a
 * negative code, except -ECANCELED after it was cancelled.
 *
 *   FM_FAIL_FAST      the first failure cancels the members and cuts the
 *                     block's own calls; the group's result is that failure
 *   FM_COLLECT        failures cancel nothing; the result is the first one
 *   FM_FIRST_SUCCESS  the first member that does not fail does what a failure
 *                     does under FM_FAIL_FAST; the result is what it returned,
 *                     or the first failure when none succeeded
 */
typedef enum fm_group_policy {
    FM_FAIL_FAST,
    FM_COLLECT,
    FM_FIRST_SUCCESS
} fm_group_policy;

/* How many members failed, and with what the first 16 of them did. */
typedef struct fm_group_errors {
    size_t count;
    int first[16];
} fm_group_errors;

/*
 * Options of a group; zero is the default.
 *
 *   policy      see above
 *   limit       members alive at once, 0 for no limit; at the limit
 *               fm_group_go waits
 *   errors      filled in as members fail; borrowed until the group is
 *               closed, cleared when it is opened
 *   under_root  for objects that own tasks: the group belongs to the root,
 *               not to the opening task and its block, is not reached by that
 *               task's cancel, and may be closed by any task of the loop;
 *               not for FM_GROUP
 *   stagger     seconds between two starts: fm_group_go waits until they have
 *               passed since the last one, or a member has ended without
 *               success since; 0 or less: none, NaN aborts with a sentence
 *   stack_size  bytes of stack of what fm_group_go starts, as in
 *               fm_task_options, also FM_STACK_DENSE; 0: what the run's
 *               options say
 */
typedef struct fm_group_options {
    fm_group_policy policy;
    unsigned limit;
    fm_group_errors *errors;
    bool under_root;
    size_t stack_size;
    double stagger;
    bool reserved; /* zero */
} fm_group_options;

/* An open group, in the caller's memory; its words are private. */
typedef struct fm_group {
    uintptr_t reserved[32];
} fm_group;

/*
 * FM_GROUP(g, rc, ...) runs the block that follows with `fm_group *g` open;
 * what comes after rc initialises an fm_group_options. rc, an int variable,
 * is set to 0 on entry. At the end a result of the group other than 0 replaces
 * an rc that is not negative; and any result of it replaces an -ECANCELED that
 * the group itself caused, for the block's own calls were cut by it.
 */
#define FM_GROUP(...) FM__GROUP(__VA_ARGS__, .reserved = false)

/*
 *     FM_SUSPENDS int fm_group_go(fm_group *group, fn, ...);
 *
 * Starts `int fn(struct fn *args)` as a member of the group, as fm_go does
 * for a child; the arguments are copied. At the group's limit it waits for a
 * member to end, and after a start for the group's stagger, in order of
 * arrival.
 *
 * Returns 0, or a negative code, and then nothing was started and what the
 * arguments own is still the caller's: -ECANCELED or -ETIMEDOUT when the
 * caller is cut; -ECANCELED once the group itself cuts (it was cancelled, or
 * its policy has decided); -EAGAIN at the limit when a member, or a task below
 * one, asks; -ENOMEM.
 */
#define fm_group_go(group, ...) fm__group_go((group), FM__CALL(__VA_ARGS__))

/*
 *     FM_SUSPENDS int fm_group_start(fm_group *group, int (*fn)(void *),
 *                                    void *arg, ...);
 *
 * Starts `int fn(void *arg)` as a member; arg is shared and must live until
 * the member ends. An optional last argument is a `const fm_task_options *`.
 *
 * Returns as fm_group_go does.
 */
#define fm_group_start(group, ...) FM__GROUP_START((group), __VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens a group in the caller's memory; options may be NULL. Unless it is
 * under the root it is a block of the calling task: blocks nest and are
 * closed in reverse order.
 */
FM_API void fm_group_open(fm_group *group, const fm_group_options *options);

/*
 * Waits until every member has ended, and closes the group. A cut of the
 * caller is passed on to the members.
 *
 * Returns the group's result: see fm_group_policy; 0 without members. When
 * the wait was cut, a member ended with -ECANCELED and none failed: the
 * caller's own reason, -ECANCELED or -ETIMEDOUT.
 */
FM_API FM_SETTLES int fm_group_close(fm_group *group);

/*
 * Cancels the members and cuts the block's own calls, which is no failure;
 * any task of the loop may call it. From then on nothing is started.
 */
FM_API void fm_group_cancel(fm_group *group);

/* Returns how many members are alive or about to be started. */
FM_API size_t fm_group_count(const fm_group *group);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__group_go(fm_group *group, fm__fn fn,
                                    const void *args, uint32_t shape,
                                    const char *label);
FM_API FM_SUSPENDS int fm__group_start(fm_group *group, int (*fn)(void *),
                                       void *arg,
                                       const fm_task_options *options,
                                       const char *label);
FM_API fm_group *fm__group_enter(fm_group *group, int *rc,
                                 const fm_group_options *options);
FM_API fm_group *fm__group_end(fm_group *group);
FM_API void fm__group_leave(fm_group *group);

#ifdef __cplusplus
}
#endif

#define FM__GROUP(g, rc, ...)                                                  \
    for (fm_group FM__HIDDEN_NAME(group) FM__AT_EXIT(fm__group_leave),         \
         *g = fm__group_enter(&FM__HIDDEN_NAME(group), &(rc),                  \
                              &(const fm_group_options){__VA_ARGS__});         \
         g != NULL; g = fm__group_end(&FM__HIDDEN_NAME(group)))

#define FM__GROUP_START(group, fn, arg, ...)                                   \
    fm__group_start(group, (fn), (arg),                                        \
                    FM__OPTIONS(fm_task_options, __VA_ARGS__), FM__LABEL(fn))

#endif
