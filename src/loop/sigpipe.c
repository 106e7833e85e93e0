/*
 * sigpipe.c - ignored from the first who asks for it to the last
 *
 * A forked child has the program's own disposition again, as whatever it
 * executes expects.
 */
#include "loop/sigpipe.h"

#include "base/atomic.h"
#include "base/sys.h"
#include "base/sys_thread.h"

static struct fm__atomic_word sigpipe_lock;
static struct fm__atomic_word sigpipe_watching; /* forks */
static unsigned sigpipe_users;
static bool sigpipe_ignored; /* by us */
static struct sigaction sigpipe_before;

static void sigpipe_enter(void)
{
    while (fm__atomic_swap(&sigpipe_lock, 1) != 0)
        fm__thread_yield();
}

static void sigpipe_leave(void)
{
    fm__atomic_store(&sigpipe_lock, 0);
}

/* Unless the program has put something else there meanwhile. */
static void sigpipe_undo(void)
{
    struct sigaction now;
    fm__sys_undo_sigaction(SIGPIPE, NULL, &now);
    if (sigpipe_ignored && now.sa_handler == SIG_IGN)
        fm__sys_undo_sigaction(SIGPIPE, &sigpipe_before, NULL);
    sigpipe_ignored = false;
}

/* Another thread of the parent may have been in here. */
static void sigpipe_forked(void)
{
    sigpipe_undo();
    sigpipe_users = 0;
    sigpipe_leave();
}

static int sigpipe_watch_forks(void)
{
    if (fm__atomic_swap(&sigpipe_watching, 1) != 0)
        return 0;
    int rc = fm__thread_at_fork(sigpipe_forked);
    if (rc < 0)
        fm__atomic_store(&sigpipe_watching, 0);
    return rc;
}

static int sigpipe_begin(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    int rc = sigpipe_watch_forks();
    if (rc == 0)
        rc = fm__sys_sigaction(SIGPIPE, NULL, &sigpipe_before);
    if (rc < 0 || sigpipe_before.sa_handler != SIG_DFL)
        return rc;
    rc = fm__sys_sigaction(SIGPIPE, &ignore, NULL);
    sigpipe_ignored = rc == 0;
    return rc;
}

int fm__sigpipe_ignore(void)
{
    sigpipe_enter();
    int rc = sigpipe_users > 0 ? 0 : sigpipe_begin();
    sigpipe_users += rc == 0;
    sigpipe_leave();
    return rc;
}

void fm__sigpipe_restore(void)
{
    sigpipe_enter();
    if (--sigpipe_users == 0)
        sigpipe_undo();
    sigpipe_leave();
}
