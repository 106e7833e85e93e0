/*
 * path_watch.c - events of inotify as a queue
 *
 * Whether there are events is asked of the kernel. Invariant: who was told that
 * there are none, a getter or a select, will be told of the next by an
 * operation that waits for it; so no task is needed for that.
 */
#include <fermata/path_watch.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_path.h"
#include "io/path_event.h"
#include "task/record.h"
#include "task/watcher.h"

#include <errno.h>
#include <fermata/thread.h>
#include <stdio.h>
#include <sys/inotify.h>

enum {
    WATCH_BATCH = 4096 /* bytes of events that are read at once */
};

_Static_assert(FM_PATH_EVERYTHING == IN_ALL_EVENTS, "events are the kernel's");
_Static_assert(FM_PATH_WRITTEN == IN_CLOSE_WRITE &&
                   FM_PATH_FROM == IN_MOVED_FROM && FM_PATH_TO == IN_MOVED_TO &&
                   FM_PATH_SELF_GONE == IN_DELETE_SELF,
               "events are the kernel's");
_Static_assert(FM_PATH_LOST == IN_Q_OVERFLOW && FM_PATH_ENDED == IN_IGNORED &&
                   FM_PATH_DIRECTORY == IN_ISDIR &&
                   FM_PATH_UNMOUNTED == IN_UNMOUNT,
               "events are the kernel's");

struct fm_path_watch {
    struct fm__loop *loop;
    struct fm__guest guest;
    struct fm__op poll;
    struct fm__waiter getter;
    struct fm__watchers watchers;
    int fd;
    bool waiting;  /* the getter, to be woken */
    bool getting;  /* a task is in fm_path_watch_next */
    unsigned adds; /* that are under way */
    int error;     /* that the next call returns, or 0 */
    size_t at;     /* of the next event in the bytes */
    size_t end;
    char name[FM_ENTRY_SIZE]; /* of the event that was given last */
    char bytes[WATCH_BATCH];
};

static void path_watch_check(const fm_path_watch *watch, const char *caller)
{
    if (watch->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the watch belongs to another loop", caller);
}

static bool path_watch_armed(const fm_path_watch *watch)
{
    return watch->poll.state == FM__OP_PENDING;
}

static void path_watch_polled(struct fm__op *op)
{
    fm_path_watch *watch = FM__CONTAINER(op, fm_path_watch, poll);
    if (op->result < 0)
        watch->error = (int)op->result;
    if (watch->waiting)
        fm__wake(&watch->getter, 0);
    watch->waiting = false;
    fm__watchers_tell(&watch->watchers);
}

/* Where that is done at once, it waits for nothing: look again. */
static void path_watch_arm(fm_path_watch *watch)
{
    if (path_watch_armed(watch))
        return;
    watch->poll = (struct fm__op){.kind = FM__OP_POLL,
                                  .fd = watch->fd,
                                  .events = EPOLLIN,
                                  .done = path_watch_polled};
    if (fm__op_submit(watch->loop, &watch->poll) && watch->poll.result < 0)
        watch->error = (int)watch->poll.result;
}

/* What the kernel has; where that is nothing, it is waited for. */
static int path_watch_fill(fm_path_watch *watch)
{
    ssize_t rc = fm__sys_read(watch->fd, watch->bytes, sizeof watch->bytes);
    watch->at = 0;
    watch->end = rc > 0 ? (size_t)rc : 0;
    if (rc == -EAGAIN)
        path_watch_arm(watch);
    return rc == 0 ? -EBADMSG : (int)rc;
}

/* The next one that is in memory; its name outlives the bytes. */
static int path_watch_parse(fm_path_watch *watch, fm_path_event *event)
{
    ssize_t rc = fm__path_event_read(watch->bytes + watch->at,
                                     watch->end - watch->at, event);
    if (rc < 0) {
        watch->at = watch->end;
        return (int)rc;
    }
    watch->at += (size_t)rc;
    snprintf(watch->name, sizeof watch->name, "%s", event->name);
    event->name = watch->name;
    return 0;
}

static int path_watch_take(fm_path_watch *watch, fm_path_event *event)
{
    int rc = watch->error;
    watch->error = 0;
    if (rc == 0 && watch->at == watch->end)
        rc = path_watch_fill(watch);
    return rc < 0 ? rc : path_watch_parse(watch, event);
}

static void path_watch_free(fm_path_watch *watch)
{
    fm__sys_close(watch->fd);
    fm__memory_free(watch);
}

static void path_watch_last(struct fm__op *op)
{
    path_watch_free(FM__CONTAINER(op, fm_path_watch, poll));
}

static void path_watch_end(fm_path_watch *watch)
{
    fm__list_remove(&watch->guest.link);
    if (!path_watch_armed(watch)) {
        path_watch_free(watch);
        return;
    }
    watch->poll.done = path_watch_last;
    fm__op_cancel(watch->loop, &watch->poll);
}

/* The loop ends before the watch. */
static void path_watch_leave(struct fm__guest *guest)
{
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a watch of paths was still open when its loop ended");
    path_watch_end(FM__CONTAINER(guest, fm_path_watch, guest));
}

int fm_path_watch_open(fm_path_watch **out)
{
    struct fm__loop *loop = &fm__task_self("fm_path_watch_open")->home->loop;
    if (!loop->backend->files)
        return -EOPNOTSUPP;
    fm_path_watch *watch = fm__memory_new(sizeof *watch);
    if (watch == NULL)
        return -ENOMEM;
    watch->fd = fm__sys_inotify();
    if (watch->fd < 0) {
        int rc = watch->fd;
        fm__memory_free(watch);
        return rc;
    }
    watch->loop = loop;
    watch->guest.leave = path_watch_leave;
    fm__loop_guest(loop, &watch->guest);
    *out = watch;
    return 0;
}

struct path_watch_add {
    int fd;
    const char *path;
    uint32_t events;
};

static int path_watch_add(void *arg)
{
    const struct path_watch_add *add = arg;
    return fm__sys_inotify_add(add->fd, add->path, add->events);
}

int fm_path_watch_add(fm_path_watch *watch, const char *path, uint32_t events)
{
    int rc = fm__checkpoint(fm__current, "fm_path_watch_add");
    if (rc < 0)
        return rc;
    path_watch_check(watch, "fm_path_watch_add");
    if (events == 0 || (events & ~(uint32_t)FM_PATH_EVERYTHING) != 0)
        return -EINVAL;
    struct path_watch_add add = {watch->fd, path, events};
    watch->adds++;
    rc = fm_thread_run(path_watch_add, &add);
    watch->adds--;
    return rc;
}

int fm_path_watch_remove(fm_path_watch *watch, int id)
{
    path_watch_check(watch, "fm_path_watch_remove");
    return fm__sys_inotify_remove(watch->fd, id);
}

static void path_watch_cut(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, fm_path_watch, getter)->waiting = false;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind path_watch_kind = {
    .cut = path_watch_cut,
    .name = "path watch",
};

static int path_watch_wait(fm_path_watch *watch, fm_path_event *event)
{
    int rc;
    while ((rc = path_watch_take(watch, event)) == -EAGAIN) {
        if (!path_watch_armed(watch))
            continue;
        watch->waiting = true;
        watch->getter = (struct fm__waiter){.kind = &path_watch_kind};
        rc = fm__park(&watch->getter);
        if (rc < 0)
            break;
    }
    return rc;
}

int fm_path_watch_next(fm_path_watch *watch, fm_path_event *event)
{
    int rc = fm__checkpoint(fm__current, "fm_path_watch_next");
    if (rc < 0)
        return rc;
    path_watch_check(watch, "fm_path_watch_next");
    if (watch->getting)
        fm__die("fm_path_watch_next: another task waits for this watch");
    watch->getting = true;
    rc = path_watch_wait(watch, event);
    watch->getting = false;
    return rc;
}

int fm_path_watch_next_try(fm_path_watch *watch, fm_path_event *event)
{
    path_watch_check(watch, "fm_path_watch_next_try");
    return path_watch_take(watch, event);
}

void fm_path_watch_close(fm_path_watch *watch)
{
    if (watch == NULL)
        return;
    path_watch_check(watch, "fm_path_watch_close");
    if (watch->getting || watch->adds > 0)
        fm__die("fm_path_watch_close: a task is in a call on this watch");
    path_watch_end(watch);
}

/* Takes nothing; where there is nothing, it will be told. */
static bool path_watch_ready(const fm_when *when)
{
    fm_path_watch *watch = when->object;
    struct fm__loop *loop = watch->loop;
    path_watch_check(watch, "fm_when_path");
    if (watch->at < watch->end || watch->error < 0)
        return true;
    if (loop->backend->events(loop, watch->fd, EPOLLIN) != 0)
        return true;
    path_watch_arm(watch);
    return !path_watch_armed(watch);
}

static struct fm__watchers *path_watch_watchers(const fm_when *when)
{
    return &((fm_path_watch *)when->object)->watchers;
}

static const struct fm__when_kind path_watch_when = {
    .ready = path_watch_ready,
    .watchers = path_watch_watchers,
    .wait = &path_watch_kind,
};

fm_when fm_when_path(fm_path_watch *watch)
{
    return (fm_when){.kind = &path_watch_when, .object = watch};
}
