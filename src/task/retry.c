/*
 * retry.c - whether to try again, and the pause before
 */
#include <fermata/retry.h>

#include "base/die.h"
#include "loop/span.h"
#include "task/pause.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/sleep.h>

/* In the reserved words. */
struct retry {
    int64_t bound;  /* of the last pause, ns; 0: there was none */
    unsigned tries; /* that have failed */
    bool cut;       /* an attempt was let through to hear of it */
};

_Static_assert(sizeof(struct retry) <= sizeof((fm_retry *)0)->reserved,
               "grow the record");

static int64_t retry_span(double seconds, double otherwise)
{
    int64_t span;
    if (!(seconds >= 0))
        fm__die("fm_retry_again: a time to wait is negative, or no number");
    fm__span(seconds > 0 ? seconds : otherwise, &span);
    return span;
}

/* min(most, first * 2^n), step by step. */
static int64_t retry_bound(const fm_retry *record, int64_t last)
{
    int64_t most = retry_span(record->most, 30);
    int64_t next = retry_span(record->first, 0.1);
    if (last > 0)
        next = last <= most / 2 ? last * 2 : most;
    return next < most ? next : most;
}

/* By chance from 0 to the bound. */
static int64_t retry_chance(int64_t bound)
{
    uint64_t number = fm__loop_random(&fm__current->home->loop);
    return (int64_t)(number % ((uint64_t)bound + 1));
}

static int64_t retry_span_by_chance(fm_jitter jitter, int64_t bound)
{
    switch (jitter) {
    case FM_JITTER_NONE:
        return bound;
    case FM_JITTER_EQUAL:
        return bound - bound / 2 + retry_chance(bound / 2);
    default:
        return retry_chance(bound);
    }
}

static bool retry_worth(const fm_retry *record, int rc)
{
    if (rc >= 0)
        return false;
    if (record->worth != NULL)
        return record->worth(rc, record->arg);
    return rc != -ECANCELED;
}

/* Whether rc tells of the cut already, or the attempt after it did not. */
static bool retry_told(const struct retry *retry, int rc)
{
    return retry->cut || rc == -ECANCELED || rc == -ETIMEDOUT;
}

/* There is no other attempt. */
static bool retry_end(struct retry *retry)
{
    *retry = (struct retry){0};
    return false;
}

bool fm__retry_pause(fm_retry *record, int rc, int64_t *pause)
{
    struct retry *retry = (struct retry *)record->reserved;
    bool used = record->attempts > 0 && retry->tries + 1 >= record->attempts;
    if (used || !retry_worth(record, rc))
        return retry_end(retry);
    retry->tries++;
    retry->bound = retry_bound(record, retry->bound);
    *pause = retry_span_by_chance(record->jitter, retry->bound);
    return true;
}

bool fm_retry_again(fm_retry *record, int rc)
{
    struct retry *retry = (struct retry *)record->reserved;
    int cut = fm__checkpoint(fm__current, "fm_retry_again");
    int64_t pause;
    if (cut < 0 && retry_told(retry, rc))
        return retry_end(retry);
    if (!fm__retry_pause(record, rc, &pause))
        return false;
    if (cut == 0)
        cut = fm_sleep((double)pause / 1e9);
    retry->cut = cut < 0;
    return true;
}
