/*
 * selecting.c - a night at the desk: whoever comes first
 */
#include <fermata.h>
#include <stdio.h>

#define HOUR 0.1 /* seconds */

/* Comes after so many hours, or does not. */
struct guest {
    const char *name;
    double hours;
};

static int guest(struct guest *self)
{
    int rc = fm_sleep(self->hours * HOUR);
    if (rc == 0)
        printf("%s is at the door\n", self->name);
    return rc;
}

/* [desk] */
/* What has come is NULL from then on, and never ready again. */
static int let_in(fm_task **guest)
{
    int rc = fm_await(*guest);
    *guest = NULL;
    return rc;
}

static int desk(void *arg)
{
    FM_TASK ada = fm_go(guest, "Ada", 3.5);
    FM_TASK ben = fm_go(guest, "Ben", 1.5);
    int64_t morning = fm_now() + (int64_t)(6.5 * HOUR * 1e9);
    int rc = 0;
    (void)arg;
    while (rc == 0) {
        int which = fm_select(fm_when_ended(ada), fm_when_ended(ben),
                              fm_when_at(morning), fm_when_after(2 * HOUR));
        switch (which) {
        case 0:
            rc = let_in(&ada);
            break;
        case 1:
            rc = let_in(&ben);
            break;
        case 2:
            printf("it is morning\n");
            return 0;
        case 3:
            printf("all is quiet\n");
            break;
        default:
            rc = which;
            break;
        }
    }
    return rc;
}
/* [/desk] */

int main(void)
{
    return fm_run(desk, NULL) < 0;
}
