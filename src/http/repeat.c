/*
 * repeat.c - what is asked for once more
 *
 * Only what may be asked for twice without harm, and only after a failure that
 * may pass by itself, or when the server itself says when (RFC 9110, 10.2.3).
 */
#include "http/client_record.h"

#include "proto/http_date.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <stdlib.h>

bool fm__repeat_is_safe(const struct fm__fetch *fetch)
{
    static const char *const methods[] = {"GET",   "HEAD", "OPTIONS",
                                          "TRACE", "PUT",  "DELETE"};
    for (size_t i = 0; i < FM__COUNT(methods); i++)
        if (strcmp(fetch->method, methods[i]) == 0)
            return true;
    return false;
}

bool fm__repeat_is_worth(int rc)
{
    switch (-rc) {
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ETIMEDOUT: /* of the client's options */
    case FM_EPEERTIMEOUT:
    case FM_EEOF:
    case FM_ETRUNCATED:
    case FM_ENOSERVER:
    case FM_EHTTP2REFUSED:
        return true;
    default:
        return false;
    }
}

/* [fm_retry] */
static bool repeat_is_worth(int rc, void *arg)
{
    (void)arg;
    return fm__repeat_is_worth(rc);
}

/* Seconds, or a date by the server's own clock. Below 0: it says nothing that
 * is waited for. */
static double repeat_after(const struct fm_response *response)
{
    const char *said = fm_response_field(response, "Retry-After");
    const char *date = fm_response_field(response, "Date");
    int status = fm_response_status(response);
    int64_t then, now;
    if (said == NULL || (status != 429 && status != 503))
        return -1;
    size_t digits = strspn(said, "0123456789");
    if (digits > 0 && digits < 10 && said[digits] == '\0')
        return strtod(said, NULL);
    if (date == NULL || !fm__date_read(fm__slice_of(date), 0, &now) ||
        !fm__date_read(fm__slice_of(said), now, &then))
        return -1;
    return then > now ? (double)(then - now) : 0;
}

static bool repeat_is_asked(const struct fm_response *response, double *after)
{
    *after = repeat_after(response);
    return *after >= 0 && *after <= FM_HTTP_RETRY_AFTER;
}

int fm__repeat(struct fm_response *response)
{
    struct fm__fetch *fetch = &response->fetch;
    fm_retry pauses = {.worth = repeat_is_worth};
    double after;
    for (;;) {
        int rc = fm__fetch_once(response);
        if (fetch->retries == 0 || !fm__repeat_is_safe(fetch))
            return rc;
        if (rc == 0) {
            if (!repeat_is_asked(response, &after))
                return 0;
            fm__response_leave(response);
            fetch->step = FM_HTTP_STEP_QUEUE;
            rc = fm_sleep(after);
            if (rc < 0)
                return rc;
        } else if (!fm_retry_again(&pauses, rc)) {
            return rc;
        }
        fetch->retries--;
    }
}
