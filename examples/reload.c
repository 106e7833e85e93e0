/*
 * reload.c - a server that reloads on SIGHUP and goes down on SIGTERM
 */
#include <fermata.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* [serve] */
static int serve(void)
{
    int rc = 0, requests = 0;
    while (rc == 0) {
        rc = fm_sleep(0.03);
        requests += rc == 0;
    }
    printf("served until %s\n", requests > 0 ? "the end" : "nobody came");
    return rc;
}

/* SIGTERM ends the wait, and the server has the time it needs to end. */
static int watch(void)
{
    int rc, got;
    FM_SIGMASK(rc, SIGHUP, SIGTERM) {
        fm_task *server = fm_go(serve);
        while ((got = fm_signal_wait(SIGHUP, SIGTERM)) == SIGHUP)
            puts("reloading");
        puts(got < 0 ? fm_strerror(got) : "going down");
        rc = fm_stop(server);
    }
    return rc == -ECANCELED ? 0 : rc;
}
/* [/serve] */

/* Who administers it: in life, somebody with kill(1). */
static int administrate(void)
{
    static const int signals[] = {SIGHUP, SIGHUP, SIGTERM};
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        rc = fm_sleep(0.1);
        kill(getpid(), signals[i]);
    }
    return rc;
}

static int story(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(watch), fm_go(administrate));
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
