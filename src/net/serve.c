/*
 * serve.c - a server that survives its clients and ends in order
 *
 * The clients' tasks are in a group under the root: a cut of the server must
 * not reach them before their grace is over. Whatever ends the server goes
 * through serve_end, which does not return before the last of them has ended.
 */
#include <fermata/serve.h>

#include "base/die.h"
#include "net/listener.h"
#include "net/origins.h"
#include "net/secure.h"

#include <errno.h>
#include <fermata/dense.h>
#include <fermata/error.h>
#include <fermata/semaphore.h>
#include <fermata/shield.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>
#include <math.h>

#define SERVE_PAUSE 0.1 /* s, after memory was wanting */

struct serve {
    fm_listener *listener;
    fm_serve_handler handler;
    void *arg;
    const fm_serve_options *options;
    unsigned limit;
    unsigned places; /* taken: by clients, or for one that is awaited */
    const char *label;
    fm_group group;
    fm_semaphore handshakes; /* that may begin; unused without TLS */
    struct fm__origins origins;
};

/* One client's task; the server's record outlives it. */
struct serve_client {
    struct serve *serve;
    fm_stream *client;
    struct fm__crowd *origin;
};

/* What a client can bring about by itself is nobody's failure. */
static bool serve_is_theirs(int rc)
{
    bool tls = rc <= -FM_ETLS && rc >= -FM_ECERT_INVALID;
    bool http = rc <= -FM_EHTTPLINE && rc >= -FM_EHTTPBODY;
    bool ws = rc <= -FM_EWS && rc >= -FM_EWSCLOSED;
    return tls || http || ws || rc == -ECONNRESET || rc == -EPIPE ||
           rc == -FM_EEOF || rc == -FM_EPEERTIMEOUT;
}

static void serve_tell(const struct serve *serve, fm_stream *client, int rc)
{
    struct fm__task *self = fm__current;
    if (rc == -ECANCELED && self->cancelled)
        return;
    if (serve->options->on_error != NULL) {
        serve->options->on_error(client, rc, serve->arg);
    } else if (!serve_is_theirs(rc)) {
        self->result = rc;
        fm__report(FM_REPORT_HANDLER_FAILED, self, NULL,
                   "a client's task %s (%s) failed: %s", self->name,
                   fm__site(self), fm_strerror(rc));
    }
}

static void serve_leave(struct serve_client *client)
{
    struct serve *serve = client->serve;
    fm__origins_leave(&serve->origins, client->origin);
    serve->places--;
    if (serve->options->count != NULL)
        --*serve->options->count;
    fm__wake_first(&serve->listener->places, 0);
}

/* So many at once: a handshake costs the loop far more than bytes do. */
static int serve_shake_hands(struct serve *serve, fm_stream *client)
{
    fm_tls *tls = serve->options->tls;
    int rc = 0;
    if (tls == NULL)
        return 0;
    FM_PERMIT(&serve->handshakes, rc) {
        rc = fm__secure(tls)->start(client, tls, NULL);
    }
    return rc;
}

static int serve_client(struct serve_client *args)
{
    struct serve *serve = args->serve;
    if (serve->options->name != NULL)
        fm__current->name = serve->options->name;
    int rc = serve_shake_hands(serve, args->client);
    if (rc == 0)
        rc = serve->handler(args->client, serve->arg);
    if (rc >= 0)
        rc = fm_flush(args->client);
    if (rc < 0)
        serve_tell(serve, args->client, rc);
    (void)fm_close(args->client); /* told already, or nothing to tell */
    serve_leave(args);
    return rc;
}

static const struct fm__wait_kind serve_kind = {
    .cut = fm__park_cut,
    .name = "serve place",
};

/* A place for one more client, when one is free. */
static int serve_take_place(struct serve *serve)
{
    struct fm__queued queued;
    fm_listener *listener = serve->listener;
    while (serve->places >= serve->limit) {
        int rc = fm__checkpoint(fm__current, "fm_serve");
        if (rc == 0 && listener->stopped)
            rc = -ESHUTDOWN;
        if (rc == 0 && serve->places >= serve->limit)
            rc = fm__park_in(&listener->places, &queued, &serve_kind);
        if (rc < 0)
            return rc;
    }
    serve->places++;
    return 0;
}

/* Where the client comes from: 0; -EDQUOT: too many are from there. One whose
 * peer cannot be told has gone already, and is nobody's burden. */
static int serve_enter(struct serve *serve, struct serve_client *client)
{
    fm_address peer;
    if (serve->origins.limit == 0 || fm_stream_peer(client->client, &peer) < 0)
        return 0;
    return fm__origins_enter(&serve->origins, &peer, &client->origin);
}

static int serve_start(struct serve *serve, fm_stream *stream)
{
    struct serve_client client = {serve, stream, NULL};
    int rc = serve_enter(serve, &client);
    if (rc < 0)
        goto abort_client;
    rc = fm__group_go(&serve->group, (fm__fn)serve_client, &client,
                      FM__SHAPE(serve_client), serve->label);
    if (rc == 0 && serve->options->count != NULL)
        ++*serve->options->count;
    if (rc == 0)
        return 0;
    fm__origins_leave(&serve->origins, client.origin);
abort_client:
    fm_abort(stream);
    return rc;
}

/* The next client: 0, or why it is time to end. */
static int serve_next(struct serve *serve)
{
    fm_stream *client;
    int rc = serve_take_place(serve);
    if (rc < 0)
        return rc;
    rc = fm_accept(serve->listener, &client);
    if (rc == 0)
        rc = serve_start(serve, client);
    if (rc < 0)
        serve->places--;
    if (rc != -ENOMEM)
        return rc == -EDQUOT ? 0 : rc;
    fm__accept_report(serve->listener, rc);
    return fm_sleep(SERVE_PAUSE);
}

/* The shield hides what cut the server, so that the grace begins now. */
static void serve_end(struct serve *serve)
{
    double grace = serve->options->grace;
    int rc;
    FM_SHIELD(INFINITY) {
        FM_TIMEOUT(grace != 0 ? grace : FM_SERVE_GRACE, rc) {
            rc = fm_group_close(&serve->group);
        }
    }
}

static int serve_run(struct serve *serve)
{
    const fm_group_options options = {
        .policy = FM_COLLECT,
        .under_root = true,
        .stack_size = serve->options->stack_size,
    };
    int rc = fm__origins_init(&serve->origins, serve->listener->loop,
                              serve->options->per_address);
    fm_group_open(&serve->group, &options);
    while (rc == 0)
        rc = serve_next(serve);
    fm__listener_shut(serve->listener);
    if (serve->options->on_stop != NULL)
        serve->options->on_stop(serve->arg);
    serve_end(serve);
    fm__origins_fini(&serve->origins);
    return rc == -ESHUTDOWN ? 0 : rc;
}

/* wide: what the macro says of the call */
int fm__serve(fm_listener *listener, fm_serve_handler handler, void *arg,
              const fm_serve_options *options, const char *label)
{
    static const fm_serve_options defaults;
    int rc = -EINVAL;
    fm__charge(fm__current, "fm_serve");
    fm__listener_check(listener, "fm_serve");
    if (listener->served)
        fm__die("fm_serve: another fm_serve has this listener");
    if (options != NULL && options->stack_size >= FM__STACK_UNFIT)
        fm__die("fm_serve: its tasks talk to clients, which FM_STACK_DENSE has "
                "no room for");
    listener->served = true;
    struct serve serve = {
        .listener = listener,
        .handler = handler,
        .arg = arg,
        .options = options != NULL ? options : &defaults,
        .label = label,
    };
    serve.limit =
        serve.options->limit > 0 ? serve.options->limit : FM_SERVE_LIMIT;
    if (serve.options->tls != NULL) {
        const struct fm__secure *secure = fm__secure(serve.options->tls);
        unsigned most = secure->handshakes(serve.options->tls);
        fm_semaphore_init(&serve.handshakes, most, most);
    }
    if (!isnan(serve.options->grace))
        rc = serve_run(&serve);
    else
        fm__listener_shut(listener);
    fm__listener_free(listener);
    return rc;
}

void fm_serve_stop(fm_listener *listener)
{
    fm__listener_check(listener, "fm_serve_stop");
    fm__listener_stop(listener);
}
