/*
 * uv_timer.c - libuv: arm and cancel a timer, while COUNT others are pending
 *
 * libuv keeps timers in a binary heap. It has no tasks, so `timer` is all it
 * is a peer for.
 */
#include "measure.h"
#include <uv.h>

enum {
    BATCH = 100000
};

static uv_loop_t *loop;
static uv_timer_t timer;
static uv_timer_t *pending;
static uint64_t spans[BATCH];
static size_t order[BATCH];

static void timer_nothing(uv_timer_t *expired)
{
    (void)expired;
}

static void timer_arm(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        uv_timer_start(&timer, timer_nothing, spans[i], 0);
        uv_timer_stop(&timer);
    }
}

/* Starting a timer that is active stops it first. */
static void timer_rearm(void)
{
    for (size_t i = 0; i < BATCH; i++)
        uv_timer_start(&pending[order[i]], timer_nothing, spans[i], 0);
}

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 100000);

    loop = uv_default_loop();
    uv_timer_init(loop, &timer);
    pending = calloc(count, sizeof *pending);
    for (size_t i = 0; i < BATCH; i++) {
        spans[i] = measure_timeout();
        order[i] = measure_number() % count;
    }
    for (size_t i = 0; i < count; i++) {
        uv_timer_init(loop, &pending[i]);
        uv_timer_start(&pending[i], timer_nothing, measure_timeout(), 0);
    }

    measure("timer", "arm", BATCH, timer_arm);
    measure("timer", "rearm", BATCH, timer_rearm);
    free(pending);
    return 0;
}
