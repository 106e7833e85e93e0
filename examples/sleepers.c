/*
 * sleepers.c - 100,000 tasks asleep at once: their memory, and their time
 *
 *   sleepers [COUNT]
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* [lend] */
/* The sleepers borrow it from the task that opened their group. */
struct dormitory {
    size_t beds;
    size_t asleep;
    int64_t morning;
};

struct sleeper {
    struct dormitory *in;
};

static int sleeper(struct sleeper *self)
{
    self->in->asleep++;
    int rc = fm_sleep_until(self->in->morning);
    self->in->asleep--;
    return rc;
}
/* [/lend] */

/* Bytes of this process that are in memory. */
static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* 1234567 as 1,234,567. */
static void tell_count(const char *what, size_t number, const char *unit)
{
    char text[32];
    size_t at = sizeof text - 1;
    text[at] = '\0';
    for (size_t digits = 0; number > 0 || digits == 0; number /= 10) {
        if (digits++ % 3 == 0 && digits > 1)
            text[--at] = ',';
        text[--at] = (char)('0' + number % 10);
    }
    printf("  %-17s %9s %s\n", what, &text[at], unit);
    fflush(stdout);
}

static void tell_time(const char *what, int64_t since)
{
    double seconds = (double)(fm_now() - since) / (double)FM_SECOND;
    printf("  %-17s %9.2f s\n", what, seconds);
    fflush(stdout);
}

/* [bed] */
/* After one yield each of them has run until it fell asleep. */
static int put_to_bed(fm_group *group, struct dormitory *dormitory)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < dormitory->beds; i++)
        rc = fm_group_go(group, sleeper, dormitory);
    int yielded = fm_yield();
    return rc == 0 ? yielded : rc;
}
/* [/bed] */

static int night(void *arg)
{
    struct dormitory *dormitory = arg;
    size_t before = resident();
    int64_t evening = fm_now();
    double length = 1 + (double)dormitory->beds * 2e-5;
    int rc;

    dormitory->morning = evening + (int64_t)(length * (double)FM_SECOND);
    FM_GROUP(g, rc) {
        rc = put_to_bed(g, dormitory);
        size_t asleep = dormitory->asleep;
        tell_count("asleep at once", asleep, "tasks");
        tell_time("all asleep after", evening);
        if (asleep > 0)
            tell_count("memory of each", (resident() - before) / asleep,
                       "bytes");
        if (rc == -ENOMEM)
            printf("  The system has no room for more: ask fermata doctor.\n");
    }
    if (rc == 0 || rc == -ENOMEM)
        tell_time("all awake after", evening);
    return rc == -ENOMEM ? 0 : rc;
}

int main(int argc, char **argv)
{
    struct dormitory dormitory = {.beds = 100000};
    if (argc > 1)
        dormitory.beds = strtoul(argv[1], NULL, 10);
    return fm_run(night, &dormitory) < 0;
}
