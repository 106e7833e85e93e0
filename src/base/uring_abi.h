/*
 * uring_abi.h - the kernel's io_uring interface where <linux/io_uring.h> of
 * Linux 6.1 does not know it yet
 *
 * A kernel that does not know a flag refuses it, so each is used only where
 * the probe has found it, or falls back when it is refused.
 */
#ifndef FM_BASE_URING_ABI_H
#define FM_BASE_URING_ABI_H

#include <linux/io_uring.h>

/* io_uring_setup(2) */
#define FM__URING_NO_SQARRAY (1U << 16) /* Linux 6.6 */

/* io_uring_enter(2) */
#define FM__URING_ABS_TIMER (1U << 5) /* Linux 6.12 */
#define FM__URING_NO_IOWAIT (1U << 7) /* Linux 6.15 */

/* features that setup tells of */
#define FM__URING_HAS_MIN_WAIT (1U << 15)  /* Linux 6.12 */
#define FM__URING_HAS_RW_ATTR (1U << 16)   /* Linux 6.14; resizing is 6.13 */
#define FM__URING_HAS_NO_IOWAIT (1U << 17) /* Linux 6.15 */

/* io_uring_register(2) */
#define FM__URING_RESIZE_RINGS 33 /* Linux 6.13 */

/* struct io_uring_getevents_arg, with a name for what was padding before
 * Linux 6.12. */
struct fm__uring_wait {
    uint64_t sigmask;
    uint32_t sigmask_size;
    uint32_t min_wait_usec;
    uint64_t timeout; /* of a struct __kernel_timespec */
};

#endif
