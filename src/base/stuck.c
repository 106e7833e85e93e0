/*
 * stuck.c - /proc/PID/task/TID/syscall: proc(5)
 */
#include "base/stuck.h"

#include "base/sys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum stuck_traits {
    STUCK_RESTARTS = 1,
    STUCK_DESCRIPTOR = 2 /* the first argument is one */
};

#define STUCK_IO (STUCK_RESTARTS | STUCK_DESCRIPTOR)

/* Those that a program is likely to wait in; a handler ends the others early,
 * see "Interruption of system calls" of signal(7). */
static const struct {
    long call;
    const char *name;
    int traits;
} stuck_calls[] = {
    {SYS_read, "read", STUCK_IO},
    {SYS_write, "write", STUCK_IO},
    {SYS_readv, "readv", STUCK_IO},
    {SYS_writev, "writev", STUCK_IO},
    {SYS_pread64, "pread", STUCK_IO},
    {SYS_pwrite64, "pwrite", STUCK_IO},
    {SYS_sendfile, "sendfile", STUCK_IO},
    {SYS_recvfrom, "recv", STUCK_IO},
    {SYS_recvmsg, "recvmsg", STUCK_IO},
    {SYS_sendto, "send", STUCK_IO},
    {SYS_sendmsg, "sendmsg", STUCK_IO},
    {SYS_accept, "accept", STUCK_IO},
    {SYS_accept4, "accept", STUCK_IO},
    {SYS_connect, "connect", STUCK_IO},
    {SYS_flock, "flock", STUCK_IO},
    {SYS_fcntl, "fcntl", STUCK_IO},
    {SYS_ioctl, "ioctl", STUCK_IO},
    {SYS_fsync, "fsync", STUCK_IO},
    {SYS_fdatasync, "fdatasync", STUCK_IO},
    {SYS_openat, "open", STUCK_RESTARTS},
    {SYS_wait4, "wait", STUCK_RESTARTS},
    {SYS_waitid, "waitid", STUCK_RESTARTS},
    {SYS_futex, "futex (a lock, a condition, a join)", STUCK_RESTARTS},
    {SYS_nanosleep, "nanosleep", 0},
    {SYS_clock_nanosleep, "nanosleep", 0},
    {SYS_ppoll, "poll", 0},
    {SYS_pselect6, "select", 0},
    {SYS_epoll_pwait, "epoll_wait", STUCK_DESCRIPTOR},
    {SYS_rt_sigtimedwait, "sigwait", 0},
    {SYS_rt_sigsuspend, "sigsuspend", 0},
#ifdef SYS_open
    {SYS_open, "open", STUCK_RESTARTS},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", 0},
#endif
#ifdef SYS_select
    {SYS_select, "select", 0},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", STUCK_DESCRIPTOR},
#endif
#ifdef SYS_pause
    {SYS_pause, "pause", 0},
#endif
};

static void stuck_name(struct fm__stuck *stuck, uint64_t first)
{
    const char *name = NULL;
    int traits = 0;
    for (size_t i = 0; i < FM__COUNT(stuck_calls); i++) {
        if (stuck_calls[i].call == stuck->call) {
            name = stuck_calls[i].name;
            traits = stuck_calls[i].traits;
        }
    }
    stuck->restarts = (traits & STUCK_RESTARTS) != 0;
    if (name == NULL)
        snprintf(stuck->text, sizeof stuck->text, "system call %ld",
                 stuck->call);
    else if (traits & STUCK_DESCRIPTOR)
        snprintf(stuck->text, sizeof stuck->text, "%s on descriptor %d", name,
                 (int)first);
    else
        snprintf(stuck->text, sizeof stuck->text, "%s", name);
}

/* number, six arguments, stack pointer, program counter. */
bool fm__stuck_look(int thread, struct fm__stuck *stuck)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    if (fm__sys_slurp(path, line, sizeof line) <= 0)
        return false;
    char *next;
    stuck->call = strtol(line, &next, 10);
    if (next == line || stuck->call < 0)
        return false;
    uint64_t words[7] = {0};
    for (size_t i = 0; i < FM__COUNT(words); i++)
        words[i] = strtoull(next, &next, 16);
    stuck->stack = words[6];
    stuck_name(stuck, words[0]);
    return true;
}
