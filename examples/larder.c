/*
 * larder.c - a condition: waiting until what is there will do
 */
#include <fermata.h>
#include <stdio.h>

/* [larder] */
struct larder {
    fm_lock lock;
    fm_condition changed;
    int eggs;
};

struct cook {
    struct larder *larder;
    const char *dish;
    int eggs;
};

static int cook(struct cook *self)
{
    int rc;
    struct larder *larder = self->larder;
    FM_LOCKED(&larder->lock, rc) {
        while (rc == 0 && larder->eggs < self->eggs)
            rc = fm_condition_wait(&larder->changed, &larder->lock);
        if (rc == 0) {
            larder->eggs -= self->eggs;
            printf("%s: takes %d, leaves %d\n", self->dish, self->eggs,
                   larder->eggs);
        }
    }
    return rc;
}

static int shop(struct larder *larder)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        rc = fm_sleep(0.05);
        larder->eggs += 2;
        printf("two more: %d\n", larder->eggs);
        fm_condition_notify_all(&larder->changed);
    }
    return rc;
}
/* [/larder] */

static int kitchen(void *arg)
{
    struct larder larder = {.eggs = 0};
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, cook, &larder, "omelette", 3);
        if (rc == 0)
            rc = fm_group_go(g, cook, &larder, "pancake", 1);
        if (rc == 0)
            rc = fm_group_go(g, cook, &larder, "noodles", 2);
        if (rc == 0)
            rc = shop(&larder);
    }
    return rc;
}

int main(void)
{
    return fm_run(kitchen, NULL) < 0;
}
