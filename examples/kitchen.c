/*
 * kitchen.c - two dishes at once: 2 seconds, not 3
 */
#include <fermata.h>
#include <stdio.h>

/* An async function: a struct of its arguments, and a function with the same
 * name. */
struct cook {
    const char *dish;
    double seconds;
};

static int cook(struct cook *order)
{
    printf("%s: on the stove\n", order->dish);
    int rc = fm_sleep(order->seconds); /* pause here; the others go on */
    if (rc == 0)
        printf("%s: ready\n", order->dish);
    return rc;
}

static int kitchen(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(cook, "rice", 2),
                     fm_go(cook, "vegetables", .seconds = 1));
}

int main(void)
{
    return fm_run(kitchen, NULL) < 0;
}
