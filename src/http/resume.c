/*
 * resume.c - the rest of a body that broke off (RFC 9110, 13.1.5 and 14)
 *
 * The server is asked for what is missing, if the thing is still the same. What
 * it sends goes on at the very next byte of the same thing, or it is refused:
 * two halves that do not belong together are worse than one.
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "proto/content_range.h"
#include "proto/http_date.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/task.h>
#include <stdio.h>

enum {
    RESUME_AGE = 60, /* seconds after which a date is certain (8.8.2.2) */
    RESUME_TEXT = sizeof "bytes=-" + 2 * 20
};

/* What is missing; -1: that is not known. */
struct resume {
    struct fm__content_range rest;
    const char *validator;
    const char *name; /* of its field */
    char range[RESUME_TEXT];
};

/* ---- the question ------------------------------------------------------- */

/* A date is one where nothing else is, and the thing was not just changed. */
static bool resume_has_date(const fm_response *response, const char *modified)
{
    const char *date = fm_response_field(response, "Date");
    int64_t then, now;
    return date != NULL && fm__date_read(fm__slice_of(date), 0, &now) &&
           fm__date_read(fm__slice_of(modified), now, &then) &&
           now - then >= RESUME_AGE;
}

static bool resume_find_validator(const fm_response *response,
                                  struct resume *resume)
{
    resume->name = "ETag";
    resume->validator = fm_response_field(response, resume->name);
    if (resume->validator != NULL)
        return resume->validator[0] == '"'; /* not a weak one */
    if (response->decoded)                  /* a date is that of all codings */
        return false;
    resume->name = "Last-Modified";
    resume->validator = fm_response_field(response, resume->name);
    return resume->validator != NULL &&
           resume_has_date(response, resume->validator);
}

static bool resume_find_place(const fm_response *response,
                              struct resume *resume)
{
    const char *said = fm_response_field(response, "Content-Range");
    struct fm__content_range *rest = &resume->rest;
    int64_t taken = (int64_t)response->body.taken;
    int status = fm_response_status(response);
    if (status == 200) {
        int64_t size = response->said;
        *rest = (struct fm__content_range){taken, size - (size >= 0), size};
    } else if (status == 206 && said != NULL &&
               fm__content_range_read(fm__slice_of(said), rest)) {
        rest->first += taken;
    } else {
        return false;
    }
    if (rest->last >= 0)
        snprintf(resume->range, sizeof resume->range, "bytes=%lld-%lld",
                 (long long)rest->first, (long long)rest->last);
    else
        snprintf(resume->range, sizeof resume->range, "bytes=%lld-",
                 (long long)rest->first);
    return rest->last < 0 || rest->first <= rest->last;
}

static bool resume_begin(const fm_response *response, struct resume *resume)
{
    const struct fm__fetch *fetch = &response->fetch;
    return fetch->client != NULL && strcmp(fetch->method, "GET") == 0 &&
           !fetch->bodied && resume_find_validator(response, resume) &&
           resume_find_place(response, resume);
}

/* ---- the answer --------------------------------------------------------- */

/* Bytes of one coding, which the first answer has chosen. */
static bool resume_is_coded_so(const fm_response *response,
                               const fm_response *more)
{
    const char *one = fm_response_field(response, "Content-Encoding");
    const char *other = fm_response_field(more, "Content-Encoding");
    return one == other ||
           (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* It goes on where the other ended, and to the same end. */
static bool resume_fits(const struct resume *resume, const fm_response *more)
{
    const struct fm__content_range *rest = &resume->rest;
    const char *said = fm_response_field(more, "Content-Range");
    const char *validator = fm_response_field(more, resume->name);
    struct fm__content_range range;
    if (fm_response_status(more) != 206 || said == NULL || validator == NULL ||
        strcmp(validator, resume->validator) != 0 ||
        !fm__content_range_read(fm__slice_of(said), &range))
        return false;
    int64_t last = rest->last >= 0 ? rest->last : range.total - 1;
    return range.first == rest->first && range.last == last &&
           (rest->total < 0 || range.total == rest->total) &&
           fm_response_length(more) == range.last - range.first + 1;
}

/* The body is read from that connection now. */
static int resume_take(fm_response *response, fm_response *more)
{
    struct fm__body *body = &response->body;
    uint64_t size = (uint64_t)fm_response_length(more);
    if (body->taken + size > body->terms->limit)
        return -FM_EHTTPBODY;
    body->kind = more->body.kind;
    body->stream = more->body.stream;
    body->h2 = NULL;
    body->left = more->body.left;
    body->waited = 0;
    body->error = 0;
    response->stays = more->stays;
    response->wire = more->wire;
    more->wire = NULL;
    if (more->multiplexed) {
        fm__h2_client_move(response, more);
        body->h2 = &response->h2;
    }
    return 0;
}

/* A server that is in trouble itself may be out of it soon. */
static int resume_judge(fm_response *response, const struct resume *resume,
                        fm_response *more)
{
    if (fm_response_status(more) >= 500)
        return response->body.error;
    return resume_fits(resume, more) && resume_is_coded_so(response, more)
               ? resume_take(response, more)
               : -FM_EHTTPRANGE;
}

static int resume_ask(fm_response *response, const struct resume *resume)
{
    fm_response *more = fm__memory_new(sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    more->fetch = response->fetch;
    more->fetch.range = resume->range;
    more->fetch.if_range = resume->validator;
    int rc = fm__fetch_once(more);
    if (rc == 0)
        rc = resume_judge(response, resume, more);
    more->fetch.url = NULL; /* the other's */
    fm_response_close(more);
    return rc;
}

/* [fm_retry] */
static bool resume_is_worth(int rc, void *arg)
{
    (void)arg;
    return fm__repeat_is_worth(rc);
}

bool fm__resume(struct fm_response *response, ssize_t *rc)
{
    struct fm__fetch *fetch = &response->fetch;
    struct fm__body *body = &response->body;
    struct resume resume;
    if (body->error == 0 || fetch->resumes == 0 ||
        !resume_begin(response, &resume))
        return false;
    fetch->pauses.worth = resume_is_worth;
    fm__response_release(response);
    while (fetch->resumes > 0 && fm_retry_again(&fetch->pauses, body->error)) {
        int again = resume_ask(response, &resume);
        if (again == 0) {
            fetch->resumes--;
            return true;
        }
        *rc = again;
        if (fm_cancelled() < 0)
            return false; /* the next read goes on with it */
        fetch->resumes--;
        body->error = again;
    }
    return false;
}
