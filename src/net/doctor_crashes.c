/*
 * doctor_crashes.c - who may look into a program, and what is left of one that
 * has crashed
 */
#include "base/sys.h"
#include "net/findings.h"

#define PTRACE_SCOPE "/proc/sys/kernel/yama/ptrace_scope"

/* kernel.yama.ptrace_scope; without Yama it is as 0. */
static void doctor_crashes_reach(struct fm__doctor *doctor)
{
    static const char *const scopes[] = {
        "programs of the same user",
        "what it has started, or as root all: sudo fermata ps PID",
        "as root alone: sudo fermata ps PID",
        "no program: kernel.yama.ptrace_scope is 3",
    };
    int64_t scope = fm__doctor_number(doctor, PTRACE_SCOPE);
    if (scope < 0 || scope > 3)
        scope = 0;
    fm__doctor_find(doctor, "ps may look into", "%s", scopes[scope]);
    if (scope == 3)
        fm__doctor_hint(doctor, "it is lowered by a restart of the machine "
                                "alone; until then there are core files");
}

static void doctor_crashes_core(struct fm__doctor *doctor)
{
    struct rlimit limit;
    char pattern[128];
    if (!fm__doctor_read(doctor, "/proc/sys/kernel/core_pattern", pattern,
                         sizeof pattern) ||
        fm__sys_limit(RLIMIT_CORE, &limit) < 0)
        return;
    if (pattern[0] == '|')
        fm__doctor_find(doctor, "core files", "given to %s", pattern + 1);
    else if (limit.rlim_cur == 0)
        fm__doctor_find(doctor, "core files",
                        "none are written: ulimit -c unlimited");
    else
        fm__doctor_find(doctor, "core files", "written to %s", pattern);
}

void fm__doctor_crashes(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "inside");
    doctor_crashes_reach(doctor);
    doctor_crashes_core(doctor);
}
