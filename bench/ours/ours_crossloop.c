/*
 * ours_crossloop.c - Fermata: messages between two loops on two threads
 *
 * ours_crossloop BACKEND. The first worker measures, the second one takes and
 * answers.
 */
#include "measure.h"
#include <fermata.h>

enum {
    RATE = 100000,
    TRIPS = 10000
};

static fm_channel *queue, *done, *there, *back;

static void *message(size_t n)
{
    return (void *)(uintptr_t)n;
}

static void crossloop_rate(void)
{
    void *last = NULL;

    for (size_t n = 0; n < RATE; n++)
        if (fm_channel_send(queue, message(n)) < 0)
            exit(1);
    if (fm_channel_receive(done, &last) < 0)
        exit(1);
}

static void crossloop_trip(void)
{
    void *answer = NULL;

    for (size_t n = 0; n < TRIPS; n++)
        if (fm_channel_send(there, message(n)) < 0 ||
            fm_channel_receive(back, &answer) < 0 || answer != message(n))
            exit(1);
}

static int take(void)
{
    void *item;
    int rc = 0;

    for (size_t n = 0; rc == 0; n = (n + 1) % RATE) {
        rc = fm_channel_receive(queue, &item);
        if (rc == 0 && item != message(n))
            exit(1);
        if (rc == 0 && n == RATE - 1)
            rc = fm_channel_send(done, item);
    }
    return rc;
}

static int answer(void)
{
    void *item;
    int rc = 0;

    while (rc == 0) {
        rc = fm_channel_receive(there, &item);
        if (rc == 0)
            rc = fm_channel_send(back, item);
    }
    return rc;
}

static int crossloop_worker(void *arg)
{
    (void)arg;
    if (fm_worker_index() == 1) {
        fm_task *tasks[] = {fm_go(take), fm_go(answer)};
        fm_settle(tasks, 2, NULL);
        return 0;
    }
    measure("crossloop", "rate", RATE, crossloop_rate);
    measure("crossloop", "trip", TRIPS, crossloop_trip);
    fm_channel_close(queue);
    fm_channel_close(there);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    queue = fm_channel_new(128);
    done = fm_channel_new(1);
    there = fm_channel_new(1);
    back = fm_channel_new(1);
    int rc = fm_run_workers(2, crossloop_worker, NULL, &options);
    fm_channel_put(queue);
    fm_channel_put(done);
    fm_channel_put(there);
    fm_channel_put(back);
    return rc < 0;
}
