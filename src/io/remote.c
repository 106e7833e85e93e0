/*
 * remote.c - a loop's mailbox, as programs see it
 */
#include <fermata/remote.h>

#include "loop/mailbox.h"
#include "task/record.h"

#include <errno.h>

_Static_assert(FM_POST_LIMIT == FM__MAILBOX_LIMIT, "one limit");

static struct fm__mailbox *remote_mailbox(fm_remote *remote)
{
    return (struct fm__mailbox *)(void *)remote;
}

fm_remote *fm_remote_get(void)
{
    if (fm__home == NULL)
        fm__task_none("fm_remote_get");
    return (fm_remote *)(void *)fm__mailbox_get(&fm__home->loop);
}

int fm_post(fm_remote *remote, void (*fn)(void *), void *arg)
{
    if (remote == NULL)
        return -ENOMEM;
    return fm__mailbox_post(remote_mailbox(remote), fn, arg);
}

void fm_remote_put(fm_remote *remote)
{
    if (remote != NULL)
        fm__mailbox_put(remote_mailbox(remote));
}
