/*
 * ticker.c - every tenth of a second, however long the work takes
 */
#include <fermata.h>
#include <stdio.h>

/* [tick] */
/* fm_sleep(0.1) in a loop would be late by each tick's work, and add it up. */
static int ticker(void)
{
    int64_t next = fm_now();
    int rc = 0;
    for (int tick = 1; rc == 0 && tick <= 5; tick++) {
        next += 100 * FM_MILLISECOND;
        rc = fm_sleep_until(next);
        if (rc == 0)
            printf("tick %d\n", tick);
    }
    return rc;
}
/* [/tick] */

static int story(void *arg)
{
    (void)arg;
    return fm_await(fm_go(ticker));
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
