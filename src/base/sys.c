/*
 * sys.c - the maker of system calls: memory, time, signals, the machine
 *
 * Its brothers are sys_fd.c and sys_socket.c; the rules of all are sys_call.h.
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fermata/error.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYS_TRY_STACK 16384
#define SYS_ARCH_SHSTK_STATUS 0x5005 /* asm/prctl.h, Linux 6.6 */

/* TSan takes a clone for a fork: in shared memory what it notes for the child,
 * to see nothing from now on, would hold for the parent. */
#if defined(__SANITIZE_THREAD__)
#define SYS_TRY_SHARED 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYS_TRY_SHARED 0
#endif
#endif
#ifndef SYS_TRY_SHARED
#define SYS_TRY_SHARED CLONE_VM
#endif

int fm__sys_code(int error)
{
    if (error == ETIMEDOUT)
        return -FM_EPEERTIMEOUT;
    if (error == ECANCELED)
        return -EIO;
    return -error;
}

void *fm__sys_map(size_t size)
{
    if (fm__sys_fault() < 0)
        return NULL;
    int saved = errno;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    errno = saved;
    if (start == MAP_FAILED)
        return NULL;
    fm__hold(FM__HELD_MAPPINGS, 1);
    return start;
}

void fm__sys_unmap(void *start, size_t size)
{
    munmap(start, size);
    fm__release(FM__HELD_MAPPINGS, 1);
}

int fm__sys_protect(void *start, size_t size, int prot)
{
    int rc;
    FM__SYS_CALL(rc, mprotect(start, size, prot));
    return rc;
}

int fm__sys_advise(void *start, size_t size, int advice)
{
    int rc;
    FM__SYS_CALL(rc, madvise(start, size, advice));
    return rc;
}

ssize_t fm__sys_resident(void *start, size_t size)
{
    unsigned char pages[256];
    size_t count = size / 4096;
    if (count > sizeof pages)
        return -EINVAL;
    int rc;
    FM__SYS_CALL(rc, mincore(start, size, pages));
    ssize_t resident = rc;
    for (size_t i = 0; rc == 0 && i < count; i++)
        resident += pages[i] & 1;
    return resident;
}

int64_t fm__sys_date(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME_COARSE, &ts);
    return ts.tv_sec;
}

int64_t fm__sys_clock(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int fm__sys_sigaction(int number, const struct sigaction *action,
                      struct sigaction *old)
{
    int rc;
    FM__SYS_CALL(rc, sigaction(number, action, old));
    return rc;
}

int fm__sys_altstack(const stack_t *stack, stack_t *old)
{
    int rc;
    FM__SYS_CALL(rc, sigaltstack(stack, old));
    return rc;
}

void fm__sys_undo_sigaction(int number, const struct sigaction *action,
                            struct sigaction *old)
{
    sigaction(number, action, old);
}

void fm__sys_undo_altstack(const stack_t *stack)
{
    sigaltstack(stack, NULL);
}

void fm__sys_raise(int number)
{
    raise(number);
}

bool fm__sys_main_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

int fm__sys_name(struct utsname *name)
{
    int rc;
    FM__SYS_CALL(rc, uname(name));
    return rc;
}

int fm__sys_limit(int resource, struct rlimit *limit)
{
    int rc;
    FM__SYS_CALL(rc, getrlimit((__rlimit_resource_t)resource, limit));
    return rc;
}

int fm__sys_shadow_stack(void)
{
    unsigned long status = 0;
    if (fm__fault_plan != NULL && fm__fault_plan->shadow_stack)
        return 1;
    long rc;
    FM__SYS_CALL(rc, syscall(SYS_arch_prctl, SYS_ARCH_SHSTK_STATUS, &status));
    return rc < 0 ? (int)rc : (int)(status & 1);
}

struct sys_trial {
    int (*fn)(void *);
    void *arg;
};

/* Zeroes are SIG_DFL to every kernel. Not by signal(): a sanitizer would note
 * it in memory that the parent shares, and lose the parent's handler. */
FM__BARE_FRAME static int sys_trial_run(void *arg)
{
    struct sys_trial *trial = arg;
    const struct rlimit no_core = {0, 0};
    const unsigned long dfl[8] = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    syscall(SYS_rt_sigaction, SIGSEGV, dfl, NULL, (size_t)(_NSIG / 8));
    syscall(SYS_rt_sigaction, SIGBUS, dfl, NULL, (size_t)(_NSIG / 8));
    trial->fn(trial->arg);
    _exit(0);
}

/* No exit signal: the program's SIGCHLD handler is not ours to call. */
int fm__sys_try(int (*fn)(void *), void *arg)
{
    struct sys_trial trial = {fn, arg};
    char *stack = fm__sys_map(SYS_TRY_STACK);
    if (stack == NULL)
        return -ENOMEM;
    int status = 0;
    int pid;
    FM__SYS_CALL(pid, clone(sys_trial_run, stack + SYS_TRY_STACK,
                            SYS_TRY_SHARED | CLONE_VFORK, &trial));
    int rc = pid;
    if (pid > 0)
        FM__SYS_CALL(rc, waitpid(pid, &status, __WALL));
    fm__sys_unmap(stack, SYS_TRY_STACK);
    if (rc < 0)
        return rc;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

ssize_t fm__sys_format(struct iovec room, const char *format, va_list args)
{
    va_list copy;
    int saved = errno;
    va_copy(copy, args);
    int size = vsnprintf(room.iov_base, room.iov_len, format, copy);
    va_end(copy);
    ssize_t rc = size < 0 ? fm__sys_code(errno) : size;
    errno = saved;
    return rc;
}
