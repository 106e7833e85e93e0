/*
 * quit.c - SIGQUIT tells what all tasks do, and ends nothing
 *
 * A thread of its own does so, because what is asked most urgently is why a
 * loop does not go on. The handler only rings: while it does it is counted in
 * `quit_running`, and the bell is not closed before.
 */
#include "task/quit.h"

#include "base/atomic.h"
#include "base/die.h"
#include "base/sys.h"
#include "base/sys_thread.h"
#include "loop/choose.h"

#include <fermata/dump.h>
#include <fermata/error.h>
#include <signal.h>
#include <sys/epoll.h>

static struct {
    struct fm__mutex lock; /* of what is not atomic */
    unsigned users;
    bool ours; /* the handler was set */
    struct sigaction before;
    struct fm__thread thread;
    int bell;
    struct fm__atomic_word armed; /* the bell may be rung */
    struct fm__atomic_word ending;
    struct fm__atomic_word watching; /* forks */
} quit = {.lock = FM__MUTEX};

static struct fm__atomic_word quit_running;

static void quit_handle(int number)
{
    (void)number;
    fm__atomic_add(&quit_running, 1);
    if (fm__atomic_load(&quit.armed) != 0)
        fm__sys_event_set(quit.bell);
    fm__atomic_add(&quit_running, UINT64_MAX);
}

static void quit_tell(void)
{
    int rc = fm_dump(stderr);
    if (rc < 0)
        fm__say("what tasks do cannot be told: %s", fm_strerror(rc));
}

static void *quit_main(void *arg)
{
    uint64_t rung;
    (void)arg;
    fm__thread_name("fm-dump");
    while (fm__sys_poll(quit.bell, EPOLLIN, -1) >= 0) {
        if (fm__atomic_load(&quit.ending) != 0)
            break;
        (void)!fm__sys_read(quit.bell, &rung, sizeof rung);
        quit_tell();
    }
    return NULL;
}

/* Unless the program has put another handler in the place of ours. */
static void quit_restore(void)
{
    struct sigaction now;
    fm__sys_undo_sigaction(SIGQUIT, NULL, &now);
    if (quit.ours && now.sa_handler == quit_handle)
        fm__sys_undo_sigaction(SIGQUIT, &quit.before, NULL);
    quit.ours = false;
}

/* The thread is the parent's, and so is the bell. */
static void quit_forked(void)
{
    fm__mutex_init(&quit.lock);
    fm__atomic_store(&quit_running, 0);
    if (quit.users == 0)
        return;
    quit.users = 0;
    quit_restore();
    fm__atomic_store(&quit.armed, 0);
    fm__sys_close(quit.bell);
}

/* Also where it is ignored, as a shell has it of what it starts with &. */
static int quit_install(void)
{
    struct sigaction action = {
        .sa_handler = quit_handle,
        .sa_flags = SA_RESTART | SA_ONSTACK,
    };
    int rc = fm__sys_sigaction(SIGQUIT, NULL, &quit.before);
    if (rc < 0 || (quit.before.sa_handler != SIG_DFL &&
                   quit.before.sa_handler != SIG_IGN))
        return rc;
    sigfillset(&action.sa_mask); /* one frame on the stack it interrupts */
    rc = fm__sys_sigaction(SIGQUIT, &action, NULL);
    quit.ours = rc == 0;
    return rc;
}

static int quit_watch_forks(void)
{
    if (fm__atomic_swap(&quit.watching, 1) != 0)
        return 0;
    int rc = fm__thread_at_fork(quit_forked);
    if (rc < 0)
        fm__atomic_store(&quit.watching, 0);
    return rc;
}

static void quit_stop(void)
{
    fm__atomic_store(&quit.ending, 1);
    fm__sys_event_set(quit.bell);
    fm__thread_join(&quit.thread);
    fm__sys_close(quit.bell);
}

static int quit_start(void)
{
    int rc = quit_watch_forks();
    if (rc < 0)
        return rc;
    rc = quit.bell = fm__sys_event();
    if (rc < 0)
        return rc;
    fm__atomic_store(&quit.ending, 0);
    rc = fm__thread_start(&quit.thread, quit_main, NULL);
    if (rc < 0)
        goto close_bell;
    fm__atomic_store(&quit.armed, 1);
    rc = quit_install();
    if (rc < 0)
        goto stop;
    return 0;

stop:
    fm__atomic_store(&quit.armed, 0);
    quit_stop();
    return rc;
close_bell:
    fm__sys_close(quit.bell);
    return rc;
}

bool fm__quit_wished(bool option)
{
    return option || fm__wished("FERMATA_DUMP");
}

int fm__quit_open(void)
{
    int rc = 0;
    fm__mutex_lock(&quit.lock);
    if (quit.users == 0)
        rc = quit_start();
    quit.users += rc == 0;
    fm__mutex_unlock(&quit.lock);
    return rc;
}

void fm__quit_close(void)
{
    fm__mutex_lock(&quit.lock);
    if (quit.users > 0 && --quit.users == 0) {
        quit_restore();
        fm__atomic_store(&quit.armed, 0);
        while (fm__atomic_load(&quit_running) != 0)
            fm__thread_yield();
        quit_stop();
    }
    fm__mutex_unlock(&quit.lock);
}
