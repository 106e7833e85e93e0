/*
 * test_soak.c - the same work again and again: nothing may grow
 *
 * A short run in ./go test; an hour, or FERMATA_SOAK seconds, in ./go soak.
 * What is watched: the heap through its door, stacks in use, and the resident
 * memory of the process once it has warmed up.
 */
#include "harness.h"

#include "base/fault.h"

#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SOAK_HOUR 3600
#define SOAK_SHORT 60    /* rounds of the short run */
#define SOAK_WARM 20     /* rounds before the first look */
#define SOAK_GROWTH 4096 /* KiB that the process may grow after that */

static uint64_t soak_seed;

static long soak_memory(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double soak_span(void)
{
    return (double)(test_random(&soak_seed) % 2000) / 1e6;
}

static int soak_leaf(void)
{
    int rc = fm_sleep(soak_span());
    FM_SHIELD(0.001) {
        (void)fm_sleep(soak_span());
    }
    return rc;
}

static int soak_branch(void)
{
    static fm_local place;
    int rc = fm_local_set(&place, &soak_seed);
    CHECK_INT(rc, 0);
    FM_TIMEOUT(soak_span(), rc) {
        rc = fm_gather(fm_go(soak_leaf), fm_go(soak_leaf), fm_go(soak_leaf));
    }
    FM_TASK left = fm_go(soak_leaf);
    if (test_random(&soak_seed) % 2 == 0)
        (void)fm_stop(left);
    return fm_cancelled();
}

static int soak_churn(size_t count)
{
    int rc;
    FM_GROUP(group, rc, .limit = 64, .policy = FM_COLLECT) {
        for (size_t i = 0; rc == 0 && i < count; i++)
            rc = fm_group_go(group, soak_branch);
        if (test_random(&soak_seed) % 4 == 0)
            fm_group_cancel(group);
    }
    return rc;
}

struct soak {
    long rounds;
    long seconds; /* 0: only rounds count */
};

static bool soak_goes_on(const struct soak *soak, long round, time_t began)
{
    if (soak->seconds == 0)
        return round < soak->rounds;
    return round < SOAK_WARM * 2 || time(NULL) - began < soak->seconds;
}

static int soak_run(void *arg)
{
    const struct soak *soak = arg;
    time_t began = time(NULL);
    uint64_t heap = 0;
    long memory = 0;
    int rc = 0;
    for (long round = 0; rc == 0 && soak_goes_on(soak, round, began); round++) {
        if (round == SOAK_WARM) {
            heap = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
            memory = soak_memory();
        }
        rc = soak_churn(test_many(500));
    }
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]), heap);
    CHECK(soak_memory() - memory <= SOAK_GROWTH);
    printf("# %ld KiB resident when warm, %ld at the end\n", memory,
           soak_memory());
    return rc;
}

TEST(the_same_work_again_and_again_leaves_memory_flat)
{
    struct soak soak = {.rounds = SOAK_SHORT};
    const char *asked = getenv("FERMATA_SOAK");
    if (asked != NULL)
        soak.seconds =
            strcmp(asked, "full") == 0 ? SOAK_HOUR : strtol(asked, NULL, 10);
    soak_seed = test_seed(41);
    CHECK_INT(fm_run(soak_run, &soak), 0);
}
