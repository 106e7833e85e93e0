/*
 * ours_post.c - Fermata: functions posted to a loop from another thread
 *
 * ours_post BACKEND
 */
#include "posting.h"
#include <fermata.h>

static fm_remote *remote;
static fm_task *sleeper;

static void ours_post(void (*fn)(void *), void *arg)
{
    int rc;

    do
        rc = fm_post(remote, fn, arg);
    while (rc == -EAGAIN); /* too many wait already */
    if (rc < 0)
        exit(1);
}

static void ours_stop(void *arg)
{
    (void)arg;
    fm_cancel(sleeper);
}

static int sleep_on(void)
{
    return fm_sleep(3600);
}

static int post_main(void *arg)
{
    (void)arg;
    remote = fm_remote_get();
    sleeper = fm_go(sleep_on);
    posting_start(ours_post, ours_stop);
    fm_await(sleeper);
    fm_remote_put(remote);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    return fm_run(post_main, NULL, &options) < 0;
}
