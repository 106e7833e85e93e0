/*
 * sys_ring.c - system calls of io_uring, without a library between
 */
#include "base/sys_ring.h"

#include "base/sys.h"
#include "base/sys_call.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* TSan holds signals back until a call that it knows, and does not know this
 * one; valgrind lets no other thread run meanwhile. There no wait is longer
 * than this, in ns. */
#if defined(__SANITIZE_THREAD__)
#define SYS_LONGEST_WAIT INT64_C(10000000)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYS_LONGEST_WAIT INT64_C(10000000)
#endif
#endif
#if !defined(SYS_LONGEST_WAIT) && defined(FM__VALGRIND)
#define SYS_LONGEST_WAIT (RUNNING_ON_VALGRIND ? INT64_C(2000000) : INT64_MAX)
#endif
#ifndef SYS_LONGEST_WAIT
#define SYS_LONGEST_WAIT INT64_MAX
#endif
#define SYS_PAUSE 100000 /* ns after it, in which other threads may run */
#define SYS_RING_TRIES 40
#define SYS_RING_PAUSE 5000000 /* ns between two of them */

/* The kernel charges rings to their user's RLIMIT_MEMLOCK (since Linux 6.14,
 * and before 5.12), and takes them off it a moment after their close: whoever
 * opens one right after others were closed may have to wait for that. */
static bool sys_ring_may_come(int rc, int tries)
{
    const struct timespec pause = {.tv_nsec = SYS_RING_PAUSE};
    if (rc >= 0 || errno != ENOMEM || tries == SYS_RING_TRIES)
        return false;
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    return true;
}

static int sys_ring_setup(unsigned entries, struct io_uring_params *params)
{
    int rc, tries = 0;
    do
        rc = (int)syscall(SYS_io_uring_setup, entries, params);
    while (sys_ring_may_come(rc, tries++));
    return rc;
}

int fm__sys_ring_open(unsigned entries, struct io_uring_params *params)
{
    int rc;
    FM__SYS_CALL(rc, sys_ring_setup(entries, params));
    return fm__sys_opened(rc, 1);
}

void *fm__sys_ring_remap(int ring, size_t size, uint64_t offset)
{
    int saved = errno;
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_POPULATE, ring, (off_t)offset);
    if (start != MAP_FAILED && madvise(start, size, MADV_DONTFORK) < 0) {
        munmap(start, size);
        start = MAP_FAILED;
    }
    errno = saved;
    if (start == MAP_FAILED)
        return NULL;
    fm__hold(FM__HELD_MAPPINGS, 1);
    return start;
}

void *fm__sys_ring_map(int ring, size_t size, uint64_t offset)
{
    return fm__sys_fault() < 0 ? NULL : fm__sys_ring_remap(ring, size, offset);
}

static int sys_ring_register(int ring, unsigned opcode, void *arg,
                             unsigned count)
{
    int rc, tries = 0;
    do
        rc = (int)syscall(SYS_io_uring_register, ring, opcode, arg, count);
    while (sys_ring_may_come(rc, tries++));
    return rc;
}

int fm__sys_ring_register(int ring, unsigned opcode, void *arg, unsigned count)
{
    int rc;
    FM__SYS_CALL(rc, sys_ring_register(ring, opcode, arg, count));
    return rc;
}

int fm__sys_ring_index(int ring)
{
    struct io_uring_rsrc_update self = {.offset = -1U, .data = (unsigned)ring};
    int rc = fm__sys_ring_register(ring, IORING_REGISTER_RING_FDS, &self, 1);
    return rc < 0 ? rc : (int)self.offset;
}

void fm__sys_ring_drop_index(int ring, int index)
{
    struct io_uring_rsrc_update self = {.offset = (unsigned)index};
    int saved = errno;
    syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_RING_FDS, &self, 1U);
    errno = saved;
}

/* EAGAIN: no memory for a request. EBUSY: completions must be taken first. */
static int sys_enter(const struct fm__sys_enter *enter, unsigned wait)
{
    int saved = errno;
    const struct fm__uring_wait *until = wait > 0 ? enter->until : NULL;
    unsigned flags = enter->flags;
    if (until != NULL)
        flags |= IORING_ENTER_EXT_ARG;
    int rc =
        (int)syscall(SYS_io_uring_enter, enter->handle, enter->submit, wait,
                     flags, until, until != NULL ? sizeof *until : 0);
    if (rc < 0 && (errno == EINTR || errno == ETIME || errno == EBUSY))
        rc = 0;
    else if (rc < 0)
        rc = errno == EAGAIN ? -ENOMEM : fm__sys_code(errno);
    errno = saved;
    return rc;
}

/* In ns, from now; -1 is for ever. */
static int64_t sys_enter_span(const struct fm__sys_enter *enter)
{
    if (enter->until == NULL || enter->until->timeout == 0)
        return -1;
    const struct __kernel_timespec *at =
        (const void *)(uintptr_t)enter->until->timeout;
    int64_t span = at->tv_sec > INT64_MAX / 1000000000 - 1
                       ? INT64_MAX
                       : at->tv_sec * 1000000000 + at->tv_nsec;
    if (enter->flags & FM__URING_ABS_TIMER)
        span -= fm__sys_clock();
    return span > 0 ? span : 0;
}

static int sys_enter_shortly(const struct fm__sys_enter *enter)
{
    int64_t span = sys_enter_span(enter);
    if (span < 0 || span > SYS_LONGEST_WAIT)
        span = SYS_LONGEST_WAIT;
    const struct __kernel_timespec limit = {.tv_nsec = span};
    const struct fm__uring_wait until = {
        .timeout = (uint64_t)(uintptr_t)&limit,
    };
    struct fm__sys_enter one = *enter;
    one.flags &= ~FM__URING_ABS_TIMER;
    one.until = &until;
    int rc = sys_enter(&one, 1);
    const struct timespec pause = {.tv_nsec = SYS_PAUSE};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    return rc;
}

int fm__sys_ring_enter(const struct fm__sys_enter *enter)
{
    int rc = fm__sys_wait_fault();
    if (rc < 0)
        return rc;
    if (SYS_LONGEST_WAIT < INT64_MAX && enter->wait > 0)
        return sys_enter_shortly(enter);
    return sys_enter(enter, enter->wait);
}

int fm__sys_ring_leave(const struct fm__sys_enter *enter)
{
    return sys_enter(enter, enter->wait);
}

int fm__sys_ring_error(int result)
{
    return fm__sys_code(-result);
}
