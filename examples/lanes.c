/*
 * lanes.c - work for several loops, and a table that one of them owns
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

enum {
    NUMBERS = 1000,
    LANES = 2
};

struct road {
    fm_channel *numbers; /* from the first worker to the others */
    fm_channel *owner;   /* the remote of the first, once for each of them */
    int primes;          /* the first one's: nobody else touches it */
};

static int is_prime(int number)
{
    int d = 2;
    while (d * d <= number && number % d != 0)
        d++;
    return number > 1 && d * d > number;
}

/* [visit] */
struct found {
    struct road *road;
    int primes;
};

/* A task on the loop of the first worker, where the sum is at home. */
static int add(void *arg)
{
    struct found *found = arg;
    found->road->primes += found->primes;
    return 0;
}

static int report(struct road *road, int primes)
{
    void *owner;
    struct found found = {road, primes};
    int rc = fm_channel_receive(road->owner, &owner);
    if (rc < 0)
        return rc;
    rc = fm_remote_await(owner, add, &found);
    fm_remote_put(owner);
    return rc;
}
/* [/visit] */

/* [receive] */
static int count(struct road *road)
{
    void *item;
    int rc, primes = 0;
    while ((rc = fm_channel_receive(road->numbers, &item)) == 0)
        primes += is_prime((int)(intptr_t)item);
    return rc == -ESHUTDOWN ? report(road, primes) : rc;
}
/* [/receive] */

/* [send] */
static int deal(struct road *road)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < LANES; i++)
        rc = fm_channel_send(road->owner, fm_remote_get());
    for (intptr_t i = 0; rc == 0 && i < NUMBERS; i++)
        rc = fm_channel_send(road->numbers, (void *)i);
    fm_channel_close(road->numbers);
    return rc;
}
/* [/send] */

/* [worker] */
static int lane(void *arg)
{
    return fm_worker_index() == 0 ? deal(arg) : count(arg);
}
/* [/worker] */

/* [main] */
int main(void)
{
    struct road road = {fm_channel_new(64), fm_channel_new(LANES), 0};
    int rc = fm_run_workers(1 + LANES, lane, &road);
    printf("%d primes below %d: %s\n", road.primes, NUMBERS, fm_strerror(rc));
    fm_channel_put(road.numbers);
    fm_channel_put(road.owner);
    return rc < 0;
}
/* [/main] */
