/*
 * looked.c - the program that a verb looks into: one that runs, or a core file
 */
#include "looked.h"

#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool looked_is_number(const char *word)
{
    return *word != '\0' && word[strspn(word, "0123456789")] == '\0';
}

/* What is said of a pid names it. */
static int looked_tell(const struct looked *self, int rc)
{
    char text[512];
    const char *core = self->core;
    fm_inspect_explain(rc, self->pid, text, sizeof text);
    if (core == NULL)
        fprintf(stderr, "fermata: %s\n", text);
    else if (strchr(core, '/') == NULL && access(core, F_OK) < 0)
        fprintf(stderr, "fermata: \"%s\" is neither a pid nor a file\n", core);
    else
        fprintf(stderr, "fermata: %s: %s\n", core, text);
    return rc;
}

static int looked_open_pid(struct looked *self, const char *word)
{
    long pid = strtol(word, NULL, 10);
    if (pid <= 0 || pid > INT_MAX) {
        fprintf(stderr, "fermata: %s is the number of no process\n", word);
        return -ESRCH;
    }
    self->pid = (int)pid;
    int rc = fm_inspect_open(&self->inspect, self->pid);
    return rc < 0 ? looked_tell(self, rc) : 0;
}

int looked_open(struct looked *self, const char *word)
{
    *self = (struct looked){.pid = 0};
    if (looked_is_number(word))
        return looked_open_pid(self, word);
    self->core = word;
    int rc = fm_inspect_open_core(&self->inspect, word);
    return rc < 0 ? looked_tell(self, rc) : 0;
}

void looked_close(struct looked *self)
{
    fm_inspect_close(self->inspect);
    self->inspect = NULL;
}

int looked_look(struct looked *self, const fm_picture **picture)
{
    int rc = fm_inspect_look(self->inspect, picture);
    return rc < 0 ? looked_tell(self, rc) : 0;
}
