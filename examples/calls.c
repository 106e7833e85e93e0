/*
 * calls.c - functions that a loop calls, soon and later
 */
#include <fermata.h>
#include <stdio.h>

/* [calls] */
struct clock {
    fm_loop *loop;
    fm_call tick;
    fm_call alarm;
    int ticks;
};

static void tick(void *arg)
{
    struct clock *clock = arg;
    printf("tick %d\n", ++clock->ticks);
    if (clock->ticks < 3) {
        fm_loop_later(clock->loop, &clock->tick, 0.02);
        return;
    }
    fm_call_cancel(&clock->alarm);
    fm_loop_stop(clock->loop);
}

static void alarm_rang(void *arg)
{
    printf("alarm\n");
    fm_loop_stop(arg);
}

static void run(fm_loop *loop)
{
    struct clock clock = {.loop = loop};
    clock.tick = (fm_call){.fn = tick, .arg = &clock};
    clock.alarm = (fm_call){.fn = alarm_rang, .arg = loop};
    fm_loop_soon(loop, &clock.tick);
    fm_loop_later(loop, &clock.alarm, 5);
    fm_loop_run(loop);
}
/* [/calls] */

int main(void)
{
    fm_loop *loop;
    int rc = fm_loop_open(&loop, NULL);
    if (rc < 0) {
        fprintf(stderr, "calls: %s\n", fm_strerror(rc));
        return 1;
    }
    run(loop);
    fm_loop_close(loop);
    return 0;
}
