/*
 * sys_process_reach.c - a process that runs: its signals, and its end
 *
 * By its descriptor wherever the kernel lets us: a number may be another's.
 */
#include "base/sys_process.h"

#include "base/sys_call.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REACH_P_PIDFD 3              /* waitid(2), Linux 5.4 */
#define REACH_SIGNAL_GROUP (1U << 2) /* pidfd_send_signal(2), Linux 6.9 */

/* The system call itself also tells what was used. */
int fm__sys_reap(int pidfd, bool wait, struct fm__sys_end *end)
{
    siginfo_t info = {0};
    int saved = errno, rc, flags = WEXITED | __WALL | (wait ? 0 : WNOHANG);
    do
        rc = (int)syscall(SYS_waitid, REACH_P_PIDFD, pidfd, &info, flags,
                          &end->usage);
    while (rc < 0 && errno == EINTR);
    rc = rc < 0 ? fm__sys_code(errno) : info.si_pid != 0;
    errno = saved;
    end->code = info.si_code;
    end->status = info.si_status;
    return rc;
}

/* valgrind has no pidfd_send_signal(2), and older sandboxes say EPERM to all
 * that they do not know. */
int fm__sys_signal(int pidfd, int pid, int number)
{
    int saved = errno;
    int rc = (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0U);
    if (rc < 0 && (errno == ENOSYS || errno == EPERM))
        rc = kill(pid, number);
    rc = rc < 0 ? fm__sys_code(errno) : 0;
    errno = saved;
    return rc;
}

/* By its number it is the right one as long as its leader's end was not
 * taken. */
static int sys_process_signal_group_by_number(int pidfd, int pid, int number)
{
    int rc = fm__sys_signal(pidfd, pid, 0);
    if (rc == -ESRCH)
        return rc;
    int saved = errno;
    rc = kill(-pid, number);
    rc = rc < 0 ? fm__sys_code(errno) : 0;
    errno = saved;
    return rc;
}

int fm__sys_signal_group(int pidfd, int pid, int number)
{
    int saved = errno;
    int rc = (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL,
                          REACH_SIGNAL_GROUP);
    if (rc < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
        rc = sys_process_signal_group_by_number(pidfd, pid, number);
    else
        rc = rc < 0 ? fm__sys_code(errno) : 0;
    errno = saved;
    return rc;
}
