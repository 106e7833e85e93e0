/*
 * doctor_uring.c - what this kernel has of io_uring, and which calls it has
 *
 * To go without io_uring is no fault: epoll does all that it does, and more
 * calls. So what would bring it is a hint.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_offer.h"
#include "loop/uring_world.h"
#include "net/findings.h"

#include <errno.h>
#include <string.h>

#define URING_DISABLED "/proc/sys/kernel/io_uring_disabled"

/* ---- io_uring ----------------------------------------------------------- */

static void doctor_uring_forbidden(struct fm__doctor *doctor)
{
    int64_t level = fm__doctor_number(doctor, URING_DISABLED);
    int64_t group =
        fm__doctor_number(doctor, "/proc/sys/kernel/io_uring_group");
    if (level <= 0) {
        fm__doctor_hint(doctor, "let the container's filter pass "
                                "io_uring_setup, io_uring_enter and "
                                "io_uring_register");
        fm__doctor_type(doctor,
                        "docker run --security-opt seccomp=PROFILE.json ...");
    } else if (level == 1 && group >= 0) {
        fm__doctor_hint(doctor, "those in the group %lld may have it",
                        (long long)group);
        fm__doctor_type(doctor,
                        "usermod -aG \"$(getent group %lld | cut -d: -f1)\" "
                        "\"$USER\"",
                        (long long)group);
    } else {
        fm__doctor_hint(doctor, "allow it");
        fm__doctor_type(doctor, "sysctl -w kernel.io_uring_disabled=0");
    }
}

static void doctor_uring_refused(struct fm__doctor *doctor, int rc)
{
    fm__doctor_find(doctor, "io_uring", "none: %s", fm__uring_refusal(rc));
    if (rc == -EPERM || rc == -EACCES)
        doctor_uring_forbidden(doctor);
    if (rc == -ENOMEM) {
        fm__doctor_hint(doctor, "rings may be charged to the memory that a "
                                "user may lock");
        fm__doctor_type(doctor, "ulimit -l unlimited");
    }
}

static void doctor_uring_operations(struct fm__doctor *doctor)
{
    char names[160] = "";
    size_t size = 0;
    int there = fm__uring_survey(), missing = 0;
    if (there < 0)
        return;
    for (unsigned i = 0; i < FM__URING_NEEDED; i++) {
        bool has = (there >> i & 1) != 0;
        missing += !has;
        size += (size_t)snprintf(names + size, sizeof names - size, "%s%s%s",
                                 i > 0 ? ", " : "", has ? "" : "no ",
                                 fm__uring_operation(i));
    }
    fm__doctor_find(doctor, "operations", "%s: %s",
                    missing == 0 ? "all that it takes" : "not all", names);
}

static void doctor_uring_feature(struct fm__doctor *doctor, const char *name,
                                 bool has, const char *without)
{
    fm__doctor_find(doctor, name, "%s", has ? "yes" : without);
}

static void doctor_uring_features(struct fm__doctor *doctor,
                                  const struct fm__uring_offer *offer)
{
    doctor_uring_feature(doctor, "multishot accept", offer->accept_many,
                         "no, from Linux 6.3 to 6.8 it is broken: one "
                         "request for each connection");
    doctor_uring_feature(doctor, "requests in order", offer->no_array,
                         "no, before Linux 6.6: by way of an array");
    doctor_uring_feature(doctor, "waits for many", offer->min_wait,
                         "no, before Linux 6.12: each wait ends with the "
                         "first completion");
    doctor_uring_feature(doctor, "growing ring", offer->resize,
                         "no, before Linux 6.14: its ring has room for all "
                         "from the start");
    doctor_uring_feature(doctor, "idle as idle", offer->no_iowait,
                         "no, before Linux 6.15: a loop that waits is shown "
                         "as I/O wait");
}

void fm__doctor_uring(struct fm__doctor *doctor)
{
    struct fm__loop *loop = fm__memory_new(sizeof *loop);
    fm__doctor_section(doctor, "kernel");
    int rc = loop == NULL ? -ENOMEM : fm__loop_open(loop, "uring", 1);
    if (rc == 0) {
        const struct fm__uring_world *world = loop->world;
        struct fm__uring_offer offer = world->ring.offer;
        fm__loop_close(loop);
        fm__doctor_find(doctor, "io_uring", "to be had");
        doctor_uring_operations(doctor);
        doctor_uring_features(doctor, &offer);
    } else {
        doctor_uring_refused(doctor, rc);
        doctor_uring_operations(doctor);
    }
    fm__memory_free(loop);
}

/* ---- other calls -------------------------------------------------------- */

static void doctor_uring_call(struct fm__doctor *doctor, unsigned index, int rc)
{
    const struct fm__sys_offer *offer = fm__sys_offer(index);
    if (rc == -ENOSYS)
        fm__doctor_find(doctor, offer->name, "not there (Linux %s): %s",
                        offer->since, offer->without);
    else
        fm__doctor_find(doctor, offer->name, "refused by a filter: %s",
                        offer->without);
}

void fm__doctor_calls(struct fm__doctor *doctor)
{
    char names[FM__SYS_OFFERS * 20] = "";
    size_t size = 0;
    int results[FM__SYS_OFFERS];
    for (unsigned i = 0; i < FM__SYS_OFFERS; i++) {
        results[i] = fm__sys_offered(i);
        if (results[i] == 0)
            size +=
                (size_t)snprintf(names + size, sizeof names - size, "%s%s",
                                 size > 0 ? ", " : "", fm__sys_offer(i)->name);
    }
    fm__doctor_find(doctor, "system calls", "%s", names);
    for (unsigned i = 0; i < FM__SYS_OFFERS; i++) {
        if (results[i] < 0)
            doctor_uring_call(doctor, i, results[i]);
    }
}
