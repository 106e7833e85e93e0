/*
 * loops_kit.h - loops of other threads and other processes, to be looked at
 */
#ifndef TESTS_INSPECT_LOOPS_KIT_H
#define TESTS_INSPECT_LOOPS_KIT_H

#include "inspect/picture_kit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static inline void pipe_of(int ends[2])
{
    CHECK_INT(pipe(ends), 0);
}

static inline void pipe_hear(int fd)
{
    char byte;
    CHECK_INT(read(fd, &byte, 1), 1);
}

/* A loop that says that it sleeps, and ends when it is told. */
struct quiet {
    int started;
    int ended;
};

static inline int quiet(void *arg)
{
    const struct quiet *quiet = arg;
    FM_TASK task = fm_go(forever);
    int rc = fm_yield();
    CHECK_INT(write(quiet->started, "+", 1), 1);
    if (rc == 0)
        rc = fm_wait_fd(quiet->ended, FM_READABLE);
    return rc < 0 ? rc : 0;
}

/* Where time is virtual nobody waits for a real descriptor. */
static inline int quiet_run(struct quiet *quiet_one)
{
    const fm_run_options options = {
        .backend = test_simulated() ? "epoll" : NULL,
    };
    return fm_run(quiet, quiet_one, &options);
}

static inline void *quiet_thread(void *quiet_one)
{
    CHECK_INT(quiet_run(quiet_one), 0);
    return NULL;
}

/* A forked child that is looked at until `told` is closed. */
static inline pid_t program(int (*run)(int said, int told), int *said,
                            int *told)
{
    int says[2], tells[2];
    pipe_of(says);
    pipe_of(tells);
    pid_t pid = fork();
    if (pid == 0) {
        close(says[0]);
        close(tells[1]);
        _exit(run(says[1], tells[0]) == 0 ? 0 : 1);
    }
    close(says[1]);
    close(tells[0]);
    *said = says[0];
    *told = tells[1];
    return pid;
}

static inline int program_quiet(int said, int told)
{
    struct quiet quiet_one = {said, told};
    return quiet_run(&quiet_one);
}

/* Of another process; skipped where nobody may look into one. */
static inline struct view view_of_program(int pid)
{
    fm_inspect *inspect = NULL;
    int rc = fm_inspect_open(&inspect, pid);
    fm_inspect_close(inspect);
    if (rc == -EPERM) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        test_skip("no other process may be read here");
    }
    return view_of(pid);
}

#endif
