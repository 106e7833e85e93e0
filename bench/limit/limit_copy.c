/*
 * limit_copy.c - a copy of 1 GiB by a bare loop, or by cp
 *
 * limit_copy [cp]
 */
#include "copying.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int copy_bare(void)
{
    int from = open(copying_from, O_RDONLY | O_CLOEXEC);
    int to = open(copying_to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t moved;
    do
        moved = copy_file_range(from, NULL, to, NULL,
                                (size_t)COPYING_CHUNK * COPYING_COUNT, 0);
    while (moved > 0);
    close(from);
    close(to);
    return moved < 0 ? -1 : 0;
}

static int copy_cp(void)
{
    char *const argv[] = {"cp", copying_from, copying_to, NULL};
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, "cp", NULL, NULL, argv, environ) != 0)
        return -1;
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    (void)argv;
    copying_begin();
    return copying_run(argc > 1 ? copy_cp : copy_bare) < 0;
}
