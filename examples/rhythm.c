/*
 * rhythm.c - every tenth of a second, however long the work takes
 */
#include <fermata.h>
#include <stdio.h>

/* [tick] */
/* The third piece of work is a long one: it takes three ticks and a half. */
static int work(int64_t tick)
{
    return fm_sleep(tick == 3 ? 0.35 : 0.03);
}

/* fm_sleep(0.1) in a loop would be late by each tick's work, and add it up. */
static int rhythm(void)
{
    fm_ticker ticker;
    int64_t tick = 0;
    int rc = fm_ticker_init(&ticker, 0.1);
    while (rc >= 0 && tick < 8) {
        rc = fm_ticker_wait(&ticker);
        if (rc < 0)
            return rc;
        tick += rc;
        printf(rc == 1 ? "tick %lld\n" : "tick %lld, late\n", (long long)tick);
        rc = work(tick);
    }
    return rc;
}
/* [/tick] */

static int story(void *arg)
{
    (void)arg;
    return fm_await(fm_go(rhythm));
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
