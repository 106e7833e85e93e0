/*
 * sys.c - the maker of system calls: memory, time, signals, the machine
 *
 * Its brothers are sys_fd.c and sys_socket.c; the rules of all are sys_call.h.
 */
#include "base/sys.h"

#include "base/sys_call.h"
#include "base/sys_libc.h"

#include <errno.h>
#include <fermata/error.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYS_TRY_STACK 16384

/* How the kernel is asked for a shadow stack: x86 by its own call, Linux 6.6;
 * AArch64, where it is a guarded control stack, and RISC-V by prctl(2),
 * Linux 6.13. */
#ifdef __x86_64__
#define SYS_SHADOW_STATUS(status) syscall(SYS_arch_prctl, 0x5005, status)
#else
#define SYS_SHADOW_STATUS(status) prctl(74, status, 0UL, 0UL, 0UL)
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

/* Of twice as much, what lies around it goes back. */
void *fm__sys_map_aligned(size_t size)
{
    char *start = fm__sys_map(2 * size);
    if (start == NULL)
        return NULL;
    size_t before = -(uintptr_t)start & (size - 1);
    if (before > 0)
        munmap(start, before);
    munmap(start + before + size, size - before);
    return start + before;
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

size_t fm__sys_page(void)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    if (plan != NULL && plan->page != 0)
        return plan->page;
    return getauxval(AT_PAGESZ);
}

size_t fm__sys_signal_frame(void)
{
    int saved = errno;
    size_t size = getauxval(AT_MINSIGSTKSZ);
    errno = saved;
    return size;
}

ssize_t fm__sys_resident(void *start, size_t size)
{
    unsigned char pages[256];
    size_t page = getauxval(AT_PAGESZ);
    size_t count = (size + page - 1) / page;
    if (count > sizeof pages)
        return -EINVAL;
    int rc;
    FM__SYS_CALL(rc, mincore(start, size, pages));
    ssize_t resident = rc;
    for (size_t i = 0; rc == 0 && i < count; i++)
        resident += (pages[i] & 1) != 0 ? (ssize_t)page : 0;
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
    FM__SYS_CALL(rc, fm__libc_limit(resource, limit));
    return rc;
}

int fm__sys_shadow_stack(void)
{
    unsigned long status = 0;
    if (fm__fault_plan != NULL && fm__fault_plan->shadow_stack)
        return 1;
    long rc;
    FM__SYS_CALL(rc, SYS_SHADOW_STATUS(&status));
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
                            FM__SYS_SHARED | CLONE_VFORK, &trial));
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
