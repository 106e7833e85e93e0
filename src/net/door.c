/*
 * door.c - one accept in flight for each socket, for all who wait
 *
 * A listener may have several sockets, and any number of tasks that wait for
 * whatever comes by any of them. So the operations are the listener's, and
 * what they bring goes to the task that waited longest.
 */
#include "net/listener.h"

#include <errno.h>

static bool door_flies(const struct fm__door *door)
{
    return door->accepting.state == FM__OP_PENDING ||
           door->accepting.state == FM__OP_CANCELLING;
}

bool fm__doors_quiet(const fm_listener *listener)
{
    for (unsigned i = 0; i < listener->count; i++) {
        if (door_flies(&listener->doors[i]))
            return false;
    }
    return fm__list_empty(&listener->accepts);
}

void fm__doors_wake_closer(fm_listener *listener)
{
    struct fm__waiter *closer = listener->closer;
    if (closer == NULL || !fm__doors_quiet(listener))
        return;
    listener->closer = NULL;
    fm__wake(closer, 0);
}

static void door_done(struct fm__op *op)
{
    struct fm__door *door = FM__CONTAINER(op, struct fm__door, accepting);
    fm_listener *listener = door->listener;
    int rc = (int)op->result;
    if (fm__wake_first(&listener->waiting, rc))
        return;
    if (rc >= 0)
        door->held = rc;
    if (listener->left && fm__doors_quiet(listener))
        fm__listener_free(listener);
    else
        fm__doors_wake_closer(listener);
}

static bool door_ask(struct fm__door *door)
{
    door->accepting = (struct fm__op){
        .kind = FM__OP_ACCEPT,
        .fd = door->fd,
        .done = door_done,
    };
    return fm__op_submit(door->listener->loop, &door->accepting);
}

/* What is there already, by one door or another, else -EAGAIN: all of them
 * are asked then. */
static int doors_ask(fm_listener *listener)
{
    for (unsigned i = 0; i < listener->count; i++) {
        unsigned turn = (listener->turn + i) % listener->count;
        struct fm__door *door = &listener->doors[turn];
        int held = door->held;
        door->held = -1;
        if (held < 0 && !door_flies(door) && door_ask(door))
            held = (int)door->accepting.result;
        else if (held < 0)
            continue;
        listener->turn = turn + 1;
        return held;
    }
    return -EAGAIN;
}

/* The others go on waiting: for them the doors are asked again. */
static void doors_serve(fm_listener *listener)
{
    int rc = 0;
    while (rc != -EAGAIN && !fm__list_empty(&listener->waiting)) {
        rc = doors_ask(listener);
        if (rc != -EAGAIN)
            fm__wake_first(&listener->waiting, rc);
    }
}

int fm__doors_take(fm_listener *listener)
{
    struct fm__queued queued;
    int rc = -EAGAIN;
    if (listener->stopped)
        return -ESHUTDOWN;
    if (fm__list_empty(&listener->waiting))
        rc = doors_ask(listener);
    if (rc != -EAGAIN)
        return rc;
    rc = fm__park_in(&listener->waiting, &queued);
    doors_serve(listener);
    return rc;
}

void fm__doors_stop(fm_listener *listener)
{
    while (fm__wake_first(&listener->waiting, -ESHUTDOWN))
        ;
    for (unsigned i = 0; i < listener->count; i++)
        fm__op_cancel(listener->loop, &listener->doors[i].accepting);
}

/* A connection that nobody has taken is reset. */
void fm__doors_close(fm_listener *listener)
{
    struct fm__loop *loop = listener->loop;
    for (unsigned i = 0; i < listener->count; i++) {
        struct fm__door *door = &listener->doors[i];
        if (door->held >= 0) {
            loop->backend->linger(loop, door->held);
            fm__loop_close_fd(loop, door->held);
        }
        fm__loop_close_fd(loop, door->fd);
    }
    listener->count = 0;
}
