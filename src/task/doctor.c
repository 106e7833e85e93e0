/*
 * doctor.c - what the library finds on this machine
 *
 * Each finding is one line: what, value, and where something is wrong a
 * second line that says what to do.
 */
#include <fermata/doctor.h>
#include <fermata/error.h>

#include "base/memory.h"
#include "base/sys.h"
#include "coro/guard.h"
#include "loop/uring_world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DOCTOR_STACKS 100000 /* what one program should be able to hold */
#define DOCTOR_FILES 1024

struct doctor {
    FILE *out;
    int wrong;
};

static void doctor_line(struct doctor *doctor, const char *what,
                        const char *value)
{
    fprintf(doctor->out, "%-12s %s\n", what, value);
}

static void doctor_advise(struct doctor *doctor, const char *advice)
{
    fprintf(doctor->out, "%-12s -> %s\n", "", advice);
    doctor->wrong++;
}

static void doctor_kernel(struct doctor *doctor)
{
    struct utsname name;
    char line[256] = "unknown";
    if (fm__sys_name(&name) == 0)
        snprintf(line, sizeof line, "%.64s %.64s %.64s", name.sysname,
                 name.release, name.machine);
    doctor_line(doctor, "version", FM_VERSION);
    doctor_line(doctor, "kernel", line);
}

/* Opens it, as a run would. */
static void doctor_backend(struct doctor *doctor)
{
    const char *asked = getenv("FERMATA_BACKEND");
    bool chosen = asked != NULL && *asked != '\0';
    char line[256];
    struct fm__loop *loop = fm__memory_new(sizeof *loop);
    int rc =
        loop == NULL ? -ENOMEM : fm__loop_open(loop, chosen ? asked : NULL, 1);
    if (rc == 0) {
        snprintf(line, sizeof line, "%s, %s", loop->backend->name,
                 chosen ? "because FERMATA_BACKEND says so"
                        : "the best that is to be had here");
        fm__loop_close(loop);
        doctor_line(doctor, "backend", line);
    } else {
        snprintf(line, sizeof line, "none: %s", fm_strerror(rc));
        doctor_line(doctor, "backend", line);
        doctor_advise(doctor, rc == -EINVAL
                                  ? "FERMATA_BACKEND must be auto, uring, "
                                    "epoll or sim"
                                  : "no program of this shell will run");
    }
    fm__memory_free(loop);
}

/* To go without it is no fault: epoll does all that it does, and more calls. */
static void doctor_uring(struct doctor *doctor)
{
    char line[256];
    struct fm__loop *loop = fm__memory_new(sizeof *loop);
    int rc = loop == NULL ? -ENOMEM : fm__loop_open(loop, "uring", 1);
    if (rc == 0) {
        const struct fm__uring_world *world = loop->world;
        const struct fm__uring_offer *offer = &world->ring.offer;
        snprintf(line, sizeof line, "to be had%s%s%s%s",
                 offer->accept_many ? "" : ", without multishot accept (6.9)",
                 offer->min_wait ? "" : ", without waits for many (6.12)",
                 offer->resize ? "" : ", without a ring that grows (6.14)",
                 offer->no_iowait ? "" : ", shown as I/O wait (before 6.15)");
        fm__loop_close(loop);
    } else {
        snprintf(line, sizeof line, "%s", fm__uring_refusal(rc));
    }
    doctor_line(doctor, "io_uring", line);
    fm__memory_free(loop);
}

static long doctor_mappings(void)
{
    char text[32];
    ssize_t size =
        fm__sys_slurp("/proc/sys/vm/max_map_count", text, sizeof text);
    return size > 0 ? strtol(text, NULL, 10) : 0;
}

static void doctor_guards(struct doctor *doctor)
{
    char line[128];
    if (fm__guard_probe() == FM__GUARD_MARKER) {
        doctor_line(doctor, "guards",
                    "markers (MADV_GUARD_INSTALL): as many "
                    "stacks as there is memory");
        return;
    }
    long stacks = doctor_mappings() / 2;
    snprintf(line, sizeof line, "mprotect: at most about %ld stacks", stacks);
    doctor_line(doctor, "guards", line);
    if (stacks < DOCTOR_STACKS)
        doctor_advise(doctor, "raise vm.max_map_count, or use Linux 6.13 for "
                              "guards without mappings");
}

static void doctor_limit(struct doctor *doctor, const char *what, int resource,
                         const char *unit)
{
    struct rlimit limit;
    char line[128];
    if (fm__sys_limit(resource, &limit) < 0)
        return;
    if (limit.rlim_cur == RLIM_INFINITY)
        snprintf(line, sizeof line, "unlimited");
    else
        snprintf(line, sizeof line, "%" PRIu64 " %s", (uint64_t)limit.rlim_cur,
                 unit);
    doctor_line(doctor, what, line);
}

static void doctor_descriptors(struct doctor *doctor)
{
    struct rlimit limit;
    doctor_limit(doctor, "descriptors", RLIMIT_NOFILE,
                 "at once (ulimit -n raises it)");
    if (fm__sys_limit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < DOCTOR_FILES)
        doctor_advise(doctor, "ulimit -n 1024 at least: each connection needs "
                              "one");
}

static void doctor_shadow(struct doctor *doctor)
{
    bool active = fm__sys_shadow_stack() > 0;
    doctor_line(doctor, "shadow stack", active ? "active" : "not active");
    if (active)
        doctor_advise(doctor, "start programs without glibc.cpu.hwcaps=SHSTK "
                              "in GLIBC_TUNABLES: tasks cannot run on one");
}

int fm_doctor(FILE *out)
{
    struct doctor doctor = {out, 0};
    doctor_kernel(&doctor);
    doctor_backend(&doctor);
    doctor_uring(&doctor);
    doctor_guards(&doctor);
    doctor_shadow(&doctor);
    doctor_descriptors(&doctor);
    doctor_limit(&doctor, "memory", RLIMIT_AS, "bytes of address (ulimit -v)");
    if (doctor.wrong == 0)
        fprintf(out, "\nnothing is wrong\n");
    else
        fprintf(out, "\n%d thing%s to mend\n", doctor.wrong,
                doctor.wrong == 1 ? "" : "s");
    return doctor.wrong;
}
