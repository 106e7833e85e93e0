/*
 * overflow.c - SIGSEGV on an alternate stack
 *
 * The handler is the process's, installed while any loop runs; a fault that
 * is not in a guard of this thread goes to whoever handled it before.
 */
#include "coro/overflow.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_libc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define OVERFLOW_ALTSTACK (64 * 1024) /* beside what the kernel puts there */
#define OVERFLOW_FRAMES 48

static FM__PER_THREAD struct fm__overflow *overflow_here;
static struct sigaction overflow_before[2]; /* SIGSEGV, SIGBUS */
/* Loops of several threads may open and close at once. */
static pthread_mutex_t overflow_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned overflow_users; /* loops that are open */

static void overflow_tell(const void *address)
{
    const struct fm__overflow *here = overflow_here;
    char *bottom;
    size_t size;
    if (here == NULL || !fm__arena_guards(here->arena, address, &bottom, &size))
        return;
    char whose[256] = "";
    here->describe(whose, sizeof whose);
    fm__say("stack overflow in %s: %zu KiB of stack were not enough, at "
            "address %p",
            whose, size / 1024, address);
    void *frames[OVERFLOW_FRAMES];
    int count = fm__libc_frames(frames, OVERFLOW_FRAMES);
    fm__libc_print_frames(frames, count, STDERR_FILENO);
    fm__die("give the task a larger stack_size, or keep large data elsewhere");
}

/* What an instruction has done it does again; what was sent comes once. */
static void overflow_default(int number, const siginfo_t *info,
                             const struct sigaction *before)
{
    bool sent = info->si_code <= 0;
    if (sent && before->sa_handler == SIG_IGN)
        return;
    fm__sys_undo_sigaction(number, before, NULL);
    if (sent)
        fm__sys_raise(number); /* blocked until this handler returns */
}

static void overflow_handle(int number, siginfo_t *info, void *context)
{
    if (info->si_code > 0)
        overflow_tell(info->si_addr);
    const struct sigaction *before =
        &overflow_before[number == SIGSEGV ? 0 : 1];
    if ((before->sa_flags & SA_SIGINFO) != 0)
        before->sa_sigaction(number, info, context);
    else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
        before->sa_handler(number);
    else
        overflow_default(number, info, before);
}

static int overflow_install(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = overflow_handle;
    sigemptyset(&action.sa_mask);
    int rc = fm__sys_sigaction(SIGSEGV, &action, &overflow_before[0]);
    if (rc < 0)
        return rc;
    rc = fm__sys_sigaction(SIGBUS, &action, &overflow_before[1]);
    if (rc < 0)
        fm__sys_undo_sigaction(SIGSEGV, &overflow_before[0], NULL);
    return rc;
}

/* Only where the handler is still ours: a later one may chain to it. */
static void overflow_uninstall(int number, const struct sigaction *before)
{
    struct sigaction now;
    fm__sys_undo_sigaction(number, NULL, &now);
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == overflow_handle)
        fm__sys_undo_sigaction(number, before, NULL);
}

static int overflow_enter(void)
{
    pthread_mutex_lock(&overflow_lock);
    int rc = overflow_users == 0 ? overflow_install() : 0;
    overflow_users += rc == 0;
    pthread_mutex_unlock(&overflow_lock);
    return rc;
}

static void overflow_leave(void)
{
    pthread_mutex_lock(&overflow_lock);
    if (--overflow_users == 0) {
        overflow_uninstall(SIGSEGV, &overflow_before[0]);
        overflow_uninstall(SIGBUS, &overflow_before[1]);
    }
    pthread_mutex_unlock(&overflow_lock);
}

_Static_assert(sizeof(stack_t) <= sizeof(((struct fm__overflow *)0)->saved),
               "grow saved");

int fm__overflow_open(struct fm__overflow *overflow)
{
    void *frame;
    fm__libc_frames(&frame, 1); /* loads what it needs now, not there */
    size_t size = OVERFLOW_ALTSTACK + fm__sys_signal_frame();
    overflow->altstack = fm__memory_new(size);
    if (overflow->altstack == NULL)
        return -ENOMEM;
    const stack_t stack = {
        .ss_sp = overflow->altstack,
        .ss_size = size,
    };
    int rc = fm__sys_altstack(&stack, (stack_t *)(void *)overflow->saved);
    if (rc < 0)
        goto free_altstack;
    rc = overflow_enter();
    if (rc < 0)
        goto restore_altstack;
    overflow_here = overflow;
    return 0;

restore_altstack:
    fm__sys_undo_altstack((stack_t *)(void *)overflow->saved);
free_altstack:
    fm__memory_free(overflow->altstack);
    return rc;
}

void fm__overflow_close(struct fm__overflow *overflow)
{
    overflow_here = NULL;
    overflow_leave();
    fm__sys_undo_altstack((stack_t *)(void *)overflow->saved);
    fm__memory_free(overflow->altstack);
}
