/*
 * findings.c - collects a finding until it is told, and reads the system's
 * files for those who find
 */
#include "net/findings.h"

#include "base/sys.h"

#include <stdarg.h>
#include <stdlib.h>

static void findings_flush(struct fm__doctor *doctor)
{
    struct fm__finding *finding = &doctor->finding;
    if (finding->name == NULL)
        return;
    doctor->tell(doctor, finding);
    doctor->told = finding->section;
    doctor->count++;
    doctor->grades[finding->grade]++;
    finding->name = NULL;
}

void fm__doctor_section(struct fm__doctor *doctor, const char *section)
{
    findings_flush(doctor);
    doctor->finding.section = section;
}

void fm__doctor_find(struct fm__doctor *doctor, const char *name,
                     const char *value, ...)
{
    struct fm__finding *finding = &doctor->finding;
    va_list args;
    findings_flush(doctor);
    finding->name = name;
    finding->grade = FM__GRADE_FACT;
    finding->advice[0] = '\0';
    finding->command[0] = '\0';
    va_start(args, value);
    vsnprintf(finding->value, sizeof finding->value, value, args);
    va_end(args);
}

FM__FORMAT(3, 0)
static void findings_advise(struct fm__finding *finding, enum fm__grade grade,
                            const char *advice, va_list args)
{
    finding->grade = grade;
    vsnprintf(finding->advice, sizeof finding->advice, advice, args);
}

void fm__doctor_mend(struct fm__doctor *doctor, const char *advice, ...)
{
    va_list args;
    va_start(args, advice);
    findings_advise(&doctor->finding, FM__GRADE_MEND, advice, args);
    va_end(args);
}

void fm__doctor_hint(struct fm__doctor *doctor, const char *advice, ...)
{
    va_list args;
    va_start(args, advice);
    findings_advise(&doctor->finding, FM__GRADE_HINT, advice, args);
    va_end(args);
}

void fm__doctor_type(struct fm__doctor *doctor, const char *command, ...)
{
    struct fm__finding *finding = &doctor->finding;
    va_list args;
    va_start(args, command);
    vsnprintf(finding->command, sizeof finding->command, command, args);
    va_end(args);
}

bool fm__doctor_read(const struct fm__doctor *doctor, const char *path,
                     char *text, size_t size)
{
    char place[512];
    snprintf(place, sizeof place, "%s%s", doctor->root, path);
    return fm__sys_slurp(place, text, size) >= 0;
}

int64_t fm__doctor_number(const struct fm__doctor *doctor, const char *path)
{
    char text[32], *end;
    if (!fm__doctor_read(doctor, path, text, sizeof text))
        return -1;
    long long number = strtoll(text, &end, 10);
    return end != text ? number : -1;
}
