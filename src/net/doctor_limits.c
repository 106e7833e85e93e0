/*
 * doctor_limits.c - what this process may have (setrlimit(2)), and the
 * settings of the system that limit a server
 */
#include "base/sys.h"
#include "net/findings.h"

#include <inttypes.h>
#include <stdlib.h>

#define LIMITS_FILES_LEAST 1024
#define LIMITS_FILES_MANY 65536
#define LIMITS_THREADS 64
#define LIMITS_BACKLOG 1024
#define LIMITS_PORTS 10000

static void doctor_limits_value(int resource, rlim_t limit, char text[32])
{
    bool large = limit >= (rlim_t)1 << 30;
    bool counts = resource == RLIMIT_NOFILE || resource == RLIMIT_NPROC;
    if (limit == RLIM_INFINITY)
        snprintf(text, 32, "unlimited");
    else if (counts)
        snprintf(text, 32, "%" PRIu64, (uint64_t)limit);
    else
        snprintf(text, 32, "%.6g %s",
                 (double)limit / (large ? 1073741824 : 1048576),
                 large ? "GiB" : "MiB");
}

static bool doctor_limits_find(struct fm__doctor *doctor, const char *name,
                               int resource, struct rlimit *limit)
{
    char soft[32], hard[32];
    if (fm__sys_limit(resource, limit) < 0)
        return false;
    doctor_limits_value(resource, limit->rlim_cur, soft);
    doctor_limits_value(resource, limit->rlim_max, hard);
    if (limit->rlim_cur == limit->rlim_max)
        fm__doctor_find(doctor, name, "%s", soft);
    else
        fm__doctor_find(doctor, name, "%s, may be raised to %s", soft, hard);
    return true;
}

static void doctor_limits_files(struct fm__doctor *doctor)
{
    struct rlimit limit;
    if (!doctor_limits_find(doctor, "descriptors", RLIMIT_NOFILE, &limit))
        return;
    rlim_t most =
        limit.rlim_max < LIMITS_FILES_MANY ? limit.rlim_max : LIMITS_FILES_MANY;
    if (limit.rlim_cur < LIMITS_FILES_LEAST)
        fm__doctor_mend(doctor, "each connection needs one: have 1024 at "
                                "least");
    else if (limit.rlim_cur < most)
        fm__doctor_hint(doctor, "each connection needs one: a server wants "
                                "more");
    else
        return;
    if (most < LIMITS_FILES_LEAST)
        most = LIMITS_FILES_LEAST;
    fm__doctor_type(doctor, "ulimit -n %" PRIu64, (uint64_t)most);
}

/* The least of what the user and the control group may have. */
static void doctor_limits_processes(struct fm__doctor *doctor)
{
    struct rlimit limit;
    struct fm__doctor_share share;
    if (doctor_limits_find(doctor, "threads", RLIMIT_NPROC, &limit) &&
        limit.rlim_cur < LIMITS_THREADS) {
        fm__doctor_hint(doctor, "files and blocking calls are done on "
                                "threads, which count with all others of the "
                                "user");
        fm__doctor_type(doctor, "ulimit -u %d", 16 * LIMITS_THREADS);
    }
    fm__doctor_share(doctor, FM__SHARE_PROCESSES, &share);
    if (share.least < 0)
        return;
    fm__doctor_find(doctor, "all threads", "%" PRId64 ", by the control group",
                    share.least);
    if (share.least >= LIMITS_THREADS)
        return;
    fm__doctor_hint(doctor, "files and blocking calls are done on threads");
    fm__doctor_type(doctor, "echo max >%s", share.path);
}

static void doctor_limits_address(struct fm__doctor *doctor)
{
    struct rlimit limit;
    if (!doctor_limits_find(doctor, "address space", RLIMIT_AS, &limit) ||
        limit.rlim_cur == RLIM_INFINITY)
        return;
    fm__doctor_hint(doctor, "stacks are address space, of which only what is "
                            "touched is memory");
    fm__doctor_type(doctor, "ulimit -v unlimited");
}

void fm__doctor_limits(struct fm__doctor *doctor)
{
    struct rlimit limit;
    fm__doctor_section(doctor, "limits");
    doctor_limits_files(doctor);
    doctor_limits_processes(doctor);
    doctor_limits_address(doctor);
    doctor_limits_find(doctor, "locked memory", RLIMIT_MEMLOCK, &limit);
    doctor_limits_find(doctor, "stack of threads", RLIMIT_STACK, &limit);
}

/* ---- of the system ------------------------------------------------------ */

static void doctor_limits_backlog(struct fm__doctor *doctor)
{
    int64_t most = fm__doctor_number(doctor, "/proc/sys/net/core/somaxconn");
    if (most < 0)
        return;
    fm__doctor_find(doctor, "backlog",
                    "%" PRId64 " connections that wait to be accepted", most);
    if (most >= LIMITS_BACKLOG)
        return;
    fm__doctor_hint(doctor, "of a burst of more connections some come late");
    fm__doctor_type(doctor, "sysctl -w net.core.somaxconn=4096");
}

static void doctor_limits_ports(struct fm__doctor *doctor)
{
    char text[64], *end;
    if (!fm__doctor_read(doctor, "/proc/sys/net/ipv4/ip_local_port_range", text,
                         sizeof text))
        return;
    long first = strtol(text, &end, 10), last = strtol(end, NULL, 10);
    long count = last - first + 1;
    if (first <= 0 || count <= 0)
        return;
    fm__doctor_find(doctor, "ports of clients",
                    "%ld to %ld: %ld connections to one server at once", first,
                    last, count);
    if (count >= LIMITS_PORTS)
        return;
    fm__doctor_hint(doctor, "a client of many connections wants more");
    fm__doctor_type(doctor,
                    "sysctl -w net.ipv4.ip_local_port_range='15000 65000'");
}

static void doctor_limits_system_files(struct fm__doctor *doctor)
{
    struct rlimit limit;
    int64_t all = fm__doctor_number(doctor, "/proc/sys/fs/file-max");
    int64_t each = fm__doctor_number(doctor, "/proc/sys/fs/nr_open");
    if (each >= 0)
        fm__doctor_find(doctor, "open files",
                        "%" PRId64 " of a process at most", each);
    if (all < 0 || fm__sys_limit(RLIMIT_NOFILE, &limit) < 0 ||
        (uint64_t)all >= limit.rlim_cur)
        return;
    fm__doctor_find(doctor, "all open files", "%" PRId64, all);
    fm__doctor_hint(doctor, "that is less than this process may have");
    fm__doctor_type(doctor, "sysctl -w fs.file-max=%" PRIu64,
                    2 * (uint64_t)limit.rlim_cur);
}

void fm__doctor_network(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "system");
    doctor_limits_system_files(doctor);
    doctor_limits_backlog(doctor);
    doctor_limits_ports(doctor);
}
