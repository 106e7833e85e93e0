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

int tell_status(int rc)
{
    if (rc >= 0)
        return 0;
    return rc == -ECANCELED ? VERB_INTERRUPTED : VERB_WRONG;
}
