/*
 * orchard.c - a hundred thousand seeds, and one gardener who waits for them
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY 86400.0 /* seconds; virtual, so a spring takes no time */
#define SEEDS 100000

static int days_since(int64_t moment)
{
    return (int)((fm_now() - moment) / ((int64_t)DAY * FM_SECOND));
}

/* [sow] */
static int spring(fm_awaitable *seeds)
{
    int64_t sown = fm_now();
    for (int i = 0; i < SEEDS; i++)
        fm_awaitable_sleep(&seeds[i], (10 + i % 30) * DAY);

    int rc = fm_awaitable_gather(seeds, SEEDS, NULL);
    if (rc == 0)
        printf("%d seeds, all up after %d days\n", SEEDS, days_since(sown));
    return rc;
}
/* [/sow] */

/* Blooms one day, unless it froze. */
struct tree {
    fm_future *bloom;
    double days;
    int trees; /* in bloom, or why there are none */
};

static int tree(struct tree *self)
{
    int rc = fm_sleep(self->days * DAY);
    fm_future_set(self->bloom, rc < 0 ? rc : self->trees, NULL);
    return rc;
}

/* [bloom] */
/* Whatever comes first, until all has come. */
static int watch(fm_future *cherries, fm_event *frost)
{
    fm_when bloom = fm_when_done(cherries), cold = fm_when_set(frost);
    int i, trees = 0;
    FM_AWAITABLES(all, 3);
    fm_awaitable_begin(&all[0], &bloom);
    fm_awaitable_begin(&all[1], &cold);
    fm_awaitable_sleep(&all[2], 30 * DAY);

    while ((i = fm_awaitable_first(all, 3)) >= 0 && i != 2) {
        if (i == 0)
            trees = fm_awaitable_result(&all[0]);
        printf("%s\n", i == 0 ? "the cherries bloom" : "a night of frost");
    }
    return i < 0 ? i : trees; /* what is pending ends with the block */
}
/* [/bloom] */

/* [late] */
/* A cut gather withdraws what is still pending. */
static int hurry(fm_awaitable *seeds)
{
    int rc, up = 0;
    for (int i = 0; i < SEEDS; i++)
        fm_awaitable_sleep(&seeds[i], (10 + i % 30) * DAY);
    FM_TIMEOUT(20.5 * DAY, rc) {
        rc = fm_awaitable_gather(seeds, SEEDS, NULL);
    }
    for (int i = 0; i < SEEDS; i++)
        up += fm_awaitable_result(&seeds[i]) == 0;
    printf("%s: %d of %d are up\n", fm_strerror(rc), up, SEEDS);
    return rc == -ETIMEDOUT ? 0 : rc;
}
/* [/late] */

static int garden(void *arg)
{
    fm_event frost = {0};
    fm_future *bloom = fm_future_new();
    int rc = spring(arg);
    fm_task *cherries = fm_go(tree, bloom, 12, .trees = 7);
    if (rc == 0)
        rc = watch(bloom, &frost);
    if (rc >= 0)
        printf("%d trees, and no frost\n", rc);
    if (rc >= 0)
        rc = hurry(arg);
    int result = fm_stop(cherries);
    fm_future_put(bloom);
    return rc < 0 ? rc : result;
}

int main(void)
{
    fm_awaitable *seeds = calloc(SEEDS, sizeof *seeds);
    if (seeds == NULL)
        return 1;
    int rc = fm_run(garden, seeds, &(fm_run_options){.backend = "sim"});
    free(seeds);
    return rc < 0;
}
