/*
 * events_ask.c - how a source asks for events, and when it does so again
 */
#include "http/events_source.h"
#include "loop/span.h"
#include "proto/field.h"
#include "task/pause.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>

#define EVENTS_SECOND 1e9 /* ns */

static void events_add_fields(struct fm_event_source *source)
{
    fm_http_field *field = source->fields + source->own;
    const char *id = source->reader.last_id;
    *field++ = (fm_http_field){"Accept", "text/event-stream"};
    *field++ = (fm_http_field){"Cache-Control", "no-store"};
    if (*id != '\0' && fm__field_value_is(fm__slice_of(id)))
        *field++ = (fm_http_field){"Last-Event-ID", id};
    *field = (fm_http_field){NULL, NULL};
}

static bool events_is_stream(const fm_response *response)
{
    const char *said = fm_response_field(response, "Content-Type");
    struct fm__slice type = fm__slice_of(said != NULL ? said : "");
    type = fm__slice_until(type, fm__slice_find(type, ';'));
    return fm__slice_like(fm__slice_trim(type), FM__SLICE("text/event-stream"));
}

/* What an answer means: 1: events come; 0: none ever; or -FM_ENOEVENTS, which
 * may pass where the server is in trouble itself. */
static int events_judge(struct fm_event_source *source, fm_response *response)
{
    int status = fm_response_status(response);
    source->passes = status >= 500;
    if (status == 204)
        return 0;
    if (status == 200 && events_is_stream(response))
        return 1;
    response->fetch.step = FM_HTTP_STEP_STATUS;
    return fm__fetch_fail(&response->fetch, -FM_ENOEVENTS);
}

static void events_begin_stream(struct fm_event_source *source,
                                fm_response *response)
{
    response->body.terms = &source->terms;
    source->response = response;
    source->began = fm_now();
    source->brought = false;
    source->silent = 0;
    source->left = 0;
    fm__event_reader_again(&source->reader);
}

int fm__events_ask(struct fm_event_source *source)
{
    fm_response *response;
    events_add_fields(source);
    const fm_http_request request = {
        .fields = source->fields,
        .failure = source->options.failure,
    };
    int rc = fm_http_fetch(source->client, source->url, &response, &request);
    if (rc < 0)
        return rc;
    rc = events_judge(source, response);
    if (rc > 0)
        events_begin_stream(source, response);
    else
        fm_response_close(response);
    return rc;
}

/* ---- asking again ------------------------------------------------------- */

/* [fm_retry] */
static bool events_is_worth(int rc, void *arg)
{
    const struct fm_event_source *source = arg;
    return rc == -FM_ENOEVENTS ? source->passes : fm__repeat_is_worth(rc);
}

/* Seconds until it may come back, by the server or the options. */
static double events_span(const struct fm_event_source *source)
{
    const fm_event_source_options *options = &source->options;
    double seconds = source->reader.retry >= 0
                         ? (double)source->reader.retry / 1000
                         : options->retry;
    if (seconds < options->retry_least)
        seconds = options->retry_least;
    return seconds < options->retry_most ? seconds : options->retry_most;
}

/* What has brought something, or has lasted, has not failed: it has ended. */
static bool events_have_come(const struct fm_event_source *source)
{
    double lasted = (double)(fm_now() - source->began) / EVENTS_SECOND;
    return source->response != NULL &&
           (source->brought || lasted >= source->options.retry_most);
}

/* There is to be a pause, and another attempt: true. */
static bool events_come_back(struct fm_event_source *source, int rc, bool came)
{
    double span = events_span(source);
    fm_retry *retry = &source->retry;
    unsigned attempts = source->options.attempts;
    int64_t pause, least, now;
    if (came)
        *retry = (fm_retry){.attempts = attempts + (attempts > 0)};
    else if (retry->attempts == 0)
        retry->attempts = attempts;
    retry->worth = events_is_worth;
    retry->arg = source;
    retry->jitter = FM_JITTER_EQUAL; /* as long as it has to be, or up to */
    retry->first = 2 * span;         /* twice as long */
    retry->most = source->options.retry_most;
    if (!fm__retry_pause(retry, rc, &pause))
        return false;
    fm__span(span, &least);
    if (pause < least)
        pause = least;
    now = fm_now();
    source->due = pause < FM__NEVER - now ? now + pause : FM__NEVER;
    return true;
}

static void events_leave_stream(struct fm_event_source *source)
{
    fm_response *response = source->response;
    source->response = NULL;
    fm_response_close(response);
}

int fm__events_failed(struct fm_event_source *source, int rc)
{
    bool came = events_have_come(source);
    int cut = fm_cancelled();
    if (cut < 0 || rc == -ENOMEM || rc == -ECANCELED)
        return cut < 0 ? cut : rc;
    events_leave_stream(source);
    if (events_come_back(source, rc, came))
        return 0;
    return source->error = rc;
}

int fm__events_pause(struct fm_event_source *source)
{
    int64_t left = source->due - fm_now();
    int rc = left > 0 ? fm_sleep((double)left / EVENTS_SECOND) : 0;
    if (rc == 0)
        source->due = 0;
    return rc;
}
