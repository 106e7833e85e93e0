/*
 * signals.c - one table for the process, one handler for all
 *
 * Invariant: an entry belongs to the loop it names, which alone touches what
 * is not atomic. The handler may run on any thread and at any time, also just
 * after the signal was given back: it then finds no loop, and raises the
 * signal again for whatever handles it now. While it has found one, it is
 * counted in `signals_running`, and the loop waits for it before it leaves.
 */
#include "loop/signals.h"

#include "base/sys.h"
#include "base/sys_thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define SIGNALS_STANDARD 31
#define SIGNALS_MAX 64

struct signals_entry {
    struct fm__atomic_ptr loop;
    struct fm__atomic_word holds;  /* 0: nobody but the guard */
    struct fm__atomic_word armed;  /* the guard has not seen its first */
    struct fm__atomic_word raised; /* and not yet taken */
    void (*guard)(struct fm__loop *loop);
    struct sigaction before;
};

enum signals_rank {
    SIGNALS_GUARDED,
    SIGNALS_HELD
};

static struct signals_entry signals_table[SIGNALS_MAX + 1];
static struct fm__atomic_word signals_running;
static struct fm__atomic_word signals_watching; /* forks */

/* Whom an entry names on its way from one holder to the next. */
static char signals_nobody;

static void signals_take_effect(int number)
{
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    fm__sys_undo_sigaction(number, &dfl, NULL);
    fm__sys_raise(number);
}

/* A held signal, or the guard's first, is for the loop. */
static void signals_note(struct signals_entry *entry, struct fm__loop *loop,
                         int number)
{
    if (fm__atomic_load(&entry->holds) == 0 &&
        fm__atomic_swap(&entry->armed, 0) == 0) {
        signals_take_effect(number);
        return;
    }
    fm__atomic_store(&entry->raised, 1);
    fm__loop_interrupt(loop);
}

/* Blocked while it runs, a signal that is raised in it comes afterwards. */
static void signals_handle(int number)
{
    struct signals_entry *entry = &signals_table[number];
    fm__atomic_add(&signals_running, 1);
    void *holder = fm__atomic_load_ptr(&entry->loop);
    if (holder == NULL || holder == &signals_nobody)
        fm__sys_raise(number);
    else
        signals_note(entry, holder, number);
    fm__atomic_add(&signals_running, UINT64_MAX);
}

static bool signals_are_ours(const struct sigaction *action)
{
    return action->sa_handler == signals_handle;
}

/* Unless the program has put another handler in the place of ours. */
static void signals_restore(int number)
{
    struct sigaction now;
    fm__sys_undo_sigaction(number, NULL, &now);
    if (signals_are_ours(&now))
        fm__sys_undo_sigaction(number, &signals_table[number].before, NULL);
}

/* The loops are the parent's, and so were the handler's threads. */
static void signals_forked(void)
{
    for (int number = 1; number <= SIGNALS_MAX; number++) {
        struct signals_entry *entry = &signals_table[number];
        if (fm__atomic_load_ptr(&entry->loop) == NULL)
            continue;
        signals_restore(number);
        fm__atomic_store(&entry->raised, 0);
        fm__atomic_store(&entry->armed, 0);
        fm__atomic_store(&entry->holds, 0);
        entry->guard = NULL;
        fm__atomic_swap_ptr(&entry->loop, NULL);
    }
    fm__atomic_store(&signals_running, 0);
}

static int signals_watch_forks(void)
{
    if (fm__atomic_swap(&signals_watching, 1) != 0)
        return 0;
    int rc = fm__thread_at_fork(signals_forked);
    if (rc < 0)
        fm__atomic_store(&signals_watching, 0);
    return rc;
}

static int signals_install(struct signals_entry *entry, int number)
{
    struct sigaction action = {
        .sa_handler = signals_handle,
        .sa_flags = SA_RESTART | SA_ONSTACK,
    };
    int rc = signals_watch_forks();
    if (rc < 0)
        return rc;
    sigfillset(&action.sa_mask); /* one frame on the stack it interrupts */
    return fm__sys_sigaction(number, &action, &entry->before);
}

static bool signals_disown(struct signals_entry *entry)
{
    fm__atomic_swap_ptr(&entry->loop, &signals_nobody);
    while (fm__atomic_load(&signals_running) != 0)
        fm__thread_yield();
    bool left = fm__atomic_swap(&entry->raised, 0) != 0;
    fm__atomic_store(&entry->armed, 0);
    fm__atomic_store(&entry->holds, 0);
    fm__atomic_swap_ptr(&entry->loop, NULL);
    return left;
}

static int signals_claim(struct fm__loop *loop, int number,
                         enum signals_rank rank)
{
    struct signals_entry *entry = &signals_table[number];
    void *holder = NULL;
    if (!fm__atomic_replace_ptr(&entry->loop, &holder, &signals_nobody)) {
        if (holder != loop || rank == SIGNALS_GUARDED)
            return -EBUSY;
        fm__atomic_add(&entry->holds, 1);
        return 0;
    }
    fm__atomic_store(&entry->armed, rank == SIGNALS_GUARDED);
    fm__atomic_store(&entry->holds, rank == SIGNALS_HELD);
    fm__atomic_swap_ptr(&entry->loop, loop);
    int rc = signals_install(entry, number);
    if (rc < 0)
        signals_disown(entry);
    return rc;
}

/* Whether one was raised that nobody took. */
static bool signals_give_back(int number)
{
    signals_restore(number);
    return signals_disown(&signals_table[number]);
}

/* What is left is raised while it is still held, so that a guard hears of it
 * as of any other. */
static void signals_let_go(int number)
{
    struct signals_entry *entry = &signals_table[number];
    if (fm__atomic_load(&entry->holds) > 1) {
        fm__atomic_add(&entry->holds, UINT64_MAX);
        return;
    }
    bool left;
    if (entry->guard != NULL) {
        left = fm__atomic_swap(&entry->raised, 0) != 0;
        fm__atomic_store(&entry->holds, 0);
    } else {
        left = signals_give_back(number);
    }
    if (left)
        fm__sys_raise(number);
}

uint64_t fm__signals_set(const int *numbers, size_t count)
{
    static const uint64_t never =
        FM__SIGNAL(SIGKILL) | FM__SIGNAL(SIGSTOP) | FM__SIGNAL(SIGSEGV) |
        FM__SIGNAL(SIGBUS) | FM__SIGNAL(SIGFPE) | FM__SIGNAL(SIGILL) |
        FM__SIGNAL(SIGTRAP) | FM__SIGNAL(SIGSYS) | FM__SIGNAL(SIGABRT);
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++) {
        int number = numbers[i];
        bool real_time = number >= SIGRTMIN && number <= SIGRTMAX;
        if (number < 1 || number > SIGNALS_MAX ||
            (number > SIGNALS_STANDARD && !real_time))
            return 0;
        set |= FM__SIGNAL(number);
    }
    return (set & never) == 0 ? set : 0;
}

int fm__signals_hold(struct fm__loop *loop, uint64_t set)
{
    for (int number = 1; number <= SIGNALS_MAX; number++) {
        if ((set & FM__SIGNAL(number)) == 0)
            continue;
        int rc = signals_claim(loop, number, SIGNALS_HELD);
        if (rc < 0) {
            fm__signals_release(loop, set & (FM__SIGNAL(number) - 1));
            return rc;
        }
    }
    return 0;
}

void fm__signals_release(struct fm__loop *loop, uint64_t set)
{
    (void)loop;
    for (int number = 1; number <= SIGNALS_MAX; number++) {
        if ((set & FM__SIGNAL(number)) != 0)
            signals_let_go(number);
    }
}

/* One of the set that was raised and not taken, or 0. */
static int signals_take(const struct fm__loop *loop, uint64_t set)
{
    for (int number = 1; number <= SIGNALS_MAX; number++) {
        struct signals_entry *entry = &signals_table[number];
        if ((set & FM__SIGNAL(number)) != 0 &&
            fm__atomic_load_ptr(&entry->loop) == loop &&
            fm__atomic_swap(&entry->raised, 0) != 0)
            return number;
    }
    return 0;
}

static void signals_tell_guards(struct fm__loop *loop)
{
    for (int number = 1; number <= SIGNALS_MAX; number++) {
        struct signals_entry *entry = &signals_table[number];
        if (fm__atomic_load_ptr(&entry->loop) == loop && entry->guard != NULL &&
            fm__atomic_load(&entry->holds) == 0 &&
            fm__atomic_swap(&entry->raised, 0) != 0)
            entry->guard(loop);
    }
}

void fm__signals_dispatch(struct fm__loop *loop)
{
    struct fm__list *link = loop->listeners.next;
    while (link != &loop->listeners) {
        struct fm__listener *listener =
            FM__CONTAINER(link, struct fm__listener, link);
        link = link->next;
        int number = signals_take(loop, listener->set);
        if (number == 0)
            continue;
        fm__list_remove(&listener->link);
        listener->heard(listener, number);
    }
    signals_tell_guards(loop);
}

/* What was raised before may already wait for one that listens longer. */
void fm__signals_listen(struct fm__loop *loop, struct fm__listener *listener)
{
    fm__list_push(&loop->listeners, &listener->link);
    fm__signals_dispatch(loop);
}

void fm__signals_unlisten(struct fm__listener *listener)
{
    fm__list_remove(&listener->link);
}

int fm__signals_guard(struct fm__loop *loop, int number,
                      void (*fn)(struct fm__loop *loop))
{
    int rc = signals_claim(loop, number, SIGNALS_GUARDED);
    if (rc == 0)
        signals_table[number].guard = fn;
    return rc;
}

void fm__signals_unguard(struct fm__loop *loop, int number)
{
    (void)loop;
    signals_table[number].guard = NULL;
    signals_give_back(number);
}
