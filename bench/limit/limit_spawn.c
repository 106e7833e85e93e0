/*
 * limit_spawn.c - /bin/true by posix_spawn(3) and waitpid(2), COUNT at a time
 */
#include "measure.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

enum {
    SPAWNS = 128
};

static size_t count;

static void limit_start(void)
{
    char program[] = "/bin/true";
    char *const argv[] = {program, NULL};
    pid_t pid;

    if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0)
        exit(1);
}

static void limit_spawns(void)
{
    size_t started = 0;

    for (size_t ended = 0; ended < SPAWNS; ended++) {
        while (started < SPAWNS && started - ended < count) {
            limit_start();
            started++;
        }
        if (waitpid(-1, NULL, 0) < 0)
            exit(1);
    }
}

int main(int argc, char **argv)
{
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    snprintf(name, sizeof name, "%zu", count);
    measure("spawn", name, SPAWNS, limit_spawns);
    return 0;
}
