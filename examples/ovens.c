/*
 * ovens.c - a semaphore: so many at a time
 */
#include <fermata.h>
#include <stdio.h>

/* [bake] */
struct bake {
    fm_semaphore *ovens;
    const char *what;
    double seconds;
};

static int bake(struct bake *self)
{
    int rc;
    FM_PERMIT(self->ovens, rc) {
        printf("%s: in\n", self->what);
        rc = fm_sleep(self->seconds);
        printf("%s: out\n", self->what);
    }
    return rc;
}
/* [/bake] */

/* [bakery] */
static int bakery(void *arg)
{
    fm_semaphore ovens;
    (void)arg;
    fm_semaphore_init(&ovens, 2, 2);
    return fm_gather(
        fm_go(bake, &ovens, "rolls", 0.1), fm_go(bake, &ovens, "bread", 0.4),
        fm_go(bake, &ovens, "cake", 0.2), fm_go(bake, &ovens, "pie", 0.2));
}
/* [/bakery] */

int main(void)
{
    return fm_run(bakery, NULL) < 0;
}
