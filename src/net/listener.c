/*
 * listener.c - the record of a listener, and how it ends
 */
#include "net/listener.h"

#include "base/die.h"
#include "base/memory.h"

#include <errno.h>

void fm__listener_check(const fm_listener *listener, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (FM__UNLIKELY(listener->loop != &self->home->loop))
        fm__die("%s: this listener belongs to another loop", caller);
}

/* The loop ends before the listener; its tasks have ended. */
static void listener_leave(struct fm__guest *guest)
{
    fm_listener *listener = FM__CONTAINER(guest, fm_listener, guest);
    char text[FM_ADDRESS_TEXT];
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a listener on %s was still open when its loop ended",
               fm_address_format(&listener->entrances[0].address, text));
    listener->left = true;
    fm__entrances_stop(listener);
    if (fm__entrances_quiet(listener))
        fm__listener_free(listener);
}

fm_listener *fm__listener_new(struct fm__loop *loop, unsigned limit,
                              const fm_stream_options *options)
{
    fm_listener *listener =
        fm__memory_new(sizeof *listener + limit * sizeof(struct fm__entrance));
    if (listener == NULL)
        return NULL;
    listener->loop = loop;
    listener->options = *options;
    listener->guest.leave = listener_leave;
    fm__list_init(&listener->accepts);
    fm__list_init(&listener->waiting);
    fm__list_init(&listener->places);
    fm__list_init(&listener->guest.link);
    return listener;
}

struct fm__entrance *fm__listener_add(fm_listener *listener, int fd,
                                      const fm_address *address)
{
    struct fm__entrance *entrance = &listener->entrances[listener->count++];
    entrance->accepting.state = FM__OP_IDLE;
    entrance->listener = listener;
    entrance->fd = fd;
    entrance->held = -1;
    entrance->address = *address;
    entrance->file = (struct fm__socket_file){.mode = 0};
    return entrance;
}

void fm__listener_begin(fm_listener *listener)
{
    fm__loop_guest(listener->loop, &listener->guest);
}

void fm__listener_free(fm_listener *listener)
{
    fm__entrances_close(listener);
    fm__list_remove(&listener->guest.link);
    fm__memory_free(listener);
}

const fm_address *fm_listener_address(const fm_listener *listener)
{
    return &listener->entrances[0].address;
}

const fm_address *fm_listener_address_at(const fm_listener *listener,
                                         size_t index)
{
    return index < listener->count ? &listener->entrances[index].address : NULL;
}

void fm__listener_stop(fm_listener *listener)
{
    struct fm__list *accepts = &listener->accepts;
    if (listener->stopped)
        return;
    listener->stopped = true;
    while (fm__wake_first(&listener->places, -ESHUTDOWN))
        ;
    fm__entrances_stop(listener);
    for (struct fm__list *link = accepts->next; link != accepts;
         link = link->next)
        fm__accept_resume(FM__CONTAINER(link, struct fm__accept, link));
}

static const struct fm__wait_kind listener_kind = {
    .name = "listener close",
};

/* Whoever accepts is on its way out, so no cut has to shorten this. */
void fm__listener_shut(fm_listener *listener)
{
    struct fm__waiter waiter = {.kind = &listener_kind};
    fm__listener_stop(listener);
    if (!fm__entrances_quiet(listener)) {
        listener->closer = &waiter;
        fm__park(&waiter);
    }
    fm__list_remove(&listener->guest.link);
    fm__entrances_close(listener);
}

int fm_listener_close(fm_listener *listener)
{
    fm__charge(fm__current, "fm_listener_close");
    if (listener == NULL)
        return 0;
    fm__listener_check(listener, "fm_listener_close");
    if (listener->served)
        fm__die("fm_listener_close: fm_serve has this listener: fm_serve_stop "
                "ends both");
    if (listener->closer != NULL)
        fm__die("fm_listener_close: the listener is being closed already");
    fm__listener_shut(listener);
    fm__listener_free(listener);
    return 0;
}
