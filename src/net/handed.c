/*
 * handed.c - listeners whose sockets somebody else has opened
 *
 * By a service manager, before the program was started (sd_listen_fds(3)):
 * then nobody is refused while it starts again, and it needs no right to open
 * a privileged port. Nothing is taken, and nothing changed, before all of
 * them are known to be what they should be.
 */
#include "base/sys.h"
#include "base/sys_thread.h"
#include "io/stream_record.h"
#include "net/listener.h"
#include "net/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    HANDED_FIRST = 3 /* SD_LISTEN_FDS_START */
};

static int handed_check(struct fm__loop *loop, int fd)
{
    int rc = loop->backend->asked(loop, fd, SOL_SOCKET, SO_TYPE);
    if (rc >= 0 && rc != SOCK_STREAM)
        return -EINVAL;
    if (rc >= 0)
        rc = loop->backend->asked(loop, fd, SOL_SOCKET, SO_ACCEPTCONN);
    if (rc < 0)
        return rc;
    return rc == 1 ? 0 : -EINVAL;
}

/* The descriptor is the listener's, or as before. */
static int handed_take(struct fm__loop *loop, int fd, fm_listener *listener)
{
    fm_address address;
    int rc = loop->backend->adopt(loop, fd);
    if (rc < 0)
        return rc;
    rc = fm__stream_configure(loop, fd, &listener->options);
    if (rc == 0)
        rc = fm__end_address(loop, fd, loop->backend->address, &address);
    if (rc < 0) {
        loop->backend->forget(loop, fd);
        return rc;
    }
    fm__listener_add(listener, fd, &address);
    return 0;
}

int fm__listener_adopt(int fd, fm_listener **out,
                       const fm_stream_options *options)
{
    static const fm_stream_options defaults;
    struct fm__loop *loop = &fm__task_self("fm_listener_adopt")->home->loop;
    int rc = handed_check(loop, fd);
    if (rc < 0)
        return rc;
    fm_listener *listener =
        fm__listener_new(loop, 1, options != NULL ? options : &defaults);
    if (listener == NULL)
        return -ENOMEM;
    rc = handed_take(loop, fd, listener);
    if (rc < 0) {
        fm__listener_free(listener);
        return rc;
    }
    fm__listener_begin(listener);
    *out = listener;
    return 0;
}

/* ---- By a service manager ----------------------------------------------- */

/* A variable that is a number in decimal digits alone, or -1. */
static long handed_number(const char *variable)
{
    const char *text = getenv(variable);
    if (text == NULL || *text < '0' || *text > '9' || strlen(text) > 9)
        return -1;
    char *end;
    long number = strtol(text, &end, 10);
    return *end == '\0' ? number : -1;
}

/* How many there are for this process. */
static int handed_count(void)
{
    long count = handed_number("LISTEN_FDS");
    if (handed_number("LISTEN_PID") != fm__thread_process() || count < 0)
        return 0;
    return (int)count;
}

/* The index-th name of "a:b:c", or "". */
static void handed_name(int index, char *name)
{
    const char *names = getenv("LISTEN_FDNAMES");
    while (names != NULL && index-- > 0) {
        names = strchr(names, ':');
        names = names != NULL ? names + 1 : NULL;
    }
    size_t size = names != NULL ? strcspn(names, ":") : 0;
    if (size >= FM_HANDED_NAME)
        size = FM_HANDED_NAME - 1;
    if (size > 0)
        memcpy(name, names, size);
    name[size] = '\0';
}

static int handed_check_all(struct fm__loop *loop, int count)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < count; i++)
        rc = handed_check(loop, HANDED_FIRST + i);
    return rc;
}

/* Back to where it came from. */
static void handed_return(fm_listener *listener)
{
    struct fm__loop *loop = listener->loop;
    loop->backend->forget(loop, listener->entrances[0].fd);
    listener->count = 0;
    fm__listener_free(listener);
}

static int handed_adopt_all(fm_handed *handed, int count,
                            const fm_stream_options *options)
{
    int rc = 0, taken = 0;
    while (rc == 0 && taken < count) {
        int fd = HANDED_FIRST + taken;
        rc = fm__sys_close_on_exec(fd);
        if (rc == 0)
            rc = fm__listener_adopt(fd, &handed[taken].listener, options);
        if (rc == 0) {
            handed_name(taken, handed[taken].name);
            taken++;
        }
    }
    while (rc < 0 && taken > 0)
        handed_return(handed[--taken].listener);
    return rc;
}

int fm__listen_handed(fm_handed *handed, size_t limit,
                      const fm_stream_options *options)
{
    struct fm__loop *loop = &fm__task_self("fm_listen_handed")->home->loop;
    int count = handed_count();
    if ((size_t)count > limit)
        return -EMSGSIZE;
    int rc = handed_check_all(loop, count);
    if (rc == 0)
        rc = handed_adopt_all(handed, count, options);
    if (rc < 0)
        return rc;
    if (count > 0) {
        unsetenv("LISTEN_PID");
        unsetenv("LISTEN_FDS");
        unsetenv("LISTEN_FDNAMES");
    }
    return count;
}
