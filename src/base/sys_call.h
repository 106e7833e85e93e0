/*
 * sys_call.h - how a system call is made; for base/sys*.c alone
 *
 * Invariant: what leaves is 0 or more, or -errno; errno is the program's
 * again, EINTR has been answered by asking once more, and a fault plan has had
 * its say before the kernel was asked.
 */
#ifndef FM_BASE_SYS_CALL_H
#define FM_BASE_SYS_CALL_H

#include "base/fault.h"
#include "base/sys.h"

/* TSan takes a clone for a fork: in shared memory what it notes for the child,
 * to see nothing from now on, would hold for the parent. */
#if defined(__SANITIZE_THREAD__)
#define FM__SYS_SHARED 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FM__SYS_SHARED 0
#endif
#endif
#ifndef FM__SYS_SHARED
#define FM__SYS_SHARED CLONE_VM
#endif

/* The kernel's errno as the code that everybody above understands. */
int fm__sys_code(int error);

/* The error that a sweep wants of this call, or 0. */
FM__INLINE int fm__sys_fault(void)
{
    int error = fm__fault_error(FM__DOOR_SYSTEM);
    return FM__UNLIKELY(error != 0) ? fm__sys_code(-error) : 0;
}

/* The same, for a call that waits. */
FM__INLINE int fm__sys_wait_fault(void)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    return plan != NULL && plan->spare_waits ? 0 : fm__sys_fault();
}

/* A call that makes descriptors: as many as count, where rc is no error. */
FM__INLINE int fm__sys_opened(int rc, uint64_t count)
{
    if (rc >= 0)
        fm__hold(FM__HELD_DESCRIPTORS, count);
    return rc;
}

/* Calls again while interrupted; errno is given back to the program. */
#define FM__SYS_CALL(rc, call)                                                 \
    do {                                                                       \
        int saved = errno;                                                     \
        (rc) = fm__sys_fault();                                                \
        if ((rc) == 0) {                                                       \
            do                                                                 \
                (rc) = (call);                                                 \
            while ((rc) < 0 && errno == EINTR);                                \
            if ((rc) < 0)                                                      \
                (rc) = fm__sys_code(errno);                                    \
        }                                                                      \
        errno = saved;                                                         \
    } while (0)

#endif
