/*
 * menu.c - a lock for readers and writers: many read, one changes
 */
#include <fermata.h>
#include <stdio.h>

static struct {
    fm_rwlock lock;
    const char *soup;
    const char *cake;
} menu = {.soup = "leek", .cake = "plum"};

/* [guest] */
struct guest {
    const char *name;
};

static int guest(struct guest *self)
{
    int rc;
    FM_READING(&menu.lock, rc) {
        printf("%s reads: %s soup\n", self->name, menu.soup);
        rc = fm_sleep(0.05);
        printf("%s reads: %s cake\n", self->name, menu.cake);
    }
    return rc;
}
/* [/guest] */

/* [chef] */
static int chef(void)
{
    int rc;
    FM_WRITING(&menu.lock, rc) {
        menu.soup = "onion";
        rc = fm_sleep(0.05); /* what is there for a cake? */
        menu.cake = "nut";
        printf("the menu has changed\n");
    }
    return rc;
}
/* [/chef] */

static int inn(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(guest, "Ada"), fm_go(guest, "Ben"), fm_go(chef),
                     fm_go(guest, "Cleo"), fm_go(guest, "Dan"));
}

int main(void)
{
    return fm_run(inn, NULL) < 0;
}
