/*
 * limit_crossloop.c - messages between two threads that are nothing else
 *
 * The rate is that of a ring with one writer and one reader, which spin. A
 * round trip is two letters, each to a thread that sleeps.
 */
#include "bare_mail.h"
#include "measure.h"
#include <pthread.h>

enum {
    RATE = 1000000,
    TRIPS = 10000,
    PLACES = 128
};

static uint64_t ring[PLACES];
static _Alignas(64) size_t written;
static _Alignas(64) size_t taken;
static struct bare_mail there, back;

static void *limit_taker(void *arg)
{
    for (size_t n = 0;; n++) {
        while (__atomic_load_n(&written, __ATOMIC_ACQUIRE) == n)
            ;
        if (ring[n % PLACES] != n)
            exit(1);
        __atomic_store_n(&taken, n + 1, __ATOMIC_RELEASE);
    }
    return arg;
}

static void limit_rate(void)
{
    size_t n = written, all = n + RATE;

    for (; n < all; n++) {
        while (n - __atomic_load_n(&taken, __ATOMIC_ACQUIRE) == PLACES)
            ;
        ring[n % PLACES] = n;
        __atomic_store_n(&written, n + 1, __ATOMIC_RELEASE);
    }
    while (__atomic_load_n(&taken, __ATOMIC_ACQUIRE) < all)
        ;
}

static void *limit_answer(void *arg)
{
    for (;;)
        bare_mail_push(&back, bare_mail_take(&there));
    return arg;
}

static void limit_trip(void)
{
    struct bare_letter letter = {.fn = NULL};

    for (int i = 0; i < TRIPS; i++) {
        bare_mail_push(&there, &letter);
        if (bare_mail_take(&back) != &letter)
            exit(1);
    }
}

static void limit_start(void *(*fn)(void *))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, fn, NULL) != 0)
        exit(1);
    pthread_detach(thread);
}

/* The round trips first: the taker spins until the end. */
int main(void)
{
    bare_mail_open(&there);
    bare_mail_open(&back);
    limit_start(limit_answer);
    measure("crossloop", "trip", TRIPS, limit_trip);
    limit_start(limit_taker);
    measure("crossloop", "rate", RATE, limit_rate);
    return 0;
}
