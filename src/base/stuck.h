/*
 * stuck.h - which system call a thread of this process waits in
 */
#ifndef FM_BASE_STUCK_H
#define FM_BASE_STUCK_H

#include "base/compiler.h"

struct fm__stuck {
    long call;      /* its number */
    uint64_t stack; /* where: the same each time while it waits */
    bool restarts;  /* after a handler with SA_RESTART: signal(7) */
    char text[48];  /* "nanosleep", "read on descriptor 0" */
};

/* By its number; from /proc, which other systems and some sandboxes lack.
 * False: it runs, or nobody can tell. */
bool fm__stuck_look(int thread, struct fm__stuck *stuck);

#endif
