/*
 * sys_process.h - the door through which processes are started
 *
 * All that a child does between its birth and its program is done by what is
 * written down here before: it shares this memory, and must not allocate, lock
 * or call back. What it fails at comes back by a pipe that its program closes.
 */
#ifndef FM_BASE_SYS_PROCESS_H
#define FM_BASE_SYS_PROCESS_H

#include "base/compiler.h"

#include <sys/resource.h>
#include <sys/types.h>

/* A descriptor here, and its number there. */
struct fm__sys_gift {
    int from;
    int to;
    int aside; /* the child's: a copy at a number that none wants */
};

struct fm__sys_bound {
    int resource;
    uint64_t soft;
    uint64_t hard;
};

struct fm__sys_identity {
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t groups_count;
};

/* What is borrowed stays until fm__sys_spawn has returned. */
struct fm__sys_spawn {
    const char *file;
    const char *path; /* to look for the file in; NULL: it is one */
    char *room;       /* for each of those: both, a slash and a NUL */
    char *const *argv;
    char *const *environment;
    const char *directory; /* or NULL */
    struct fm__sys_gift *gifts;
    size_t gifts_count;
    const struct fm__sys_bound *bounds;
    size_t bounds_count;
    const struct fm__sys_identity *identity; /* or NULL */
    bool group;
    bool session;
    int terminal; /* which of the numbers there becomes its; -1: none */
    int refused;  /* by fm__sys_spawn_check: all of it */
    bool old;     /* by the same: as a kernel before 5.11 */

    /* Filled in. */
    int pid;
    int pidfd;          /* below 0: others have taken its end already */
    const char *failed; /* the step that did: a static string, or NULL */

    /* Private. */
    int news[2];
    int step;
    volatile bool shared; /* the child's writes are seen here */
};

/* Whether a sweep lets it pass: on the thread that has the plan. */
void fm__sys_spawn_check(struct fm__sys_spawn *spawn);
/* Waits until the program runs: 0, and pid and pidfd are the caller's; or
 * -errno. */
int fm__sys_spawn(struct fm__sys_spawn *spawn);

/* How a process ended. */
struct fm__sys_end {
    int code;   /* CLD_EXITED, CLD_KILLED, CLD_DUMPED */
    int status; /* what it gave to exit(3), or the signal */
    struct rusage usage;
};

/* None of these counts as a call: what ends must end. 1: its end was taken; 0:
 * it runs, and nobody asked to wait; -ECHILD: others have taken it. */
int fm__sys_reap(int pidfd, bool wait, struct fm__sys_end *end);
int fm__sys_signal(int pidfd, int pid, int number);
/* The group that it leads, or once led; -ESRCH for none. */
int fm__sys_signal_group(int pidfd, int pid, int number);

/* Whether a program that is executed has what is open here. */
bool fm__sys_inherited(int fd);

/* Descriptors for a child's use, which block: the null device; a pipe; a
 * pseudoterminal, fds[1] being the child's side. */
int fm__sys_null(void);
int fm__sys_pipe_blocking(int fds[2]);
int fm__sys_terminal(int fds[2]);
int fm__sys_terminal_size(int fd, unsigned short rows, unsigned short columns);

#endif
