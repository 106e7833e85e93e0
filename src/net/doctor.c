/*
 * doctor.c - what the library finds on this machine
 *
 * It looks at what all floors of the library stand on, and so has its place on
 * the highest of them.
 */
#include <fermata/doctor.h>
#include <fermata/error.h>

#include "base/memory.h"
#include "base/room.h"
#include "base/sys.h"
#include "coro/guard.h"
#include "loop/loop_core.h"
#include "net/findings.h"

#include <stdlib.h>
#include <string.h>

#define DOCTOR_STACKS 100000 /* what one program should be able to hold */

/* What the build says of itself; of one file it is not known. */
#ifndef FM__BUILT_WITH
#define FM__BUILT_WITH ""
#endif

static void doctor_refused(struct fm__doctor *doctor, int rc)
{
    fm__doctor_find(doctor, "backend", "none: %s", fm_strerror(rc));
    if (rc == -EINVAL) {
        fm__doctor_mend(doctor,
                        "FERMATA_BACKEND must be auto, uring, epoll or sim");
        fm__doctor_type(doctor, "unset FERMATA_BACKEND");
    } else {
        fm__doctor_mend(doctor, "no program of this shell will run");
    }
}

/* Opens it, as a run would. */
static void doctor_backend(struct fm__doctor *doctor)
{
    const char *asked = getenv("FERMATA_BACKEND");
    bool chosen = asked != NULL && *asked != '\0';
    struct fm__loop *loop = fm__memory_new(sizeof *loop);
    int rc =
        loop == NULL ? -ENOMEM : fm__loop_open(loop, chosen ? asked : NULL, 1);
    if (rc == 0) {
        fm__doctor_find(doctor, "backend", "%s, %s", loop->backend->name,
                        chosen ? "because FERMATA_BACKEND says so"
                               : "the best that is to be had here");
        fm__loop_close(loop);
    } else {
        doctor_refused(doctor, rc);
    }
    fm__memory_free(loop);
}

static void doctor_guards(struct fm__doctor *doctor)
{
    if (fm__guard_probe() == FM__GUARD_MARKER) {
        fm__doctor_find(doctor, "guards",
                        "markers (MADV_GUARD_INSTALL): as many "
                        "stacks as there is memory");
        return;
    }
    long stacks =
        (long)fm__doctor_number(doctor, "/proc/sys/vm/max_map_count") / 2;
    fm__doctor_find(doctor, "guards", "mprotect: at most about %ld stacks",
                    stacks);
    if (stacks >= DOCTOR_STACKS)
        return;
    fm__doctor_mend(doctor, "raise vm.max_map_count, or use Linux 6.13 for "
                            "guards without mappings");
    fm__doctor_type(doctor, "sysctl -w vm.max_map_count=%d", 4 * DOCTOR_STACKS);
}

static void doctor_shadow(struct fm__doctor *doctor)
{
    bool active = fm__sys_shadow_stack() > 0;
    fm__doctor_find(doctor, "shadow stack", active ? "active" : "not active");
    if (!active)
        return;
    fm__doctor_mend(doctor, "start programs without glibc.cpu.hwcaps=SHSTK "
                            "in GLIBC_TUNABLES: tasks cannot run on one");
    fm__doctor_type(doctor, "unset GLIBC_TUNABLES");
}

static void doctor_build(struct fm__doctor *doctor)
{
    struct utsname name;
    fm__doctor_section(doctor, "fermata");
    fm__doctor_find(doctor, "version", FM_VERSION);
    if (sizeof FM__BUILT_WITH > 1)
        fm__doctor_find(doctor, "built with", "lib%s", FM__BUILT_WITH);
    if (fm__sys_name(&name) == 0)
        fm__doctor_find(doctor, "kernel", "%.64s %.64s %.64s", name.sysname,
                        name.release, name.machine);
}

static void doctor_chosen(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "chosen");
    doctor_backend(doctor);
    doctor_guards(doctor);
    fm__doctor_names(doctor);
    doctor_shadow(doctor);
}

void fm__doctor_examine(struct fm__doctor *doctor)
{
    doctor_build(doctor);
    doctor_chosen(doctor);
    fm__doctor_uring(doctor);
    fm__doctor_calls(doctor);
    fm__doctor_machine(doctor);
    fm__doctor_limits(doctor);
    fm__doctor_network(doctor);
    fm__doctor_crashes(doctor);
    fm__doctor_section(doctor, NULL);
}

static void doctor_visit_all(void *arg)
{
    fm__doctor_examine(arg);
}

static void doctor_end(const struct fm__doctor *doctor)
{
    int wrong = doctor->grades[FM__GRADE_MEND];
    int hints = doctor->grades[FM__GRADE_HINT];
    fputc('\n', doctor->out);
    if (wrong == 0)
        fprintf(doctor->out, "nothing is wrong");
    else
        fprintf(doctor->out, "%d thing%s to mend", wrong,
                wrong == 1 ? "" : "s");
    if (hints > 0)
        fprintf(doctor->out, ", %d hint%s", hints, hints == 1 ? "" : "s");
    fputc('\n', doctor->out);
}

int fm_doctor(FILE *out)
{
    struct fm__doctor doctor = {
        .out = out, .root = "", .tell = fm__doctor_as_text};
    fm__room_call(doctor_visit_all, &doctor);
    doctor_end(&doctor);
    return doctor.grades[FM__GRADE_MEND];
}

int fm_doctor_json(FILE *out)
{
    struct fm__doctor doctor = {
        .out = out, .root = "", .tell = fm__doctor_as_json};
    fprintf(out, "{\"findings\": [");
    fm__room_call(doctor_visit_all, &doctor);
    fprintf(out, "\n], \"hints\": %d, \"wrong\": %d}\n",
            doctor.grades[FM__GRADE_HINT], doctor.grades[FM__GRADE_MEND]);
    return doctor.grades[FM__GRADE_MEND];
}
