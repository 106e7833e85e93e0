/*
 * blocking.c - calls that block, on threads, while the tasks go on
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* [run] */
struct range {
    int first;
    int last;
    int primes;
};

/* Computes, and never pauses: on the loop it would hold up every task. */
static int count_primes(void *arg)
{
    struct range *range = arg;
    for (int n = range->first; n <= range->last; n++) {
        int d = 2;
        while (d * d <= n && n % d != 0)
            d++;
        range->primes += d * d > n;
    }
    return 0;
}

static int count(void *arg)
{
    return fm_thread_run(count_primes, arg);
}

static int count_all(void)
{
    struct range low = {2, 50000, 0}, high = {50001, 100000, 0};
    int rc = fm_gather(fm_start(count, &low), fm_start(count, &high));
    printf("%d primes, and then %d: %s\n", low.primes, high.primes,
           fm_strerror(rc));
    return rc;
}
/* [/run] */

/* [abandon] */
struct lookup {
    const char *host;
    char address[16];
};

/* A library that nobody can interrupt. */
static int look_up(void *arg)
{
    struct lookup *lookup = arg;
    const struct timespec slow = {.tv_nsec = 300000000};
    nanosleep(&slow, NULL);
    snprintf(lookup->address, sizeof lookup->address, "192.0.2.1");
    return 0;
}

/* Cut, it returns at once: the lookup is the thread's from then on, and free
 * is called when it is done. After any other result it is ours. */
static int find(const char *host)
{
    static const fm_thread_options options = {.abandon = free};
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL)
        return -ENOMEM;
    lookup->host = host;
    int rc = fm_thread_run(look_up, lookup, &options);
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        return rc;
    if (rc == 0)
        printf("%s is at %s\n", lookup->host, lookup->address);
    free(lookup);
    return rc;
}
/* [/abandon] */

static void find_in(double seconds, const char *host)
{
    int rc;
    FM_TIMEOUT(seconds, rc) {
        rc = find(host);
    }
    printf("%s in %g s: %s\n", host, seconds, fm_strerror(rc));
}

static int story(void *arg)
{
    (void)arg;
    int rc = count_all();
    find_in(60, "example.org");
    find_in(0.05, "example.com");
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
