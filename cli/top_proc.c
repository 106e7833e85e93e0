/*
 * top_proc.c - what the system says of a program: memory, descriptors, time
 */
#include "top.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOP_PATH 64
#define TOP_LINE 1024

static bool top_line_of(const char *path, char line[TOP_LINE])
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool read = fgets(line, TOP_LINE, file) != NULL;
    fclose(file);
    return read;
}

/* The second and the third of the times that come behind the name, which may
 * have anything in it, in ns. */
static int64_t top_time_of(const char *path)
{
    char line[TOP_LINE];
    uint64_t user, system;
    if (!top_line_of(path, line))
        return -1;
    const char *rest = strrchr(line, ')');
    if (rest == NULL ||
        sscanf(rest, /* state, 10 numbers, utime, stime */
               ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64
               " %" SCNu64,
               &user, &system) != 2)
        return -1;
    uint64_t tick = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
    return (int64_t)((user + system) * tick);
}

static int64_t top_memory_of(int pid)
{
    char path[TOP_PATH], line[TOP_LINE];
    uint64_t pages;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (!top_line_of(path, line) || sscanf(line, "%*s %" SCNu64, &pages) != 1)
        return -1;
    return (int64_t)(pages * (uint64_t)sysconf(_SC_PAGESIZE));
}

static int64_t top_descriptors_of(int pid)
{
    char path[TOP_PATH];
    int64_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

void top_proc_read(struct top_look *look)
{
    const fm_picture *picture = look->picture;
    char path[TOP_PATH];
    snprintf(path, sizeof path, "/proc/%d/stat", picture->pid);
    look->cpu = top_time_of(path);
    look->memory = top_memory_of(picture->pid);
    look->descriptors = top_descriptors_of(picture->pid);
    for (size_t i = 0; i < TOP_LOOPS; i++)
        look->threads[i] = -1;
    for (size_t i = 0; i < picture->loop_count && i < TOP_LOOPS; i++) {
        snprintf(path, sizeof path, "/proc/%d/task/%d/stat", picture->pid,
                 picture->loops[i].thread);
        look->threads[i] = top_time_of(path);
    }
}
