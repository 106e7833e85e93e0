/*
 * hike.c - an event to start by, and a barrier where they wait for each other
 */
#include <fermata.h>
#include <stdio.h>

/* [hike] */
struct hike {
    const char *name;
    double pace;
    fm_event *start;
    fm_barrier *hut;
};

static int hike(struct hike *self)
{
    int rc = fm_event_wait(self->start);
    for (int day = 1; rc >= 0 && day <= 2; day++) {
        rc = fm_sleep(self->pace);
        if (rc == 0)
            rc = fm_barrier_wait(self->hut);
        if (rc >= 0)
            printf("day %d: %s came as number %d\n", day, self->name, rc + 1);
    }
    return rc < 0 ? rc : 0;
}
/* [/hike] */

/* [tour] */
static int tour(void *arg)
{
    fm_event start = {0};
    fm_barrier hut;
    int rc;
    (void)arg;
    fm_barrier_init(&hut, 3);
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, hike, "Ada", 0.05, &start, &hut);
        if (rc == 0)
            rc = fm_group_go(g, hike, "Ben", 0.25, &start, &hut);
        if (rc == 0)
            rc = fm_group_go(g, hike, "Cleo", 0.15, &start, &hut);
        if (rc == 0)
            rc = fm_yield();
        printf("off they go\n");
        fm_event_set(&start);
    }
    return rc;
}
/* [/tour] */

int main(void)
{
    return fm_run(tour, NULL) < 0;
}
