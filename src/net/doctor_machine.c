/*
 * doctor_machine.c - processors, memory and clock, as far as a program may
 * have them
 */
#include "base/sys_thread.h"
#include "net/findings.h"

#include <stdlib.h>
#include <string.h>

#define CLOCKS "/sys/devices/system/clocksource/clocksource0/"
#define HUGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"
#define GIB (1024.0 * 1024.0 * 1024.0)

static void doctor_machine_lift(struct fm__doctor *doctor,
                                const struct fm__doctor_share *share)
{
    fm__doctor_type(doctor, "echo max >%s", share->path);
}

static void doctor_machine_processors(struct fm__doctor *doctor)
{
    struct fm__doctor_share share;
    unsigned count = fm__thread_cpus();
    fm__doctor_share(doctor, FM__SHARE_CPU, &share);
    if (share.least < 0) {
        fm__doctor_find(doctor, "processors", "%u", count);
        return;
    }
    double many = (double)share.least / 1000;
    fm__doctor_find(doctor, "processors", "%u, and of all together %.4g", count,
                    many);
    if (many >= 1)
        return;
    fm__doctor_hint(doctor, "the control group stops the program whenever it "
                            "has used its share: what is due then is late");
    doctor_machine_lift(doctor, &share);
}

/* The first line is "MemTotal:  8029440 kB". */
static void doctor_machine_whole(struct fm__doctor *doctor)
{
    char text[64];
    const char *at = NULL;
    if (fm__doctor_read(doctor, "/proc/meminfo", text, sizeof text))
        at = strchr(text, ' ');
    double size = at != NULL ? strtod(at, NULL) * 1024 : 0;
    if (size > 0)
        fm__doctor_find(doctor, "memory", "%.4g GiB, all of the machine's",
                        size / GIB);
    else
        fm__doctor_find(doctor, "memory", "all of the machine's");
}

static void doctor_machine_memory(struct fm__doctor *doctor)
{
    struct fm__doctor_share share;
    fm__doctor_share(doctor, FM__SHARE_MEMORY, &share);
    if (share.least < 0)
        doctor_machine_whole(doctor);
    else
        fm__doctor_find(doctor, "memory", "%.4g GiB, by the control group",
                        (double)share.least / GIB);
    if (fm__doctor_number(doctor, "/proc/sys/vm/overcommit_memory") != 2)
        return;
    fm__doctor_find(doctor, "overcommit", "none (vm.overcommit_memory is 2)");
    fm__doctor_hint(doctor, "each stack then counts as a whole, not by the "
                            "pages that it has touched");
    fm__doctor_type(doctor, "sysctl -w vm.overcommit_memory=0");
}

/* "always [madvise] never" */
static void doctor_machine_huge(struct fm__doctor *doctor)
{
    char text[64];
    if (!fm__doctor_read(doctor, HUGE_PAGES, text, sizeof text))
        return;
    char *begin = strchr(text, '['), *end = strchr(text, ']');
    if (begin == NULL || end == NULL || end < begin)
        return;
    *end = '\0';
    fm__doctor_find(doctor, "huge pages", "%s", begin + 1);
    if (strcmp(begin + 1, "never") != 0)
        return;
    fm__doctor_hint(doctor, "dense tasks are faster where their stacks lie in "
                            "huge pages");
    fm__doctor_type(doctor, "echo madvise >" HUGE_PAGES);
}

/* Those that are read without a call of the kernel are not among them. */
static bool doctor_machine_slow(const char *clock)
{
    static const char *const slow[] = {"hpet", "acpi_pm", "jiffies",
                                       "refined-jiffies", "pit"};
    for (size_t i = 0; i < FM__COUNT(slow); i++) {
        if (strcmp(clock, slow[i]) == 0)
            return true;
    }
    return false;
}

static void doctor_machine_clock(struct fm__doctor *doctor)
{
    char clock[64], others[160] = "";
    if (!fm__doctor_read(doctor, CLOCKS "current_clocksource", clock,
                         sizeof clock))
        return;
    bool slow = doctor_machine_slow(clock);
    fm__doctor_find(doctor, "clock", "%s%s", clock,
                    slow ? ", which takes a call of the kernel each time" : "");
    if (!slow)
        return;
    fm__doctor_hint(doctor, "the clock is read in each turn: where the machine "
                            "has a fast one, choose it");
    fm__doctor_read(doctor, CLOCKS "available_clocksource", others,
                    sizeof others);
    if (strstr(others, "tsc") != NULL)
        fm__doctor_type(doctor, "echo tsc >" CLOCKS "current_clocksource");
}

void fm__doctor_machine(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "machine");
    doctor_machine_processors(doctor);
    doctor_machine_memory(doctor);
    doctor_machine_huge(doctor);
    doctor_machine_clock(doctor);
}
