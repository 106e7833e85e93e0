/*
 * h2.c - a connection of HTTP/2: its frames come in and go out
 *
 * One task reads, and gives nghttp2 what has come. What nghttp2 has to say goes
 * into the stream below at the end of the turn; where that is full, a task is
 * started that waits for it, and nothing more is asked of nghttp2 meanwhile.
 *
 * Invariant: `unsent` is nghttp2's, and valid until it is asked for more.
 */
#include "http/h2.h"

#include "base/memory.h"

#include <errno.h>
#include <fermata/error.h>
#include <math.h>
#include <nghttp2/nghttp2.h>

enum {
    H2_CONNECTION_WINDOW = 1024 * 1024, /* bytes that may be on their way */
    H2_CLIENT_WINDOW = 256 * 1024,      /* of a stream's, which is read */
    H2_HEAD_LIST = 65536                /* bytes of fields, as they count */
};

/* ---- sending ------------------------------------------------------------ */

/* True: nothing is left. */
static bool h2_put_unsent(struct fm__h2 *h2)
{
    size_t put = fm__stream_put_some(h2->stream, (const char *)h2->unsent,
                                     h2->unsent_size);
    h2->unsent += put;
    h2->unsent_size -= put;
    return h2->unsent_size == 0;
}

void fm__h2_pump(struct fm__h2 *h2)
{
    fm__list_remove(&h2->cork.link);
    while (h2->error == 0 && !h2->sending) {
        if (h2->unsent_size > 0 && !h2_put_unsent(h2)) {
            h2->stuck = true;
            fm__h2_hurry(h2);
            return;
        }
        ssize_t size = nghttp2_session_mem_send(h2->session, &h2->unsent);
        if (size <= 0) {
            if (size < 0)
                fm__h2_fail(h2,
                            size == NGHTTP2_ERR_NOMEM ? -ENOMEM : -FM_EHTTP2);
            return;
        }
        h2->unsent_size = (size_t)size;
    }
}

static void h2_uncork(struct fm__cork *cork)
{
    fm__h2_pump(FM__CONTAINER(cork, struct fm__h2, cork));
}

void fm__h2_send(struct fm__h2 *h2)
{
    fm__loop_cork(h2->stream->loop, &h2->cork);
}

static int h2_write_unsent(struct fm__h2 *h2)
{
    fm_timeout_open(&h2->write,
                    h2->write_timeout < 0 ? INFINITY : h2->write_timeout);
    h2->writes = true;
    ssize_t rc = fm_write(h2->stream, h2->unsent, h2->unsent_size);
    int cut = rc < 0 ? (int)rc : 0;
    if (rc >= 0 && (size_t)rc < h2->unsent_size)
        cut = -ECANCELED;
    h2->writes = false;
    return fm_timeout_close(&h2->write, cut);
}

/* [a task of the connection's] */
static int h2_send_stuck(void *arg)
{
    struct fm__h2 *h2 = arg;
    int rc = h2->error < 0 ? h2->error : h2_write_unsent(h2);
    h2->sending = false;
    h2->unsent_size = 0;
    if (rc < 0)
        fm__h2_fail(h2, rc == -ETIMEDOUT ? -FM_EPEERTIMEOUT : rc);
    fm__h2_pump(h2);
    fm__h2_hurry(h2);
    fm_event_set(&h2->sent);
    return 0;
}

/* ---- the end ------------------------------------------------------------ */

void fm__h2_hurry(struct fm__h2 *h2)
{
    if (h2->waits)
        fm_timeout_reschedule(&h2->wait, 0);
}

void fm__h2_fail(struct fm__h2 *h2, int rc)
{
    if (h2->error < 0)
        return;
    h2->error = rc;
    rc = rc == -ECANCELED ? -ECONNRESET : rc; /* which is not the streams' */
    struct fm__list *link;
    while ((link = fm__list_shift(&h2->streams)) != NULL) {
        struct fm__h2_stream *stream =
            FM__CONTAINER(link, struct fm__h2_stream, link);
        fm__h2_stream_close(stream, rc);
        h2->role->over(stream);
    }
    if (h2->writes)
        fm_timeout_reschedule(&h2->write, 0);
    fm__h2_hurry(h2);
}

void fm__h2_end(struct fm__h2 *h2)
{
    if (!h2->ending && h2->error == 0) {
        h2->ending = true;
        nghttp2_submit_goaway(
            h2->session, NGHTTP2_FLAG_NONE,
            nghttp2_session_get_last_proc_stream_id(h2->session),
            NGHTTP2_NO_ERROR, NULL, 0);
        fm__h2_send(h2);
    }
    fm__h2_hurry(h2);
}

/* ---- receiving ---------------------------------------------------------- */

/* Waits for the first bytes, as long as it may. */
static int h2_wait(struct fm__h2 *h2, double seconds)
{
    const void *bytes;
    fm_timeout_open(&h2->wait, seconds);
    h2->waits = true;
    int rc = (int)fm_peek(h2->stream, 1, &bytes);
    h2->waits = false;
    return fm_timeout_close(&h2->wait, rc);
}

static int h2_take(struct fm__h2 *h2)
{
    size_t held = fm__stream_held(h2->stream);
    ssize_t rc = nghttp2_session_mem_recv(
        h2->session, (const uint8_t *)fm__stream_bytes(h2->stream), held);
    fm__stream_skip(h2->stream, held);
    if (rc == NGHTTP2_ERR_FLOODED || rc == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS)
        nghttp2_session_terminate_session(h2->session,
                                          NGHTTP2_ENHANCE_YOUR_CALM);
    fm__h2_pump(h2);
    if (rc < 0)
        fm__h2_fail(h2, rc == NGHTTP2_ERR_NOMEM ? -ENOMEM : -FM_EHTTP2);
    return h2->error < 0 ? h2->error : 1;
}

/* A task waits for the stream in the place of all who write. */
static int h2_start_sender(struct fm__h2 *h2)
{
    h2->stuck = false;
    h2->sending = true;
    fm_event_clear(&h2->sent);
    int rc = fm_group_start(h2->tasks, h2_send_stuck, h2);
    if (rc < 0)
        h2->sending = false;
    return rc;
}

static bool h2_is_over(struct fm__h2 *h2)
{
    return !nghttp2_session_want_read(h2->session) &&
           !nghttp2_session_want_write(h2->session) && h2->unsent_size == 0;
}

int fm__h2_receive(struct fm__h2 *h2)
{
    for (;;) {
        double patience = h2->role->patience(h2);
        int rc = h2->error;
        if (rc == 0 && h2->stuck)
            rc = h2_start_sender(h2);
        if (rc < 0)
            return rc;
        if (h2_is_over(h2) || patience <= 0)
            return 0;
        rc = 1;
        if (fm__stream_held(h2->stream) == 0)
            rc = h2_wait(h2, patience);
        if (rc > 0 && h2->role->give_way != NULL)
            rc = h2->role->give_way(h2) < 0 ? -ECANCELED : rc;
        if (h2->error < 0)
            return h2->error; /* meanwhile */
        if (rc > 0)
            return h2_take(h2);
        if (rc != -ETIMEDOUT)
            return rc < 0 ? rc : -FM_EEOF;
    }
}

/* ---- a connection ------------------------------------------------------- */

/* What is said first (RFC 9113, 3.4). */
static int h2_greet(struct fm__h2 *h2, const struct fm__h2_terms *terms)
{
    const nghttp2_settings_entry server[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, terms->streams},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H2_HEAD_LIST},
    };
    const nghttp2_settings_entry client[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H2_HEAD_LIST},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_CLIENT_WINDOW},
    };
    if (nghttp2_submit_settings(
            h2->session, NGHTTP2_FLAG_NONE, terms->server ? server : client,
            terms->server ? FM__COUNT(server) : FM__COUNT(client)) != 0 ||
        nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                              H2_CONNECTION_WINDOW) != 0)
        return -ENOMEM;
    fm__h2_send(h2);
    return 0;
}

int fm__h2_init(struct fm__h2 *h2, fm_stream *stream,
                const struct fm__h2_role *role,
                const struct fm__h2_terms *terms)
{
    *h2 = (struct fm__h2){
        .role = role,
        .stream = stream,
        .tasks = terms->tasks,
        .secure = terms->secure,
        .write_timeout = terms->write_timeout,
        .nuisances = FM__H2_NUISANCES,
        .charged = stream->loop->now,
        .quiet = stream->loop->now,
    };
    h2->cork.flush = h2_uncork;
    fm__list_init(&h2->cork.link);
    fm__list_init(&h2->streams);
    fm__list_init(&h2->arrived);
    int rc = fm__h2_session(h2, terms->server);
    if (rc == 0)
        rc = h2_greet(h2, terms);
    if (rc < 0)
        fm__h2_fini(h2);
    return rc;
}

void fm__h2_fini(struct fm__h2 *h2)
{
    fm__list_remove(&h2->cork.link);
    nghttp2_session_del(h2->session);
    fm__h2_head_fini(h2);
}
