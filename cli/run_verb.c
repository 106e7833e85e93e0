/*
 * run_verb.c - fermata run: compiles a program, unless it was, and becomes it
 *
 * The program is executed in the place of this one: its input, its output, the
 * signals that it gets and the status that it ends with are its own.
 */
#include "cc.h"
#include "installed.h"
#include "kept.h"
#include "script.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUN_TRIES 5 /* others may remove a program that is about to run */

struct run {
    const char *path;
    struct script script;
    struct installed installed;
    struct cc cc;
    struct kept kept;
};

static int run_make(struct run *self)
{
    int rc = kept_begin(&self->kept, &self->cc);
    if (rc == 0)
        rc = cc_run(&self->cc);
    if (rc == 0)
        rc = kept_end(&self->kept, &self->cc);
    kept_drop(&self->kept);
    return rc;
}

static int run_prepare(void *arg)
{
    struct run *self = arg;
    int rc = installed_find(&self->installed);
    if (rc == 0)
        rc = cc_find(&self->cc, &self->script, &self->installed);
    if (rc == 0)
        rc = kept_open(&self->kept, &self->script, &self->cc, &self->installed);
    if (rc == 0)
        rc = kept_find(&self->kept);
    return rc == 0 ? run_make(self) : rc;
}

static int run_load(void *arg)
{
    struct run *self = arg;
    return script_load(&self->script, self->path);
}

/* Returns why it could not. */
static int run_execute(const struct run *self, char **words)
{
    if (self->kept.fd >= 0)
        fexecve(self->kept.fd, words, environ);
    else
        execv(self->kept.program, words);
    return -errno;
}

int run_verb(char **words)
{
    static struct run self;
    if (words[0] == NULL || (words[0][0] == '-' && words[0][1] != '\0'))
        return VERB_USAGE;
    self.path = words[0];
    int rc = tell_run(run_load, &self);
    for (int i = 0; rc >= 0 && i < RUN_TRIES; i++) {
        rc = tell_run(run_prepare, &self);
        if (rc < 0)
            break;
        int failure = run_execute(&self, words);
        if (failure != -ENOENT || i == RUN_TRIES - 1)
            rc = tell_failure(self.kept.program, failure);
    }
    return tell_status(rc);
}
