/*
 * ours_timer.c - Fermata: timers, while COUNT others are pending
 *
 * `arm` and `rearm`: the loop's own timers, by the call that puts them into
 * the wheel at once. `block` and `block-wait`: FM_TIMEOUT in a task, around
 * nothing and around one yield; a time limit that is left in the turn it was
 * set in never reaches the wheel. There the others pending are timeouts of
 * the same task, opened around it.
 */
#include "loop/loop_core.h"
#include "measure.h"
#include <fermata.h>

enum {
    BATCH = 100000
};

static size_t count;
static uint64_t spans[BATCH]; /* milliseconds */
static size_t order[BATCH];

static struct fm__loop loop;
static struct fm__timer timer;
static struct fm__timer *pending;

static void timer_nothing(struct fm__timer *expired)
{
    (void)expired;
}

static int64_t timer_deadline(uint64_t span)
{
    return loop.now + (int64_t)span * FM_MILLISECOND;
}

static void timer_arm(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        fm__timer_arm_at(&loop, &timer, timer_deadline(spans[i]));
        fm__timer_disarm(&loop, &timer);
    }
}

static void timer_rearm(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        struct fm__timer *moved = &pending[order[i]];
        fm__timer_disarm(&loop, moved);
        fm__timer_arm_at(&loop, moved, timer_deadline(spans[i]));
    }
}

static int timer_loop(void)
{
    int rc = fm__loop_open(&loop, "epoll", 0);
    if (rc < 0)
        return rc;

    pending = calloc(count, sizeof *pending);
    fm__timer_init(&timer, timer_nothing);
    for (size_t i = 0; i < count; i++) {
        fm__timer_init(&pending[i], timer_nothing);
        fm__timer_arm_at(&loop, &pending[i], timer_deadline(measure_timeout()));
    }
    measure("timer", "arm", BATCH, timer_arm);
    measure("timer", "rearm", BATCH, timer_rearm);

    for (size_t i = 0; i < count; i++)
        fm__timer_disarm(&loop, &pending[i]);
    free(pending);
    fm__loop_close(&loop);
    return 0;
}

static void timer_block(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        int rc;
        FM_TIMEOUT((double)spans[i] / 1000, rc) {
            rc = 0;
        }
        if (rc != 0)
            exit(1);
    }
}

static void timer_block_wait(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        int rc;
        FM_TIMEOUT((double)spans[i] / 1000, rc) {
            rc = fm_yield();
        }
        if (rc != 0)
            exit(1);
    }
}

static int timer_task(void *arg)
{
    (void)arg;
    fm_timeout *blocks = calloc(count, sizeof *blocks);
    for (size_t i = 0; i < count; i++)
        fm_timeout_open(&blocks[i], 3600 + (double)measure_timeout() / 1000);

    measure("timer", "block", BATCH, timer_block);
    measure("timer", "block-wait", BATCH, timer_block_wait);

    for (size_t i = count; i-- > 0;)
        fm_timeout_close(&blocks[i], 0);
    free(blocks);
    return 0;
}

int main(int argc, char **argv)
{
    count = measure_argument(argc, argv, 1, 100000);
    for (size_t i = 0; i < BATCH; i++) {
        spans[i] = measure_timeout();
        order[i] = measure_number() % count;
    }
    return timer_loop() < 0 || fm_run(timer_task, NULL) < 0;
}
