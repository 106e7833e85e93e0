/*
 * tell.c - how the command says that something failed
 */
#include "verbs.h"

#include <errno.h>
#include <fermata.h>
#include <stdio.h>

int tell_failure(const char *what, int rc)
{
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "fermata: %s: %s\n", what, fm_strerror(rc));
    return rc;
}

struct tell_work {
    int (*run)(void *arg);
    void *arg;
    bool begun;
};

static int tell_begin(void *arg)
{
    struct tell_work *self = arg;
    self->begun = true;
    return self->run(self->arg);
}

int tell_run(int (*run)(void *arg), void *arg)
{
    /* Whatever a program is to run on: this is about files and processes. */
    const fm_run_options options = {.backend = "epoll",
                                    .stack_size = (size_t)256 * 1024};
    struct tell_work work = {.run = run, .arg = arg};
    int rc = fm_run(tell_begin, &work, &options);
    return work.begun ? rc : tell_failure("cannot begin", rc);
}

int tell_status(int rc)
{
    if (rc >= 0)
        return 0;
    return rc == -ECANCELED ? VERB_INTERRUPTED : VERB_WRONG;
}
