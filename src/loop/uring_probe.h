/*
 * uring_probe.h - what the io_uring of this kernel offers, and why if nothing
 */
#ifndef FM_LOOP_URING_PROBE_H
#define FM_LOOP_URING_PROBE_H

#include "base/compiler.h"

struct fm__uring_offer {
    bool no_array;    /* Linux 6.6: requests are taken in their own order */
    bool min_wait;    /* 6.12: for several completions, but not for long */
    bool resize;      /* 6.13: the ring of completions can grow */
    bool no_iowait;   /* 6.15: a loop that waits is idle, not busy with I/O */
    bool accept_many; /* multishot accept, but where it is broken */
};

/*
 * Fills *offer for a ring that was set up: its descriptor, and the features
 * that setup told of. 0, or -EOPNOTSUPP where an operation that the backend
 * cannot do without is missing, or what the kernel says.
 */
int fm__uring_probe(int ring, unsigned features, struct fm__uring_offer *offer);

/* The operations that the backend cannot do without. */
enum {
    FM__URING_NEEDED = 10
};
const char *fm__uring_operation(unsigned index);
/* Which of them the kernel has, a bit for each, asked by a ring of its own;
 * or -errno: there is none, or it cannot be asked before Linux 5.6. */
int fm__uring_survey(void);

/* Major and minor of this kernel as major * 1000 + minor; 0: unknown. */
int fm__uring_kernel(void);

/* Why opening a ring failed with rc, as the end of a sentence. */
const char *fm__uring_refusal(int rc);

#endif
