/*
 * explore_thread.c - threads that run one at a time, and who is next
 *
 * Whoever stands at a point, waits or ends picks the next: itself without a
 * preemption where it can go on, another one for a preemption, or any that
 * can where it cannot. A thread that yields can go on once another has. With
 * nobody left to go on the earliest moment comes that somebody waits for; and
 * where none is waited for that is a deadlock, or a wake-up that was lost.
 */
#include "explore_thread.h"

#include "base/fault.h"
#include "base/sys.h"
#include "loop/floor.h"
#include "task/record.h"

#include <stdio.h>
#include <string.h>

enum {
    EXPLORE_SPINS = 100,       /* yields with nobody else who could go on */
    EXPLORE_STEPS = 1000000,   /* of one schedule */
    EXPLORE_BIRTH = 1000000000 /* ns: when each begins */
};

struct explorer explorer;

static struct {
    struct fm__coro coro; /* of who asked for the exploration */
    struct fm__sanitized tools;
    unsigned bound;
    unsigned spent; /* of it */
    unsigned spins;
} driver;

/* ---- Who can go on ------------------------------------------------------ */

static bool thread_may(const struct explore_thread *thread)
{
    if (thread->over)
        return false;
    return thread->may == NULL || thread->may(thread) ||
           (thread->until > 0 && thread->until <= explorer.clock);
}

struct thread_list {
    struct explore_thread *of[3 * EXPLORE_THREADS];
    unsigned count;
    unsigned free; /* the first few, which are no preemption */
};

static void thread_list_add(struct thread_list *list,
                            bool (*is)(const struct explore_thread *thread))
{
    for (unsigned i = 0; i < explorer.count; i++) {
        struct explore_thread *thread = &explorer.threads[i];
        if ((list->count == 0 || thread != list->of[0]) && is(thread))
            list->of[list->count++] = thread;
    }
}

static bool thread_is_able(const struct explore_thread *thread)
{
    return thread->may != explore_yielded && thread_may(thread);
}

static bool thread_is_patient(const struct explore_thread *thread)
{
    return thread->may == explore_yielded && thread_may(thread);
}

/* A condition may wake it for no reason. */
static bool thread_is_startled(const struct explore_thread *thread)
{
    return !thread->over && thread->may == explore_told && !thread->told &&
           explore_mutex_free(thread->mutex);
}

/* Who is here goes on, or else any that can: but whoever yielded after those
 * that did not, so that two of them cannot keep a third waiting. */
static void thread_list_all(struct thread_list *list)
{
    list->count = 0;
    if (thread_may(explorer.here))
        list->of[list->count++] = explorer.here;
    list->free = list->count;
    thread_list_add(list, thread_is_able);
    if (list->free == 0)
        list->free = list->count;
    thread_list_add(list, thread_is_patient);
    if (list->free == 0)
        list->free = list->count;
    if (list->free > 0)
        thread_list_add(list, thread_is_startled);
}

/* Who yielded with nobody there to go first; NULL: nobody has. */
static struct explore_thread *thread_spinning(void)
{
    struct explore_thread *found = NULL;
    for (unsigned i = 0; i < explorer.count; i++) {
        struct explore_thread *thread = &explorer.threads[i];
        if (!thread->over && thread->may == explore_yielded)
            found = thread;
    }
    if (found != NULL && ++driver.spins > EXPLORE_SPINS)
        explore_fail(__FILE__, __LINE__, "thread %d spins for ever",
                     (int)(found - explorer.threads));
    return found;
}

/* Whose moment is the next; NULL: nobody waits for one. */
static struct explore_thread *thread_next_due(void)
{
    struct explore_thread *first = NULL;
    for (unsigned i = 0; i < explorer.count; i++) {
        struct explore_thread *thread = &explorer.threads[i];
        if (!thread->over && thread->until > 0 &&
            (first == NULL || thread->until < first->until))
            first = thread;
    }
    if (first != NULL)
        explorer.clock = first->until;
    return first;
}

FM__NORETURN static void thread_stuck(void)
{
    char text[200];
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < explorer.count && used < sizeof text; i++) {
        const struct explore_thread *thread = &explorer.threads[i];
        if (!thread->over)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "%s thread %u waits for %s",
                                     used > 0 ? "," : "", i, thread->what);
    }
    explore_fail(__FILE__, __LINE__, "nobody can go on:%s", text);
}

static bool thread_all_over(void)
{
    for (unsigned i = 0; i < explorer.count; i++) {
        if (!explorer.threads[i].over)
            return false;
    }
    return true;
}

/* Nobody can go on but by time, or by having been patient; NULL: all are over.
 */
static struct explore_thread *thread_last_resort(void)
{
    struct explore_thread *next = thread_spinning();
    if (next == NULL)
        next = thread_next_due();
    if (next == NULL && !thread_all_over())
        thread_stuck();
    return next;
}

static struct explore_thread *thread_pick(void)
{
    struct thread_list list;
    thread_list_all(&list);
    if (list.count == 0)
        return thread_last_resort();
    bool rich = driver.spent < driver.bound;
    unsigned index = explore_choose(list.count, rich ? list.count : list.free);
    struct explore_thread *next = list.of[index];
    driver.spent += index >= list.free;
    if (thread_is_startled(next))
        next->told = true;
    return next;
}

/* ---- Going on ----------------------------------------------------------- */

/* What a thread has of its own. */
struct thread_own {
    struct fm__task *current;
    struct fm__conductor *home;
    const void *mark;
};

static struct thread_own thread_take(void)
{
    return (struct thread_own){fm__current, fm__home, fm__thread_mark};
}

static void thread_give(struct thread_own own)
{
    fm__current = own.current;
    fm__home = own.home;
    fm__thread_mark = own.mark;
}

#ifdef FM__TOOLS
/* It may stand on the stack of a task of its own. */
static void thread_tell_tools(struct explore_thread *here)
{
    bool own = fm__current == &fm__nobody;
    here->coro.tools = own ? &here->tools : fm__current->coro.tools;
}
#else
#define thread_tell_tools(here) ((void)(here))
#endif

static void thread_go(struct explore_thread *next)
{
    struct explore_thread *here = explorer.here;
    if (next == here)
        return;
    struct thread_own own = thread_take();
    thread_tell_tools(here);
    driver.spins = 0;
    explorer.here = next;
    fm__coro_switch(&here->coro, &next->coro);
    thread_give(own);
}

void explore_step(void)
{
    if (++explorer.steps > EXPLORE_STEPS)
        explore_fail(__FILE__, __LINE__, "a run that makes no end");
    thread_go(thread_pick());
}

void explore_wait(bool (*may)(const struct explore_thread *self),
                  const char *what, const void *subject)
{
    struct explore_thread *here = explorer.here;
    here->what = what;
    here->subject = subject;
    here->may = may;
    thread_go(thread_pick());
    here->may = NULL;
    here->until = 0;
}

void fm__point(const void *word)
{
    uintptr_t at = (uintptr_t)word - (uintptr_t)fm__ledger;
    if (explorer.here == NULL || at < sizeof fm__ledger)
        return;
    explore_step();
    explore_touch(word);
}

/* The last of the threads ends the schedule. */
static void thread_main(void *arg)
{
    struct explore_thread *self = arg;
    fm__coro_arrive(&self->coro);
    thread_give((struct thread_own){.current = &fm__nobody});
    self->run(self->arg);
    self->over = true;
    struct explore_thread *next = thread_pick();
    explorer.here = next;
    fm__coro_end(&self->coro, next != NULL ? &next->coro : &driver.coro);
}

struct explore_thread *explore_begin(void *(*run)(void *arg), void *arg)
{
    if (explorer.count == EXPLORE_THREADS)
        explore_fail(__FILE__, __LINE__, "more threads than there is room for");
    struct explore_thread *thread = &explorer.threads[explorer.count++];
    thread->run = run;
    thread->arg = arg;
    thread->over = false;
    thread->held = true;
    thread->handling = false;
    thread->may = NULL;
    thread->until = 0;
    fm__sanitize_stack(&thread->tools, thread->stack, EXPLORE_STACK);
    fm__coro_tools(&thread->coro, &thread->tools);
    fm__context_make(&thread->coro.context, thread->stack,
                     (char *)thread->stack + EXPLORE_STACK, thread_main,
                     thread);
    return thread;
}

void explore_leave(void)
{
    struct explore_thread *here = explorer.here;
    thread_tell_tools(here);
    explorer.here = NULL;
    fm__coro_end(&here->coro, &driver.coro);
}

void explore_stack(void **bottom, size_t *size)
{
    *bottom = explorer.here->stack;
    *size = EXPLORE_STACK;
}

void explore_run(void *(*run)(void *arg), void *arg, unsigned bound)
{
    struct thread_own own = thread_take();
    explorer.count = 0;
    explorer.steps = 0;
    explorer.rings = 0;
    explorer.refuses = false;
    explorer.still = false;
    explorer.clock = EXPLORE_BIRTH;
    driver.bound = bound;
    driver.spent = 0;
    driver.spins = 0;
    struct explore_thread *first = explore_begin(run, arg);
    explorer.here = first;
    fm__coro_switch(&driver.coro, &first->coro);
    thread_give(own);
}

void explore_open(void)
{
    fm__sanitize_thread(&driver.tools);
    fm__coro_tools(&driver.coro, &driver.tools);
    for (unsigned i = 0; i < EXPLORE_THREADS; i++)
        explorer.threads[i].stack = fm__sys_map(EXPLORE_STACK);
}

void explore_close(void)
{
    for (unsigned i = 0; i < EXPLORE_THREADS; i++) {
        struct explore_thread *thread = &explorer.threads[i];
        fm__sanitize_drop(&thread->tools);
        fm__sys_unmap(thread->stack, EXPLORE_STACK);
        memset(thread, 0, sizeof *thread);
    }
}
