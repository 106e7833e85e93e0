/*
 * tasks.c - start, stop, detach, and results larger than an int
 */
#include <fermata.h>
#include <stdio.h>

struct greet {
    const char *name;
    int times;
};

static int greet(struct greet *args)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < args->times; i++) {
        printf("hello, %s\n", args->name);
        rc = fm_yield();
    }
    return rc;
}

/* [order] */
static int starting(void)
{
    fm_task *ada = fm_go(greet, "Ada", 1);
    fm_task *alan = fm_go(greet, .times = 2, .name = "Alan");
    puts("started, and not yet run");
    int rc = fm_await(ada);
    int other = fm_await(alan);
    return rc < 0 ? rc : other;
}
/* [/order] */

/* [stop] */
static int tick(void)
{
    int rc;
    while ((rc = fm_sleep(0.05)) == 0)
        ;
    printf("the clock stopped: %s\n", fm_strerror(rc));
    return rc;
}

static int stopping(void)
{
    FM_TASK clock = fm_go(tick);
    return fm_sleep(0.1); /* and here the clock is stopped */
}
/* [/stop] */

/* [start] */
/* fm_start shares one pointer instead of copying a struct. */
struct span {
    int low, high;
};

static int measure(void *arg)
{
    struct span *span = arg;
    *span = (struct span){.low = -7, .high = 12};
    return 0;
}

static int sharing(void)
{
    struct span span;
    int rc = fm_await(fm_start(measure, &span));
    if (rc == 0)
        printf("from %d to %d\n", span.low, span.high);
    return rc;
}
/* [/start] */

/* [detach] */
static int detaching(void)
{
    return fm_detach(fm_go(greet, "whoever is left", .times = 1));
}
/* [/detach] */

static int story(void *arg)
{
    (void)arg;
    int rc = starting();
    if (rc == 0)
        rc = stopping();
    if (rc == 0)
        rc = sharing();
    if (rc == 0)
        rc = detaching();
    puts("the main task ends");
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
