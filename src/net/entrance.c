/*
 * entrance.c - one accept in flight for each socket, for all who wait
 *
 * A listener may have several sockets, and any number of tasks that wait for
 * whatever comes by any of them. So the operations are the listener's, and
 * what they bring goes to the task that waited longest.
 */
#include "net/listener.h"

#include <errno.h>

static bool entrance_flies(const struct fm__entrance *entrance)
{
    return entrance->accepting.state == FM__OP_PENDING ||
           entrance->accepting.state == FM__OP_CANCELLING;
}

bool fm__entrances_quiet(const fm_listener *listener)
{
    for (unsigned i = 0; i < listener->count; i++) {
        if (entrance_flies(&listener->entrances[i]))
            return false;
    }
    return fm__list_empty(&listener->accepts);
}

void fm__entrances_wake_closer(fm_listener *listener)
{
    struct fm__waiter *closer = listener->closer;
    if (closer == NULL || !fm__entrances_quiet(listener))
        return;
    listener->closer = NULL;
    fm__wake(closer, 0);
}

static void entrance_done(struct fm__op *op)
{
    struct fm__entrance *entrance =
        FM__CONTAINER(op, struct fm__entrance, accepting);
    fm_listener *listener = entrance->listener;
    int rc = (int)op->result;
    if (fm__wake_first(&listener->waiting, rc))
        return;
    if (rc >= 0)
        entrance->held = rc;
    if (listener->left && fm__entrances_quiet(listener))
        fm__listener_free(listener);
    else
        fm__entrances_wake_closer(listener);
}

static bool entrance_ask(struct fm__entrance *entrance)
{
    entrance->accepting = (struct fm__op){
        .kind = FM__OP_ACCEPT,
        .fd = entrance->fd,
        .done = entrance_done,
    };
    return fm__op_submit(entrance->listener->loop, &entrance->accepting);
}

/* What is there already, by one entrance or another, else -EAGAIN: all of them
 * are asked then. */
static int entrance_ask_all(fm_listener *listener)
{
    for (unsigned i = 0; i < listener->count; i++) {
        unsigned turn = (listener->turn + i) % listener->count;
        struct fm__entrance *entrance = &listener->entrances[turn];
        int held = entrance->held;
        entrance->held = -1;
        if (held < 0 && !entrance_flies(entrance) && entrance_ask(entrance))
            held = (int)entrance->accepting.result;
        else if (held < 0)
            continue;
        listener->turn = turn + 1;
        return held;
    }
    return -EAGAIN;
}

/* The others go on waiting: for them the entrances are asked again. */
static void entrance_serve_others(fm_listener *listener)
{
    int rc = 0;
    while (rc != -EAGAIN && !fm__list_empty(&listener->waiting)) {
        rc = entrance_ask_all(listener);
        if (rc != -EAGAIN)
            fm__wake_first(&listener->waiting, rc);
    }
}

static const struct fm__wait_kind entrance_kind = {
    .cut = fm__park_cut,
    .name = "accept",
    .what = FM__WAIT_LISTED | FM__WAIT_DESCRIPTOR,
    .at = FM__WAIT_BACK(fm_listener, waiting),
    .first = (uint16_t)(offsetof(fm_listener, entrances) +
                        offsetof(struct fm__entrance, fd)),
};

int fm__entrances_take(fm_listener *listener)
{
    struct fm__queued queued;
    int rc = -EAGAIN;
    if (listener->stopped)
        return -ESHUTDOWN;
    if (fm__list_empty(&listener->waiting))
        rc = entrance_ask_all(listener);
    if (rc != -EAGAIN)
        return rc;
    rc = fm__park_in(&listener->waiting, &queued, &entrance_kind);
    entrance_serve_others(listener);
    return rc;
}

void fm__entrances_stop(fm_listener *listener)
{
    while (fm__wake_first(&listener->waiting, -ESHUTDOWN))
        ;
    for (unsigned i = 0; i < listener->count; i++)
        fm__op_cancel(listener->loop, &listener->entrances[i].accepting);
}

/* A connection that nobody has taken is reset. */
void fm__entrances_close(fm_listener *listener)
{
    struct fm__loop *loop = listener->loop;
    for (unsigned i = 0; i < listener->count; i++) {
        struct fm__entrance *entrance = &listener->entrances[i];
        if (entrance->held >= 0) {
            loop->backend->linger(loop, entrance->held);
            fm__loop_close_fd(loop, entrance->held);
        }
        fm__socket_file_remove(&entrance->address, &entrance->file);
        fm__loop_close_fd(loop, entrance->fd);
    }
    listener->count = 0;
}
