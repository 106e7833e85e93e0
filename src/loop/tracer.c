/*
 * tracer.c - a backtrace, taken by a signal handler of the thread itself
 *
 * The handler only collects addresses; who asked turns them into text. An
 * answer that comes too late finds that nobody asks.
 */
#include "loop/tracer.h"

#include "base/sys.h"
#include "base/sys_libc.h"
#include "base/sys_thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define TRACER_SIGNAL SIGURG
#define TRACER_OWN 2 /* frames: the handler, and what the kernel returns to */
#define TRACER_TRIES 100
#define TRACER_PAUSE INT64_C(1000000) /* ns */

static FM__PER_THREAD struct fm__tracer *tracer_here;
static struct fm__mutex tracer_lock = FM__MUTEX;
static unsigned tracer_users;
static struct sigaction tracer_before;

static void tracer_pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *before = &tracer_before;
    if ((before->sa_flags & SA_SIGINFO) != 0)
        before->sa_sigaction(number, info, context);
    else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
        before->sa_handler(number);
}

static void tracer_handle(int number, siginfo_t *info, void *context)
{
    struct fm__tracer *tracer = tracer_here;
    if (tracer == NULL || fm__atomic_swap(&tracer->asked, 0) == 0) {
        tracer_pass_on(number, info, context);
        return;
    }
    tracer->count = fm__libc_frames(tracer->frames, FM__TRACER_FRAMES);
    tracer->traced(tracer->arg);
    fm__atomic_store(&tracer->answered, 1);
}

static int tracer_enter(void)
{
    struct sigaction action = {
        .sa_sigaction = tracer_handle,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART,
    };
    void *frame;
    fm__libc_frames(&frame, 1); /* loads what it needs now, not there */
    sigemptyset(&action.sa_mask);
    fm__mutex_lock(&tracer_lock);
    int rc = 0;
    if (tracer_users == 0)
        rc = fm__sys_sigaction(TRACER_SIGNAL, &action, &tracer_before);
    tracer_users += rc == 0;
    fm__mutex_unlock(&tracer_lock);
    return rc;
}

/* Only where the handler is still ours: a later one may chain to it. */
static void tracer_leave(void)
{
    struct sigaction now;
    fm__mutex_lock(&tracer_lock);
    fm__sys_undo_sigaction(TRACER_SIGNAL, NULL, &now);
    if (--tracer_users == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
        now.sa_sigaction == tracer_handle)
        fm__sys_undo_sigaction(TRACER_SIGNAL, &tracer_before, NULL);
    fm__mutex_unlock(&tracer_lock);
}

int fm__tracer_open(struct fm__tracer *tracer, void (*traced)(void *arg),
                    void *arg)
{
    int rc = tracer_enter();
    if (rc < 0)
        return rc;
    tracer->thread = fm__thread_number();
    tracer->traced = traced;
    tracer->arg = arg;
    tracer_here = tracer;
    return 0;
}

void fm__tracer_close(struct fm__tracer *tracer)
{
    (void)tracer;
    tracer_here = NULL;
    tracer_leave();
}

void fm__tracer_forget(struct fm__tracer *tracer)
{
    tracer->count = 0;
}

/* A question that is taken back while it is being answered is answered. */
void fm__tracer_ask(struct fm__tracer *tracer)
{
    fm__tracer_forget(tracer);
    fm__atomic_store(&tracer->answered, 0);
    fm__atomic_store(&tracer->asked, 1);
    fm__thread_signal(tracer->thread, TRACER_SIGNAL);
    for (int i = 0; fm__atomic_load(&tracer->answered) == 0; i++) {
        if (i == TRACER_TRIES && fm__atomic_swap(&tracer->asked, 0) != 0)
            return;
        fm__thread_pause(TRACER_PAUSE);
    }
}

/* In memory it would take some of malloc: so through a pipe. */
static ssize_t tracer_symbols(void *const *frames, int count, char *text,
                              size_t size)
{
    int fds[2];
    if (fm__sys_pipe(fds) < 0)
        return 0;
    fm__libc_print_frames(frames, count, fds[1]);
    ssize_t got = fm__sys_read(fds[0], text, size);
    fm__sys_close(fds[0]);
    fm__sys_close(fds[1]);
    return got > 0 ? got : 0;
}

size_t fm__tracer_text(const struct fm__tracer *tracer, char *text, size_t size)
{
    char symbols[FM__TRACER_TEXT / 2];
    if (tracer->count <= TRACER_OWN || size == 0)
        return 0;
    ssize_t got =
        tracer_symbols(tracer->frames + TRACER_OWN, tracer->count - TRACER_OWN,
                       symbols, sizeof symbols);
    size_t used = 0;
    text[used++] = ':';
    bool begin = true;
    for (ssize_t i = 0; i < got && used + 8 < size; i++) {
        if (begin) {
            memcpy(text + used, "\n    ", 5);
            used += 5;
        }
        begin = symbols[i] == '\n';
        if (!begin)
            text[used++] = symbols[i];
    }
    text[used] = '\0';
    return used;
}
