/*
 * sweep_coding.c - scenarios: what is coded on one side and decoded on the
 * other
 *
 * It is the same there, whole, or there is an error: no library's want of
 * memory makes another text of it.
 */
#include "fault/sweep.h"

#include <string.h>

enum {
    CODING_TEXT = 20000 /* bytes: more than leaves at once */
};

static char coding_text[CODING_TEXT];

static void coding_write(void)
{
    unsigned number = 1;
    for (size_t i = 0; i < CODING_TEXT; i++) {
        number = number * 1103515245u + 12345u;
        coding_text[i] = (char)('a' + (number >> 16) % 16);
    }
}

/* A peer that gave up shows in one of these ways. */
static int coding_told(int rc)
{
    switch (-rc) {
    case EPIPE:
    case FM_EEOF:
    case FM_ECODEDSHORT:
    case FM_ETRUNCATED:
        return -ECONNRESET;
    default:
        return rc;
    }
}

/* ---- streams ------------------------------------------------------------- */

struct coding_writes {
    fm_stream *stream;
    const char *coding;
};

static int coding_writes(struct coding_writes *self)
{
    void *block;
    ssize_t rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_encode_start(self->stream, self->coding);
    for (size_t at = 0; rc >= 0 && at < CODING_TEXT; at += CODING_TEXT / 4)
        rc = fm_write(self->stream, coding_text + at, CODING_TEXT / 4);
    int closed = rc < 0 ? (int)rc : fm_write_eof(self->stream);
    fm_close(self->stream);
    return sweep_end(block, coding_told(closed));
}

struct coding_reads {
    fm_stream *stream;
    const char *coding;
};

static int coding_reads(struct coding_reads *self)
{
    char heard[1000];
    size_t size = 0;
    void *block;
    ssize_t rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_decode_start(self->stream, self->coding);
    if (rc == 0)
        rc = 1;
    while (rc > 0) {
        rc = fm_read(self->stream, heard, sizeof heard);
        if (rc > 0 && (size + (size_t)rc > CODING_TEXT ||
                       memcmp(heard, coding_text + size, (size_t)rc) != 0))
            sweep_state.noted++;
        size += rc > 0 ? (size_t)rc : 0;
    }
    sweep_state.noted += rc == 0 && size != CODING_TEXT;
    fm_close(self->stream);
    return sweep_end(block, coding_told((int)rc));
}

/* A task that does not begin has not closed its end. */
static int coding_by(const char *coding)
{
    fm_stream *ends[2];
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    fm_task *writer = fm_go(coding_writes, ends[1], coding);
    if (writer == NULL)
        fm_abort(ends[1]);
    fm_task *reader = fm_go(coding_reads, ends[0], coding);
    if (reader == NULL)
        fm_abort(ends[0]);
    return fm_gather(writer, reader);
}

static int coding_streams(void *arg)
{
    static const char *const codings[] = {"gzip", "br", "zstd"};
    int rc = 0;
    (void)arg;
    coding_write();
    for (size_t i = 0; rc == 0 && i < FM__COUNT(codings); i++)
        rc = fm_coding_known(codings[i]) ? coding_by(codings[i]) : 0;
    return coding_told(rc);
}

/* ---- HTTP ---------------------------------------------------------------- */

/* Back goes what has come. */
static int coding_echo(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    int rc = size < 0 ? (int)size
                      : fm_reply_set(exchange, "Content-Type", "text/plain");
    if (rc == 0 && fm_exchange_target(exchange)[1] == '\0')
        return fm_reply(exchange, 200, body, (size_t)size);
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, -1);
    if (rc == 0)
        rc = (int)fm_reply_write(exchange, body, (size_t)size);
    return rc;
}

static int coding_asks(fm_http_client *client, const char *url)
{
    const fm_http_request request = {.body = coding_text,
                                     .body_size = CODING_TEXT};
    fm_response *response;
    const char *bytes;
    int rc = fm_http_fetch(client, url, &response, &request);
    if (rc < 0)
        return rc;
    int status = fm_response_status(response);
    ssize_t size = fm_response_load(response, &bytes);
    if (size >= 0 && status == 200)
        sweep_state.noted +=
            size != CODING_TEXT || memcmp(bytes, coding_text, CODING_TEXT) != 0;
    fm_response_close(response);
    if (size < 0)
        return (int)size;
    return status == 200 ? 0 : -ECONNRESET;
}

static int coding_http(void *arg)
{
    static const fm_http_serve_options serve = {.compress = true,
                                                .decode = true};
    const fm_http_client_options options = {
        .of_origin = 1, .handler = coding_echo, .serve = &serve};
    fm_http_client *client;
    (void)arg;
    coding_write();
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = coding_asks(client, "http://a/");
    if (rc == 0)
        rc = coding_asks(client, "http://a/pieces");
    fm_http_client_close(client);
    return coding_told(rc);
}

static const char *coding_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a text was not what was sent" : NULL;
}

const struct scenario sweep_coding[] = {
    {"coding-streams", coding_streams, .also = {-ECONNRESET, -ECANCELED},
     .wrong = coding_heard_right},
    {"coding-http", coding_http, .also = {-ECONNRESET, -ECANCELED},
     .wrong = coding_heard_right},
    {.name = NULL},
};
