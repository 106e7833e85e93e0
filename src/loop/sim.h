/*
 * sim.h - how unkind the simulated world is; for tests
 *
 * Without options operations take up to 2 ms of virtual time, reads and
 * writes are often short, and nothing fails that need not.
 */
#ifndef FM_LOOP_SIM_H
#define FM_LOOP_SIM_H

#include "base/compiler.h"

#include <sys/socket.h>

/* How a connect to an address goes; the last of several has to = NULL. */
struct fm__sim_route {
    const struct sockaddr *to;
    int64_t delay; /* ns until it is answered; INT64_MAX: never */
    int result;    /* 0: as it would be without; or -errno */
};

struct fm__sim_options {
    bool prompt;     /* what can be done is done in submit, or at once */
    bool whole;      /* no read or write is shorter than it must be */
    unsigned errors; /* of 1000 attempts on sockets this many fail */
    int descriptors; /* that may be open at once; 0: 65,536 */
    const struct fm__sim_route *routes; /* NULL: none */
    /* Of 1000 datagrams so many are lost, overtake others, or come twice. */
    unsigned lost;
    unsigned overtaking;
    unsigned twice;
};

/* The thread's; read when a loop opens. NULL: all zero. */
extern FM__PER_THREAD const struct fm__sim_options *fm__sim_options;

#endif
