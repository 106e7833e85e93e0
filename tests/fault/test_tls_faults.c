/*
 * test_tls_faults.c - each malloc of OpenSSL fails, at a handshake and after
 */
#include "fault/sweep.h"

#include "harness.h"

#include "base/fault.h"
#include "net/tls_kit.h"
#include "net/tls_record.h"

#include <stdio.h>
#include <string.h>

static void faults_report(const fm_report *report, void *arg)
{
    (void)report;
    (void)arg;
}

/* Runs the scenario with the k-th passage failing: its result, and how many
 * were passed. */
static int faults_run(uint64_t k, bool from_then_on, uint64_t *passed)
{
    struct fm__fault_plan plan = {.from_then_on = from_then_on,
                                  .spare_waits = true};
    const fm_run_options options = {.on_report = faults_report};
    plan.fail_at[FM__DOOR_MEMORY] = k;
    fm__fault_plan = &plan;
    int rc = fm_run(sweep_tls[0].main, NULL, &options);
    fm__fault_plan = NULL;
    *passed = plan.passed[FM__DOOR_MEMORY];
    return rc;
}

static bool faults_allow(int rc)
{
    return rc == 0 || rc == -ENOMEM || rc == -ECONNRESET || rc == -FM_EPEM;
}

static void faults_sweep(bool from_then_on)
{
    uint64_t passed, count, stride = test_many(50) < 50 ? 211 : 7;
    CHECK_INT(faults_run(0, false, &passed), 0);
    CHECK_INT(faults_run(0, false, &count), 0);
    for (uint64_t k = 1; k <= count; k += test_full_sweep() ? 1 : stride) {
        memset(&sweep_state, 0, sizeof sweep_state);
        int rc = faults_run(k, from_then_on, &passed);
        if (!faults_allow(rc))
            test_fail(__FILE__, __LINE__, "malloc %llu: %d",
                      (unsigned long long)k, rc);
        CHECK_INT(sweep_state.noted, 0);
        CHECK_INT(sweep_state.begun, sweep_state.ended);
    }
    printf("# %llu passages\n", (unsigned long long)count);
}

TEST(each_malloc_of_openssl_may_fail_once_or_from_then_on)
{
    CHECK(fm__tls_memory());
    faults_sweep(false);
    faults_sweep(true);
    OPENSSL_cleanup(); /* what it keeps for the process */
}
