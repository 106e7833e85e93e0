/*
 * connect.c - streams to those who listen
 *
 * An address or a race for one, then a stream, a proxy's consent, and TLS.
 */
#include <fermata/connect.h>

#include "io/stream_record.h"
#include "net/proxy.h"
#include "net/race.h"
#include "net/secure.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Texts taken apart; `next` is whom this machine calls. */
struct connect {
    const fm_connect_options *options;
    struct fm__target target;
    struct fm__proxy proxy;
    const struct fm__target *next;
    fm_address source;
    struct fm__race_call call;
};

static double connect_stagger(double asked)
{
    if (asked == 0)
        return FM__RACE_STAGGER;
    asked = asked < FM__RACE_STAGGER_MIN ? FM__RACE_STAGGER_MIN : asked;
    return asked > FM__RACE_STAGGER_MAX ? FM__RACE_STAGGER_MAX : asked;
}

static int connect_prepare_proxy(struct connect *self)
{
    if (self->options->proxy == NULL)
        return 0;
    int rc = fm__proxy_parse(self->options->proxy, &self->proxy);
    self->next = &self->proxy.at;
    if (rc == 0 && self->target.host[0] == '\0')
        rc = -EINVAL; /* a local socket is no proxy's business */
    return rc;
}

static int connect_prepare(struct connect *self, const char *text)
{
    const fm_connect_options *options = self->options;
    struct fm__race_call *call = &self->call;
    if (isnan(options->stagger) || options->stagger < 0)
        return -EINVAL;
    *call = (struct fm__race_call){
        .resolver = options->resolver,
        .dialling = {.stream = &options->stream},
        .stagger = connect_stagger(options->stagger),
        .failures = options->failures,
    };
    if (options->failures != NULL)
        memset(options->failures, 0, sizeof *options->failures);
    int rc = fm__target_parse(text, &self->target);
    self->next = &self->target;
    if (rc == 0 && options->source != NULL) {
        rc = fm_address_parse(options->source, &self->source);
        call->dialling.source = &self->source;
    }
    return rc < 0 ? rc : connect_prepare_proxy(self);
}

/* A descriptor, or -errno. */
static int connect_reach(struct connect *self)
{
    const struct fm__target *next = self->next;
    struct fm__race_call *call = &self->call;
    if (!next->literal) {
        call->host = next->host;
        call->port = next->port;
        return fm__race(call);
    }
    int fd = fm__dial(&next->address, &call->dialling);
    if (fd < 0 && fd != -ECANCELED && fd != -ETIMEDOUT)
        fm__race_note(call->failures, &next->address, fd);
    return fd;
}

static int connect_pass_proxy(const struct connect *self, fm_stream *stream)
{
    fm_connect_failures *failures = self->options->failures;
    int reply = 0;
    if (self->options->proxy == NULL)
        return 0;
    int rc = fm__proxy_pass(stream, &self->proxy, &self->target, &reply);
    if (failures != NULL)
        failures->reply = reply;
    return rc;
}

static int connect_secure(const struct connect *self, fm_stream *stream)
{
    const fm_connect_options *options = self->options;
    const fm_tls_start_options how = {
        .server_name = options->server_name != NULL ? options->server_name
                                                    : self->target.host,
        .failure = options->tls_failure,
    };
    if (options->tls == NULL)
        return 0;
    return fm__secure(options->tls)->start(stream, options->tls, &how);
}

static int connect_run(struct connect *self, fm_stream **out)
{
    const fm_stream_options *options = &self->options->stream;
    struct fm__loop *loop = &fm__current->home->loop;
    fm_stream *stream;
    int fd = connect_reach(self);
    if (fd < 0)
        return fd;
    int rc = fm__stream_new(loop, fd, options, &stream);
    if (rc < 0) {
        fm__loop_close_fd(loop, fd);
        return rc;
    }
    rc = connect_pass_proxy(self, stream);
    if (rc == 0)
        rc = connect_secure(self, stream);
    if (rc == 0)
        *out = stream;
    else
        fm_abort(stream);
    return rc;
}

int fm__connect(const char *text, fm_stream **out,
                const fm_connect_options *options)
{
    static const fm_connect_options defaults;
    struct fm__task *self = fm__current;
    struct connect connect = {.options = options};
    int rc = fm__checkpoint(self, "fm_connect");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__blocks_check(self);
    if (options == NULL)
        connect.options = &defaults;
    rc = connect_prepare(&connect, text);
    return rc < 0 ? rc : connect_run(&connect, out);
}
