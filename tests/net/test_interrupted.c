/*
 * test_interrupted.c - signals that a program handles itself end no call
 *
 * They rain on the loop's thread, by a handler without SA_RESTART, while it
 * does what waits in the kernel.
 */
#include "neighbours.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static unsigned drops;

static void drop(int number)
{
    (void)number;
    __atomic_add_fetch(&drops, 1, __ATOMIC_SEQ_CST);
}

struct rain {
    pthread_t on;
    pthread_t from;
    int over;
};

static void rest(long nanoseconds)
{
    const struct timespec span = {.tv_nsec = nanoseconds};
    nanosleep(&span, NULL);
}

static void *rain_main(void *arg)
{
    struct rain *rain = arg;
    while (__atomic_load_n(&rain->over, __ATOMIC_SEQ_CST) == 0) {
        pthread_kill(rain->on, SIGUSR2);
        rest(20000);
    }
    return NULL;
}

static int square(void *arg)
{
    int value = *(int *)arg;
    return value * value;
}

/* A connection, a message each way, a pause, and a call on a thread. */
static void get_wet(fm_listener *listener, int value)
{
    fm_stream *client, *server;
    int rc;
    meet(listener, &client, &server);
    check_says(client, server, "is it wet");
    check_says(server, client, "it is");
    CHECK_INT(fm_sleep(story_span(0.1)), 0);
    FM_TIMEOUT(story_span(0.1), rc) {
        rc = (int)fm_read(client, &(char){0}, 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_thread_run(square, &value), value * value);
    part(client, server);
}

STORY(no_call_is_ended_by_a_signal_that_the_program_handles)
{
    struct sigaction own = {.sa_handler = drop}, before;
    struct rain rain = {.on = pthread_self()};
    fm_listener *listener = listen_here();
    drops = 0;
    sigaction(SIGUSR2, &own, &before);
    pthread_create(&rain.from, NULL, rain_main, &rain);
    size_t count = test_many(500);
    for (size_t i = 0; i < count; i++)
        get_wet(listener, (int)i);
    while (__atomic_load_n(&drops, __ATOMIC_SEQ_CST) == 0)
        rest(100000);
    __atomic_store_n(&rain.over, 1, __ATOMIC_SEQ_CST);
    pthread_join(rain.from, NULL);
    sigaction(SIGUSR2, &before, NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}
