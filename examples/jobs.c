/*
 * jobs.c - one task brings work, three do it, and a queue is between them
 */
#include <fermata.h>
#include <stdio.h>

struct job {
    const char *dish;
    double seconds;
};

static struct job jobs[] = {
    {"soup", 0.9}, {"salad", 0.2}, {"bread", 0.4}, {"lentils", 0.5},
    {"rice", 0.7}, {"tea", 0.1},   {"cake", 0.1},
};

/* [cook] */
struct cook {
    const char *name;
    fm_queue *queue;
};

/* Does what comes, until there will be no more. */
static int cook(struct cook *self)
{
    void *item;
    int rc = fm_queue_get(self->queue, &item);
    while (rc == 0) {
        struct job *job = item;
        printf("%s begins with the %s\n", self->name, job->dish);
        rc = fm_sleep(job->seconds);
        if (rc == 0)
            rc = fm_queue_get(self->queue, &item);
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/cook] */

/* [order] */
/* There is room for two: who orders waits for those who cook. */
static int order(fm_queue *queue)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 7; i++)
        rc = fm_queue_put(queue, &jobs[i]);
    printf("all is ordered\n");
    fm_queue_shutdown(queue, false);
    return rc;
}
/* [/order] */

/* [kitchen] */
static int kitchen(void *arg)
{
    fm_queue *queue = fm_queue_new(2);
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, cook, "Ada", queue);
        if (rc == 0)
            rc = fm_group_go(g, cook, "Ben", queue);
        if (rc == 0)
            rc = fm_group_go(g, cook, "Cleo", queue);
        if (rc == 0)
            rc = order(queue);
    }
    fm_queue_free(queue);
    return rc;
}
/* [/kitchen] */

int main(void)
{
    return fm_run(kitchen, NULL) < 0;
}
