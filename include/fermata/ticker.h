/*
 * ticker.h - a rhythm that neither drifts nor piles up
 *
 *     fm_ticker ticker;
 *     int rc = fm_ticker_init(&ticker, 0.1);
 *     while (rc >= 0 && (rc = fm_ticker_wait(&ticker)) > 0)
 *         sample(rc);
 *
 * Tick k is due at its start + k spans, in whole nanoseconds, however long the
 * work between two ticks takes. Who comes late is told by one return how many
 * ticks have passed. A ticker is plain memory and has no timer while nobody
 * waits: it needs no end.
 */
#ifndef FERMATA_TICKER_H
#define FERMATA_TICKER_H

#include <fermata/api.h>

/* A rhythm, in the caller's memory; its words are private. It is for one
 * task; where several wait, each tick is told to one of them. */
typedef struct fm_ticker {
    int64_t reserved[2];
} fm_ticker;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Starts a rhythm now, with a tick every `seconds`, rounded up to whole
 * nanoseconds; the first is due after one span. Aborts with a sentence on a
 * thread that runs no loop.
 *
 * Returns 0, or -EINVAL for NaN, zero or less, and 291 years or more.
 */
FM_API FM_MUST_USE int fm_ticker_init(fm_ticker *ticker, double seconds);

/*
 * The same from a moment of fm_now's clock, in the past or to come, with a
 * span in nanoseconds: several tickers in one rhythm, or one that goes on
 * where another was. Ticks that have passed are told by the first wait.
 *
 * Returns 0, or -EINVAL for a span of 0 or less.
 */
FM_API FM_MUST_USE int fm_ticker_init_at(fm_ticker *ticker, int64_t start,
                                         int64_t span);

/*
 * Waits for the next tick, never less; returns at once where one has passed.
 *
 * Returns how many ticks have passed since the last return, 1 or more; beyond
 * INT_MAX the next call tells the rest. Or -ECANCELED or -ETIMEDOUT when cut:
 * that costs no tick, the next call tells it.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_ticker_wait(fm_ticker *ticker);

/*
 * What the next wait is for: a deadline, for whatever else is to end by then.
 * Returns the moment of that tick, on fm_now's clock in nanoseconds.
 */
FM_API int64_t fm_ticker_next(const fm_ticker *ticker);

#ifdef __cplusplus
}
#endif

#endif
