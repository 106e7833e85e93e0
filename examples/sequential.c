/*
 * sequential.c - one task after the other: 1 + 2 = 3 seconds
 */
#include <fermata.h>
#include <stdio.h>

struct work {
    int number;
    double seconds;
};

static int work(struct work *task)
{
    printf("Starting Task %d...\n", task->number);
    int rc = fm_sleep(task->seconds);
    if (rc == 0)
        printf("Task %d finished.\n", task->number);
    return rc;
}

static int sequential(void *arg)
{
    (void)arg;
    int rc = fm_await(fm_go(work, 1, 1));
    if (rc == 0)
        rc = fm_await(fm_go(work, 2, 2));
    return rc;
}

int main(void)
{
    return fm_run(sequential, NULL) < 0;
}
