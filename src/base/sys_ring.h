/*
 * sys_ring.h - the system calls of io_uring
 */
#ifndef FM_BASE_SYS_RING_H
#define FM_BASE_SYS_RING_H

#include "base/compiler.h"
#include "base/uring_abi.h"

#ifdef FM__VALGRIND
#include <valgrind/memcheck.h>
#define FM__RING_WROTE(buf, size) (void)VALGRIND_MAKE_MEM_DEFINED((buf), (size))
#else
#define FM__RING_WROTE(buf, size) ((void)(buf), (void)(size))
#endif

/* io_uring_setup(2): the descriptor, close-on-exec, or -errno. */
int fm__sys_ring_open(unsigned entries, struct io_uring_params *params);

/* Shared with the kernel, and not with forked children. NULL: no memory. */
void *fm__sys_ring_map(int ring, size_t size, uint64_t offset);
/* The same where there is no way back: counts as no call. */
void *fm__sys_ring_remap(int ring, size_t size, uint64_t offset);

int fm__sys_ring_register(int ring, unsigned opcode, void *arg, unsigned count);

/* This thread may enter the ring by an index, which is a reference to it of
 * its own: the index or -errno. The way back cannot fail and is no call. */
int fm__sys_ring_index(int ring);
void fm__sys_ring_drop_index(int ring, int index);

/* One io_uring_enter(2). */
struct fm__sys_enter {
    int ring;   /* the descriptor */
    int handle; /* what is entered: it, or its index where registered */
    unsigned submit;
    unsigned wait; /* completions to wait for; 0: only look */
    unsigned flags;
    const struct fm__uring_wait *until; /* NULL: no limit */
};

/*
 * Submits and waits: how many were submitted, or -errno. A wait that was
 * interrupted or ran out of time is 0, and so is one with completions that
 * must be taken before more can be told.
 */
int fm__sys_ring_enter(const struct fm__sys_enter *enter);

/* The same on the way out, where there is no way back: counts as no call. */
int fm__sys_ring_leave(const struct fm__sys_enter *enter);

/* The kernel has written there, which valgrind cannot see. */
FM__INLINE void fm__sys_ring_wrote(void *buf, size_t size)
{
    FM__RING_WROTE(buf, size);
}

/* A request's result below 0, as everybody above understands it. */
int fm__sys_ring_error(int result);

#endif
