/*
 * ticker.c - ticks at start + k * span
 *
 * Invariant: `next` is the moment of the first tick that nobody was told of.
 * It moves by whole spans and only when a wait returns, so a cut loses none.
 */
#include <fermata/ticker.h>

#include "loop/span.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/sleep.h>
#include <limits.h>

struct ticker {
    int64_t next; /* FM__NEVER: past the end of time */
    int64_t span; /* ns, above 0 */
};

_Static_assert(sizeof(struct ticker) <= sizeof(fm_ticker), "grow the record");

static int64_t ticker_after(int64_t moment, int64_t span)
{
    int64_t after;
    return __builtin_add_overflow(moment, span, &after) ? FM__NEVER : after;
}

int fm_ticker_init_at(fm_ticker *record, int64_t start, int64_t span)
{
    struct ticker *ticker = (struct ticker *)record;
    if (span <= 0)
        return -EINVAL;
    ticker->next = ticker_after(start, span);
    ticker->span = span;
    return 0;
}

int fm_ticker_init(fm_ticker *record, double seconds)
{
    int64_t span;
    if (fm__home == NULL)
        fm__task_none("fm_ticker_init");
    int rc = fm__span(seconds, &span);
    if (rc < 0 || span == FM__NEVER)
        return -EINVAL;
    return fm_ticker_init_at(record, fm__loop_now(&fm__home->loop), span);
}

/* The ticks up to now, one at least: they are told, and not told again. */
static int ticker_take(struct ticker *ticker, int64_t now)
{
    /* Unsigned, for a start as far back as an int64_t goes. */
    uint64_t late = (uint64_t)now - (uint64_t)ticker->next;
    uint64_t ticks = late / (uint64_t)ticker->span;
    if (ticks >= INT_MAX)
        ticks = INT_MAX - 1;
    uint64_t told = ticks * (uint64_t)ticker->span;
    int64_t last = (int64_t)((uint64_t)ticker->next + told);
    ticker->next = ticker_after(last, ticker->span);
    return (int)ticks + 1;
}

int fm_ticker_wait(fm_ticker *record)
{
    struct ticker *ticker = (struct ticker *)record;
    int rc = fm__checkpoint(fm__current, "fm_ticker_wait");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    struct fm__loop *loop = &fm__current->home->loop;
    int64_t now = fm__loop_now(loop);
    while (rc == 0 && now < ticker->next) {
        rc = fm_sleep_until(ticker->next);
        now = fm__loop_now(loop);
    }
    return rc < 0 ? rc : ticker_take(ticker, now);
}

int64_t fm_ticker_next(const fm_ticker *record)
{
    return ((const struct ticker *)record)->next;
}
