/*
 * selecting.c - a night at the desk: whatever comes first
 */
#include <fermata.h>
#include <stdio.h>

#define HOUR 0.1 /* seconds */

/* Comes after so many hours. */
struct guest {
    double hours;
};

static int guest(struct guest *self)
{
    return fm_sleep(self->hours * HOUR);
}

/* What the desk hears of. */
struct night {
    fm_queue *calls;
    fm_event morning;
};

static int hotel(void *arg)
{
    struct night *night = arg;
    int rc = fm_sleep(1.5 * HOUR);
    if (rc == 0)
        rc = fm_queue_put(night->calls, "room 7 would like some tea");
    if (rc == 0)
        rc = fm_queue_put(night->calls, "a wrong number");
    if (rc == 0)
        rc = fm_sleep(5.2 * HOUR);
    fm_event_set(&night->morning);
    return rc;
}

static int answer(fm_queue *calls)
{
    void *call;
    int rc = fm_queue_get_try(calls, &call);
    if (rc == 0)
        printf("%s\n", (const char *)call);
    return rc;
}

/* [desk] */
static int desk(struct night *night)
{
    FM_TASK ada = fm_go(guest, 3.5);
    for (;;) {
        int rc =
            fm_select(fm_when_get(night->calls), fm_when_ended(ada),
                      fm_when_set(&night->morning), fm_when_after(2 * HOUR));
        if (rc == 0) {
            rc = answer(night->calls);
        } else if (rc == 1) {
            rc = fm_await(ada);
            ada = NULL; /* from now on never ready again */
            printf("Ada is at the door\n");
        } else if (rc == 2) {
            printf("it is morning\n");
            return 0;
        } else if (rc == 3) {
            printf("all is quiet\n");
        }
        if (rc < 0)
            return rc;
    }
}
/* [/desk] */

static int story(void *arg)
{
    struct night night = {.calls = fm_queue_new(8)};
    (void)arg;
    fm_task *task = fm_start(hotel, &night);
    int rc = desk(&night);
    int result = fm_stop(task);
    fm_queue_free(night.calls);
    return rc < 0 ? rc : result;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
