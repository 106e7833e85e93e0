/*
 * virtual_time.c - a test that waits for two days, and takes no time
 */
#include <assert.h>
#include <fermata.h>
#include <stdio.h>

/* [code] */
/* What is to be tested: tries again after 1 s, 2 s, 4 s ... up to an hour. */
static int connect_to(int *attempts, int succeeds_at)
{
    int rc = -ECONNREFUSED;
    for (double wait = 1; rc == -ECONNREFUSED; wait *= 2) {
        if (++*attempts == succeeds_at)
            return 0;
        int slept = fm_sleep(wait < 3600 ? wait : 3600);
        rc = slept < 0 ? slept : rc;
    }
    return rc;
}
/* [/code] */

/* [test] */
static int test(void *arg)
{
    (void)arg;
    int attempts = 0;
    int64_t began = fm_now();
    int rc = connect_to(&attempts, 60);
    int64_t hours = (fm_now() - began) / (3600 * FM_SECOND);
    printf("%d attempts in %d hours\n", attempts, (int)hours);
    assert(attempts == 60 && hours == 48);

    attempts = 0;
    FM_TIMEOUT(10, rc) {
        rc = connect_to(&attempts, 60);
    }
    printf("%d attempts in 10 seconds: %s\n", attempts, fm_strerror(rc));
    assert(rc == -ETIMEDOUT && attempts == 4);
    return 0;
}

int main(void)
{
    return fm_run(test, NULL, &(fm_run_options){.backend = "sim"}) < 0;
}
/* [/test] */
