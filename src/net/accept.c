/*
 * accept.c - the next connection, also when there is no descriptor for it
 *
 * Without a descriptor the kernel leaves the connection where it is and
 * would say so again at once. So the task pauses, until this loop closes a
 * descriptor or for a while, since others of the process may close some too.
 */
#include "base/die.h"
#include "io/stream_record.h"
#include "net/listener.h"

#include <errno.h>
#include <fermata/error.h>

#define ACCEPT_PAUSE INT64_C(100000000) /* ns */

static void accept_end_pause(struct fm__accept *self, int result)
{
    if (!self->pausing)
        return;
    self->pausing = false;
    fm__list_remove(&self->hungry.link);
    fm__timer_disarm(&self->waiter.task->home->loop, &self->timer);
    fm__wake(&self->waiter, result);
}

void fm__accept_resume(struct fm__accept *self)
{
    accept_end_pause(self, 0);
}

static void accept_fire(struct fm__timer *timer)
{
    accept_end_pause(FM__CONTAINER(timer, struct fm__accept, timer), 0);
}

static void accept_fed(struct fm__hungry *hungry)
{
    accept_end_pause(FM__CONTAINER(hungry, struct fm__accept, hungry), 0);
}

static void accept_cut(struct fm__waiter *waiter, int reason)
{
    accept_end_pause(FM__CONTAINER(waiter, struct fm__accept, waiter), reason);
}

static const struct fm__wait_kind accept_kind = {
    .cut = accept_cut,
    .name = "accept pause",
    .what = FM__WAIT_TIMER,
    .at = FM__WAIT_AT(struct fm__accept, waiter, timer),
};

static int accept_pause(struct fm__accept *self, struct fm__loop *loop)
{
    self->waiter.kind = &accept_kind;
    self->hungry.fed = accept_fed;
    self->pausing = true;
    fm__timer_init(&self->timer, accept_fire);
    fm__timer_arm(loop, &self->timer, ACCEPT_PAUSE);
    fm__list_push(&loop->hungry, &self->hungry.link);
    return fm__park(&self->waiter);
}

void fm__accept_report(fm_listener *listener, int rc)
{
    const struct fm__task *self = fm__current;
    char text[FM_ADDRESS_TEXT];
    if (listener->told)
        return;
    listener->told = true;
    fm__report(FM_REPORT_STARVED, self, NULL,
               "task %s (%s) lets connections to %s wait: %s", self->name,
               fm__site(self),
               fm_address_format(fm_listener_address(listener), text),
               fm_strerror(rc));
}

/* The connection has failed, not the listener: accept(2), "Error handling". */
static bool accept_passes_over(int rc)
{
    switch (rc) {
    case -ECONNABORTED:
    case -EHOSTDOWN:
    case -EHOSTUNREACH:
    case -ENETDOWN:
    case -ENETUNREACH:
    case -ENONET:
    case -ENOPROTOOPT:
    case -EPERM: /* a firewall's */
    case -EPROTO:
        return true;
    default:
        return false;
    }
}

static bool accept_starves(int rc)
{
    return rc == -EMFILE || rc == -ENFILE || rc == -ENOBUFS || rc == -ENOMEM;
}

/* What follows a refusal: 0 to try again, or the result. A cut that came too
 * late for the operation is in sight, and would not be told to a new wait. */
static int accept_refused(fm_listener *listener, struct fm__accept *self,
                          int refusal)
{
    struct fm__task *task = fm__current;
    bool starves = accept_starves(refusal);
    if (!starves && !accept_passes_over(refusal))
        return refusal;
    if (starves)
        fm__accept_report(listener, refusal);
    int rc = fm__checkpoint(task, "fm_accept");
    if (rc < 0 || !starves || listener->stopped)
        return rc;
    rc = accept_pause(self, listener->loop);
    return rc < 0 ? rc : fm__checkpoint(task, "fm_accept");
}

/* A descriptor, or -errno. */
static int accept_wait(fm_listener *listener)
{
    struct fm__accept accept = {.pausing = false};
    int fd, rc;
    fm__list_push(&listener->accepts, &accept.link);
    do {
        fd = fm__entrances_take(listener);
        rc = fd < 0 ? accept_refused(listener, &accept, fd) : fd;
    } while (fd < 0 && rc == 0);
    fm__list_remove(&accept.link);
    fm__entrances_wake_closer(listener);
    return rc;
}

int fm_accept(fm_listener *listener, fm_stream **stream)
{
    int rc = fm__checkpoint(fm__current, "fm_accept");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__listener_check(listener, "fm_accept");
    if (listener->stopped)
        return -ESHUTDOWN;
    fm__blocks_check(fm__current);
    int fd = accept_wait(listener);
    if (fd < 0)
        return fd;
    struct fm__loop *loop = listener->loop;
    rc = fm__stream_new(loop, fd, &listener->options, stream);
    if (rc < 0) {
        loop->backend->linger(loop, fd);
        fm__loop_close_fd(loop, fd);
    }
    return rc;
}
