/*
 * injection.h - one thing that goes wrong in one scenario
 *
 * Named as scenario:kind:k:mode, such as gather:memory:3:once; so it is
 * printed when it finds something, and so FERMATA_REPLAY asks for it again.
 */
#ifndef TESTS_FAULT_INJECTION_H
#define TESTS_FAULT_INJECTION_H

#include "fault/sweep.h"

/* How the k-th passage of a door goes wrong, or whom it cancels. */
struct injection_mode {
    const char *kind; /* "memory", "system", "operation", "before", ... */
    const char *name;
    int error;
    bool from_then_on;
    bool shorten;
};

struct injection {
    const struct scenario *scenario;
    const struct injection_mode *mode;
    uint64_t k;  /* 0: nothing is done, passages are counted */
    long victim; /* of a cancel: the serial of a task, or INJECTION_SELF */
};

#define INJECTION_SELF (-1L)

struct injection_outcome {
    uint64_t passed; /* passages of the kind */
    uint32_t tasks;  /* that were started */
    int result;
};

/* "memory", "system" and "operation"; ends with one whose kind is NULL. */
extern const struct injection_mode injection_faults[];
/* "before", "parked" and "woken". */
extern const struct injection_mode injection_cancels[];
/* "seed": k is the simulator's, and `error` how unkind it is. */
extern const struct injection_mode injection_seeds[];

/* Runs it and checks whatever must hold; false if something did not, which
 * has been told then. */
bool injection_run(const struct injection *injection,
                   struct injection_outcome *outcome);

/* The one that FERMATA_REPLAY names; false when it names none. */
bool injection_replay(struct injection *injection);

const struct scenario *injection_scenario(size_t index); /* NULL: no more */

#endif
