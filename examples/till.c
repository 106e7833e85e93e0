/*
 * till.c - a lock, around what must not be interrupted by a pause
 */
#include <fermata.h>
#include <stdio.h>

/* [till] */
struct till {
    fm_lock lock;
    int cents;
};

/* To ask the bank is a pause: without the lock another one would count the
 * same money meanwhile, and one of the two would be lost. */
struct pay_in {
    struct till *till;
    const char *name;
    int cents;
};

static int pay_in(struct pay_in *self)
{
    int rc;
    struct till *till = self->till;
    FM_LOCKED(&till->lock, rc) {
        int before = till->cents;
        rc = fm_sleep(0.05); /* ask the bank */
        if (rc == 0)
            till->cents = before + self->cents;
        printf("%s: %d and %d is %d\n", self->name, before, self->cents,
               till->cents);
    }
    return rc;
}
/* [/till] */

/* [patience] */
static int in_a_hurry(struct till *till)
{
    int rc;
    FM_TIMEOUT(0.01, rc) {
        FM_LOCKED(&till->lock, rc) {
            printf("nobody waits\n");
        }
    }
    printf("in a hurry: %s\n", fm_strerror(rc));
    return rc == -ETIMEDOUT ? 0 : rc;
}
/* [/patience] */

static int shop(void *arg)
{
    struct till till = {.cents = 0};
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, pay_in, &till, "Ada", 250);
        if (rc == 0)
            rc = fm_group_go(g, pay_in, &till, "Ben", 300);
        if (rc == 0)
            rc = fm_group_go(g, pay_in, &till, "Cleo", 450);
        if (rc == 0)
            rc = fm_yield();
        if (rc == 0)
            rc = in_a_hurry(&till);
    }
    printf("in the till: %d\n", till.cents);
    return rc;
}

int main(void)
{
    return fm_run(shop, NULL) < 0;
}
