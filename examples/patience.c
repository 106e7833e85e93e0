/*
 * patience.c - a limit of time, a cancel, and a cleanup that waits
 */
#include <fermata.h>
#include <stdio.h>

/* [limit] */
static int waiting(void)
{
    int rc;
    FM_TIMEOUT(0.1, rc) {
        rc = fm_sleep(60);
    }
    printf("waiting: %s\n", fm_strerror(rc));
    return rc == -ETIMEDOUT ? 0 : rc;
}
/* [/limit] */

/* [call] */
static int hold(void)
{
    puts("on hold");
    int rc = fm_sleep(60);
    puts("hung up");
    return rc;
}

static int calling(void)
{
    fm_task *call = fm_go(hold);
    fm_sleep(0.1);
    int rc = fm_stop(call); /* cancel it, and wait for its end */
    printf("the call: %s\n", fm_strerror(rc));
    return rc == -ECANCELED ? 0 : rc;
}
/* [/call] */

/* [twice] */
static int stubborn(void)
{
    int first = fm_sleep(60);
    printf("first: %s\n", fm_strerror(first));
    int second = fm_sleep(0.1);
    printf("second: %s\n", fm_strerror(second));
    return second;
}

static int insisting(void)
{
    fm_task *task = fm_go(stubborn);
    fm_sleep(0.1);
    fm_stop(task);
    return 0;
}
/* [/twice] */

/* [bye] */
/* A second for it, counted from the cancel, and no more. */
static int visit(void)
{
    int rc = fm_sleep(60);
    FM_SHIELD(1) {
        fm_sleep(0.1);
        puts("goodbye");
    }
    return rc;
}

static int visiting(void)
{
    fm_task *guest = fm_go(visit);
    fm_sleep(0.1);
    fm_stop(guest);
    puts("the guest has left");
    return 0;
}
/* [/bye] */

static int patience(void *arg)
{
    (void)arg;
    int rc = waiting();
    if (rc == 0)
        rc = calling();
    if (rc == 0)
        rc = insisting();
    return rc == 0 ? visiting() : rc;
}

int main(void)
{
    return fm_run(patience, NULL) < 0;
}
