/*
 * response.c - an answer: its head, and its body as it comes
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "loop/span.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>

enum {
    RESPONSE_CONTINUE = 100,
    RESPONSE_SWITCHING = 101,
    RESPONSE_PART = 206
};

/* ---- the head ----------------------------------------------------------- */

/* So many seconds from now; below 0: never. */
static int64_t response_moment(double seconds)
{
    int64_t span = FM__NEVER, now = fm_now();
    if (seconds >= 0)
        fm__span(seconds, &span);
    return span < FM__NEVER - now ? now + span : FM__NEVER;
}

static int response_read_head(struct fm_response *response, int64_t end)
{
    int rc;
    if (response->multiplexed) {
        FM_TIMEOUT_AT(end, rc) {
            rc = fm__h2_client_await(response);
        }
        return rc;
    }
    fm__incoming_init(&response->incoming, FM__HEAD_RESPONSE);
    FM_TIMEOUT_AT(end, rc) {
        rc = fm__incoming_read(&response->incoming, response->wire->stream);
    }
    return rc;
}

/* While the body is still being sent, the server may take its time: what is
 * waited for then does not count. */
static int response_read_patiently(struct fm_response *response, int64_t *end)
{
    bool sends;
    int rc;
    do {
        sends = response->upload.runs;
        rc = response_read_head(response, *end);
        if (sends)
            *end =
                response_moment(response->fetch.client->options.answer_timeout);
    } while (rc == -ETIMEDOUT && sends);
    return rc;
}

/* A body that its caller cannot send cuts the wait for the answer. */
static int response_read_while_sending(struct fm_response *response,
                                       int64_t *end)
{
    struct fm_upload *upload = &response->upload;
    fm_group cut;
    if (upload->error < 0 && !upload->theirs)
        return upload->error;
    if (!upload->runs)
        return response_read_patiently(response, end);
    fm_group_open(&cut, NULL);
    upload->cut = &cut;
    int rc = response_read_patiently(response, end);
    upload->cut = NULL;
    fm_group_close(&cut);
    return rc;
}

/* Those before the one (RFC 9110, 15.2); who was not asked may not switch. */
static int response_read_final(struct fm_response *response)
{
    int64_t end =
        response_moment(response->fetch.client->options.answer_timeout);
    for (unsigned i = 0; i <= FM_HTTP_INTERIM; i++) {
        int rc = response_read_while_sending(response, &end);
        if (rc < 0)
            return rc;
        unsigned status = response->incoming.head.status;
        bool switches = status == RESPONSE_SWITCHING;
        if (status >= 200 || (switches && response->fetch.upgrade != NULL))
            return 0;
        if (switches)
            break;
        if (status == RESPONSE_CONTINUE)
            fm_event_set(&response->upload.go);
    }
    return -FM_EHTTPINTERIM;
}

/* RFC 9112, 6.3. */
static void response_begin_body(struct fm_response *response)
{
    const struct fm__head *head = &response->incoming.head;
    struct fm__body *body = &response->body;
    const struct fm__body_terms *terms = &response->fetch.client->terms;
    if (response->multiplexed)
        fm__body_init_h2(body, &response->h2, terms, head);
    else
        fm__body_init(body, response->wire->stream, terms, head);
    if (strcmp(response->fetch.method, "HEAD") == 0 || head->status == 204 ||
        head->status == 304) {
        body->done = true;
        body->left = 0;
        body->error = 0;
    } else if (head->status == RESPONSE_SWITCHING ||
               (!head->chunked && head->content_length < 0)) {
        body->kind = FM__BODY_UNTIL_END;
        body->done = false;
    }
    response->stays = response->multiplexed ||
                      (fm__head_stays(head) && !response->wire->closes &&
                       body->kind != FM__BODY_UNTIL_END);
    response->length = head->content_length > 0 ? head->content_length : 0;
    if (head->chunked || (body->kind == FM__BODY_UNTIL_END &&
                          head->content_length < 0 && !body->done))
        response->length = -1;
    response->said = response->length;
}

/* A part of something coded cannot be decoded, and what is not known is given
 * as it comes. */
static int response_decode(struct fm_response *response)
{
    struct fm__body *body = &response->body;
    bool part = response->incoming.head.status == RESPONSE_PART;
    int rc = 0;
    if (response->decodes && !part)
        rc = fm__body_decode(body, &response->incoming);
    response->decoded = rc == 0 && body->decoding != NULL;
    if (response->decoded)
        response->length = -1;
    return rc == -FM_ECODEDKIND ? 0 : rc;
}

/* Which step the lack of a head is a failure of. */
static enum fm_http_step response_step(const struct fm_response *response,
                                       int rc)
{
    const struct fm_upload *upload = &response->upload;
    if (upload->error < 0 && !upload->theirs)
        return FM_HTTP_STEP_SEND;
    bool fields = response->incoming.head.first > 0 || rc == -FM_EHTTPFIELD ||
                  rc == -FM_EHTTPFIELDS || rc == -FM_EHTTPFRAMING ||
                  rc == -FM_EHTTPCODING;
    return fields ? FM_HTTP_STEP_FIELDS : FM_HTTP_STEP_STATUS;
}

int fm__response_await(struct fm_response *response)
{
    struct fm_upload *upload = &response->upload;
    struct fm__fetch *fetch = &response->fetch;
    int rc = response_read_final(response);
    if (rc < 0) {
        fetch->step = response_step(response, rc);
        return upload->error < 0 && !upload->theirs ? upload->error : rc;
    }
    response_begin_body(response);
    rc = response_decode(response);
    if (rc < 0) {
        fetch->step = FM_HTTP_STEP_BODY;
        return rc;
    }
    /* Who has answered without asking for the body does not want it. */
    if (upload->waits && upload->runs && !fm_event_is_set(&upload->go))
        fm__upload_stop(upload);
    if (response->body.done)
        fm__response_release(response);
    return 0;
}

/* ---- the connection ----------------------------------------------------- */

void fm__response_release(struct fm_response *response)
{
    struct fm__wire *wire = response->wire;
    if (wire == NULL)
        return;
    bool over = response->body.done && response->body.error == 0;
    if (over && response->upload.runs && response->stays)
        return; /* the answer was faster; see fm_response_close */
    fm__upload_stop(&response->upload);
    /* What is left of a request is not waited for: nobody may take it. */
    over = over && fm__upload_is_done(&response->upload);
    response->wire = NULL;
    if (response->multiplexed)
        fm__h2_client_end(response);
    if (over && response->stays)
        fm__pool_put(wire);
    else
        fm__pool_drop(wire, over);
}

void fm__response_part(struct fm_response *response)
{
    if (response->wire == NULL)
        return;
    if (response->stays)
        fm__body_skip(&response->body);
    fm__upload_stop(&response->upload);
    fm__response_release(response);
}

void fm__response_leave(struct fm_response *response)
{
    fm__response_part(response);
    fm__body_fini(&response->body);
}

void fm_response_close(fm_response *response)
{
    if (response == NULL)
        return;
    fm__response_leave(response);
    fm__incoming_fini(&response->incoming);
    fm_url_free(response->fetch.url);
    fm__memory_free(response);
}

/* ---- what users see ----------------------------------------------------- */

int fm_response_status(const fm_response *response)
{
    return response->incoming.head.status;
}

const char *fm_response_url(const fm_response *response)
{
    return fm_url_text(response->fetch.url);
}

const char *fm_response_protocol(const fm_response *response)
{
    if (response->protocol != NULL)
        return response->protocol;
    return response->incoming.head.minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

const char *fm_response_field(const fm_response *response, const char *name)
{
    return fm__incoming_field(&response->incoming, name);
}

bool fm_response_field_at(const fm_response *response, size_t index,
                          fm_http_field *field)
{
    return fm__incoming_field_at(&response->incoming, index, field);
}

int64_t fm_response_length(const fm_response *response)
{
    return response->length;
}

bool fm_response_decoded(const fm_response *response)
{
    return response->decoded;
}

/* A read has come to this: the connection is free, and a failure told. */
static ssize_t response_has_read(struct fm_response *response, ssize_t rc)
{
    if (response->body.done || response->body.error < 0)
        fm__response_release(response);
    if (rc < 0) {
        response->fetch.step = FM_HTTP_STEP_BODY;
        fm__fetch_fail(&response->fetch, (int)rc);
    }
    return rc;
}

ssize_t fm_response_read(fm_response *response, void *buf, size_t size)
{
    ssize_t rc;
    do
        rc = fm__body_read(&response->body, buf, size);
    while (rc < 0 && fm__resume(response, &rc));
    return response_has_read(response, rc);
}

ssize_t fm_response_load(fm_response *response, const char **bytes)
{
    ssize_t rc;
    do
        rc = fm__body_load(&response->body, bytes);
    while (rc < 0 && fm__resume(response, &rc));
    return response_has_read(response, rc);
}

const char *fm_response_text(const fm_response *response)
{
    return response->body.bytes != NULL ? response->body.bytes : "";
}
