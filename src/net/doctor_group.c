/*
 * doctor_group.c - what control groups allow (cgroups(7)), version 2 or 1
 *
 * A group is limited by those around it as well: the least counts. In a
 * container the path that /proc tells may not be seen under /sys: then the
 * group that is mounted there is the container's own.
 */
#include "net/findings.h"

#include <stdlib.h>
#include <string.h>

#define GROUP_HUGE (INT64_C(1) << 60) /* version 1 says so where none is */

struct group_kind {
    const char *file;       /* of version 2 */
    const char *controller; /* of version 1, */
    const char *old_file;
    const char *old_period; /* what that is a share of, or NULL */
};

static const struct group_kind group_kinds[FM__SHARES] = {
    {"cpu.max", "cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us"},
    {"memory.max", "memory", "memory.limit_in_bytes", NULL},
    {"pids.max", "pids", "pids.max", NULL},
};

/* One directory that may have a limit. */
struct group_place {
    const struct fm__doctor *doctor;
    const struct group_kind *kind;
    bool old;
    char directory[200];
};

static void doctor_group_file(const struct group_place *place, const char *file,
                              char path[256])
{
    snprintf(path, 256, "%s/%s", place->directory, file);
}

/* "50000 100000", or the quota alone and the period in another file. */
static int64_t doctor_group_share(const struct group_place *place,
                                  const char *text)
{
    char *end, path[256];
    int64_t quota = strtoll(text, &end, 10), period = 0;
    if (end == text || quota < 0)
        return -1;
    if (place->old) {
        doctor_group_file(place, place->kind->old_period, path);
        period = fm__doctor_number(place->doctor, path);
    } else {
        period = strtoll(end, NULL, 10);
    }
    return period > 0 ? quota * 1000 / period : -1;
}

static int64_t doctor_group_limit(const struct group_place *place,
                                  char path[256])
{
    char text[64], *end;
    const struct group_kind *kind = place->kind;
    doctor_group_file(place, place->old ? kind->old_file : kind->file, path);
    if (!fm__doctor_read(place->doctor, path, text, sizeof text))
        return -1;
    if (kind->old_period != NULL)
        return doctor_group_share(place, text);
    int64_t limit = strtoll(text, &end, 10);
    return end == text || limit >= GROUP_HUGE ? -1 : limit;
}

/* From the directory up to the one that is mounted. */
static void doctor_group_climb(struct group_place *place, size_t top,
                               struct fm__doctor_share *share)
{
    for (;;) {
        char path[256];
        int64_t limit = doctor_group_limit(place, path);
        if (limit >= 0 && (share->least < 0 || limit < share->least)) {
            share->least = limit;
            memcpy(share->path, path, sizeof path);
        }
        char *slash = strrchr(place->directory, '/');
        if (slash == NULL || (size_t)(slash - place->directory) < top)
            return;
        *slash = '\0';
    }
}

static bool doctor_group_has(const char *controllers, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = controllers; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, size) == 0 &&
            (at[size] == ',' || at[size] == ':'))
            return true;
    }
    return false;
}

/* A line of /proc/self/cgroup: "0::/path", or "4:cpu,cpuacct:/path". */
static void doctor_group_line(struct group_place *place, char *line,
                              struct fm__doctor_share *share)
{
    const char *mount = "/sys/fs/cgroup";
    char *controllers = strchr(line, ':');
    char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL)
        return;
    controllers++;
    place->old = *controllers != ':';
    if (place->old && !doctor_group_has(controllers, place->kind->controller))
        return;
    size_t top = (size_t)snprintf(place->directory, sizeof place->directory,
                                  "%s%s%s", mount, place->old ? "/" : "",
                                  place->old ? place->kind->controller : "");
    if (strcmp(path + 1, "/") != 0)
        snprintf(place->directory + top, sizeof place->directory - top, "%s",
                 path + 1);
    doctor_group_climb(place, top, share);
}

void fm__doctor_share(const struct fm__doctor *doctor, enum fm__share which,
                      struct fm__doctor_share *share)
{
    struct group_place place = {.doctor = doctor, .kind = &group_kinds[which]};
    char text[2048];
    share->least = -1;
    share->path[0] = '\0';
    if (!fm__doctor_read(doctor, "/proc/self/cgroup", text, sizeof text))
        return;
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        doctor_group_line(&place, line, share);
        line = end;
    }
}
