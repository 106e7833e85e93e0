/*
 * listen.c - how a listener begins and ends
 *
 * Accepted sockets have the options of their listener (Linux copies
 * TCP_NODELAY, SO_KEEPALIVE and the buffer sizes), so they are set once here
 * and cost no call for each connection.
 */
#include "base/die.h"
#include "base/memory.h"
#include "io/stream_record.h"
#include "net/listener.h"
#include "net/peer.h"

#include <errno.h>
#include <netinet/in.h>

void fm__listener_check(const fm_listener *listener, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (FM__UNLIKELY(listener->loop != &self->home->loop))
        fm__die("%s: this listener belongs to another loop", caller);
}

/* The loop ends before the listener; its tasks have ended. */
static void listen_leave(struct fm__guest *guest)
{
    fm_listener *listener = FM__CONTAINER(guest, fm_listener, guest);
    char text[FM_ADDRESS_TEXT];
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a listener on %s was still open when its loop ended",
               fm_address_format(&listener->address, text));
    fm__socket_file_remove(&listener->address, &listener->file);
    fm__loop_close_fd(listener->loop, listener->fd);
    fm__memory_free(listener);
}

static int listen_set(struct fm__loop *loop, int fd,
                      struct fm__socket_option option)
{
    return loop->backend->option(loop, fd, &option);
}

static int listen_configure(struct fm__loop *loop, int fd, int family,
                            const fm_listen_options *options)
{
    if (family == AF_UNIX)
        return options->reuse_port
                   ? -EOPNOTSUPP
                   : fm__stream_configure(loop, fd, &options->stream);
    int rc = listen_set(
        loop, fd, (struct fm__socket_option){SOL_SOCKET, SO_REUSEADDR, 1});
    if (rc == 0 && options->reuse_port)
        rc = listen_set(
            loop, fd, (struct fm__socket_option){SOL_SOCKET, SO_REUSEPORT, 1});
    if (rc == 0 && family == AF_INET6)
        rc = listen_set(loop, fd,
                        (struct fm__socket_option){IPPROTO_IPV6, IPV6_V6ONLY,
                                                   options->ipv6_only});
    return rc == 0 ? fm__stream_configure(loop, fd, &options->stream) : rc;
}

/* A descriptor that listens, and its address; or -errno. */
static int listen_open(struct fm__loop *loop, fm_listener *listener,
                       const fm_listen_options *options)
{
    fm_address *address = &listener->address;
    struct sockaddr *name = (struct sockaddr *)&address->storage;
    int fd = loop->backend->socket(loop, name->sa_family);
    if (fd < 0)
        return fd;
    int rc = listen_configure(loop, fd, name->sa_family, options);
    if (rc == 0)
        rc = fm__socket_file_listen(loop, fd, address, &listener->file);
    if (rc == 0)
        rc = fm__end_address(loop, fd, loop->backend->address, address);
    if (rc == 0)
        return fd;
    fm__socket_file_remove(address, &listener->file);
    fm__loop_close_fd(loop, fd);
    return rc;
}

int fm__listen(const char *text, fm_listener **out,
               const fm_listen_options *options)
{
    static const fm_listen_options defaults;
    struct fm__loop *loop = &fm__task_self("fm_listen")->home->loop;
    if (options == NULL)
        options = &defaults;
    fm_listener *listener = fm__memory_new(sizeof *listener);
    if (listener == NULL)
        return -ENOMEM;
    listener->file.mode = options->mode;
    int rc = fm_address_parse(text, &listener->address);
    if (rc == 0)
        rc = listener->fd = listen_open(loop, listener, options);
    if (rc < 0) {
        fm__memory_free(listener);
        return rc;
    }
    listener->loop = loop;
    listener->options = options->stream;
    listener->guest.leave = listen_leave;
    fm__list_init(&listener->accepts);
    fm__list_init(&listener->places);
    fm__loop_guest(loop, &listener->guest);
    *out = listener;
    return 0;
}

const fm_address *fm_listener_address(const fm_listener *listener)
{
    return &listener->address;
}

void fm__listener_stop(fm_listener *listener)
{
    struct fm__list *accepts = &listener->accepts;
    if (listener->stopped)
        return;
    listener->stopped = true;
    while (fm__wake_first(&listener->places, -ESHUTDOWN))
        ;
    for (struct fm__list *link = accepts->next; link != accepts;
         link = link->next) {
        struct fm__accept *accept =
            FM__CONTAINER(link, struct fm__accept, link);
        fm__op_cancel(listener->loop, &accept->operation.op);
        fm__accept_resume(accept);
    }
}

/* Whoever accepts is on its way out, so no cut has to shorten this. */
void fm__listener_shut(fm_listener *listener)
{
    struct fm__waiter waiter = {.cut = NULL};
    fm__listener_stop(listener);
    if (!fm__list_empty(&listener->accepts)) {
        listener->closer = &waiter;
        fm__park(&waiter);
    }
    fm__list_remove(&listener->guest.link);
    fm__socket_file_remove(&listener->address, &listener->file);
    fm__loop_close_fd(listener->loop, listener->fd);
    listener->fd = -1;
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
    fm__memory_free(listener);
    return 0;
}
