/*
 * test_sweep_seeds.c - every scenario, in many simulated worlds
 *
 * Another seed is another order, other delays and other short reads; in an
 * unkind world peers fail too. FERMATA_SEED=N is where the seeds begin,
 * FERMATA_REPLAY=scenario:seed:k:mode takes one.
 */
#include "harness.h"

#include "fault/injection.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t worlds(const struct scenario *scenario)
{
    bool slow = test_under_tsan() || test_under_valgrind();
    uint64_t count = test_full_sweep() ? 2000 : slow ? 2 : 20;
    return scenario->dear ? count / 20 : count;
}

static unsigned long sweep(const struct scenario *scenario)
{
    struct injection_outcome outcome;
    unsigned long runs = 0;
    uint64_t first = 2 * test_seed(1);
    for (uint64_t k = first; k < first + 2 * worlds(scenario); k++) {
        const struct injection injection = {
            .scenario = scenario,
            .mode = &injection_seeds[k % 2],
            .k = k / 2,
            .victim = INJECTION_SELF,
        };
        runs++;
        if (!injection_run(&injection, &outcome))
            break;
    }
    return runs;
}

TEST(no_seed_of_the_simulated_world_changes_what_must_hold)
{
    struct injection injection;
    struct injection_outcome outcome;
    const struct scenario *scenario;
    unsigned long runs = 0;
    if (injection_replay(&injection)) {
        injection_run(&injection, &outcome);
        return;
    }
    CHECK(getenv("FERMATA_REPLAY") == NULL);
    for (size_t i = 0; (scenario = injection_scenario(i)) != NULL; i++)
        runs += sweep(scenario);
    CHECK(runs > 100);
    printf("# seeds: %lu injections\n", runs);
    alarm(0);
}
