/*
 * sys_process.c - the birth of a process
 *
 * The child shares this memory and has the thread's attention until its
 * program runs: no page table is copied, however large this program is. One
 * that gives up rights has a copy: whoever has what is left of them may trace
 * it, and the kernel lets a memory whose rights have changed dump no core.
 * Invariant: until then it makes system calls and nothing else, on a stack of
 * its own, with all signals blocked, for a handler would run in memory that is
 * not its own.
 *
 * valgrind makes a fork of it, which copies memory and waits for nobody: what
 * has failed is therefore told by a pipe, not by memory, and only where the
 * child's writes were seen need nobody wait for it.
 */
#include "base/sys_process.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPAWN_STACK 65536
#define SPAWN_CLONE_PIDFD 0x1000     /* clone(2), Linux 5.2 */
#define SPAWN_RANGE_CLOEXEC (1 << 2) /* close_range(2), Linux 5.11 */

enum spawn_step {
    SPAWN_START,
    SPAWN_DESCRIPTORS,
    SPAWN_GROUP,
    SPAWN_TERMINAL,
    SPAWN_LIMITS,
    SPAWN_USER,
    SPAWN_DIRECTORY,
    SPAWN_PROGRAM
};

static const char *const spawn_steps[] = {
    [SPAWN_START] = "start",         [SPAWN_DESCRIPTORS] = "descriptors",
    [SPAWN_GROUP] = "group",         [SPAWN_TERMINAL] = "terminal",
    [SPAWN_LIMITS] = "limits",       [SPAWN_USER] = "user",
    [SPAWN_DIRECTORY] = "directory", [SPAWN_PROGRAM] = "program",
};

struct spawn_news {
    int step;
    int error;
};

/* ---- In the child: 0 or -1 and errno ------------------------------------ */

/* Zeroes are SIG_DFL to every kernel, and the C library keeps no books. */
FM__BARE_FRAME static void sys_spawn_signals(void)
{
    const unsigned long dfl[8] = {0};
    for (int number = 1; number <= _NSIG - 1; number++)
        syscall(SYS_rt_sigaction, number, dfl, NULL, (size_t)(_NSIG / 8));
}

FM__BARE_FRAME static int sys_spawn_group(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_GROUP;
    if (spawn->session)
        return setsid() < 0 ? -1 : 0;
    return spawn->group ? setpgid(0, 0) : 0;
}

/* A record of getdents64(2). */
struct spawn_entry {
    uint64_t number;
    int64_t next;
    unsigned short size;
    unsigned char type;
    char name[];
};

FM__BARE_FRAME static void sys_spawn_hide_one(const struct spawn_entry *entry)
{
    int fd = 0;
    for (const char *c = entry->name; *c >= '0' && *c <= '9'; c++)
        fd = fd * 10 + (*c - '0');
    if (entry->name[0] != '.' && fd > STDERR_FILENO)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Before Linux 5.11: each that there is. */
FM__BARE_FRAME static int sys_spawn_hide_each(void)
{
    _Alignas(struct spawn_entry) char buf[4096];
    int fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    long size;
    while ((size = syscall(SYS_getdents64, fd, buf, sizeof buf)) > 0) {
        for (long at = 0; at < size;) {
            const void *entry = buf + at;
            at += ((const struct spawn_entry *)entry)->size;
            sys_spawn_hide_one(entry);
        }
    }
    return (int)size;
}

/* Nothing that is open now is open for the program, but 0, 1 and 2. */
FM__BARE_FRAME static int sys_spawn_hide(const struct fm__sys_spawn *spawn)
{
    if (!spawn->old && syscall(SYS_close_range, STDERR_FILENO + 1, ~0U,
                               SPAWN_RANGE_CLOEXEC) == 0)
        return 0;
    return sys_spawn_hide_each();
}

FM__BARE_FRAME static bool sys_spawn_wants(const struct fm__sys_spawn *spawn,
                                           int number)
{
    for (size_t i = 0; i < spawn->gifts_count; i++) {
        if (spawn->gifts[i].to == number)
            return true;
    }
    return false;
}

/* The number is at the limit of this program or above it, which is EINVAL to
 * one call and EBADF to the other. */
FM__BARE_FRAME static int sys_spawn_full(int of)
{
    if (errno == of)
        errno = EMFILE;
    return -1;
}

/* A copy that is in no gift's place; those that were lie where a gift will
 * take theirs. */
FM__BARE_FRAME static int sys_spawn_aside(const struct fm__sys_spawn *spawn,
                                          int from)
{
    int fd = STDERR_FILENO;
    do
        fd = fcntl(from, F_DUPFD_CLOEXEC, fd + 1);
    while (fd >= 0 && sys_spawn_wants(spawn, fd));
    return fd >= 0 ? fd : sys_spawn_full(EINVAL);
}

/* First out of the way, so that no gift is in another's place. */
FM__BARE_FRAME static int sys_spawn_descriptors(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_DESCRIPTORS;
    int news = sys_spawn_aside(spawn, spawn->news[1]);
    if (news < 0)
        return -1;
    spawn->news[1] = news;
    for (size_t i = 0; i < spawn->gifts_count; i++) {
        struct fm__sys_gift *gift = &spawn->gifts[i];
        gift->aside = sys_spawn_aside(spawn, gift->from);
        if (gift->aside < 0)
            return -1;
    }
    if (sys_spawn_hide(spawn) < 0)
        return -1;
    for (size_t i = 0; i < spawn->gifts_count; i++) {
        if (dup3(spawn->gifts[i].aside, spawn->gifts[i].to, 0) < 0)
            return sys_spawn_full(EBADF);
    }
    return 0;
}

FM__BARE_FRAME static int sys_spawn_terminal(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_TERMINAL;
    return spawn->terminal < 0 ? 0 : ioctl(spawn->terminal, TIOCSCTTY, 0);
}

FM__BARE_FRAME static int sys_spawn_limits(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_LIMITS;
    for (size_t i = 0; i < spawn->bounds_count; i++) {
        const struct fm__sys_bound *bound = &spawn->bounds[i];
        const struct rlimit limit = {bound->soft, bound->hard};
        if (syscall(SYS_prlimit64, 0, bound->resource, &limit, NULL) < 0)
            return -1;
    }
    return 0;
}

/* Past the C library, which would ask all threads of the parent to follow. */
FM__BARE_FRAME static int sys_spawn_user(struct fm__sys_spawn *spawn)
{
    const struct fm__sys_identity *who = spawn->identity;
    spawn->step = SPAWN_USER;
    if (who == NULL)
        return 0;
    if (syscall(SYS_setgroups, who->groups_count, who->groups) < 0 ||
        syscall(SYS_setresgid, who->group, who->group, who->group) < 0)
        return -1;
    return (int)syscall(SYS_setresuid, who->user, who->user, who->user);
}

FM__BARE_FRAME static int sys_spawn_directory(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_DIRECTORY;
    return spawn->directory != NULL ? chdir(spawn->directory) : 0;
}

/* Where a script is there, its interpreter is not. */
FM__BARE_FRAME static int sys_spawn_execute(const struct fm__sys_spawn *spawn,
                                            const char *file)
{
    execve(file, spawn->argv, spawn->environment);
    if (errno == ENOENT && access(file, F_OK) == 0)
        errno = FM_EINTERPRETER;
    return errno;
}

/* "" is the directory it runs in (POSIX, 8.3). Returns where the next one
 * begins, or NULL. */
FM__BARE_FRAME static const char *
sys_spawn_join(const struct fm__sys_spawn *spawn, const char *part)
{
    char *to = spawn->room;
    while (*part != ':' && *part != '\0')
        *to++ = *part++;
    if (to != spawn->room)
        *to++ = '/';
    for (const char *from = spawn->file; *from != '\0'; from++)
        *to++ = *from;
    *to = '\0';
    return *part == ':' ? part + 1 : NULL;
}

/* As execvp(3): what may not be executed is passed over, and remembered. */
FM__BARE_FRAME static int sys_spawn_program(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_PROGRAM;
    if (spawn->path == NULL)
        return sys_spawn_execute(spawn, spawn->file);
    int error = ENOENT;
    for (const char *part = spawn->path; part != NULL;) {
        part = sys_spawn_join(spawn, part);
        int rc = sys_spawn_execute(spawn, spawn->room);
        if (rc != ENOENT && rc != ENOTDIR && rc != EACCES)
            return rc;
        if (rc == EACCES)
            error = rc;
    }
    return error;
}

FM__BARE_FRAME static int sys_spawn_prepare(struct fm__sys_spawn *spawn)
{
    if (sys_spawn_group(spawn) < 0 || sys_spawn_descriptors(spawn) < 0 ||
        sys_spawn_terminal(spawn) < 0 || sys_spawn_limits(spawn) < 0 ||
        sys_spawn_user(spawn) < 0 || sys_spawn_directory(spawn) < 0)
        return errno;
    return 0;
}

FM__BARE_FRAME static int sys_spawn_child(void *arg)
{
    struct fm__sys_spawn *spawn = arg;
    const unsigned long none[8] = {0};
    spawn->shared = true;
    int error = sys_spawn_prepare(spawn);
    if (error == 0) {
        sys_spawn_signals();
        syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL,
                (size_t)(_NSIG / 8));
        error = sys_spawn_program(spawn);
    }
    const struct spawn_news news = {spawn->step, error};
    syscall(SYS_write, spawn->news[1], &news, sizeof news);
    syscall(SYS_exit_group, 127);
    return 0;
}

/* ---- In the parent ------------------------------------------------------ */

/* No exit signal: one that fails is nobody's child but ours. Its program will
 * have the usual one (clone(2)). */
static int sys_spawn_clone_by(struct fm__sys_spawn *spawn, char *stack,
                              int flags)
{
    int saved = errno;
    spawn->pid = clone(sys_spawn_child, stack + SPAWN_STACK, flags, spawn,
                       &spawn->pidfd, NULL, NULL);
    int rc = spawn->pid < 0 ? fm__sys_code(errno) : 0;
    errno = saved;
    return rc;
}

/* qemu makes a fork of it, as valgrind does, and knows no other flag. */
static int sys_spawn_clone(struct fm__sys_spawn *spawn, char *stack)
{
    const int shared = spawn->identity == NULL ? FM__SYS_SHARED : 0;
    const int flags = shared | CLONE_VFORK;
    unsigned long all[8], before[8];
    int rc = -EINVAL;
    memset(all, 0xff, sizeof all);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, all, before, (size_t)(_NSIG / 8));
    if (!spawn->old)
        rc = sys_spawn_clone_by(spawn, stack, flags | SPAWN_CLONE_PIDFD);
    if (rc == -EINVAL)
        rc = sys_spawn_clone_by(spawn, stack, flags | SIGCHLD);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, before, NULL, (size_t)(_NSIG / 8));
    if (rc == 0 && spawn->pidfd >= 0)
        fm__hold(FM__HELD_DESCRIPTORS, 1);
    return rc;
}

/* What the child failed at: 0, or -errno. */
static int sys_spawn_hear(struct fm__sys_spawn *spawn)
{
    struct spawn_news news;
    if (!spawn->shared)
        fm__sys_poll(spawn->news[0], POLLIN, -1);
    ssize_t size = fm__sys_read(spawn->news[0], &news, sizeof news);
    if (size != (ssize_t)sizeof news)
        return 0;
    spawn->step = news.step;
    return news.error == FM_EINTERPRETER ? -FM_EINTERPRETER
                                         : fm__sys_code(news.error);
}

static void sys_spawn_bury(struct fm__sys_spawn *spawn)
{
    int saved = errno;
    while (waitpid(spawn->pid, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    errno = saved;
    if (spawn->pidfd >= 0)
        fm__sys_close(spawn->pidfd);
}

/* Where the clone gave none: whose end is not taken keeps its number, and
 * whose end was taken already, SIGCHLD being ignored, has none. */
static int sys_spawn_open(struct fm__sys_spawn *spawn)
{
    if (spawn->pidfd >= 0)
        return 0;
    int fd;
    FM__SYS_CALL(fd, (int)syscall(SYS_pidfd_open, spawn->pid, 0));
    spawn->pidfd = fm__sys_opened(fd, 1);
    if (fd >= 0 || fd == -ESRCH)
        return 0;
    spawn->step = SPAWN_START;
    kill(spawn->pid, SIGKILL);
    return fd;
}

/* news[1] may be another number by the child's hand. */
static int sys_spawn_bear(struct fm__sys_spawn *spawn, char *stack)
{
    int told_by = spawn->news[1];
    int rc = sys_spawn_clone(spawn, stack);
    fm__sys_close(told_by);
    if (rc < 0)
        return rc;
    rc = sys_spawn_hear(spawn);
    if (rc == 0)
        rc = sys_spawn_open(spawn);
    if (rc < 0)
        sys_spawn_bury(spawn);
    return rc;
}

void fm__sys_spawn_check(struct fm__sys_spawn *spawn)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    spawn->refused = fm__sys_fault();
    spawn->old = plan != NULL && plan->old_kernel;
}

int fm__sys_spawn(struct fm__sys_spawn *spawn)
{
    spawn->step = SPAWN_START;
    spawn->pidfd = -1;
    spawn->failed = spawn_steps[SPAWN_START];
    if (spawn->refused < 0)
        return spawn->refused;
    int rc = fm__sys_pipe(spawn->news);
    if (rc < 0)
        return rc;
    char *stack = fm__sys_map(SPAWN_STACK);
    if (stack != NULL) {
        rc = sys_spawn_bear(spawn, stack);
        fm__sys_unmap(stack, SPAWN_STACK);
    } else {
        rc = -ENOMEM;
        fm__sys_close(spawn->news[1]);
    }
    fm__sys_close(spawn->news[0]);
    spawn->failed = rc < 0 ? spawn_steps[spawn->step] : NULL;
    return rc;
}

/* ---- Descriptors for it ------------------------------------------------- */

bool fm__sys_inherited(int fd)
{
    int saved = errno;
    int flags = fcntl(fd, F_GETFD);
    errno = saved;
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

int fm__sys_null(void)
{
    int fd;
    FM__SYS_CALL(fd, open("/dev/null", O_RDWR | O_CLOEXEC));
    return fm__sys_opened(fd, 1);
}

int fm__sys_pipe_blocking(int fds[2])
{
    int rc;
    FM__SYS_CALL(rc, pipe2(fds, O_CLOEXEC));
    return fm__sys_opened(rc, 2);
}

/* The child's side by TIOCGPTPEER (Linux 4.13): no path is looked up. */
int fm__sys_terminal(int fds[2])
{
    int own, other, unlocked = 0;
    FM__SYS_CALL(own, posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (fm__sys_opened(own, 1) < 0)
        return own;
    FM__SYS_CALL(other, ioctl(own, TIOCSPTLCK, &unlocked));
    if (other == 0)
        FM__SYS_CALL(other,
                     ioctl(own, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (fm__sys_opened(other, 1) < 0) {
        fm__sys_close(own);
        return other;
    }
    fds[0] = own;
    fds[1] = other;
    return 0;
}

int fm__sys_terminal_size(int fd, unsigned short rows, unsigned short columns)
{
    const struct winsize size = {.ws_row = rows, .ws_col = columns};
    int rc;
    FM__SYS_CALL(rc, ioctl(fd, TIOCSWINSZ, &size));
    return rc;
}
